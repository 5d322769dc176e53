import base from "../../jest.config.mjs";

/** What starts processes by the dozen, and the sessions of the documentation: minutes by nature, and no part of `npm test`. */
export default {
  ...base,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/{system,docs}/**/*.test.ts"],
};

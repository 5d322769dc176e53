import base from "../../jest.config.mjs";

/** What starts processes by the dozen: minutes by nature, and no part of `npm test`. */
export default {
  ...base,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/{process,cli}/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};

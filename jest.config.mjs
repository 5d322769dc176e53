import { swcOptions } from "./scripts/swc-options.mjs";

/**
 * Tests run the sources as native ES modules; swc only strips types and applies decorators, with the same
 * decorator settings as tsconfig.json, so that a test sees the classes that the build ships.
 *
 * @type {import("jest").Config}
 */
export default {
  testEnvironment: "<rootDir>/test/support/gateway-environment.mjs",
  testMatch: ["<rootDir>/test/{unit,integration}/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: {
    "^(\\.{1,2}/.*)\\.js$": "$1",
    "^#wire/(.*)\\.js$": "<rootDir>/packages/wire/src/$1",
  },
  transform: {
    "^.+\\.ts$": ["@swc/jest", swcOptions],
  },
  globalSetup: "<rootDir>/test/support/say-skipped.mjs",
  maxWorkers: 2,
  testTimeout: 60_000,
};

/**
 * How swc turns TypeScript into JavaScript, for the build and for the tests alike: it strips types and applies
 * decorators, with the settings of tsconfig.json.
 *
 * @type {import("@swc/core").Options}
 */
export const swcOptions = {
  jsc: {
    target: "es2023",
    parser: { syntax: "typescript", decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: false,
      useDefineForClassFields: false,
      verbatimModuleSyntax: true,
    },
  },
  module: { type: "es6" },
};

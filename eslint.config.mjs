import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const ENV = { object: "process", property: "env", message: "Only src/config reads the environment." };
const NOW = {
  object: "Date",
  property: "now",
  message: "Take the time from a Clock (packages/wire/src/clock.ts).",
};
const NO_DEFAULT_EXPORT = {
  selector: "ExportDefaultDeclaration",
  message: "A thing has one name everywhere: export it by name.",
};
const NO_BARE_DATE = {
  selector: ":matches(NewExpression[arguments.length=0], CallExpression)[callee.name='Date']",
  message: "Take the time from a Clock (packages/wire/src/clock.ts).",
};

/** The rules that type-checked code is held to, beyond typescript-eslint's strict set. */
const everywhere = {
  "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
  "@typescript-eslint/no-import-type-side-effects": "error",
  "no-duplicate-imports": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
  // Entities, inputs and resolvers are classes because a decorator needs one, often without a method.
  "@typescript-eslint/no-extraneous-class": ["error", { allowWithDecorator: true }],
  // They are plain data without behaviour: a literal of the same shape, or a copy by spread, is as good.
  "@typescript-eslint/no-misused-spread": "off",
  "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  // Stores and features are literals of functions that never read `this`, so that they can be taken apart.
  "@typescript-eslint/unbound-method": "off",
  // Fastify tells an async hook from a callback hook by the keyword, await or not.
  "@typescript-eslint/require-await": "off",
  eqeqeq: ["error", "always", { null: "ignore" }],
  "max-lines": ["error", { max: 400 }],
  "no-eval": "error",
  "no-new-func": "error",
  "no-console": "error",
  "no-warning-comments": "error",
};

const inSources = {
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  "no-restricted-properties": ["error", ENV, NOW],
  "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, NO_BARE_DATE],
};

/** Tests build fakes and read parsed JSON; what they assert is their type check. */
const inTests = {
  "@typescript-eslint/no-non-null-assertion": "off",
  "@typescript-eslint/no-unsafe-argument": "off",
  "@typescript-eslint/no-unsafe-assignment": "off",
  "@typescript-eslint/no-unsafe-call": "off",
  "@typescript-eslint/no-unsafe-member-access": "off",
  "@typescript-eslint/no-unsafe-return": "off",
};

export default defineConfig(
  { ignores: ["**/node_modules/", "**/dist/", "data/", "coverage/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts"],
    // The examples have packages of their own, which are not installed when this runs.
    ignores: ["examples/**"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: everywhere,
  },
  { files: ["src/**/*.ts", "packages/*/src/**/*.ts"], rules: inSources },
  { files: ["src/config/**/*.ts"], rules: { "no-restricted-properties": ["error", NOW] } },
  {
    files: ["packages/wire/src/clock.ts"],
    rules: {
      "no-restricted-properties": ["error", ENV],
      "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT],
    },
  },
  { files: ["test/**/*.ts", "bench/**/*.ts"], rules: inTests },
  { files: ["bench/**"], rules: { "no-console": "off" } },
  {
    files: ["**/*.mjs", "examples/**/*.ts"],
    extends: [tseslint.configs.base],
    rules: { "max-lines": ["error", { max: 400 }] },
  },
);

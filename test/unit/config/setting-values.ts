import type { SettingName } from "../../../src/config/settings.js";
import { secretOf } from "./faults-of.js";
import { NETWORK_RULES, type Rules } from "./network-values.js";

const A = secretOf("a");
const B = secretOf("b");
const YEAR = 365.25 * 86_400_000;

const numbers = (min: number, max: number): Pick<Rules, "accepted" | "refused"> => ({
  accepted: [min, max].map((value) => [String(value), value]),
  refused: [
    ...[min - 1, max + 1].map(String),
    ...[
      "-1",
      "+9",
      `${max}x`,
      "4e3",
      "1e1",
      ` ${max}`,
      `${max} `,
      `0${max}`,
      `${max}.0`,
      "0x20",
      "1_0",
      "NaN",
    ],
    ...["Infinity", "９", "9".repeat(400), `${max},${max}`],
  ],
});
const words = (...accepted: string[]): Pick<Rules, "accepted" | "refused"> => ({
  accepted: accepted.map((word) => [word, word]),
  refused: [...accepted.map((word) => ` ${word}`), accepted.join(","), "other", "null", "__proto__"],
});
const flag: Pick<Rules, "accepted" | "refused"> = {
  accepted: [
    ["true", true],
    ["false", false],
  ],
  refused: ["True", "1", "0", "yes", "on", "true,true", " true"],
};
const LIMIT_FAULTS = [
  ...["5", "5/", "/1m", "0/1m", "-1/1m", "5/1m/1m", "5/60", "5/0s", "5/999ms", "5/31d", "5/never", "5 / 1m"],
  ...["1e1/1m", "5.5/1m", "1000001/1m", "x/1m", "off", "5/1m;6/1h"],
];
const limits = {
  accepted: [
    ["30/1m", [{ most: 30, periodMs: 60_000 }]],
    [
      "5/1m,60/1h",
      [
        { most: 5, periodMs: 60_000 },
        { most: 60, periodMs: 3_600_000 },
      ],
    ],
    ["1000000/30d", [{ most: 1_000_000, periodMs: 30 * 86_400_000 }]],
  ] as [string, unknown][],
  refused: [
    ...LIMIT_FAULTS,
    ...["5/1m,", ",5/1m", "5/1m,,6/1h", "5/1m, 6/1h", "5/1m,5/1m", "5/1m,6/60s"],
    Array.from({ length: 9 }, (_, index) => `5/${index + 1}m`).join(","),
  ],
};

const DURATION_FAULTS = [
  "10",
  "0",
  "-1m",
  "1.5h",
  "1 m",
  "m",
  "1M",
  "1min",
  "01m",
  "1e3s",
  "1m30s",
  " 1m",
  "1m ",
];

/** The rules of every variable. */
export const RULES: Record<SettingName, Rules> = {
  ...NETWORK_RULES,
  PORT: { value: (config) => config.server.port, ...numbers(0, 65_535) },
  LATCHKEY_SECRET: {
    value: (config) => config.secrets,
    accepted: [
      [A, [A]],
      [`${A},${B}`, [A, B]],
      ["x".repeat(32), ["x".repeat(32)]],
      ["correct horse battery staple so to say", ["correct horse battery staple so to say"]],
    ],
    refused: [
      ...[
        "x".repeat(31),
        "changeme",
        `${A},`,
        `,${A}`,
        `${A},,${B}`,
        `${A}, ${B}`,
        ` ${A}`,
        `${A} `,
        `${A},short`,
      ],
      ...[
        `${A},${A}`,
        `${A},${B},${A}`,
        "ä".repeat(32),
        " ".repeat(40),
        `${A}\t`,
        "x".repeat(513),
        ",".repeat(64),
      ],
      Array.from({ length: 17 }, (_, index) => secretOf(String.fromCharCode(97 + index))).join(","),
    ],
  },
  NODE_ENV: { value: (config) => config.environment, ...words("production", "development", "test") },
  EXPLORER: {
    value: (config) => config.explorer,
    accepted: [
      ["auto", true],
      ["on", true],
      ["off", false],
    ],
    refused: ["true", "1", "ON", "on ", "yes"],
  },
  FEDERATION_DIRECTIVES: {
    value: (config) => config.federation.directives,
    accepted: [
      ["on", true],
      ["off", false],
    ],
    refused: ["true", "1", "ON", "off ", "auto"],
  },
  USERNAME_VISIBILITY: {
    value: (config) => config.federation.usernames,
    ...words("private", "members", "public"),
  },
  LOG_LEVEL: {
    value: (config) => config.logLevel,
    ...words("trace", "debug", "info", "warn", "error", "silent"),
  },
  KEEP_ALIVE_TIMEOUT: {
    value: (config) => config.server.keepAliveMs,
    accepted: [
      ["1s", 1_000],
      ["75s", 75_000],
      ["620s", 620_000],
      ["2h", 7_200_000],
    ],
    refused: [...DURATION_FAULTS, "0s", "999ms", "121m", "never", "1d"],
  },
  USER_TOKEN_LIFETIME: {
    value: (config) => config.tokens.lifetimeMs,
    accepted: [
      ["never", null],
      ["1m", 60_000],
      ["60000ms", 60_000],
      ["12h", 43_200_000],
      ["2w", 14 * 86_400_000],
      ["10y", 10 * YEAR],
    ],
    refused: [
      ...DURATION_FAULTS,
      "59s",
      "59999ms",
      "11y",
      "3653d",
      "Never",
      "never ",
      "Infinity",
      "999999999999y",
    ],
  },
  USER_TOKEN_LIMIT: { value: (config) => config.tokens.maxLivePerUser, ...numbers(1, 10_000) },
  ROTATION_GRACE: {
    value: (config) => config.tokens.rotationGraceMs,
    accepted: [
      ["0s", 0],
      ["250ms", 250],
      ["5m", 300_000],
    ],
    refused: [...DURATION_FAULTS, "6m", "301s", "never", "1d"],
  },
  ROTATION_REUSE: { value: (config) => config.tokens.rotationReuse, ...words("refuse", "revoke") },
  TOKEN_RETENTION: {
    value: (config) => config.tokens.retentionMs,
    accepted: [
      ["1h", 3_600_000],
      ["90d", 90 * 86_400_000],
      ["10y", 10 * YEAR],
    ],
    refused: [...DURATION_FAULTS, "59m", "11y", "never"],
  },
  PRIVILEGE_AUDIENCES: {
    value: (config) => config.privilege.audiences,
    accepted: [
      ["supergraph", ["supergraph"]],
      ["a,https://b.example.com/x,urn:c", ["a", "https://b.example.com/x", "urn:c"]],
      ["a".repeat(200), ["a".repeat(200)]],
    ],
    refused: [
      ...["a,", ",a", ",", "a,,b", "a,a", "a, b", " a", "a b", "ä", "a".repeat(201), "http://localhost:4000"],
      ...["a,http://localhost:4000", "http://localhost:4000/"],
      Array.from({ length: 65 }, (_, index) => `a${index}`).join(","),
    ],
  },
  DIALECTS: {
    value: (config) => config.dialects.enabled,
    accepted: [
      ["webitel", ["webitel"]],
      ["userid-jwt,ctoregistry", ["userid-jwt", "ctoregistry"]],
      ["none", []],
    ],
    refused: [
      "none,webitel",
      "webitel,",
      ",",
      "webitel,webitel",
      "webitel, userid-jwt",
      "Webitel",
      "S2",
      "__proto__",
    ],
  },
  DIALECT_PREFIXES: {
    value: (config) => config.dialects.prefixes,
    accepted: [
      ["webitel=/webitel", { webitel: "/webitel" }],
      ["ctoregistry=/a,userid-jwt=/old/v2", { ctoregistry: "/a", "userid-jwt": "/old/v2" }],
    ],
    refused: [
      ...[
        "webitel",
        "webitel=",
        "webitel=/",
        "webitel=x",
        "webitel=/x/",
        "webitel=//x",
        "webitel=/x=/y",
        "=/x",
      ],
      ...["webitel=/..", "webitel=/%2e", "webitel=/x y", "webitel=/x,webitel=/y", "other=/x", "__proto__=/x"],
      ...["webitel=/auth", "webitel=/x/auth", "webitel=/security", `webitel=/${"x".repeat(65)}`],
    ],
  },
  CONCEAL_UNKNOWN_USERS: { value: (config) => config.dialects.concealUnknownUsers, ...flag },
  SESSION_REQUIRE_TOKEN: { value: (config) => config.sessionRequiresToken, ...flag },
  SESSION_SAME_SITE: {
    value: (config) => config.sessionSameSite,
    accepted: [
      ["lax", "lax"],
      ["strict", "strict"],
    ],
    // `none` has conditions of its own.
    refused: ["Lax", "None", " lax", "lax,strict", "off", "null", "__proto__", "none"],
  },
  COPROCESSOR: { value: (config) => config.coprocessor, ...words("off", "on", "strict") },
  THROTTLE: {
    value: (config) => config.throttle !== null,
    accepted: [
      ["on", true],
      ["off", false],
    ],
    refused: ["true", "ON", "auto", "0"],
  },
  THROTTLE_ACCOUNT_FAILURES: {
    value: (config) => config.throttle?.account,
    accepted: [
      ["5/1m,100/1d", { free: 5, longestDelayMs: 60_000, most: 100, stopMs: 86_400_000 }],
      ["1/1s,1/30d", { free: 1, longestDelayMs: 1_000, most: 1, stopMs: 30 * 86_400_000 }],
    ],
    refused: [
      ...LIMIT_FAULTS,
      ...["5/1m", "6/1m,5/1d", "5/1m,100/1d,200/2d", "5/1m,", ",100/1d", "5/1m, 100/1d", "5,100"],
    ],
  },
  THROTTLE_SOURCE_FAILURES: { value: (config) => config.throttle?.source, ...limits },
  THROTTLE_REGISTRATIONS: { value: (config) => config.throttle?.registrations, ...limits },
  THROTTLE_REGISTRATION_FAILURES: { value: (config) => config.throttle?.registrationFailures, ...limits },
  THROTTLE_FORGERIES: { value: (config) => config.throttle?.forgeries, ...limits },
  SIGNING_ALGORITHM: {
    value: (config) => config.signingAlgorithm,
    accepted: words("ES256", "RS256").accepted,
    refused: ["none", "HS256", "EdDSA", "es256", "ES384", "ES256,RS256"],
  },
  KEY_ROTATION: {
    value: (config) => config.keyRotationMs,
    accepted: [
      ["never", null],
      ["1d", 86_400_000],
      ["24h", 86_400_000],
      ["90d", 90 * 86_400_000],
      ["10y", 10 * YEAR],
    ],
    refused: [...DURATION_FAULTS, "23h", "11y", "Never", "off", "never,90d"],
  },
  PASSWORD_HASH: { value: (config) => config.passwords.scheme, ...words("bcrypt", "argon2id") },
  BCRYPT_COST: { value: (config) => config.passwords.bcryptCost, ...numbers(10, 15) },
  PASSWORD_MIN_LENGTH: { value: (config) => config.passwords.minLength, ...numbers(8, 64) },
  PASSWORD_WORKERS: { value: (config) => config.passwords.workers, ...numbers(1, 64) },
  PASSWORD_QUEUE: { value: (config) => config.passwords.queueLimit, ...numbers(1, 10_000) },
};

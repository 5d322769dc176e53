import type { Environment } from "../../../src/config/read-settings.js";
import { listSettings } from "../../../src/config/settings.js";
import { errorOf, faultsOf, load, secretOf, SERVER } from "./faults-of.js";

const SECRET = secretOf("s");

describe("the configuration", () => {
  it("needs nothing to be set", () => {
    expect(load({})).toEqual({
      environment: "production",
      server: { host: "127.0.0.1", port: 4000, keepAliveMs: 125_000, trustedProxies: [] },
      database: { kind: "sqlite", path: "/srv/data/latchkey.sqlite" },
      redis: null,
      secrets: null,
      issuer: "http://localhost:4000",
      secureCookies: false,
      allowedOrigins: [],
      explorer: true,
      federation: { directives: true, usernames: "members" },
      tokens: {
        lifetimeMs: 2_592_000_000,
        maxLivePerUser: 100,
        rotationGraceMs: 10_000,
        rotationReuse: "refuse",
        retentionMs: 2_592_000_000,
      },
      privilege: { audiences: ["supergraph"], lifetimeMs: 300_000 },
      passwords: { scheme: "bcrypt", bcryptCost: 10, minLength: 8, workers: 2, queueLimit: 64 },
      dialects: {
        enabled: ["ctoregistry", "usertoken-bearer", "webitel", "userid-jwt", "usertoken-xauth"],
        prefixes: {},
        concealUnknownUsers: false,
      },
      throttle: {
        account: { free: 5, longestDelayMs: 60_000, most: 100, stopMs: 86_400_000 },
        source: [{ most: 30, periodMs: 60_000 }],
        registrations: [
          { most: 5, periodMs: 60_000 },
          { most: 60, periodMs: 3_600_000 },
        ],
        registrationFailures: [
          { most: 20, periodMs: 60_000 },
          { most: 120, periodMs: 3_600_000 },
        ],
        forgeries: [{ most: 300, periodMs: 60_000 }],
      },
      sessionRequiresToken: false,
      sessionSameSite: "lax",
      coprocessor: "off",
      signingAlgorithm: "ES256",
      keyRotationMs: 7_776_000_000,
      logLevel: "info",
    });
  });

  it("is frozen all the way down", () => {
    const seen: unknown[] = [];
    const visit = (part: unknown) => {
      if (typeof part !== "object" || part === null) return;
      seen.push(part);
      expect(Object.isFrozen(part)).toBe(true);
      Object.values(part).forEach(visit);
    };
    visit(load({ DATABASE_URL: SERVER, LATCHKEY_SECRET: SECRET, ALLOWED_ORIGINS: "https://a.com" }));
    expect(seen.length).toBeGreaterThan(11);
  });

  it("leaves the environment alone", () => {
    const env = Object.freeze({ PORT: "1", PATH: "/bin" });
    load(env);
    expect(env).toEqual({ PORT: "1", PATH: "/bin" });
  });

  it("reports every fault of every variable at once, one line each", () => {
    const env = Object.fromEntries(listSettings().map(([name]) => [name, "\0"]));
    const error = errorOf({ ...env, LATCHKEY_OTHER: "1" });
    expect(error.faults.map(({ name }) => name)).toEqual([...Object.keys(env), "LATCHKEY_OTHER"]);
    expect(error.message.split("\n")).toEqual(error.faults.map(({ name, message }) => `${name}: ${message}`));
  });

  it("names the entries of a list that are wrong, in order", () => {
    const { faults } = errorOf({ TRUSTED_PROXIES: "x,10.0.0.1,x" });
    expect(faults.map(({ message }) => message.slice(0, 8))).toEqual(["entry 1 ", "entry 3 "]);
  });

  it("names every part of a database URL that is wrong", () => {
    expect(faultsOf({ DATABASE_URL: "mysql://:%@h:0,i,i/?a", LATCHKEY_SECRET: SECRET })).toEqual(
      Array(6).fill("DATABASE_URL"),
    );
  });

  it("names every part of a Redis URL that is wrong", () => {
    expect(faultsOf({ REDIS_URL: "redis://%:@h:0/x" })).toEqual(Array(4).fill("REDIS_URL"));
  });
});

describe("the number of workers", () => {
  const machine = { readMachine: () => ({ cpus: 64, memoryBytes: 512 * 2 ** 20 }) };

  it("is what the machine has room for by default", () => {
    expect(load({}, machine).passwords.workers).toBe(4);
  });

  it("is what is set, whatever the machine", () => {
    expect(load({ PASSWORD_WORKERS: "64" }, machine).passwords.workers).toBe(64);
  });
});

describe("the secret", () => {
  it.each([SERVER, "mariadb://u@h/d"])("is required with %s", (url) => {
    const error = errorOf({ DATABASE_URL: url });
    const fault = error.faults.find(({ name }) => name === "LATCHKEY_SECRET");
    expect(fault?.message).toContain("openssl rand -base64 48");
  });

  it("may be missing with an embedded database", () => {
    expect(load({ DATABASE_URL: "sqlite:a" }).secrets).toBeNull();
  });

  it.each(["sqlite::memory:", "sqllite:./data/latchkey.sqlite", "postgres://u@h/d", "mysql://u@h"])(
    "is not asked for while the database is not known: %s",
    (url) => {
      expect(faultsOf({ DATABASE_URL: url })).toEqual(["DATABASE_URL"]);
    },
  );

  it("is used with an embedded database too when it is given", () => {
    expect(load({ LATCHKEY_SECRET: SECRET }).secrets).toEqual([SECRET]);
  });

  it("that is too short is refused once, with how to make one", () => {
    const { faults } = errorOf({ DATABASE_URL: SERVER, LATCHKEY_SECRET: "changeme" });
    expect(faults).toEqual([
      { name: "LATCHKEY_SECRET", message: expect.stringContaining("openssl rand -base64 48") },
    ]);
  });
});

describe("the issuer", () => {
  it.each([
    [{ PORT: "8080" }, "http://localhost:8080"],
    [{ PORT: "0" }, "http://localhost:0"],
    [{ PORT: "80" }, "http://localhost"],
    [{ PORT: "8080", ISSUER: "http://localhost:1" }, "http://localhost:1"],
  ])("of %j is %s", (env: Environment, issuer) => {
    expect(load(env).issuer).toBe(issuer);
  });

  it("decides whether cookies are secure", () => {
    expect(load({ ISSUER: "https://a.com" }).secureCookies).toBe(true);
    expect(load({ ISSUER: "http://localhost" }).secureCookies).toBe(false);
  });

  it.each([
    { ISSUER: "https://a.com", PRIVILEGE_AUDIENCES: "https://a.com" },
    { ISSUER: "https://a.com/", PRIVILEGE_AUDIENCES: "b,https://a.com" },
    { ISSUER: "https://a.com", PRIVILEGE_AUDIENCES: "https://a.com/" },
    { PORT: "8080", PRIVILEGE_AUDIENCES: "http://localhost:8080" },
  ])("is no audience of a privilege token: %j", (env) => {
    expect(faultsOf(env)).toEqual(["PRIVILEGE_AUDIENCES"]);
  });

  it("of another port may be one", () => {
    expect(
      load({ PORT: "1", PRIVILEGE_AUDIENCES: "http://localhost:4000" }).privilege.audiences,
    ).toHaveLength(1);
  });
});

describe("SESSION_SAME_SITE=none", () => {
  const none = { SESSION_SAME_SITE: "none" };
  const https = { ISSUER: "https://auth.example.com" };
  const origins = { ALLOWED_ORIGINS: "https://app.example.org" };

  it("is taken with an https issuer and listed origins", () => {
    expect(load({ ...none, ...https, ...origins }).sessionSameSite).toBe("none");
  });

  it.each<[string, Environment, RegExp]>([
    ["an https issuer", { ...origins }, /unless ISSUER is https$/],
    [
      "an https issuer, set to http",
      { ...origins, ISSUER: "http://localhost:4000" },
      /unless ISSUER is https$/,
    ],
    ["listed origins", { ...https }, /unless ALLOWED_ORIGINS lists/],
    ["listed origins, set to nothing", { ...https, ALLOWED_ORIGINS: "" }, /unless ALLOWED_ORIGINS lists/],
    ["both", {}, /unless ISSUER is https and ALLOWED_ORIGINS lists/],
  ])("is refused without %s", (_what, env, message) => {
    expect(errorOf({ ...none, ...env }).faults).toEqual([
      { name: "SESSION_SAME_SITE", message: expect.stringMatching(message) },
    ]);
  });

  it("is not blamed for what is wrong with the others", () => {
    expect(faultsOf({ ...none, ...origins, ISSUER: "auth.example.com" })).toEqual(["ISSUER"]);
    expect(faultsOf({ ...none, ...https, ALLOWED_ORIGINS: "*" })).toEqual(["ALLOWED_ORIGINS"]);
  });
});

describe("the explorer", () => {
  it.each<[Environment, boolean]>([
    [{}, true],
    [{ HOST: "localhost" }, true],
    [{ HOST: "LOCALHOST" }, true],
    [{ HOST: "127.8.9.1" }, true],
    [{ HOST: "::1" }, true],
    [{ HOST: "0:0:0:0:0:0:0:1" }, true],
    [{ HOST: "0.0.0.0" }, false],
    [{ HOST: "::" }, false],
    [{ HOST: "10.0.0.1" }, false],
    [{ HOST: "auth.internal" }, false],
    [{ HOST: "localhost.example.com" }, false],
    [{ HOST: "0.0.0.0", NODE_ENV: "production" }, false],
    [{ HOST: "0.0.0.0", NODE_ENV: "test" }, false],
    [{ HOST: "0.0.0.0", NODE_ENV: "development" }, true],
    [{ HOST: "0.0.0.0", EXPLORER: "on" }, true],
    [{ EXPLORER: "off", NODE_ENV: "development" }, false],
  ])("with %j is %s", (env, on) => {
    expect(load(env).explorer).toBe(on);
  });
});

describe("an unknown name", () => {
  const hintFor = (name: string) => /did you mean (\w+)\?/.exec(errorOf({ [name]: "1" }).message)?.[1];

  it.each([
    ["LATCHKEY_SECERT", "LATCHKEY_SECRET"],
    ["LATCHKEY_SECRETS", "LATCHKEY_SECRET"],
    ["latchkey_secret", "LATCHKEY_SECRET"],
    ["LATCHKEY_SECRET_FIEL", "LATCHKEY_SECRET_FILE"],
    ["LATCHKEY_PORT", "PORT"],
    ["LATCHKEY_DATABASE_URI", "DATABASE_URL"],
    ["LATCHKEY_BCRYPT_COST", "BCRYPT_COST"],
    ["LATCHKEY_", undefined],
    ["LATCHKEY_ZZZZZZZZZZZZZZZZZZ", undefined],
  ])("%s is refused, with %s as what was meant", (name, meant) => {
    expect(faultsOf({ [name]: "1" })).toEqual([name]);
    expect(hintFor(name)).toBe(meant);
  });

  it("is refused even when it is empty, and not when it is undefined", () => {
    expect(faultsOf({ LATCHKEY_SECERT: "" })).toEqual(["LATCHKEY_SECERT"]);
    expect(() => load({ LATCHKEY_SECERT: undefined })).not.toThrow();
  });

  it("of anybody else is ignored", () => {
    expect(() => load({ PATH: "/bin", PORT_FILE: "/x", MY_LATCHKEY_X: "1", LATCHKEYS: "1" })).not.toThrow();
  });

  it("cannot break the line it is printed on, and is cut", () => {
    const error = errorOf({ [`LATCHKEY_\n\u001b[2J${"x".repeat(100_000)}`]: "v4lue" });
    expect(error.message).not.toMatch(/[\n\u001b]|v4lue/);
    expect(error.message.length).toBeLessThan(300);
  });

  it.each([
    "LATCHKEY_SERVICE_HOST",
    "LATCHKEY_PORT_4000_TCP_ADDR",
    "LATCHKEY_DB_SERVICE_PORT_HTTP",
    "LATCHKEY_PORT",
  ])("that Kubernetes sets is refused with another value than it sets: %s", (name) => {
    for (const value of ["", "mine", "tcp://mine"]) {
      expect(errorOf({ [name]: value }).message).toContain(`${name}: `);
    }
  });

  it("that Kubernetes sets for Services called latchkey, or latchkey-…, is accepted", () => {
    const links = {
      LATCHKEY_SERVICE_HOST: "10.0.0.1",
      LATCHKEY_SERVICE_PORT: "4000",
      LATCHKEY_SERVICE_PORT_HTTP: "4000",
      LATCHKEY_PORT: "tcp://10.0.0.1:4000",
      LATCHKEY_PORT_4000_TCP: "tcp://10.0.0.1:4000",
      LATCHKEY_PORT_4000_TCP_PROTO: "tcp",
      LATCHKEY_PORT_4000_TCP_PORT: "4000",
      LATCHKEY_PORT_4000_TCP_ADDR: "10.0.0.1",
      LATCHKEY_DB_SERVICE_HOST: "fd00::1",
      LATCHKEY_DB_PORT: "tcp://[fd00::1]:3306",
    };
    expect(() => load(links)).not.toThrow();
  });

  it("that Kubernetes never sets is refused: a port is no link", () => {
    expect(errorOf({ LATCHKEY_PORT: "4000" }).message).toContain("did you mean PORT?");
  });
});

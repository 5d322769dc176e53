import { editDistance, findNearNames, knownNames } from "../../../src/config/check-names.js";
import { listChanges } from "../../../src/config/read-settings.js";

const meantBy = (name: string) => findNearNames({ [name]: "x" })[0]?.meant;

describe("the distance between two names", () => {
  it.each([
    ["", "", 0],
    ["abc", "", 3],
    ["PORT", "PORT", 0],
    ["PORT", "POTR", 1],
    ["PORT", "PRT", 1],
    ["PORT", "PPORT", 1],
    ["PORT", "FORT", 1],
    ["DATABASE_URL", "DATABSE_URL", 1],
    ["KITTEN", "SITTING", 3],
  ])("of %j and %j is %i, from either side", (a, b, edits) => {
    expect([editDistance(a, b), editDistance(b, a)]).toEqual([edits, edits]);
  });
});

describe("a variable that is near to a setting", () => {
  it.each([
    ["DATABSE_URL", "DATABASE_URL"],
    ["DATABASE_URI", "DATABASE_URL"],
    ["DATABASEURL", "DATABASE_URL"],
    ["database_url", "DATABASE_URL"],
    ["DATABASE_URL_FIEL", "DATABASE_URL_FILE"],
    ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
    ["ALOWED_ORIGNS", "ALLOWED_ORIGINS"],
    ["TRUSTED_PROXY", undefined],
    ["ISSUERS", "ISSUER"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["NODE_EVN", "NODE_ENV"],
    ["PROT", "PORT"],
    ["HSOT", "HOST"],
    ["port", "PORT"],
    ["LATCHKY_SECRET", "LATCHKEY_SECRET"],
    ["LATCH_KEY_SECRET", "LATCHKEY_SECRET"],
    ["LACTHKEY_DATABASE_URL", "DATABASE_URL"],
    ["THROTTLE_REGISTRATION", "THROTTLE_REGISTRATIONS"],
  ])("%s is told with what it may mean: %s", (name, meant) => {
    expect(meantBy(name)).toBe(meant);
  });

  it("is told without its value, and never breaks a line", () => {
    const [found] = findNearNames({ "DATABASE_\nURL": "hunter2" });
    expect(found).toEqual({ name: "DATABASE__URL".replace("__", "_?"), meant: "DATABASE_URL" });
  });

  it("is told also where the setting itself is set, as an image sets it, but not for its case alone", () => {
    expect(findNearNames({ DATABSE_URL: "x", DATABASE_URL: "y" })).toHaveLength(1);
    // Windows shows a variable in the case it was set in, and reads it in any.
    expect(findNearNames({ Database_Url: "x", DATABASE_URL: "x" })).toEqual([]);
  });

  it("is none of the settings, and none of what other programs set", () => {
    const foreign =
      "PATH HOME HOSTNAME HOSTTYPE HOSTALIASES OSTYPE PWD OLDPWD SHELL TERM USER LOGNAME LANG LC_ALL MAIL EDITOR PAGER " +
      "TZ TMPDIR SHLVL PS1 DISPLAY SSH_AUTH_SOCK XDG_RUNTIME_DIR COLORTERM NODE NODE_PATH NODE_OPTIONS NODE_VERSION " +
      "NODE_EXTRA_CA_CERTS NODE_HOME YARN_VERSION NPM_TOKEN INIT_CWD npm_config_port npm_config_host npm_package_name " +
      "npm_lifecycle_event CI POST SORT PORTS HOSTS HOST_IP POD_IP DB_HOST DB_PORT DB_URL MYSQL_HOST MYSQL_PORT " +
      "MYSQL_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_DATABASE MARIADB_DATABASE REDIS_HOST REDIS_PORT REDIS_PASSWORD " +
      "REDIS_TLS_URL DATABASE_HOST DATABASE_PORT DATABASE_NAME DATABASE_USER DATABASE_PASSWORD JWT_SECRET JWT_ISSUER " +
      "APP_SECRET LOG_FORMAT LOG_FILE RUST_LOG PGHOST PGPORT KUBERNETES_PORT KUBERNETES_SERVICE_HOST " +
      "KUBERNETES_SERVICE_PORT KUBERNETES_PORT_443_TCP REDIS_SERVICE_HOST REDIS_PORT_6379_TCP DATABASE_SERVICE_HOST " +
      "DATABASE_PORT_3306_TCP_ADDR GATEWAY_PORT GATEWAY_SERVICE_HOST LATCHKEY_PORT LATCHKEY_SERVICE_HOST " +
      "COMPOSE_PROJECT_NAME DOCKER_HOST container RAILS_ENV FLASK_ENV APP_ENV DYNO SOURCE_VERSION WEB_CONCURRENCY _";
    for (const name of [...foreign.split(" "), ...knownNames()])
      expect([name, meantBy(name)]).toEqual([name, undefined]);
    expect(findNearNames({ DATABSE_URL: undefined })).toEqual([]);
    expect(meantBy("D".repeat(100_000))).toBeUndefined();
  });
});

describe("what differs from the defaults", () => {
  it("is listed in the order of the documentation, secrets hidden, defaults and empty values left out", () => {
    const env = {
      LOG_LEVEL: "debug",
      PORT: "4123",
      HOST: "127.0.0.1",
      ISSUER: "",
      DATABASE_URL: "mysql://app:hunter2@db/app",
      LATCHKEY_SECRET_FILE: "/nowhere/\u001bsecret",
    };
    expect(listChanges(env, "/")).toEqual([
      { name: "PORT", value: "4123" },
      { name: "DATABASE_URL", value: "(hidden)" },
      { name: "LOG_LEVEL", value: "debug" },
    ]);
  });

  it("is told from the defaults that an image brings, where it brings some", () => {
    const defaults = { HOST: "0.0.0.0", DATABASE_URL: "sqlite:/data/latchkey.sqlite" };
    expect(listChanges({ HOST: "0.0.0.0" }, "/", defaults)).toEqual([]);
    expect(listChanges({ HOST: "127.0.0.1" }, "/", defaults)).toEqual([{ name: "HOST", value: "127.0.0.1" }]);
  });
});

import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
} from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import {
  runCli,
  spawnGateway,
  temporaryFolder,
  TEST_SECRET,
  type GatewayProcess,
} from "../../support/gateway.js";

/** The audit trail on standard error, which also names the database: what was done, for everything that was. */
function auditOf(stderr: string): unknown[] {
  const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => (JSON.parse(line) as { audit?: string }).audit);
}

const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";

onEachDatabase(
  "latchkey users",
  (create) => {
    let database: TestDatabase;
    let gateway: GatewayProcess;

    beforeAll(async () => {
      database = await create();
      gateway = await spawnGateway({ DATABASE_URL: database.url });
    });

    afterAll(async () => {
      await gateway.stop();
      await database.drop();
    });

    const users = (args: string[], stdin = "") =>
      runCli(["users", ...args], { DATABASE_URL: database.url }, stdin);
    const roleOf = async (token: string) =>
      (await send(gateway.graphql, "{ me { role enabled } }", {}, bearer(token))).data?.me;

    it("create: takes the password from standard input, and answers with the account alone", async () => {
      const username = uniqueName("Ada");
      const email = `${username}@example.org`;
      const options = [
        "--email",
        email,
        "--phone",
        "+44 20 7946 0018",
        "--locale",
        "pt-BR",
        "--role",
        "root",
      ];
      const made = await users(["create", username, ...options], `${PASSWORD}\n`);
      expect([made.code, auditOf(made.stderr)]).toEqual([0, ["account.registered"]]);
      expect(made.stdout).toMatch(new RegExp(`^${UUID} ${username} root\n$`));
      for (const userid of [username, email.toUpperCase(), "+442079460018"]) {
        const { token, id } = await loginUser(gateway.graphql, { userid, password: PASSWORD });
        expect(made.stdout).toContain(id);
        expect(await roleOf(token)).toEqual({ role: "ROOT", enabled: true });
      }
      // The password ends where the line does, and the account holds no token that nobody has.
      expect(await database.query("SELECT note FROM user_token WHERE origin <> 'login'")).toEqual([]);
    });

    it("create: refuses a weak password, and names that a taken for taken, each with exit code 1", async () => {
      const { username } = await registerUser(gateway.graphql);
      const weak = await users(["create", uniqueName()], "password\n");
      expect([weak.code, weak.stdout]).toEqual([1, ""]);
      expect(weak.stderr).toMatch(/\n {2}password: /);
      const taken = await users(["create", username.toUpperCase()], PASSWORD);
      expect([taken.code, taken.stdout]).toEqual([1, ""]);
      expect(taken.stderr).toMatch(/\n {2}username: .*taken/);
      expect(weak.stderr + taken.stderr).not.toContain(PASSWORD);
      expect((await users(["create", uniqueName()], "")).code).toBe(1);
    });

    it("role: is seen by the next request with a token that was there before", async () => {
      const { token, username, id } = await registerUser(gateway.graphql);
      const given = await users(["role", username, "admin"]);
      expect(given).toMatchObject({ code: 0, stdout: `${id} ${username} admin\n` });
      expect(auditOf(given.stderr)).toEqual(["account.role_changed"]);
      expect(await roleOf(token)).toEqual({ role: "ADMIN", enabled: true });
      await users(["role", username.toUpperCase(), "viewer"]);
      expect(await roleOf(token)).toEqual({ role: "VIEWER", enabled: true });
    });

    it("disable: ends all tokens for good at once; enable: needs a new login", async () => {
      const { token, username, id } = await registerUser(gateway.graphql);
      expect(await users(["disable", username])).toMatchObject({
        code: 0,
        stdout: `${id} ${username} disabled\n`,
      });
      expect(await tokenStatusOf(gateway.graphql, bearer(token))).toBe("TOKEN_REVOKED");
      expect(await users(["enable", username])).toMatchObject({
        code: 0,
        stdout: `${id} ${username} enabled\n`,
      });
      expect(await tokenStatusOf(gateway.graphql, bearer(token))).toBe("TOKEN_REVOKED");
      const login = await loginUser(gateway.graphql, { userid: username, password: PASSWORD });
      expect(await tokenStatusOf(gateway.graphql, bearer(login.token))).toBe("ok");
    });

    it.each([
      ["role", "nobody", "admin"],
      ["enable", "nobody"],
      ["disable", "nobody"],
    ])("%s: of an unknown user is exit code 1", async (...args) => {
      const { code, stdout, stderr } = await users(args);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^latchkey: .*no such account.*$/m);
    });
  },
  // The other databases see the same verbs in the suite of two gateways.
  ["sqlite"],
);

/** A terminal of its own: util-linux's `script`. */
const terminal = spawnSync("script", ["--version"]).status === 0;
if (!terminal) {
  if (process.env.TEST_REQUIRE)
    throw new Error("TEST_REQUIRE is set: the prompt needs `script` of util-linux");
  process.stderr.write("tests of the prompt are skipped: there is no `script` of util-linux\n");
}

(terminal ? describe : describe.skip)("latchkey users create, at a terminal", () => {
  const folder = temporaryFolder();
  const url = `sqlite:${join(folder.path, "latchkey.sqlite")}`;

  beforeAll(async () => {
    await runCli(["migrate"], { DATABASE_URL: url });
  });

  afterAll(() => {
    folder.remove();
  });

  /** Answers each question as it is asked, with Enter or a control character of its own; resolves with all that the terminal showed. */
  function converse(username: string, answers: string[]): Promise<{ code: number | null; shown: string }> {
    const cli = join(import.meta.dirname, "../../../dist/cli/latchkey.js");
    const command = `"${process.execPath}" "${cli}" users create ${username}`;
    const env = {
      PATH: process.env.PATH,
      TERM: "xterm",
      DATABASE_URL: url,
      LATCHKEY_SECRET: TEST_SECRET,
      PASSWORD_HASH: "argon2id",
    };
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const questions = ["Password", "Again"];
    let shown = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      if (questions[0] === undefined || !shown.includes(questions[0])) return;
      questions.shift();
      const answer = answers.shift() ?? "";
      child.stdin.write(/[\x03\x04]$/.test(answer) ? answer : `${answer}\r`);
    });
    return new Promise((resolve) => {
      child.on("close", (code) => {
        resolve({ code, shown });
      });
    });
  }

  it("asks twice, and shows nothing of what is typed", async () => {
    const { code, shown } = await converse("ada", [PASSWORD, PASSWORD]);
    expect(code).toBe(0);
    expect(shown).toMatch(/Password.*Again/s);
    expect(shown).toMatch(new RegExp(`${UUID} ada viewer`));
    for (const word of PASSWORD.split(" ")) expect(shown).not.toContain(word);
  });

  it("tells the person what was done in a sentence, and not in JSON", async () => {
    const { code, shown } = await converse("cleo", [PASSWORD, PASSWORD]);
    expect(code).toBe(0);
    expect(shown).toMatch(new RegExp(`latchkey: audit: the account ${UUID} was created\r?$`, "m"));
    expect(shown).not.toMatch(/"level"|"audit"/);
  });

  it.each([
    ["^C at the first question", ["\x03"]],
    ["^C after some letters", ["abc\x03"]],
    ["^C at the second question", [PASSWORD, "\x03"]],
    ["^D", ["\x04"]],
  ])("%s breaks off with exit code 130 and a line of our own, and makes nothing", async (_what, answers) => {
    const { code, shown } = await converse("dora", answers);
    expect(code).toBe(130);
    expect(shown).toMatch(/latchkey: broken off: nothing was changed\r?$/m);
    expect(shown).not.toMatch(/SIGINT|force|prompt/i);
    expect((await runCli(["users", "role", "dora", "admin"], { DATABASE_URL: url })).code).toBe(1);
  });

  it("makes no account of two passwords that differ", async () => {
    const { code, shown } = await converse("ben", [PASSWORD, `${PASSWORD}!`]);
    expect(code).toBe(1);
    expect(shown).toContain("differ");
    expect((await runCli(["users", "role", "ben", "admin"], { DATABASE_URL: url })).code).toBe(1);
  });
});

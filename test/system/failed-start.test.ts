import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { onEachDatabase, type TestDatabase } from "../support/databases.js";
import { runCli, temporaryFolder, TEST_SECRET, type CliResult, type Settings } from "../support/gateway.js";

const serve = (settings: Settings) => runCli(["serve"], settings);

const FAILED = 1;
const MISUSED = 2;

/** The exit code and one line that says what is wrong; neither a stack nor a secret. */
function expectOneLine({ code, stderr, stdout }: CliResult, line: RegExp, exitCode = FAILED): void {
  expect(code).toBe(exitCode);
  expect(stderr).toMatch(line);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stderr + stdout).not.toContain(TEST_SECRET);
  expect(stderr + stdout).not.toContain("hunter2");
}

async function withListener(work: (port: number) => Promise<void>): Promise<void> {
  // Takes connections and says nothing.
  const server = createServer((socket) => socket.on("error", () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** A server's greeting (protocol version 10), and after the answer to it a request to prove oneself by another method. */
function greetAndAskFor(method: string, socket: Socket): void {
  const packet = (number: number, ...parts: (Buffer | string)[]) => {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
    const head = Buffer.alloc(4);
    head.writeUIntLE(body.length, 0, 3);
    head.writeUInt8(number, 3);
    socket.write(Buffer.concat([head, body]));
  };
  const bytes = (hex: string) => Buffer.from(hex, "hex");
  const nonce = "n".repeat(20);
  // Between the halves of the nonce: PROTOCOL_41, SECURE_CONNECTION, CONNECT_WITH_DB, PLUGIN_AUTH, and how long it is.
  const flags = bytes("00" + "0882" + "2d" + "0200" + "0800" + "15" + "00".repeat(10));
  packet(
    0,
    bytes("0a"),
    "9.0.0\0",
    bytes("01000000"),
    nonce.slice(0, 8),
    flags,
    nonce.slice(8),
    "\0mysql_native_password\0",
  );
  socket.on("error", () => socket.destroy());
  socket.once("data", () => packet(2, bytes("fe"), `${method}\0`, nonce, "\0"));
}

describe("a start that cannot succeed", () => {
  const folder = temporaryFolder();

  afterAll(() => {
    folder.remove();
  });

  it("waits a while for a database that cannot be reached, then names it", async () => {
    await withListener(async (silent) => {
      const began = performance.now();
      const [refused, unanswered] = await Promise.all(
        [1, silent].map((port) => serve({ DATABASE_URL: `mysql://app:hunter2@127.0.0.1:${port}/app` })),
      );
      expectOneLine(refused!, /^latchkey: the database at 127\.0\.0\.1:1 cannot be opened: .*ECONNREFUSED/);
      expectOneLine(unanswered!, /^latchkey: the database at 127\.0\.0\.1:\d+ cannot be opened: .*ETIMEDOUT/);
      const seconds = (performance.now() - began) / 1_000;
      expect(seconds).toBeGreaterThan(5);
      expect(seconds).toBeLessThan(25);
    });
  });

  it.each(["auth_gssapi_client", "dialog", "parsec", "mysql_clear_password", "toString"])(
    "names the account's authentication method when that is %s, and those that work",
    async (method) => {
      const server = createServer((socket) => greetAndAskFor(method, socket));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const end = await serve({ DATABASE_URL: `mysql://app:hunter2@127.0.0.1:${port}/app` });
      server.close();
      expectOneLine(end, /^latchkey: the database at .*caching_sha2_password, .*ed25519/);
      expect(end.stderr).toContain(`the authentication method ${method}, which`);
    },
  );

  it("refuses a file that is no database, and leaves it as it was", async () => {
    const path = join(folder.path, "letter.txt");
    writeFileSync(path, "Dear database,\n".repeat(100));
    expectOneLine(
      await serve({ DATABASE_URL: `sqlite:${path}` }),
      /^latchkey: the database at .*letter\.txt cannot/,
    );
  });

  it("ends when its port is taken", async () => {
    await withListener(async (port) => {
      const settings = { DATABASE_URL: `sqlite:${join(folder.path, "port.sqlite")}`, PORT: String(port) };
      expectOneLine(await serve(settings), new RegExp(`^latchkey: port ${port} .*PORT`));
    });
  });

  it("names HOST when that is no address of this machine", async () => {
    const settings = { DATABASE_URL: `sqlite:${join(folder.path, "host.sqlite")}`, HOST: "192.0.2.1" };
    expectOneLine(await serve(settings), /^latchkey: HOST: 192\.0\.2\.1 /, MISUSED);
  });

  it.each([["serve"], ["clients list"]])(
    "`latchkey %s` says that the secret is another one than the database was made with",
    async (verb) => {
      const url = { DATABASE_URL: `sqlite:${join(folder.path, `${verb}.sqlite`)}` };
      expect(await runCli(["migrate"], url)).toMatchObject({ code: 0 });
      const wrong = { ...url, LATCHKEY_SECRET: `hunter2-${TEST_SECRET}` };
      const end = await runCli(verb.split(" "), wrong);
      expectOneLine(end, /^latchkey: LATCHKEY_SECRET: .*latchkey\.secret/, MISUSED);
      expect(end.stdout).not.toMatch(/"level":[56]/);
      const both = { ...url, LATCHKEY_SECRET: `${wrong.LATCHKEY_SECRET},${TEST_SECRET}` };
      expect(await runCli(["clients", "list"], both)).toMatchObject({ code: 0 });
    },
  );

  it("names the file of the secret when that was replaced by another one", async () => {
    const home = temporaryFolder();
    const settings = { cwd: home.path, LATCHKEY_SECRET: undefined };
    expect(await runCli(["migrate"], settings)).toMatchObject({ code: 0 });
    const file = join(home.path, "data/latchkey.secret");
    writeFileSync(file, `hunter2-${TEST_SECRET}\n`);
    const end = await serve(settings);
    expectOneLine(end, /^latchkey: LATCHKEY_SECRET: /, MISUSED);
    expect(end.stderr).toContain(file);
    home.remove();
  });
});

onEachDatabase(
  "a start that cannot succeed",
  (create) => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await create();
    });

    afterAll(async () => {
      await database.drop();
    });

    it("does not try a wrong password, or an unknown database, again", async () => {
      const wrong = new URL(database.url);
      wrong.password = "hunter2";
      const unknown = new URL(database.url);
      unknown.pathname = "/latchkey_nowhere";
      const began = performance.now();
      const [denied, missing] = await Promise.all(
        [wrong, unknown].map(({ href }) => serve({ DATABASE_URL: href })),
      );
      expectOneLine(denied!, /^latchkey: the database at .* cannot be opened: Access denied/);
      expectOneLine(missing!, /^latchkey: the database at .* cannot be opened: Unknown database/);
      expect(performance.now() - began).toBeLessThan(9_000);
    });
  },
  ["mariadb", "mysql"],
);

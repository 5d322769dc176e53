import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { bearer, LOGOUT, registerUser, send } from "../support/client.js";
import { makeClient } from "../support/service-client.js";
import { freePort } from "../support/free-port.js";
import { spawnGateway, temporaryFolder, type GatewayProcess } from "../support/gateway.js";
import { until } from "../support/until.js";
import { blockOf, readPage } from "./session.js";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readPage("docs/verifier.md");
const run = promisify(execFile);

/** Two packages: the verifier and lru-cache. Today they take 3.7 MB, of which lru-cache takes 3.4 MB. */
const MAX_BYTES = 4_000_000;

/** Packs the package as it is published, and answers the path of the tarball. */
async function pack(folder: string): Promise<string> {
  const args = ["pack", "--json", "-w", "@latchkey/verify", "--pack-destination", folder];
  const { stdout } = await run("npm", args, { cwd: ROOT });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return join(folder, filename);
}

describe("the package that docs/verifier.md installs", () => {
  const { path: folder, remove } = temporaryFolder();
  const service = join(folder, "service");
  let gateway: GatewayProcess;
  let settings: Record<string, string>;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    const port = String(await freePort());
    const DATABASE_URL = `sqlite:${join(folder, "latchkey.sqlite")}`;
    settings = { DATABASE_URL, PORT: port, ISSUER: `http://localhost:${port}` };
    gateway = await spawnGateway(settings);
    const tarball = await pack(folder);
    const install = ["install", "--prefix", service, "--prefer-offline", "--no-audit", "--no-fund", tarball];
    await run("npm", install, { cwd: folder });
  });

  afterAll(async () => {
    if (child?.exitCode === null) {
      child.kill();
      await once(child, "close");
    }
    await gateway.stop();
    remove();
  });

  it("is what its page begins with", () => {
    expect(PAGE).toMatch(/^# .+\n\n```\nnpm install @latchkey\/verify\n```\n/);
  });

  it("brings its one dependency and nothing else", () => {
    const installed = join(service, "node_modules");
    const names = readdirSync(installed).flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(installed, name)).map((inner) => `${name}/${inner}`) : [name],
    );
    expect(names.filter((name) => !name.startsWith("."))).toEqual(["@latchkey/verify", "lru-cache"]);
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" }).map((name) =>
      statSync(join(installed, name)),
    );
    const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
    expect(bytes).toBeLessThan(MAX_BYTES);
  });

  it("runs the service of the page as it stands: a logout at the gateway is refused there", async () => {
    writeFileSync(join(service, "service.mjs"), blockOf(PAGE, "service"));
    const client = await makeClient(settings);
    const port = await freePort();
    child = spawn(process.execPath, ["service.mjs"], {
      cwd: service,
      env: {
        PATH: process.env.PATH,
        ISSUER: settings.ISSUER,
        CLIENT_ID: client.id,
        CLIENT_SECRET: client.secret,
        PORT: String(port),
      },
      stdio: "inherit",
    });
    const { token, privilege, username } = await registerUser(gateway.graphql);
    const ask = async (headers: Record<string, string> = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}`, { headers });
      return `${response.status} ${(await response.text()).trim()}`;
    };
    await until(() => ask().then(Boolean, () => false), "the service");
    expect(await ask()).toBe("401 NO_CREDENTIAL");
    await until(async () => (await ask(bearer(privilege))) === `200 Hello ${username}`, "a viewer");
    expect(await ask(bearer(token))).toBe("401 WRONG_TOKEN_TYPE");
    await send(gateway.graphql, LOGOUT, {}, bearer(token));
    await until(async () => (await ask(bearer(privilege))) === "401 TOKEN_REVOKED", "the refusal");
  });
});

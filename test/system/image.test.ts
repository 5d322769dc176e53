import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/free-port.js";
import { temporaryFolder, TEST_SECRET } from "../support/gateway.js";
import { IMAGE, imageDefaults, layOutImage } from "../support/image.js";
import { until } from "../support/until.js";

describe("the image", () => {
  const home = temporaryFolder();
  const app = join(home.path, "app");
  const running: ChildProcess[] = [];
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const { DATABASE_URL = "", ...others } = imageDefaults();
    // The volume, and a port that is surely free.
    const inHome = DATABASE_URL.replace("sqlite:/data/", `sqlite:${home.path}/data/`);
    layOutImage(app, { ...others, DATABASE_URL: inHome, PORT: String(port) });
  });

  afterEach(async () => {
    for (const child of running.splice(0)) {
      if (child.exitCode !== null) continue;
      child.kill();
      await once(child, "close");
    }
  });

  afterAll(() => {
    home.remove();
  });

  const options = (settings: Record<string, string>) => ({
    cwd: app,
    env: { PATH: process.env.PATH, ...IMAGE.environment, ...settings },
  });
  const programOf = ([program = ""]: string[]) => (program === "node" ? process.execPath : program);

  /** Runs the command of the image until it is ready, and answers what it has said. */
  async function start(settings: Record<string, string>): Promise<string> {
    const child = spawn(programOf(IMAGE.command), IMAGE.command.slice(1), options(settings));
    running.push(child);
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    child.stdout.resume();
    await until(() => said.includes("ready at") || child.exitCode !== null, "the gateway of the image");
    return said;
  }

  /** The addresses of this machine at which a port answers. */
  async function answeringOf(addresses: string[], at: number | string): Promise<string[]> {
    const answers = addresses.map((address) =>
      fetch(`http://${address}:${at}/healthz`).then(
        () => [address],
        () => [],
      ),
    );
    return (await Promise.all(answers)).flat();
  }

  const checkHealth = (settings: Record<string, string>): Promise<number> =>
    new Promise((resolve) => {
      const child = execFile(programOf(IMAGE.healthCheck), IMAGE.healthCheck.slice(1), options(settings));
      child.on("close", (code) => {
        resolve(code ?? 1);
      });
    });

  it.each([
    ["nothing set", {}],
    ["variables set to nothing", { PORT: "", HOST: "", DATABASE_URL: "", NODE_ENV: "" }],
  ])("with %s listens everywhere, keeps its data in the volume, and is healthy", async (_, settings) => {
    await start(settings);
    expect(await answeringOf(["127.0.0.1", "127.0.0.2"], port)).toEqual(["127.0.0.1", "127.0.0.2"]);
    expect(existsSync(join(home.path, "data/latchkey.sqlite"))).toBe(true);
    expect(await checkHealth(settings)).toBe(0);
  });

  it("is healthy on another port, and on one address alone", async () => {
    const settings = { PORT: String(await freePort()), HOST: "127.0.0.2" };
    await start(settings);
    expect(await answeringOf(["127.0.0.1", "127.0.0.2"], settings.PORT)).toEqual(["127.0.0.2"]);
    expect(await checkHealth(settings)).toBe(0);
    expect(await checkHealth({})).toBe(1);
  });

  it("is asked directly, whatever proxy the environment names", async () => {
    const proxy = "http://127.0.0.1:1";
    const settings = { http_proxy: proxy, HTTP_PROXY: proxy, NODE_USE_ENV_PROXY: "1" };
    await start(settings);
    expect(await checkHealth(settings)).toBe(0);
  });

  it("is not healthy when nothing listens, the settings are wrong, or the port is not known", async () => {
    expect(await checkHealth({})).toBe(1);
    expect(await checkHealth({ PORT: "x" })).not.toBe(0);
    expect(await checkHealth({ PORT: "0" })).toBe(1);
  });

  it("takes a database from a file of a secret, although it has a default", async () => {
    const settings = { LATCHKEY_SECRET: TEST_SECRET, DATABASE_URL_FILE: join(home.path, "none") };
    expect(await start(settings)).toMatch(/^latchkey: DATABASE_URL_FILE: must name a readable file/);
  });
});

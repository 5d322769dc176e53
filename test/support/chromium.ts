import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "./gateway.js";
import { skipUnlessRequired } from "./required.js";

const found = spawnSync("chromium", ["--version"], { encoding: "utf8" });

/** Whether Chromium is installed; else it has been said that there is none. */
export const hasChromium = found.status === 0;

if (!hasChromium) skipUnlessRequired("chromium", "with a browser", "there is no chromium");

/** A page that calls `report` with what its script answers. */
const pageOf = (script: string) => `<!doctype html><title>a test</title><script>
const report = (result) => fetch("/report", { method: "POST", body: JSON.stringify(result) });
(async () => { ${script} })().then((value) => report({ value }), (error) => report({ error: String(error) }));
</script>`;

export interface Browser {
  /** The origin of the pages that scripts run in. */
  origin: string;
  /** Runs the body of an async function in a page of its own, in a browser of its own; what it returns. */
  run(script: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Serves pages to Chromium. The origin is known before there is anything to call, so that it can be allowed. */
export async function openBrowser(): Promise<Browser> {
  let script = "";
  let onReport: (result: { value?: unknown; error?: string }) => void = () => undefined;
  const server = createServer((request, response) => {
    if (request.url === "/report") void text(request).then((body) => onReport(JSON.parse(body) as object));
    response.setHeader("content-type", "text/html");
    response.end(request.url === "/" ? pageOf(script) : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    run: async (body) => {
      script = body;
      const reported = new Promise<{ value?: unknown; error?: string }>((resolve) => (onReport = resolve));
      const stop = startChromium(origin);
      try {
        const { value, error } = await reported;
        if (error !== undefined) throw new Error(`the page: ${error}`);
        return value;
      } finally {
        await stop();
      }
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function startChromium(url: string): () => Promise<void> {
  const folder = temporaryFolder();
  const options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
  ];
  const child = spawn(
    "chromium",
    [...options, `--user-data-dir=${folder.path}`, "--remote-debugging-port=0", url],
    {
      stdio: "ignore",
      env: { PATH: process.env.PATH, HOME: folder.path },
    },
  );
  const exited = once(child, "close");
  return async () => {
    child.kill("SIGTERM");
    await exited;
    folder.remove();
  };
}

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "./gateway.js";
import { skipUnlessRequired } from "./required.js";

const environment = { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin` };
const found = spawnSync("nginx", ["-V"], { env: environment, encoding: "utf8" });

/** Whether nginx is installed, with what forward-auth needs; else it has been said why not. */
export const hasNginx = found.status === 0 && found.stderr.includes("http_auth_request_module");

if (!hasNginx) {
  const reason = found.error ? "there is no nginx" : "nginx lacks its auth_request module";
  skipUnlessRequired("nginx", "of forward-auth with nginx", reason);
}

/** Runs nginx with these server blocks until `stop`; resolves when it listens on `port`. */
export async function startNginx(servers: string, port: number): Promise<{ stop(): Promise<void> }> {
  const folder = temporaryFolder();
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(folder.path, name));
  const file = join(folder.path, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder.path}/${name.replace("client_", "")};`)
    .join("\n");
  // One process in the foreground: it ends with the test.
  writeFileSync(
    file,
    `daemon off;\nmaster_process off;\npid ${folder.path}/pid;\nerror_log stderr;\nevents {}\nhttp {\n${temporary}\naccess_log off;\n${servers}\n}\n`,
  );
  const child = spawn("nginx", ["-p", folder.path, "-c", file, "-e", "stderr"], {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const exited = new Promise<void>((resolve) => child.on("close", () => resolve()));
  for (let tries = 0; !(await listens(port)); tries++) {
    if (tries === 100 || child.exitCode !== null) throw new Error(`nginx does not listen: ${errors}`);
    await sleep(100);
  }
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
      folder.remove();
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** nginx asks Latchkey who sent each request, before a service that knows nothing of tokens sees it. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, example, register, say } from "../support/example.mjs";
import { freePort, listening, startLatchkey, startScript, startServer } from "../support/servers.mjs";

/** Runs nginx with orders.conf at the addresses of this run, in one process that needs no rights. */
async function startNginx(folder, { latchkey, orders }) {
  const port = await freePort();
  const servers = readFileSync(join(import.meta.dirname, "orders.conf"), "utf8")
    .replace("127.0.0.1:4000", `127.0.0.1:${new URL(latchkey).port}`)
    .replace("127.0.0.1:8080", `127.0.0.1:${new URL(orders).port}`)
    .replace("127.0.0.1:8000", `127.0.0.1:${port}`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => {
    mkdirSync(join(folder, name));
    return `${name}_temp_path ${folder}/${name};`;
  });
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off;\nmaster_process off;\npid ${folder}/pid;\nevents {}\n` +
      `http {\naccess_log off;\n${temporary.join("\n")}\n${servers}}\n`,
  );
  const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  const started = startServer("nginx", ["-p", folder, "-c", file, "-e", "stderr"], { settings: { PATH } });
  await Promise.race([started, listening(port)]);
  return `http://127.0.0.1:${port}`;
}

await example(async (folder) => {
  const latchkey = await startLatchkey(folder);
  const orders = await startScript(join(import.meta.dirname, "orders.mjs"));
  const nginx = await startNginx(folder, { latchkey: latchkey.url, orders });
  const { id, token } = await register(latchkey.graphql, "ann");
  say("Latchkey, nginx and a service run");

  const get = async (path, headers = {}) => {
    const response = await fetch(nginx + path, { headers });
    return { status: response.status, body: response.ok ? await response.json() : null };
  };
  const authorization = `Bearer ${token}`;

  const mine = await get("/orders", { authorization });
  assert.deepEqual(mine, { status: 200, body: { path: "/orders", id, name: "ann", role: "viewer" } });
  say(`the service is told who calls: ${JSON.stringify(mine.body)}`);

  const spoofed = await get("/orders", { authorization, "x-user-id": "root", "x-user-role": "root" });
  assert.deepEqual(spoofed.body, mine.body);
  say("what a caller writes into these headers is replaced");

  assert.equal((await get("/orders")).status, 401);
  assert.equal((await get("/orders", { "x-user-id": id })).status, 401);
  say("a visitor is refused by nginx: 401");

  assert.equal((await get("/reports/1", { authorization })).status, 403);
  say("a location that asks for a scope refuses a token without it: 403");

  await ask(latchkey.graphql, "mutation { logout { success } }", { token });
  assert.equal((await get("/orders", { authorization })).status, 401);
  say("ann logs out at Latchkey: the very next request is refused, 401");
});

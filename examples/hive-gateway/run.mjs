/** Hive Gateway verifies privilege tokens by the published keys, and enforces the schema's directives. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compose } from "../support/compose.mjs";
import { ask, example, PASSWORD, register, say } from "../support/example.mjs";
import { freePort, runLatchkey, startLatchkey, startScript, startServer } from "../support/servers.mjs";

const here = (file) => join(import.meta.dirname, file);
const HIVE = fileURLToPath(new URL("../node_modules/@graphql-hive/gateway/dist/bin.js", import.meta.url));

/** What `npx hive-gateway supergraph` starts, in the folder of gateway.config.ts. */
async function startHive(settings) {
  const port = await freePort();
  const args = [
    HIVE,
    "supergraph",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "-c",
    here("gateway.config.ts"),
  ];
  await startServer(process.execPath, args, {
    settings,
    cwd: import.meta.dirname,
    ready: /listening|Serving/i,
  });
  return `http://127.0.0.1:${port}/graphql`;
}

await example(async (folder) => {
  const latchkey = await startLatchkey(folder);
  const { id } = await register(latchkey.graphql, "ann");
  await runLatchkey(["users", "create", "eve", "--role", "admin"], latchkey.settings, `${PASSWORD}\n`);
  const posts = [{ title: "On keys", authorId: id }];
  const postsUrl = await startScript(here("posts.mjs"), { POSTS: JSON.stringify(posts) });
  const supergraph = await compose(folder, { latchkey, posts: here("posts.graphql"), postsUrl });
  const router = await startHive({ ISSUER: latchkey.url, SUPERGRAPH: supergraph });
  say("Latchkey, posts and Hive Gateway run");

  /** Logs in through the supergraph; `input` is what the login asks for beside the user. */
  const login = async (userid, input = "") => {
    const query = `mutation { login(input: {userid: "${userid}", password: "${PASSWORD}"${input}}) { token privilege } }`;
    return (await ask(router, query)).data.login;
  };
  const ann = await login("ann");
  const eve = await login("eve");
  const reader = await login("ann", `, scopes: ["account:read"]`);
  say("ann and eve log in through the supergraph, and keep their privilege tokens");

  const query = "{ me { username } posts { title author { username } } }";
  const page = await ask(router, query, { token: ann.privilege });
  assert.deepEqual(page.data, {
    me: { username: "ann" },
    posts: [{ title: "On keys", author: { username: "ann" } }],
  });
  say(`ann asks both subgraphs: ${JSON.stringify(page.data)}`);

  /** What becomes of one field: its value, or how the whole operation is refused. */
  const outcome = async (field, token) => {
    const { status, data, code } = await ask(router, `{ it: ${field} }`, { token });
    return code === undefined ? data.it : `${status} ${code}`;
  };
  const refused = "401 UNAUTHORIZED_FIELD_OR_TYPE";
  const drafts = "drafts { title }";
  assert.deepEqual([await outcome(drafts, ann.privilege), await outcome(drafts)], [[], refused]);
  say("@authenticated: ann is let in, a visitor refused");

  const counted = [await outcome("statistics", ann.privilege), await outcome("statistics", reader.privilege)];
  assert.deepEqual(counted, [1, refused]);
  say("@requiresScopes: ann's token is let in, the one that she asked to read only is refused");

  const reports = [await outcome("reports", eve.privilege), await outcome("reports", ann.privilege)];
  assert.deepEqual(reports, [["all is well"], refused]);
  say("@policy: eve the admin is let in, ann refused");

  assert.equal((await ask(router, "{ posts { title } }", { token: ann.token })).status, 401);
  assert.equal((await ask(router, "{ posts { title } }", { token: `${ann.privilege}x` })).status, 401);
  say("a user token and a forged one are refused, whatever is asked");

  const logout = await ask(latchkey.graphql, "mutation { logout { success } }", { token: ann.token });
  assert.deepEqual(logout.data, { logout: { success: true } });
  const me = await ask(router, "{ me { username } }", { token: ann.privilege });
  assert.deepEqual([me.data.me, me.code], [null, "UNAUTHENTICATED"]);
  assert.equal(me.errors[0].extensions.reason, "TOKEN_REVOKED");
  say("ann logs out at Latchkey: Latchkey's fields refuse her at once, TOKEN_REVOKED");
  assert.deepEqual(await outcome(drafts, ann.privilege), []);
  say("what Hive Gateway alone guards stays open until the privilege token ends, five minutes at most");
});

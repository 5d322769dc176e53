/** A subgraph with @latchkey/verify: no call per request, and a logout at Latchkey is refused here at once. */
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, example, register, say } from "../support/example.mjs";
import { runLatchkey, startLatchkey, startScript } from "../support/servers.mjs";

const REQUESTS = 200;

/** Stands between the subgraph and Latchkey, and counts what the subgraph asks. */
async function startCounter(latchkey) {
  const asked = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url.split("?")[0]}`);
    const { method, url, headers } = incoming;
    const onward = request(latchkey + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

/** As clients do: `SERVICE_UNAVAILABLE` says to repeat (here, that the machine was too busy to read the feed). */
async function askPosts(url, query, token) {
  for (;;) {
    const answer = await ask(url, query, { token });
    if (answer.code !== "SERVICE_UNAVAILABLE") return answer;
    await sleep(answer.errors[0].extensions.retryAfter * 1_000);
  }
}

await example(async (folder) => {
  const latchkey = await startLatchkey(folder);
  const client = JSON.parse(await runLatchkey(["clients", "create", "posts", "--json"], latchkey.settings));
  const counter = await startCounter(latchkey.url);
  const posts = await startScript(join(import.meta.dirname, "posts.mjs"), {
    ISSUER: latchkey.url,
    GATEWAY: counter.url,
    CLIENT_ID: client.id,
    CLIENT_SECRET: client.secret,
  });
  const { token, privilege } = await register(latchkey.graphql, "ann");
  say(`Latchkey and a subgraph run; to be ready it asked ${counter.asked.join(", ")}`);

  const added = await askPosts(posts, `mutation { addPost(title: "On keys") { title } }`, privilege);
  assert.deepEqual(added.data, { addPost: { title: "On keys" } });
  const mine = await askPosts(posts, "{ myPosts { title } }", privilege);
  assert.deepEqual(mine.data, { myPosts: [{ title: "On keys" }] });
  say("ann's privilege token is believed");

  const refusals = { "": "NO_CREDENTIAL", [token]: "WRONG_TOKEN_TYPE", "a.b.c": "INVALID_CREDENTIAL" };
  for (const [credential, reason] of Object.entries(refusals)) {
    const { errors } = await askPosts(posts, "{ myPosts { title } }", credential || undefined);
    const { code, reason: said } = errors[0].extensions;
    assert.deepEqual([code, said], ["UNAUTHENTICATED", reason]);
  }
  say("a visitor, a user token and a forged one are refused: UNAUTHENTICATED");

  const before = counter.asked.length;
  for (let i = 0; i < REQUESTS; i++) {
    const { data } = await askPosts(posts, "{ myPosts { title } }", privilege);
    assert.equal(data.myPosts.length, 1);
  }
  // The keys are read anew once a minute, and the feed after each time it broke off: never for a request.
  const calls = counter.asked.slice(before).filter((call) => !/jwks|revocations/.test(call)).length;
  const all = counter.asked.length - before;
  assert.ok(calls === 0 && all < REQUESTS / 10, `${REQUESTS} requests made ${counter.asked.slice(before)}`);
  say(`${REQUESTS} requests of hers made ${all} calls to Latchkey`);

  await ask(latchkey.graphql, "mutation { logout { success } }", { token });
  const started = performance.now();
  let after = await askPosts(posts, "{ myPosts { title } }", privilege);
  while (after.code === undefined && performance.now() - started < 10_000) {
    await sleep(5);
    after = await askPosts(posts, "{ myPosts { title } }", privilege);
  }
  assert.equal(after.errors[0]?.extensions.reason, "TOKEN_REVOKED");
  const took = Math.round(performance.now() - started);
  say(`ann logs out at Latchkey: the subgraph refuses her privilege token ${took} ms later, TOKEN_REVOKED`);
});

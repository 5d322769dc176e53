/**
 * The gateway's side of the verifier's protocol with a feed of FEED_ENTRIES revocations, in a process of its own.
 * Says where it listens, mints tokens for who asks at /tokens?count=n, and tells at /calls how often verifiers asked.
 */
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import { MAX_BATCH_ENTRIES, REVOCATIONS_FORMAT, REVOCATIONS_TYP } from "../../dist/wire/feed-batch.js";

const HEARTBEAT_MS = 500;
const ENTRIES = Number(process.env.FEED_ENTRIES);

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "bench", use: "sig", alg: "ES256" };
const seconds = () => Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(typ, payload) {
  const input = `${encode({ alg: "ES256", typ, kid: jwk.kid })}.${encode(payload)}`;
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" };
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

function batch(iss, after) {
  const to = Math.min(after + MAX_BATCH_ENTRIES, ENTRIES);
  const exp = seconds() + 86_400;
  const entries = Array.from({ length: to - after }, () => ({ kind: "token", sid: randomUUID(), exp }));
  const place = { after: String(after), to: String(to), more: to < ENTRIES };
  return {
    to,
    more: to < ENTRIES,
    jws: signed(REVOCATIONS_TYP, { iss, iat: seconds(), v: REVOCATIONS_FORMAT, ...place, entries }),
  };
}

function privilege(iss) {
  return signed("privilege+jwt", {
    iss,
    aud: "supergraph",
    sub: randomUUID(),
    sid: randomUUID(),
    jti: randomUUID(),
    role: "user",
    privilegeLevel: 1,
    scope: "account:read account:write tokens:manage",
    username: "bench",
    iat: seconds(),
    exp: seconds() + 3600,
  });
}

async function stream(iss, response, after) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let at = after; !response.destroyed;) {
    const { to, more, jws } = batch(iss, at);
    at = to;
    const flows = response.write(`id: ${to}\nevent: batch\ndata: ${jws}\n\n`);
    if (!flows) await new Promise((resolve) => response.once("drain", resolve));
    if (!more) await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS));
  }
}

let calls = 0;
const answers = {
  "/tokens": (iss, count) => Array.from({ length: count }, () => privilege(iss)),
  "/calls": () => calls,
  "/.well-known/jwks.json": () => ({ keys: [jwk] }),
};
const server = createServer((request, response) => {
  const iss = `http://${request.headers.host}`;
  const { pathname, searchParams } = new URL(request.url, iss);
  if (pathname !== "/tokens" && pathname !== "/calls") calls++;
  if (pathname === "/revocations") {
    void stream(iss, response, Number(request.headers["last-event-id"]));
    return;
  }
  const answer = answers[pathname](iss, Number(searchParams.get("count")));
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
});
server.listen(0, "127.0.0.1", () => {
  console.error(`ready at http://127.0.0.1:${server.address().port}`);
});

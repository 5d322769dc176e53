import { spawn } from "node:child_process";
import { createPublicKey, createVerify, verify } from "node:crypto";
import { join } from "node:path";
import { createVerifier } from "@latchkey/verify";
import { ecdsaDer } from "../../packages/verify/dist/ecdsa-der.js";
import { startFeed } from "./server-process.mjs";

const ROUNDS = 50;
/**
 * Few, so that those that are compared run in the same moments of a machine that has others to serve; and enough
 * that what runs is warm.
 */
const UNSEEN = 200;
const SEEN = 2000;
const WARM_UP = 10;
const SCHEME = "Bearer ";
const REVOCATIONS = 1_000_000;

/** Verifies tokens for the first time and again, beside the bare signature check; a row each. */
export async function measureVerifier() {
  const feed = await startFeed({ entries: 0 });
  const verifier = createVerifier({
    issuer: feed.url,
    audience: "supergraph",
    client: { id: "bench", secret: "bench" },
    maxStaleness: 60_000,
  });
  await verifier.ready();
  const tokens = await (await fetch(`${feed.url}/tokens?count=${UNSEEN * (ROUNDS + WARM_UP)}`)).json();
  const { keys } = await (await fetch(`${feed.url}/.well-known/jwks.json`)).json();
  const check = bareCheck(keys[0]);
  const checkQuickly = quickestCheck(keys[0]);
  const calls = async () => (await fetch(`${feed.url}/calls`)).json();
  const callsBefore = await calls();
  const accept = (header) => verifier.verify({ authorization: header }).ok;

  const rounds = { quickest: [], signature: [], bare: [], unseen: [], seen: [] };
  for (let at = 0; at < ROUNDS + WARM_UP; at++) {
    const part = tokens.slice(at * UNSEEN, (at + 1) * UNSEEN);
    const again = Array.from({ length: SEEN }, (_, index) => part[index % UNSEEN]);
    const found = {
      quickest: rate(part.map(takeApart).map(withDer), checkQuickly),
      signature: rate(part.map(takeApart), check),
      bare: rate(fresh(part), (header) => check(takeApart(header.slice(SCHEME.length)))),
      unseen: rate(fresh(part), accept),
      seen: rate(fresh(again), accept),
    };
    if (at >= WARM_UP) for (const [name, value] of Object.entries(found)) rounds[name].push(value);
    // The feed is read between the rounds.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const called = (await calls()) - callsBefore;
  await verifier.close();
  await feed.stop();
  // Each is compared with what was measured in the same moments: a machine is faster at one time than at another.
  const row = (name, rates, digits = 2) => [
    name,
    median(rates).toFixed(0),
    median(rates.map((rate, round) => rate / rounds.bare[round])).toFixed(digits),
  ];
  return [
    row("bare crypto.verify, ES256, of a token's text", rounds.bare),
    row("the same, its bytes at hand", rounds.signature),
    row("bare createVerify, the signature as DER at hand", rounds.quickest),
    row("verify, a token that is new", rounds.unseen),
    row("verify, a token that is remembered", rounds.seen, 0),
    [
      `calls for ${((UNSEEN + SEEN) * (ROUNDS + WARM_UP)).toLocaleString("en")} verifications`,
      String(called),
      "",
    ],
  ];
}

/** Has a verifier in a process of its own read a million revocations; one row. */
export async function measureRevocations() {
  const feed = await startFeed({ entries: REVOCATIONS });
  const script = join(import.meta.dirname, "verifier-memory.mjs");
  const env = { PATH: process.env.PATH, FEED_URL: feed.url };
  // A young generation that stays small: that of a busy server has grown anyway, and would be counted here.
  const child = spawn(process.execPath, ["--expose-gc", "--max-semi-space-size=2", script], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  await new Promise((resolve) => child.on("close", resolve));
  await feed.stop();
  const { before, after, revocations, revocationBytes, seconds } = JSON.parse(text);
  const each = (bytes) => (bytes / revocations).toFixed(1);
  return [
    [
      `${revocations.toLocaleString("en")} revocations`,
      each(revocationBytes),
      each(after.used - before.used),
      each(after.rss - before.rss),
      seconds.toFixed(1),
    ],
  ];
}

/** Header values as a server hands them over: strings that nobody has looked through yet. */
const fresh = (tokens) => tokens.map((token) => Buffer.from(SCHEME + token).toString("latin1"));

function takeApart(token) {
  const dot = token.lastIndexOf(".");
  return {
    input: Buffer.from(token.slice(0, dot)),
    signature: Buffer.from(token.slice(dot + 1), "base64url"),
  };
}

function bareCheck(jwk) {
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  return ({ input, signature }) => verify("sha256", input, key, signature);
}

const withDer = ({ input, signature }) => ({ input, signature: Buffer.from(ecdsaDer(signature)) });

/** The quickest way to it that node:crypto is known to have: what the verifier itself uses. */
function quickestCheck(jwk) {
  const spki = createPublicKey({ key: jwk, format: "jwk" }).export({ format: "der", type: "spki" });
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  return ({ input, signature }) => createVerify("sha256").update(input).verify(key, signature);
}

/** How many a second; each has to be good. */
function rate(values, isGood) {
  const begin = performance.now();
  let good = 0;
  for (const value of values) if (isGood(value)) good++;
  const milliseconds = performance.now() - begin;
  if (good !== values.length) throw new Error(`${values.length - good} tokens were refused`);
  return (values.length / milliseconds) * 1000;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

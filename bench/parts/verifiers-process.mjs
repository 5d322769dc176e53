/** Some verifiers in a process of their own: watches tokens for its parent, and tells when each verifier refused one. */
import { createVerifier } from "@latchkey/verify";

const { issuer, client, gateways } = JSON.parse(process.env.VERIFIERS);
const verifiers = gateways.map((gateway) =>
  createVerifier({ issuer, gateway, client, audience: "supergraph" }),
);
/** Milliseconds between two looks at a token. */
const LOOK_MS = 1;

process.on("message", async ({ token }) => {
  const first = verifiers.map((verifier) => verifier.verify(token));
  const stranger = first.find(({ ok }) => !ok);
  process.send({ token, accepted: !stranger, code: stranger?.code });
  const refusedAt = await Promise.all(verifiers.map((verifier) => refusal(verifier, token)));
  process.send({ token, refusedAt });
});

async function refusal(verifier, token) {
  while (verifier.verify(token).ok) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  // One clock for all processes of a machine (CLOCK_MONOTONIC).
  return Number(process.hrtime.bigint()) / 1e6;
}

await Promise.all(verifiers.map((verifier) => verifier.ready()));
process.send({ ready: true });

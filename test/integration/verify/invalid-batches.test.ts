import { randomUUID } from "node:crypto";
import { startFeedServer, type FeedServer, type Unsigned } from "../../support/verify/feed-server.js";
import { makePair, type SigningPair } from "../../support/verify/issuer.js";
import { until } from "../../support/until.js";
import { endAll, endings, outcome, readyVerifierOf } from "../../support/verify/verifiers.js";

let server: FeedServer;
let stranger: SigningPair;
beforeAll(async () => {
  stranger = await makePair();
});
beforeEach(async () => {
  server = await startFeedServer();
  endings.push(() => server.stop());
});
afterEach(endAll);

/**
 * From now on every batch is changed: the verifier must take none of it, grow stale and refuse. When the change
 * is over it must catch up with everything, also with what was said meanwhile.
 */
async function expectRefused(change: () => void, problem: RegExp): Promise<void> {
  const verifier = await readyVerifierOf(server, { maxStaleness: 300 });
  const [kept, ended] = [randomUUID(), randomUUID()];
  const tokens = [await server.privilege({ sid: kept }), await server.privilege({ sid: ended })] as const;
  const see = () => tokens.map((token) => outcome(verifier.verify(token)));
  expect(see()).toEqual(["accepted", "accepted"]);
  const { position } = verifier.stats();
  change();
  server.say({ kind: "token", sid: ended });
  await until(() => see().every((result) => result === "FEED_STALE"), "staleness");
  await until(() => problem.test(verifier.stats().problems.feed ?? ""), String(problem));
  expect(verifier.stats()).toMatchObject({ position, revocations: 0 });
  server.knobs.change = (batch) => batch;
  server.knobs.replace = (jws) => jws;
  await until(() => see()[0] === "accepted", "recovery");
  expect(see()).toEqual(["accepted", "TOKEN_REVOKED"]);
  expect(verifier.stats()).toMatchObject({ position: "1", revocations: 1 });
}

const changing = (change: (batch: Unsigned) => Partial<Unsigned>) => () => {
  server.knobs.change = (batch) => ({ ...batch, ...change(batch) });
};
const claiming = (claims: object | ((payload: Record<string, unknown>) => object)) =>
  changing(({ payload }) => ({
    payload: { ...payload, ...(typeof claims === "function" ? claims(payload) : claims) },
  }));
const replacing = (replace: (jws: string) => string) => () => {
  server.knobs.replace = replace;
};

const sayingAlso = (entry: object) =>
  claiming(({ to, entries }) => ({ to: to === "0" ? "1" : to, entries: [...(entries as object[]), entry] }));

describe("a batch is refused, with everything after it, when it", () => {
  it.each<[string, () => void, RegExp]>([
    ["has another type", changing(() => ({ typ: "privilege+jwt" })), /typ is not that of a batch/],
    ["is signed by a stranger", changing(() => ({ pair: stranger })), /unknown key/],
    [
      "is signed by a stranger under a published name",
      changing(({ pair }) => ({ pair: { ...stranger, kid: pair.kid } })),
      /signature does not hold/,
    ],
    ["is of another issuer", claiming({ iss: "https://elsewhere.example" }), /claim iss/],
    ["is of another format", claiming({ v: 2 }), /claim v/],
    ["has no format", claiming({ v: undefined }), /claim v/],
    [
      "leaves a gap",
      claiming(({ after }) => ({ after: String(Number(after) + 5), to: "9" })),
      /not the next/,
    ],
    ["goes back", claiming({ after: "1", to: "0" }), /claim to/],
    ["names a position that is a number", claiming({ after: 0, to: 1 }), /claim after/],
    ["names a position that is longer than any", claiming({ to: "1".repeat(20) }), /claim to/],
    ["names a position with a zero before it", claiming({ to: "01" }), /claim to/],
    ["does not say whether there is more", claiming({ more: undefined }), /claim more/],
    ["has no entries", claiming({ entries: undefined }), /claim entries/],
    ["has entries and goes no further", claiming({ to: "0", entries: [{}] }), /claim entries/],
    ["has an entry of an unknown kind", sayingAlso({ kind: "everything", sid: randomUUID() }), /claim kind/],
    ["has a broken entry after a good one", sayingAlso({ kind: "token", sid: "all" }), /claim sid/],
    ["has no iat", claiming({ iat: undefined }), /claim iat/],
    ["is cut short", replacing((jws) => jws.slice(0, -4)), /signature does not hold/],
    ["is no JWS", replacing(() => "x"), /three segments/],
    ["has its payload changed", replacing(alterPayload), /signature does not hold/],
    ["is longer than any batch", replacing((jws) => jws + "A".repeat(2 ** 20)), /too long/],
  ])("%s", async (_name, change, problem) => {
    await expectRefused(change, problem);
  });
});

function alterPayload(jws: string): string {
  const [header, payload = "", signature] = jws.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
  const emptied = JSON.stringify({ ...claims, entries: [] });
  return [header, Buffer.from(emptied).toString("base64url"), signature].join(".");
}

it("an old batch, played again, does not pass for news", async () => {
  const verifier = await readyVerifierOf(server, { maxStaleness: 300, clockTolerance: 0 });
  const token = await server.privilege();
  let first: string | undefined;
  server.knobs.replace = (jws) => (first ??= jws);
  await until(() => outcome(verifier.verify(token)) === "FEED_STALE", "staleness");
  server.knobs.replace = (jws) => jws;
  await until(() => outcome(verifier.verify(token)) === "accepted", "recovery");
});

it("a gateway whose clock differs by more than is borne is not believed", async () => {
  const verifier = await readyVerifierOf(server, { maxStaleness: 300, clockTolerance: 2_000 });
  const token = await server.privilege();
  for (const ahead of [60, -60]) {
    server.knobs.ahead = ahead;
    await until(() => outcome(verifier.verify(token)) === "FEED_STALE", "staleness");
    server.knobs.ahead = 0;
    await until(() => outcome(verifier.verify(token)) === "accepted", "recovery");
  }
});

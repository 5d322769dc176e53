import { generateKeyPairSync, sign } from "node:crypto";
import { createJwsOpener } from "../../../packages/verify/src/open-jws.js";
import { readVerificationKey, type VerificationKey } from "../../../packages/verify/src/verification-key.js";
import { seeded } from "../../support/seeded.js";

const pairs = {
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  RS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
};
type Algorithm = keyof typeof pairs;

const keys = new Map<string, VerificationKey | undefined>(
  Object.entries(pairs).map(([kid, { publicKey }]) => [
    kid,
    readVerificationKey({ ...publicKey.export({ format: "jwk" }), kid }),
  ]),
);

const encode = (text: string) => Buffer.from(text).toString("base64url");

function jwsOf(algorithm: Algorithm, payload: string): string {
  const header = JSON.stringify({ alg: algorithm, kid: algorithm, typ: "test+jwt" });
  const input = `${encode(header)}.${encode(payload)}`;
  const key = { key: pairs[algorithm].privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

/** A payload of about so many characters, some of which are not ASCII. */
const payloadOf = (length: number, number: number) =>
  JSON.stringify({ number, text: (number % 3 === 0 ? "é€😀" : "abc").repeat(Math.ceil(length / 3)) });

describe("what opens a JWS", () => {
  it("mixes nothing up between tokens of any length and algorithm, and batches", () => {
    const open = createJwsOpener((kid) => keys.get(kid));
    const random = seeded(7);
    // Lengths around what a token may have, and far beyond.
    const lengths = [0, 1, 20, 300, 1_000, 2_000, 2_900, 4_000, 5_000, 60_000];
    const written = lengths.flatMap((length, at) =>
      (["ES256", "RS256"] as const).map((algorithm, other) => {
        const payload = payloadOf(length, at * 2 + other);
        return { payload, jws: jwsOf(algorithm, payload) };
      }),
    );
    for (let round = 0; round < 400; round += 1) {
      const { payload, jws } = written[random(written.length)]!;
      expect(open(jws, "test+jwt")).toMatchObject({ kind: "opened", payload: JSON.parse(payload) as object });
      const { jws: other } = written[random(written.length)]!;
      const swapped = jws.slice(0, jws.lastIndexOf(".")) + other.slice(other.lastIndexOf("."));
      if (other !== jws) expect(() => open(swapped, "test+jwt")).toThrow(/./);
    }
  });
});

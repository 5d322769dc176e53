import { KeyObject, createHmac, createPublicKey, randomUUID, sign } from "node:crypto";
import { UnsecuredJWT } from "jose";
import { startFeedServer, type FeedServer } from "../../support/verify/feed-server.js";
import {
  AUDIENCE,
  makePair,
  nowSeconds,
  privilegeClaims,
  signAs,
  userClaims,
  type SigningPair,
} from "../../support/verify/issuer.js";
import { endAll, endings, outcome, readyVerifierOf, userVerifierOf } from "../../support/verify/verifiers.js";
import type { Verifier } from "../../../packages/verify/src/index.js";

let server: FeedServer;
let verifier: Verifier;
let rsa: SigningPair;
let stranger: SigningPair;
beforeAll(async () => {
  server = await startFeedServer();
  rsa = await makePair("RS256");
  stranger = await makePair();
  server.keys.push(rsa);
  verifier = await readyVerifierOf(server);
  endings.push(() => server.stop());
});
afterAll(endAll);

const see = (token: string) => outcome(verifier.verify(token));
const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

describe("what the issuer signed", () => {
  it("is accepted with either algorithm", async () => {
    expect(see(await server.privilege())).toBe("accepted");
    expect(see(await signAs(rsa, "privilege+jwt", privilegeClaims(server.url)))).toBe("accepted");
  });

  it("says of a repeated name what it says last (RFC 7519 section 4)", async () => {
    const text = JSON.stringify(privilegeClaims(server.url)).replace('"role":', '"role":"root","role":');
    const verification = verifier.verify(await signAs(server.keys[0]!, "privilege+jwt", text));
    expect(verification).toMatchObject({ ok: true, viewer: { role: privilegeClaims(server.url).role } });
  });

  it("is refused with any one character changed", async () => {
    const token = await server.privilege();
    expect(see(token)).toBe("accepted");
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      expect(see(token.slice(0, at) + other + token.slice(at + 1))).not.toBe("accepted");
    }
  });

  it("is refused with its end under another beginning, when that end is remembered", async () => {
    const [token, other] = [await server.privilege(), await server.privilege({ role: "root" })];
    expect([see(token), see(other)]).toEqual(["accepted", "accepted"]);
    const swapped = other.slice(0, other.lastIndexOf(".")) + token.slice(token.lastIndexOf("."));
    expect(see(swapped)).toBe("INVALID_CREDENTIAL");
    expect(see(token)).toBe("accepted");
  });

  it("is refused with anything around it or in it", async () => {
    const token = await server.privilege();
    for (const junk of ["=", " ", "\n", "\0", ".", "%20", "\u00a0", "\ud800", "é", "ā"]) {
      expect(see(token + junk)).toBe("INVALID_CREDENTIAL");
      expect(see(junk + token)).toBe("INVALID_CREDENTIAL");
    }
  });
});

describe("a token of another kind, issuer or audience is refused:", () => {
  it("a user token where privilege tokens are expected, and the reverse", async () => {
    expect(see(await server.user())).toBe("WRONG_TOKEN_TYPE");
    expect(see(await server.user({ ...privilegeClaims(server.url) }))).toBe("WRONG_TOKEN_TYPE");
    const users = userVerifierOf(server);
    await users.ready();
    expect(outcome(users.verify(await server.privilege()))).toBe("WRONG_TOKEN_TYPE");
    expect(outcome(users.verify(await server.privilege({ aud: server.url, ver: 0 })))).toBe(
      "WRONG_TOKEN_TYPE",
    );
  });

  it("but one with a bad signature is no token of another kind", async () => {
    const claims = userClaims(server.url);
    const pair = server.keys[0]!;
    const invalid = await signAs(stranger, "user+jwt", claims, { kid: pair.kid });
    expect(see(invalid)).toBe("INVALID_CREDENTIAL");
    expect(see(await signAs(stranger, "user+jwt", claims))).toBe("UNKNOWN_KEY");
    expect(verifier.verify(await signAs(pair, "user+jwt", claims))).toMatchObject({
      code: "WRONG_TOKEN_TYPE",
      expected: "privilege",
    });
  });

  it.each(["revocations+jwt", "JWT", "at+jwt", "PRIVILEGE+JWT", "application/privilege+jwt", ""])(
    "typ %j",
    async (typ) => {
      expect(see(await signAs(server.keys[0]!, typ, privilegeClaims(server.url)))).toBe("INVALID_CREDENTIAL");
    },
  );

  it.each([
    ["another audience", { aud: "billing" }],
    ["the issuer as the audience", () => ({ aud: server.url })],
    ["a list of audiences", { aud: [AUDIENCE] }],
    ["no audience", { aud: undefined }],
    ["another issuer", { iss: "https://elsewhere.example" }],
    ["the issuer with a slash", () => ({ iss: `${server.url}/` })],
    ["no issuer", { iss: undefined }],
    ["no sid", { sid: undefined }],
    ["a sid in upper case", { sid: randomUUID().toUpperCase() }],
    ["a sub that is no UUID", { sub: "ann" }],
    ["a role that there is none of", { role: "god" }],
    ["scopes as a list", { scope: ["account:read"] }],
    ["an exp that is text", { exp: "9999999999" }],
    ["an exp beyond all dates", { exp: 1e300 }],
    ["no exp", { exp: undefined }],
    ["no iat", { iat: undefined }],
    ["an iat of tomorrow", { iat: nowSeconds() + 86_400 }],
    ["nbf", { nbf: 0 }],
  ])("%s", async (_name, changes) => {
    const made = typeof changes === "function" ? changes() : changes;
    expect(see(await server.privilege(made))).toBe("INVALID_CREDENTIAL");
  });

  it("an ended one", async () => {
    expect(see(await server.privilege({ exp: nowSeconds() }))).toBe("TOKEN_EXPIRED");
  });
});

describe("a bad signature is refused:", () => {
  const claims = () => privilegeClaims(server.url);

  it("by a key that is not published, whatever it calls itself", async () => {
    expect(see(await signAs(stranger, "privilege+jwt", claims()))).toBe("UNKNOWN_KEY");
    const { kid } = server.keys[0]!;
    expect(see(await signAs(stranger, "privilege+jwt", claims(), { kid }))).toBe("INVALID_CREDENTIAL");
  });

  it("alg none, in every spelling", () => {
    const unsecured = new UnsecuredJWT(claims()).encode();
    expect(see(unsecured)).toBe("INVALID_CREDENTIAL");
    for (const alg of ["none", "None", "NONE", ""]) {
      const header = { alg, kid: server.keys[0]!.kid, typ: "privilege+jwt" };
      for (const signature of ["", "AA", encode("none")]) {
        expect(see(`${encode(header)}.${encode(claims())}.${signature}`)).toBe("INVALID_CREDENTIAL");
      }
    }
  });

  it("HS256 with the public key as its secret", () => {
    const { kid, jwk } = server.keys[0]!;
    const key = createPublicKey({ key: jwk as never, format: "jwk" });
    const secrets = [
      key.export({ type: "spki", format: "pem" }),
      key.export({ type: "spki", format: "der" }),
      JSON.stringify(jwk),
      kid,
    ];
    const input = `${encode({ alg: "HS256", kid, typ: "privilege+jwt" })}.${encode(claims())}`;
    for (const secret of secrets) {
      const signature = createHmac("sha256", secret).update(input).digest("base64url");
      expect(see(`${input}.${signature}`)).toBe("INVALID_CREDENTIAL");
    }
  });

  it("the other key's algorithm in the header", async () => {
    const header = { alg: rsa.alg, kid: server.keys[0]!.kid, typ: "privilege+jwt" };
    const [, payload, signature] = (await signAs(rsa, "privilege+jwt", claims())).split(".");
    expect(see(`${encode(header)}.${payload}.${signature}`)).toBe("INVALID_CREDENTIAL");
  });

  it("another algorithm's name over a good signature", async () => {
    for (const [pair, alg] of [
      [server.keys[0]!, "RS256"],
      [server.keys[0]!, "ES384"],
      [rsa, "PS256"],
      [rsa, "RS512"],
      [rsa, "none"],
    ] as const) {
      const input = `${encode({ alg, kid: pair.kid, typ: "privilege+jwt" })}.${encode(claims())}`;
      const key = { key: KeyObject.from(pair.privateKey), dsaEncoding: "ieee-p1363" } as const;
      const signature = sign("sha256", Buffer.from(input), key).toString("base64url");
      expect(see(`${input}.${signature}`)).toBe("INVALID_CREDENTIAL");
    }
  });

  it("a kid that is a path, a query, an inherited name or no text", async () => {
    for (const kid of ["../../etc/passwd", "' OR 1=1 --", "__proto__", "constructor", ""]) {
      expect(see(await signAs(stranger, "privilege+jwt", claims(), { kid }))).toBe("UNKNOWN_KEY");
    }
    for (const kid of [7, null, {}, ["a"], undefined]) {
      const header = { alg: "ES256", kid, typ: "privilege+jwt" };
      expect(see(`${encode(header)}.${encode(claims())}.${encode("s")}`)).toBe("INVALID_CREDENTIAL");
    }
  });

  it.each([
    { jwk: {} },
    { jku: "https://elsewhere.example" },
    { x5u: "https://elsewhere.example" },
    { x5c: [] },
  ])("a header that brings its own key: %j", async (extra) => {
    expect(see(await server.privilege({}, extra))).toBe("INVALID_CREDENTIAL");
  });

  it("the signature of nothing, of zeroes, twice as long", async () => {
    const token = await server.privilege();
    const [header, payload, signature] = token.split(".") as [string, string, string];
    for (const other of ["", "A", "AA", "A".repeat(86), signature + signature, signature.slice(0, 43)]) {
      expect(see(`${header}.${payload}.${other}`)).toBe("INVALID_CREDENTIAL");
    }
  });

  it("a payload that is no object", async () => {
    const text = JSON.stringify(claims());
    for (const payload of ["[]", "1", "null", '"a"', "", "{", `\ufeff${text}`]) {
      expect(see(await signAs(server.keys[0]!, "privilege+jwt", payload || " "))).toBe("INVALID_CREDENTIAL");
    }
  });
});

it("text of every length and kind is answered at once and never thrown at", async () => {
  const token = await server.privilege({ username: "a".repeat(100_000) });
  expect(see(token)).toBe("INVALID_CREDENTIAL");
  const texts = [
    "a".repeat(100_000),
    ".".repeat(100_000),
    "a.b.c",
    "...",
    "..",
    ".",
    "🔑.🔑.🔑",
    "{}",
    "Bearer x",
  ];
  for (const text of texts) expect(see(text)).toBe("INVALID_CREDENTIAL");
  const user = encode(userClaims(server.url));
  expect(see(`${user}.${user}.${user}`)).toBe("INVALID_CREDENTIAL");
});

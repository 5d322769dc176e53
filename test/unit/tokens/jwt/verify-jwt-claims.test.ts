import { sign } from "node:crypto";
import { createJwtVerifier } from "../../../../src/tokens/jwt/verify-jwt.js";
import {
  AUDIENCE,
  IAT,
  ISSUER,
  NOW,
  PRIVILEGE_CLAIMS,
  SID,
  SUB,
  USER_CLAIMS,
  encode,
  signClaims,
  signPrivilege,
  makeJwtSetup,
  refused,
  without,
  type JwtSetup,
} from "./sign-claims.js";

let setup: JwtSetup;
beforeEach(async () => {
  setup = await makeJwtSetup();
});

const verify = (token: string) => setup.verifier.verify(token);
const expectRefused = (token: string, reason?: "TOKEN_EXPIRED") =>
  expect(() => verify(token)).toThrow(refused(reason));

describe("a verifier of several audiences", () => {
  it("takes a privilege token of each, says of which, and none of another or of the issuer's", () => {
    const audiences = [AUDIENCE, "billing"];
    const verifier = createJwtVerifier({ keys: setup.ring, issuer: ISSUER, audiences, clock: () => NOW });
    for (const aud of audiences)
      expect(verifier.verify(signPrivilege(setup, { ...PRIVILEGE_CLAIMS, aud }))).toMatchObject({ aud });
    for (const aud of ["warehouse", ISSUER, audiences, "", null])
      expect(() => verifier.verify(signPrivilege(setup, { ...PRIVILEGE_CLAIMS, aud }))).toThrow(refused());
    expect(verifier.verify(signClaims(setup))).toMatchObject({ kind: "user" });
    for (const aud of audiences)
      expect(() => verifier.verify(signClaims(setup, { ...USER_CLAIMS, aud }))).toThrow(refused());
  });
});

describe("claims", () => {
  it.each(["iss", "aud", "sub", "sid", "ver", "iat"])("refuses a user token without %s", (name) => {
    expectRefused(signClaims(setup, without(USER_CLAIMS, name)));
  });

  it.each(Object.keys(PRIVILEGE_CLAIMS))("refuses a privilege token without %s", (name) => {
    expectRefused(signPrivilege(setup, without(PRIVILEGE_CLAIMS, name)));
  });

  it.each([
    ["iss", "https://evil.example"],
    ["iss", `${ISSUER}/`],
    ["iss", "HTTPS://auth.example"],
    ["iss", [ISSUER]],
    ["iss", null],
    ["aud", AUDIENCE],
    ["aud", [ISSUER]],
    ["aud", [ISSUER, AUDIENCE]],
    ["aud", ""],
    ["sub", "1"],
    ["sub", 1],
    ["sub", SUB.toUpperCase()],
    ["sub", `${SUB}\n`],
    ["sub", { $ne: null }],
    ["sub", [SUB]],
    ["sid", ""],
    ["sid", 0],
    ["sid", SID.toUpperCase()],
    ["sid", `${SID} `],
    ["sid", `' OR 1=1 -- `],
    ["sid", null],
    ["ver", "0"],
    ["ver", -1],
    ["ver", 0.5],
    ["ver", 2 ** 31],
    ["ver", true],
    ["ver", null],
    ["iat", String(IAT)],
    ["iat", IAT + 0.5],
    ["iat", -1],
    ["iat", IAT + 31],
    ["iat", Date.parse("2100-01-01T00:00:00Z") / 1000],
    ["iat", NOW],
    ["exp", String(IAT + 60)],
    ["exp", null],
    ["exp", -1],
    ["exp", IAT + 60.5],
    ["exp", 1e300],
    ["exp", 253_402_300_800],
    ["exp", Number.MAX_SAFE_INTEGER],
    ["exp", { valueOf: 1 }],
    ["exp", true],
    ["nbf", IAT + 60],
    ["nbf", 0],
    ["nbf", "0"],
  ])("refuses a user token whose %s is %j", (name, value) => {
    expectRefused(signClaims(setup, { ...USER_CLAIMS, [name]: value }));
  });

  it.each([
    ["aud", ISSUER],
    ["aud", "another-service"],
    ["aud", [AUDIENCE]],
    ["jti", ""],
    ["jti", 1],
    ["role", "ADMIN"],
    ["role", "owner"],
    ["role", ["root"]],
    ["privilegeLevel", 4],
    ["privilegeLevel", "2"],
    ["privilegeLevel", -1],
    ["scope", ["account:read"]],
    ["scope", " account:read"],
    ["scope", "account:read  users:read"],
    ["scope", "account:read\nusers:read"],
    ["username", ""],
    ["username", null],
    ["exp", null],
    ["nbf", 0],
  ])("refuses a privilege token whose %s is %j", (name, value) => {
    expectRefused(signPrivilege(setup, { ...PRIVILEGE_CLAIMS, [name]: value }));
  });

  it.each(["1e300", "1e9999", "1893456060.0", "+1893456060", "01893456060", "0x70DBD880", "Infinity", "-0"])(
    "refuses exp spelled %s",
    (exp) => {
      const claims = JSON.stringify(without(USER_CLAIMS, "exp")).slice(0, -1);
      expectRefused(signClaims(setup, `${claims},"exp":${exp}}`));
    },
  );

  it("refuses a repeated claim, first or last, escaped or nested", () => {
    const claims = JSON.stringify(USER_CLAIMS).slice(0, -1);
    const other = "0198c0de-0000-7000-8000-00000000ffff";
    expectRefused(signClaims(setup, `${claims},"sub":"${other}"}`));
    expectRefused(signClaims(setup, `{"sub":"${other}",${claims.slice(1)}}`));
    expectRefused(signClaims(setup, `${claims},"s\\u0075b":"${other}"}`));
    expectRefused(signClaims(setup, `${claims},"exp":${IAT + 60}}`));
    expectRefused(signClaims(setup, `${claims},"x":{"a":1,"a":2}}`));
  });

  it("refuses claims that are inherited rather than present", () => {
    const claims = JSON.stringify(without(USER_CLAIMS, "sub")).slice(0, -1);
    expectRefused(signClaims(setup, `${claims},"__proto__":{"sub":"${SUB}"}}`));
  });

  it.each(["null", "[]", '"text"', "1", "true", "not JSON", "{", "\ufeff{}"])(
    "refuses %j as a payload",
    (text) => {
      expectRefused(signClaims(setup, text));
    },
  );

  it("refuses white space around and inside the JSON", () => {
    expectRefused(signClaims(setup, ` ${JSON.stringify(USER_CLAIMS)}`));
    expectRefused(signClaims(setup, `${JSON.stringify(USER_CLAIMS)}\n`));
    expectRefused(signClaims(setup, JSON.stringify(USER_CLAIMS, null, 1)));
  });

  it("refuses bytes that are not UTF-8", () => {
    const { kid, privateKey } = setup.ring.current();
    const payload = Buffer.from(JSON.stringify({ ...USER_CLAIMS, note: "?" })).map((byte) =>
      byte === 0x3f ? 0xff : byte,
    );
    const input = `${encode({ alg: "ES256", typ: "user+jwt", kid })}.${Buffer.from(payload).toString("base64url")}`;
    const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
    expectRefused(`${input}.${signature.toString("base64url")}`);
  });
});

describe("time", () => {
  it("ends a token at exp, without leeway, remembered or not", () => {
    const token = signClaims(setup);
    setup.time.now = NOW + 59_999;
    verify(token);
    setup.time.now = NOW + 60_000;
    expectRefused(token, "TOKEN_EXPIRED");
    expectRefused(signClaims(setup), "TOKEN_EXPIRED");
    expectRefused(signPrivilege(setup), "TOKEN_EXPIRED");
  });

  it("calls a token expired only when nothing else is wrong with it", () => {
    setup.time.now = NOW + 60_000;
    expectRefused(signClaims(setup, { ...USER_CLAIMS, aud: AUDIENCE }));
    expectRefused(`${signClaims(setup).slice(0, -8)}AAAAAAAA`);
  });

  it("ends a token whose exp is 0", () => {
    expectRefused(signClaims(setup, { ...USER_CLAIMS, exp: 0 }), "TOKEN_EXPIRED");
  });

  it("lets iat be 30 s ahead, and looks again when the clock has been set back", () => {
    const token = signClaims(setup, { ...USER_CLAIMS, iat: IAT + 30 });
    verify(token);
    setup.time.now = NOW - 1;
    expectRefused(token);
  });

  it("accepts the last second of the year 9999 and a token without exp", () => {
    expect(verify(signClaims(setup, { ...USER_CLAIMS, exp: 253_402_300_799 }))).toMatchObject({
      exp: 253_402_300_799,
    });
    expect(verify(signClaims(setup, without(USER_CLAIMS, "exp")))).toMatchObject({ exp: null });
  });
});

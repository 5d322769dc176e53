import { parseJwt } from "../../../packages/wire/src/parse-jwt.js";
import { encode, invalid } from "../tokens/jwt/sign-claims.js";

const HEADER = { alg: "ES256", typ: "user+jwt", kid: "k" };

describe("parseJwt", () => {
  it("reads header and payload of three segments", () => {
    const token = `${encode(HEADER)}.${encode({ a: 1 })}.${encode("s")}`;
    expect(parseJwt(token)).toEqual({ header: HEADER, payload: { a: 1 } });
  });

  it("refuses two, four and five segments", () => {
    const [header, payload, signature] = [encode(HEADER), encode({ a: 1 }), encode("s")];
    for (const segments of [
      [header, payload],
      [header, payload, signature, signature],
      [header, payload, signature, ""],
      [header, payload, signature, signature, signature],
    ]) {
      expect(() => parseJwt(segments.join("."))).toThrow(invalid());
    }
  });
});

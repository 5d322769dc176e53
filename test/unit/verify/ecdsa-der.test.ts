import { generateKeyPairSync, sign, verify } from "node:crypto";
import { ecdsaDer } from "../../../packages/verify/src/ecdsa-der.js";

/** A signature of two numbers, each told by its hexadecimal digits without the zeros before them. */
const signature = (r: string, s: string) => Buffer.from(r.padStart(64, "0") + s.padStart(64, "0"), "hex");
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");

describe("ecdsaDer", () => {
  const low = "7f".padEnd(64, "1");
  const high = "80".padEnd(64, "2");

  it.each([
    ["two full numbers", low, low, `3044${`0220${low}`.repeat(2)}`],
    [
      "numbers whose first bit is set: a zero goes before them",
      high,
      high,
      `3046${`022100${high}`.repeat(2)}`,
    ],
    ["one of each", high, low, `3045022100${high}0220${low}`],
    ["zeros at the front: they are left out", "ab12", "7b12", "3009020300ab1202027b12"],
    ["the smallest", "1", "80", "300702010102020080"],
    ["zero, which is one byte", "", "", "3006020100020100"],
  ])("writes %s", (_, r, s, expected) => {
    expect(hex(ecdsaDer(signature(r, s)))).toBe(expected);
  });

  it("leaves nothing of the signature before", () => {
    ecdsaDer(signature(high, high));
    expect(hex(ecdsaDer(signature("1", "2")))).toBe("3006020101020102");
    expect(hex(ecdsaDer(signature(high, low)))).toBe(`3045022100${high}0220${low}`);
  });

  it.each([0, 1, 63, 65, 96, 128])("takes no signature of %i bytes", (length) => {
    expect(ecdsaDer(Buffer.alloc(length, 1))).toBeUndefined();
  });

  it("says what node:crypto says of the plain form, for good signatures and changed ones", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const plainKey = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    for (let round = 0; round < 300; round += 1) {
      const input = Buffer.from(`round ${round}`);
      const plain = sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" });
      expect(verify("sha256", input, publicKey, ecdsaDer(plain) as Uint8Array)).toBe(true);
      plain.writeUInt8(plain.readUInt8(round % 64) ^ (1 << (round % 8)), round % 64);
      const changed = verify("sha256", input, publicKey, ecdsaDer(plain) as Uint8Array);
      expect(changed).toBe(verify("sha256", input, plainKey, plain));
      expect(changed).toBe(false);
    }
  });

  it("says so too of numbers at and beyond the edges", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const plainKey = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    const input = Buffer.from("edges");
    const good = sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("hex");
    const [r, s] = [BigInt(`0x${good.slice(0, 64)}`), BigInt(`0x${good.slice(64)}`)];
    const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const edges = [
      0n,
      1n,
      127n,
      128n,
      255n,
      256n,
      order - 1n,
      order,
      order + 1n,
      2n ** 255n,
      2n ** 256n - 1n,
    ];
    const digits = (number: bigint) => BigInt.asUintN(256, number).toString(16);
    const accepted: string[] = [];
    for (const [first, second] of [...edges, r].flatMap((a) => [...edges, s, order - s].map((b) => [a, b])))
      accepted.push(...judge(digits(first!), digits(second!)));
    expect(accepted).toEqual([digits(s), digits(order - s)]);

    function judge(first: string, second: string): string[] {
      const plain = signature(first, second);
      const holds = verify("sha256", input, publicKey, ecdsaDer(plain) as Uint8Array);
      expect([first, second, holds]).toEqual([first, second, verify("sha256", input, plainKey, plain)]);
      return holds ? [second] : [];
    }
  });
});

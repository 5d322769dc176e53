import { createProxyTrust } from "../../../src/http/server/proxy-trust.js";

/** What is asked of the nearest one. */
const trustOf = (blocks: readonly string[]) => {
  const trusts = createProxyTrust(blocks);
  return (address: string) => trusts(address, 0);
};

describe("the proxies that are believed", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.2", false],
    ["10.0.0.0/8", "10.255.0.9", true],
    ["10.1.2.3/8", "10.255.0.9", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["2001:db8::/32", "2001:db8:1::9", true],
    ["2001:db8::/32", "2001:db9::9", false],
    ["2001:DB8::1", "2001:db8:0:0::1", true],
    ["fe80::/10", "fe80::1%eth0", true],
  ])("%s: %s is %s", (block, address, trusted) => {
    expect(trustOf([block])(address)).toBe(trusted);
  });

  it("an IPv4 address in IPv6's form is the same one, in the setting and on the wire", () => {
    for (const block of ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:10.0.0.1"]) {
      const trusts = trustOf([block]);
      expect([trusts("10.0.0.1"), trusts("::ffff:10.0.0.1"), trusts("::ffff:a00:1")]).toEqual([
        true,
        true,
        true,
      ]);
      expect([trusts("12.0.0.1"), trusts("::ffff:12.0.0.1")]).toEqual([false, false]);
    }
  });

  it("knows several, and trusts nobody without one", () => {
    const trusts = trustOf(["127.0.0.1", "::1", "10.0.0.0/8"]);
    expect(["127.0.0.1", "::1", "10.9.9.9", "127.0.0.2", "::2"].map(trusts)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(["127.0.0.1", "::1"].map(trustOf([]))).toEqual([false, false]);
  });

  it.each(["", "unknown", "_hidden", "10.0.0.1:80"])("%j is nobody", (address) => {
    expect(trustOf(["0.0.0.0/1", "10.0.0.0/8", "::/1"])(address)).toBe(false);
  });
});

import { deriveSecrets } from "../../../src/keys/secrets.js";

const OLD = "an-earlier-secret-of-enough-length-000";
const NEW = "the-current-secret-of-enough-length-01";

describe("deriveSecrets", () => {
  it("derives the same keys from the same secret, and others from another", () => {
    const [a, b] = [deriveSecrets([NEW]).current, deriveSecrets([OLD]).current];
    expect(deriveSecrets([NEW]).current).toEqual(a);
    expect(b.id).not.toBe(a.id);
    expect(b.encryptionKey).not.toEqual(a.encryptionKey);
    expect(b.pepper).not.toEqual(a.pepper);
    expect(b.fingerprintKey).not.toEqual(a.fingerprintKey);
    expect(b.clientSecretKey).not.toEqual(a.clientSecretKey);
    expect(b.throttleKey).not.toEqual(a.throttleKey);
    expect(b.channelKey).not.toEqual(a.channelKey);
  });

  it("lists one purpose's keys of every secret, the current one first", () => {
    const { current, byId, keysFor } = deriveSecrets([NEW, OLD]);
    const [, earlier] = byId.values();
    expect(keysFor("pepper")).toEqual([
      { id: current.id, key: current.pepper },
      { id: earlier!.id, key: earlier!.pepper },
    ]);
  });

  it("never changes what it derives, for stored values depend on it", () => {
    const { id, encryptionKey, pepper, fingerprintKey, clientSecretKey } = deriveSecrets([NEW]).current;
    expect({
      id,
      encryptionKey: encryptionKey.toString("hex"),
      pepper: pepper.toString("hex"),
      fingerprintKey: fingerprintKey.toString("hex"),
      clientSecretKey: clientSecretKey.toString("hex"),
    }).toMatchInlineSnapshot(`
      {
        "clientSecretKey": "15a7e056e5ae782d747b36daa942c3789f238287af117c51c05f448d13ca0fa4",
        "encryptionKey": "087d3d196f5310ab4ceb5ff498185ba31ad6bfd834df221089da52c70a68bc93",
        "fingerprintKey": "406ddd99cf0afe13440fbfae4dbb55f0d195c54024ef24331ffd74029349a0ae",
        "id": "35780717",
        "pepper": "7f8ef0b6b39388fc4abe8388ed8bd5a3ede36bbc7f97a5bc04685cbe63bbe816855e31bd53927522ba6701ce6911f3df",
      }
    `);
  });

  it("gives every purpose its own key", () => {
    const { id, ...keys } = deriveSecrets([NEW]).current;
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    const { encryptionKey, pepper, fingerprintKey, clientSecretKey, throttleKey, channelKey } = keys;
    const derived = [encryptionKey, pepper, fingerprintKey, clientSecretKey, throttleKey, channelKey];
    const lengths = derived.map((key) => key.length);
    expect(lengths).toEqual([32, 48, 32, 32, 32, 32]);
    const starts = Object.values(keys).map((key) => key.toString("hex", 0, 4));
    expect(new Set([id, ...starts]).size).toBe(1 + lengths.length);
  });

  it("takes the first secret as current and keeps the others by id", () => {
    const secrets = deriveSecrets([NEW, OLD]);
    expect(secrets.current).toEqual(deriveSecrets([NEW]).current);
    const old = deriveSecrets([OLD]).current;
    expect(secrets.byId.get(old.id)).toEqual(old);
    expect(secrets.byId.size).toBe(2);
  });

  it("refuses to start from no secret", () => {
    expect(() => deriveSecrets([])).toThrow(expect.objectContaining({ code: "INTERNAL_SERVER_ERROR" }));
  });
});

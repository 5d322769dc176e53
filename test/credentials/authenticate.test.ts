import { authenticate } from "../../src/credentials/authenticate.js";
import { forge, makeGateway, NOW, SID, SUB } from "../tokens/jwt/forge.js";
import { standingWith } from "../tokens/standings.js";

describe("authenticate", () => {
  it.each([
    ["", false, "user"],
    [", unless its key is dropped while the row is looked at", true, "rejected"],
  ])("takes a token whose row stands%s", async (_what, dropped, kind) => {
    const gateway = await makeGateway();
    const { ring, store, verifier } = gateway;
    const used: string[] = [];
    const check = async () => {
      if (dropped) await store.drop(ring.current().kid, new Date(NOW), null);
      await ring.load();
      return standingWith({ key: SID, userId: SUB }, { id: SUB });
    };
    const deps = {
      verifier,
      check,
      clock: () => NOW,
      used: (key: string) => used.push(key),
      revokeReused: null,
      sessionRequiresToken: false,
    };
    const token = forge(gateway);
    const viewer = await authenticate(deps, {
      kind: "token",
      mechanism: "bearer",
      token,
      key: null,
      owner: null,
    });
    expect(viewer.kind).toBe(kind);
    expect(used).toEqual(dropped ? [] : [SID]);
  });
});

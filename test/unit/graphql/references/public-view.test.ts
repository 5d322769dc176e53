import { createRefusals, publicView } from "../../../../src/graphql/references/public-view.js";
import { LatchkeyError } from "../../../../src/errors/latchkey-error.js";
import { standingWith } from "../../tokens/records.js";

const { user } = standingWith();
const refusal = new LatchkeyError("FORBIDDEN");

/** What reading a field does: its value, or "refused". */
function read(part: object, field: string): unknown {
  try {
    return (part as Record<string, unknown>)[field];
  } catch (error) {
    expect(error).toBe(refusal);
    return "refused";
  }
}

describe("what others see of an account", () => {
  it("is its id and its username; everything else is refused", () => {
    const part = publicView(user, createRefusals(refusal));
    const shown: Record<string, unknown> = { id: user.id, username: user.username };
    for (const field of [...Object.keys(user), "passwordHash"]) {
      expect([field, read(part, field)]).toEqual([field, shown[field] ?? "refused"]);
    }
  });

  it("holds no private value in any other way", () => {
    const part = publicView(
      { ...user, email: "canary", phone: "canary", passwordHash: "canary" },
      createRefusals(refusal),
    );
    const held = Object.values(Object.getOwnPropertyDescriptors(part)).map(
      ({ value }: PropertyDescriptor) => value,
    );
    expect(JSON.stringify(held)).not.toContain("canary");
  });

  it("explains a hundred refusals of what can be null, and every one of what cannot", () => {
    const refusals = createRefusals(refusal);
    const parts = Array.from({ length: 200 }, () => publicView(user, refusals));
    const seen = (field: string) => parts.map((part) => read(part, field));
    expect(seen("email")).toEqual([...Array<string>(100).fill("refused"), ...Array<null>(100).fill(null)]);
    expect(new Set(seen("phone"))).toEqual(new Set([null]));
    expect(new Set(seen("role"))).toEqual(new Set(["refused"]));
  });
});

import { startOwnGateway } from "../../support/own-gateway.js";
import { bearer, registerUser, send } from "../../support/client.js";
import { referenceTo, resolveReferences } from "../../support/references.js";

const NOBODY = "00000000-0000-4000-8000-000000000000";

/** What each caller is answered for Ann's username and for an id that nobody has: a name, null, or the code. */
async function answersUnder(visibility: string): Promise<Record<string, unknown>> {
  const gateway = await startOwnGateway({ USERNAME_VISIBILITY: visibility });
  const { graphql } = gateway;
  const ann = await registerUser(graphql, { username: "ann", email: "ann@example.org" });
  const bob = await registerUser(graphql);
  const callers: Record<string, Record<string, string>> = {
    nobody: {},
    rejected: bearer("not-a-token"),
    bob: bearer(bob.token),
    "bob behind a router": bearer(bob.privilege),
    ann: bearer(ann.token),
  };
  const answers: Record<string, unknown> = {};
  for (const [caller, headers] of Object.entries(callers)) {
    const answer = await resolveReferences(graphql, [ann.id, NOBODY].map(referenceTo), headers, "username");
    const codes = answer.errors.map(({ extensions }) => extensions.reason ?? extensions.code);
    const users = (answer.data?._entities ?? []) as ({ username: string } | null)[];
    answers[caller] = [users.map((user) => user?.username ?? null), codes];
    // Whoever sees the name sees nothing else.
    const email = await resolveReferences(graphql, [referenceTo(ann.id)], headers, "email");
    if (caller !== "ann") expect(email.text).not.toContain("example.org");
    if (caller !== "ann") expect(email.code).toMatch(/^(?:FORBIDDEN|UNAUTHENTICATED)$/);
  }
  expect((await send(graphql, "{ me { username } }", {}, bearer(bob.privilege))).data.me.username).toBe(
    bob.username,
  );
  await gateway.close();
  return answers;
}

const SEEN = [["ann", null], []];
const OWN = { ann: SEEN };

describe("the username of another account", () => {
  it("is shown to whoever is signed in: USERNAME_VISIBILITY=members", async () => {
    expect(await answersUnder("members")).toEqual({
      nobody: [[], ["NO_CREDENTIAL"]],
      rejected: [[], ["INVALID_CREDENTIAL"]],
      bob: SEEN,
      "bob behind a router": SEEN,
      ...OWN,
    });
  });

  it("is shown to everybody, whatever credential is presented: USERNAME_VISIBILITY=public", async () => {
    expect(await answersUnder("public")).toEqual({
      nobody: SEEN,
      rejected: SEEN,
      bob: SEEN,
      "bob behind a router": SEEN,
      ...OWN,
    });
  });

  it("is shown to nobody, and neither is whether there is such an account: USERNAME_VISIBILITY=private", async () => {
    const refused = [
      [null, null],
      ["FORBIDDEN", "FORBIDDEN"],
    ];
    expect(await answersUnder("private")).toEqual({
      nobody: [[], ["NO_CREDENTIAL"]],
      rejected: [[], ["INVALID_CREDENTIAL"]],
      bob: refused,
      "bob behind a router": refused,
      ann: [["ann", null], ["FORBIDDEN"]],
    });
  });
});

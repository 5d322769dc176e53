import { bearer, loginUser, PASSWORD, registerUser, send } from "../../support/client.js";
import { sharedGateway } from "../../support/with-gateway.js";

const gateway = sharedGateway();

/** What was executed answers 200, whatever came of it: a subgraph's 401 would cost its siblings their answers. */
describe("statuses of executed requests", () => {
  const outcome = async (query: string, headers: Record<string, string> = {}) => {
    const { status, code, data } = await send(gateway.graphql, query, {}, headers);
    return { status, code, data };
  };

  it.each([
    ["no credential", {}],
    ["a token that is none", bearer("not.a.token")],
    ["a malformed header", { authorization: "Bearer ?" }],
    ["Basic, which only signs in", { authorization: "Basic YTpi" }],
  ])("a guarded field with %s answers 200 and UNAUTHENTICATED", async (_what, headers) => {
    const refused = { status: 200, code: "UNAUTHENTICATED", data: null };
    expect(await outcome("{ userTokens { totalCount } }", headers)).toEqual(refused);
    expect(await outcome("mutation { logout { success } }", headers)).toEqual(refused);
  });

  it("a bad credential does not keep anybody from signing in", async () => {
    const { username } = await registerUser(gateway.graphql);
    const login = `mutation { login(input: {userid: "${username}", password: "${PASSWORD}"}) { user { username } } }`;
    const answer = await outcome(login, bearer("not.a.token"));
    expect(answer).toEqual({ status: 200, code: undefined, data: { login: { user: { username } } } });
  });

  it("bad input, a missing scope and what is taken answer 200 too", async () => {
    const { token, username } = await registerUser(gateway.graphql);
    const { token: weak } = await loginUser(gateway.graphql, {
      userid: username,
      password: PASSWORD,
      scopes: [],
    });
    const make = 'mutation { createUserToken(input: {note: ""}) { token } }';
    expect(await outcome(make, bearer(token))).toEqual({ status: 200, code: "BAD_USER_INPUT", data: null });
    expect(await outcome(make, bearer(weak))).toEqual({ status: 200, code: "FORBIDDEN", data: null });
    const twin = `mutation { register(input: {username: "${username}", password: "${PASSWORD}"}) { token } }`;
    expect(await outcome(twin)).toEqual({ status: 200, code: "CONFLICT", data: null });
    const revoke = 'mutation { revokeUserToken(key: "00000000-0000-4000-8000-000000000000") { key } }';
    expect(await outcome(revoke, bearer(token))).toEqual({ status: 200, code: "NOT_FOUND", data: null });
  });

  it("what one field is refused does not cost the others their answers", async () => {
    const { status, data, errors } = await send(
      gateway.graphql,
      "{ me { id } __typename }",
      {},
      bearer("not.a.token"),
    );
    expect([status, data]).toEqual([200, { me: null, __typename: "Query" }]);
    expect(errors).toMatchObject([
      { path: ["me"], extensions: { code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIAL" } },
    ]);
  });

  it("two credentials are refused before execution, on public fields too: 400", async () => {
    const both = { ...bearer("not.a.token"), "x-auth-token": "not.a.token" };
    expect(await outcome("{ me { id } }", both)).toEqual({
      status: 400,
      code: "BAD_REQUEST",
      data: undefined,
    });
    expect(await outcome("mutation { login { token } }", both)).toEqual({
      status: 400,
      code: "BAD_REQUEST",
      data: undefined,
    });
  });
});

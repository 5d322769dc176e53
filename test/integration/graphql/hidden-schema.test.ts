import { getIntrospectionQuery } from "graphql";
import { bearer, registerUser, send } from "../../support/client.js";
import { withGateway } from "../../support/with-gateway.js";

const gateway = withGateway({ EXPLORER: "off" });

/** With the explorer off, nobody can ask for the schema or guess it from the texts of refusals. */
describe("the schema without the explorer", () => {
  it.each([
    ["the introspection query", getIntrospectionQuery()],
    ["a type by name", '{ __type(name: "User") { name } }'],
    ["the schema behind a fragment", "{ ...F } fragment F on Query { __schema { queryType { name } } }"],
    ["the schema under an alias", "{ me { id } s: __schema { types { name } } }"],
  ])("%s is refused", async (_what, query) => {
    const { status, code, data, text } = await send(gateway.graphql, query);
    expect({ status, code, data }).toEqual({
      status: 400,
      code: "GRAPHQL_VALIDATION_FAILED",
      data: undefined,
    });
    expect(text).not.toContain("queryType");
  });

  it.each([
    ["a field", "{ mee { id } }"],
    ["a field of a type", "{ me { usernam } }"],
    ["an argument", "{ userTokens(firs: 1) { totalCount } }"],
    ["a type", "query ($input: LoginInpu) { me { id } }"],
    ["an input field", 'mutation { login(input: {userId: "a", passwor: "b"}) { token } }'],
    ["a selection", "{ me }"],
  ])("a misspelt or missing name of %s is not corrected", async (_what, query) => {
    const { status, text } = await send(gateway.graphql, query);
    expect(status).toBe(400);
    expect(text).not.toMatch(/did you mean/i);
  });

  it("a misspelt field of a variable is not corrected either", async () => {
    const login = "mutation ($input: LoginInput) { login(input: $input) { token } }";
    const { code, text } = await send(gateway.graphql, login, { input: { userId: "a", passwor: "b" } });
    expect(code).toBe("BAD_USER_INPUT");
    expect(text).not.toMatch(/did you mean|userid|password/i);
  });

  it("the subgraph's SDL is refused too, to whoever asks", async () => {
    const { token } = await registerUser(gateway.graphql);
    for (const headers of [{}, bearer(token)]) {
      for (const query of ["{ _service { sdl } }", "{ a: _service { __typename } }"]) {
        const { status, code, data, text } = await send(gateway.graphql, query, {}, headers);
        expect([status, code, data]).toEqual([200, "FORBIDDEN", null]);
        expect(text).not.toContain("@link");
      }
    }
  });

  it("what an operation answers still names its type", async () => {
    expect((await send(gateway.graphql, "{ __typename }")).data).toEqual({ __typename: "Query" });
  });
});

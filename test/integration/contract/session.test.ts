import { bearer, loginUser, PASSWORD, registerUser, send, tokenStatusOf } from "../../support/client.js";
import { onEachGateway } from "../../support/with-gateway.js";

onEachGateway("one account from register to logout", (setup) => {
  it("register, login, me and logout fit together", async () => {
    const { graphql } = setup;
    const registered = await registerUser(graphql, { email: "Ann@Example.org" });
    expect(await tokenStatusOf(graphql, bearer(registered.token))).toBe("ok");
    const login = await loginUser(graphql, { userid: "ann@example.ORG", password: PASSWORD });
    expect(login.id).toBe(registered.id);
    const out = await send(
      graphql,
      "mutation { logout { success userToken { key current } } }",
      {},
      bearer(login.token),
    );
    expect(out.data.logout).toEqual({ success: true, userToken: { key: login.key, current: true } });
    expect(await tokenStatusOf(graphql, bearer(login.token))).toBe("TOKEN_REVOKED");
    expect(await tokenStatusOf(graphql, bearer(registered.token))).toBe("ok");
  });
});

import { parseSetCookie } from "cookie";
import {
  bearer,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  type GraphqlAnswer,
} from "../../support/client.js";
import { sharedGateway, withGateway } from "../../support/with-gateway.js";

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token userToken { expirationTime } } }";
const REGISTER =
  "mutation ($input: RegisterInput!) { register(input: $input) { token userToken { expirationTime } } }";

/** The session cookie: when it is set, renewed and cleared, and how it is protected. */
describe.each([
  ["over plain HTTP", { secure: false }],
  // TLS ends at a proxy: the gateway itself speaks plain HTTP.
  ["behind TLS", { secure: true }],
])("the session cookie %s", (_how, { secure }) => {
  const gateway = secure ? withGateway({ ISSUER: "https://auth.example.org" }) : sharedGateway();
  const name = secure ? "__Host-latchkey_session" : "latchkey_session";
  const shape = { name, path: "/", httpOnly: true, sameSite: "lax", ...(secure ? { secure } : {}) };
  const withCookie = (token: string) => ({ cookie: `${name}=${token}` });

  /** All of it: an attribute that is not expected, such as Domain, shows too. */
  const cookieOf = ({ headers }: GraphqlAnswer) => headers.getSetCookie().map((text) => parseSetCookie(text));

  const issued = ({ token, userToken }: { token: string; userToken: { expirationTime: string } }) => ({
    ...shape,
    value: token,
    expires: new Date(Math.floor(Date.parse(userToken.expirationTime) / 1000) * 1000),
  });
  const cleared = { ...shape, value: "", maxAge: 0, expires: new Date(0) };

  it("login and register set it when they are asked to, to last as long as its token", async () => {
    const username = uniqueName();
    const input = { username, password: PASSWORD, session: true };
    const registered = await send(gateway.graphql, REGISTER, { input });
    expect(cookieOf(registered)).toEqual([issued(registered.data.register)]);
    const expirationTime = new Date(Date.now() + 3_600_000).toISOString();
    const login = { userid: username, password: PASSWORD, session: true, expirationTime };
    const signedIn = await send(gateway.graphql, LOGIN, { input: login });
    expect(signedIn.data.login.userToken.expirationTime).toBe(expirationTime);
    expect(cookieOf(signedIn)).toEqual([issued(signedIn.data.login)]);
  });

  it("neither sets it unasked, nor a login that fails", async () => {
    const { username } = await registerUser(gateway.graphql);
    const signIn = (input: Record<string, unknown>) =>
      send(gateway.graphql, LOGIN, { input: { userid: username, ...input } });
    expect(cookieOf(await signIn({ password: PASSWORD }))).toEqual([]);
    expect(cookieOf(await signIn({ password: PASSWORD, session: null }))).toEqual([]);
    expect(cookieOf(await signIn({ password: `${PASSWORD}!`, session: true }))).toEqual([]);
  });

  it("its token is the credential, under exactly this name", async () => {
    const { token } = await registerUser(gateway.graphql);
    expect(await tokenStatusOf(gateway.graphql, withCookie(token))).toBe("ok");
    expect(await tokenStatusOf(gateway.graphql, { cookie: `session=${token}` })).toBe("anonymous");
    const other = secure ? "latchkey_session" : "__Host-latchkey_session";
    expect(await tokenStatusOf(gateway.graphql, { cookie: `${other}=${token}` })).toBe("anonymous");
  });

  it("a rotation by cookie renews it", async () => {
    const { token } = await registerUser(gateway.graphql);
    const rotate = "mutation { rotateUserToken { token userToken { expirationTime } } }";
    const rotated = await send(gateway.graphql, rotate, {}, withCookie(token));
    expect(cookieOf(rotated)).toEqual([issued(rotated.data.rotateUserToken)]);
    expect(rotated.data.rotateUserToken.token).not.toBe(token);
  });

  it("a logout by cookie clears it", async () => {
    const { token } = await registerUser(gateway.graphql);
    const out = await send(gateway.graphql, "mutation { logout { success } }", {}, withCookie(token));
    expect(out.data.logout.success).toBe(true);
    expect(cookieOf(out)).toEqual([cleared]);
    expect(await tokenStatusOf(gateway.graphql, withCookie(token))).toBe("TOKEN_REVOKED");
  });

  it("one that is refused is cleared", async () => {
    const { token } = await registerUser(gateway.graphql);
    await send(gateway.graphql, "mutation { logout { success } }", {}, bearer(token));
    const refused = await send(gateway.graphql, "{ me { id } }", {}, withCookie(token));
    expect([refused.reason, cookieOf(refused)]).toEqual(["TOKEN_REVOKED", [cleared]]);
  });

  it("a logout that is refused does not clear it", async () => {
    const { username } = await registerUser(gateway.graphql);
    const { token } = await loginUser(gateway.graphql, {
      userid: username,
      password: PASSWORD,
      clientFingerprint: "laptop",
    });
    const logout = 'mutation { logout(input: {clientFingerprint: "phone"}) { success } }';
    const refused = await send(gateway.graphql, logout, {}, withCookie(token));
    expect(refused.errors).toHaveLength(1);
    expect(cookieOf(refused)).toEqual([]);
  });

  it("a logout or a rotation by header leaves it alone, also when both are sent", async () => {
    const { token, username } = await registerUser(gateway.graphql);
    const other = await loginUser(gateway.graphql, { userid: username, password: PASSWORD });
    const both = { ...bearer(other.token), ...withCookie(token) };
    expect(cookieOf(await send(gateway.graphql, "mutation { rotateUserToken { token } }", {}, both))).toEqual(
      [],
    );
    const out = await send(gateway.graphql, "mutation { logout { userToken { key } } }", {}, both);
    expect(out.data.logout.userToken.key).toBe(other.key);
    expect(cookieOf(out)).toEqual([]);
    expect(await tokenStatusOf(gateway.graphql, withCookie(token))).toBe("ok");
  });
});

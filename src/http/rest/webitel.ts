import { signIn } from "../../accounts/sign-in.js";
import { Role } from "../../entities/role.js";
import type { LatchkeyError } from "../../errors/latchkey-error.js";
import { logout as logoutToken } from "../../tokens/logout.js";
import { clearedFor, sentenceOf, guardedOperation, publicOperation } from "./framework/dialect.js";
import { fixed, object, text, userid, password } from "./framework/json-schema.js";

/** 0 root, 1 admin, 2 user: the document knows no weaker one. */
const ROLE_NUMBERS: Record<Role, number> = {
  [Role.ROOT]: 0,
  [Role.ADMIN]: 1,
  [Role.USER]: 2,
  [Role.VIEWER]: 2,
};

const failure = object({ status: fixed("error"), info: text("What is wrong.") });

/** A password that is missing or empty is a wrong one. */
export const login = publicOperation({
  summary: "Creates an auth token",
  body: {
    schema: object({ username: { ...userid, minLength: 1 }, "password?": password }),
    required: true,
  },
  answer: object({
    key: text("The token's key.", { format: "uuid" }),
    username: text("As it was sent."),
    expires: { type: "integer", description: "When the token ends, in milliseconds since 1970." },
    token: text("The token's secret: a JWT."),
    role: { type: "integer", enum: [0, 1, 2], description: "0 = root; 1 = admin; 2 = user." },
  }),
  failure,
  printError: (error) => ({ status: "error", info: refusalOfLogin(error) }),
  failures: [400, 401, 404],
  run: async ({ accounts, config }, { body, from }) => {
    const { username, password: secret = "" } = body;
    const request = {
      userid: username,
      password: secret,
      mustExpire: true,
      tellUnknown: !config.dialects.concealUnknownUsers,
    };
    const { user, userToken, token } = await signIn(accounts, request, from);
    const end = userToken.expirationTime?.getTime() ?? 0;
    // The JWT's own end is in whole seconds, and the two are the same instant.
    const expires = Math.floor(end / 1_000) * 1_000;
    return { body: { key: userToken.key, username, expires, token, role: ROLE_NUMBERS[user.role] } };
  },
});

export const logout = guardedOperation({
  form: "x-access-token",
  summary: "Deletes an auth token",
  body: null,
  answer: object({ status: fixed("OK"), info: fixed("Successful logout.") }),
  failure,
  printError: (error) => ({ status: "error", info: error.status === 401 ? "Bad caller" : sentenceOf(error) }),
  failures: [401, 403],
  run: async ({ tokens }, { caller }) => {
    await logoutToken(tokens, caller.record, null);
    return { body: { status: "OK", info: "Successful logout." }, cookie: clearedFor(caller) };
  },
});

/** The document names these refusals by their statuses. */
function refusalOfLogin(error: LatchkeyError): string {
  if (error.status === 401) return "Invalid credentials";
  if (error.status === 404) return "User not found";
  const nameless = error.fields?.some(({ path, code }) => path[0] === "username" && code !== "TOO_LONG");
  return nameless ? "User name is required" : sentenceOf(error);
}

import { register as registerAccount, type SignedIn } from "../../accounts/register.js";
import { signIn } from "../../accounts/sign-in.js";
import type { User } from "../../entities/user.js";
import type { LatchkeyError } from "../../errors/latchkey-error.js";
import { logout as logoutToken } from "../../tokens/logout.js";
import { privilegeLevelOf } from "../../tokens/scopes.js";
import { guardedOperation, publicOperation, sentenceOf, type Answer } from "./framework/dialect.js";
import { fixed, nullable, object, password, text, userid, type Fitting } from "./framework/json-schema.js";

const FINGERPRINT = nullable(
  text("Names the client; a logout that names another one is refused.", { maxLength: 512 }),
);
const LOGIN_BODY = { schema: object({ userid, password, "clientfp?": FINGERPRINT }), required: true };

const ACCOUNT = {
  uid: text("The account's id.", { format: "uuid" }),
  username: text("The username."),
  "email?": text("The e-mail address."),
  "phone?": text("The telephone number."),
  locale: text("The language preferred.", { examples: ["en"] }),
  role: fixed("viewer", "user", "admin", "root"),
  privilegeLevel: { type: "integer", enum: [0, 1, 2, 3], description: "How strong the role is." },
};
const FLAT_ANSWER = object({
  ...ACCOUNT,
  status: fixed("success"),
  token: text("The token, with the scheme that presents it.", { examples: ["JWT <token>"] }),
});

/** `errcode` is the documented text whatever the status is. */
const refusing = {
  failure: object({ status: fixed("error"), errcode: fixed("401"), errmsg: text("What is wrong.") }),
  printError: (error: LatchkeyError) => ({ status: "error", errcode: "401", errmsg: sentenceOf(error) }),
};

export const login = publicOperation({
  summary: "Signs in, and sets the session cookie",
  body: LOGIN_BODY,
  answer: object({
    status: { type: "integer", enum: [1] },
    userinfo: object({ ...ACCOUNT, token: text("The token, without a scheme.") }),
  }),
  failure: object({ status: { type: "integer", enum: [-1] }, errmsg: text("What is wrong.") }),
  failures: [400, 401],
  printError: (error) => ({ status: -1, errmsg: sentenceOf(error) }),
  run: async ({ accounts }, { body, from }) => {
    const signedIn = await signIn(accounts, loginOf(body), from);
    const userinfo = { ...accountOf(signedIn.user), token: signedIn.token };
    return { body: { status: 1, userinfo }, cookie: sessionOf(signedIn) };
  },
});

export const token = publicOperation({
  summary: "Signs in without a session cookie",
  body: LOGIN_BODY,
  answer: FLAT_ANSWER,
  ...refusing,
  failures: [400, 401],
  run: async ({ accounts }, { body, from }) => flat(await signIn(accounts, loginOf(body), from)),
});

export const register = publicOperation({
  summary: "Makes an account, signs it in, and sets the session cookie",
  body: {
    schema: object({
      username: text("1 to 128 characters, without a colon."),
      "email?": nullable(text("An e-mail address, which will also sign in.")),
      "phone?": nullable(text("A telephone number, which will also sign in.")),
      password: text("At least 8 characters by default, and not one of the common ones."),
    }),
    required: true,
  },
  answer: FLAT_ANSWER,
  ...refusing,
  failures: [400, 409],
  run: async ({ accounts }, { body, from }) => {
    const { username, email, phone, password: secret } = body;
    const signedIn = await registerAccount(accounts, { username, email, phone, password: secret }, from);
    return { ...flat(signedIn), cookie: sessionOf(signedIn) };
  },
});

export const logout = guardedOperation({
  form: "jwt",
  summary: "Ends the token in use, and clears the session cookie",
  body: { schema: object({ "clientfp?": FINGERPRINT }), required: false },
  answer: object({ status: fixed("success"), message: fixed("logout successfully") }),
  failure: object({ ...refusing.failure.properties, "success?": { type: "boolean", enum: [false] } }),
  failures: [400, 401, 403],
  printError: (error) => ({
    ...refusing.printError(error),
    ...(error.status === 401 ? { errmsg: "Unauthorized Logout" } : {}),
    // A request without a credential may come from a client of the other dialects at this path: they read `success`.
    ...(error.reason === "NO_CREDENTIAL" ? { success: false } : {}),
  }),
  run: async ({ tokens }, { body, caller }) => {
    await logoutToken(tokens, caller.record, body.clientfp ?? null);
    return { body: { status: "success", message: "logout successfully" }, cookie: "clear" };
  },
});

const loginOf = ({ userid: name, password: secret, clientfp }: Fitting<typeof LOGIN_BODY.schema>) => ({
  userid: name,
  password: secret,
  clientFingerprint: clientfp,
});

/** What is not set is absent. */
function accountOf({ id, username, email, phone, locale, role }: User) {
  return {
    uid: id,
    username,
    email: email ?? undefined,
    phone: phone ?? undefined,
    locale,
    role,
    privilegeLevel: privilegeLevelOf(role),
  };
}

function flat({ user, token: jwt }: SignedIn): Answer {
  return { body: { ...accountOf(user), status: "success", token: `JWT ${jwt}` } };
}

const sessionOf = ({ token: jwt, userToken }: SignedIn): Answer["cookie"] => ({
  token: jwt,
  expires: userToken.expirationTime,
});

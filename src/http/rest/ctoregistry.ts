import { signIn } from "../../accounts/sign-in.js";
import type { LatchkeyError } from "../../errors/latchkey-error.js";
import { logout as logoutToken } from "../../tokens/logout.js";
import { clearedFor, sentenceOf, guardedOperation, publicOperation } from "./framework/dialect.js";
import { fixed, object, password, text, userid } from "./framework/json-schema.js";

type Action = "authentication" | "logout" | "privilegeToken";

const ID = { ...object({ id: text("The account's id.", { format: "uuid" }) }), description: "The account." };
const PRIVILEGE = text("A short-lived JWT that tells other services who calls.");

/** The document shows no errors: they take the shape of its ActionResponse. */
const refusing = (action: Action) => ({
  failure: object({
    status: fixed("error"),
    action: fixed(action),
    id: { type: "null" },
    result: text("What is wrong."),
  }),
  printError: (error: LatchkeyError) => ({
    status: "error",
    action,
    id: null,
    result: sentenceOf(error),
  }),
});

export const authentication = publicOperation({
  summary: "Tests a user's credentials, and answers a token",
  body: { schema: object({ username: userid, password }), required: true },
  answer: object({ id: ID, token: text("The JWT to present from now on."), privilege: PRIVILEGE }),
  ...refusing("authentication"),
  failures: [400, 401],
  run: async ({ accounts, issuePrivilege }, { body, from }) => {
    const { user, userToken, token } = await signIn(
      accounts,
      { userid: body.username, password: body.password },
      from,
    );
    const { privilege } = issuePrivilege({ user, token: userToken });
    return { body: { id: { id: user.id }, token, privilege } };
  },
});

export const logout = guardedOperation({
  form: "bare",
  summary: "Ends the token in use",
  body: null,
  answer: object({
    status: fixed("success"),
    action: fixed("logout"),
    id: ID,
    result: text("What was done."),
  }),
  ...refusing("logout"),
  failures: [401, 403],
  run: async ({ tokens }, { caller }) => {
    await logoutToken(tokens, caller.record, null);
    const { id } = caller.record.user;
    const body = { status: "success", action: "logout", id: { id }, result: "The token is logged out." };
    return { body, cookie: clearedFor(caller) };
  },
});

export const privilegeToken = guardedOperation({
  form: "bare",
  summary: "Answers a privilege token for the caller",
  body: null,
  answer: object({ privilege: PRIVILEGE }),
  ...refusing("privilegeToken"),
  failures: [401],
  run: async ({ issuePrivilege }, { caller: { record } }) => {
    const { privilege } = issuePrivilege(record);
    return { body: { privilege } };
  },
});

import { bumpLogin } from "../../accounts/bump-login.js";
import { signIn } from "../../accounts/sign-in.js";
import { badInput, type LatchkeyError } from "../../errors/latchkey-error.js";
import { parseInstant } from "../../lib/parse-instant.js";
import { logout as logoutToken } from "../../tokens/logout.js";
import { clearedFor, sentenceOf, basicOperation, guardedOperation } from "./framework/dialect.js";
import { nullable, object, text } from "./framework/json-schema.js";

const instant = (description: string) =>
  text(description, { format: "date-time", examples: ["2030-07-29T23:59:59-05:00"] });
const NOTE = text("A name to know the token by, at most 255 characters.");
const EXPIRATION = "When the token ends: ISO 8601 with an offset.";

/** The document shows no errors. */
const refusing = {
  failure: object({ message: text("What is wrong.") }),
  printError: (error: LatchkeyError) => ({ message: sentenceOf(error) }),
  variesByAccept: true,
};

export const login = basicOperation({
  summary: "Signs in by Authorization: Basic, and answers a user token",
  body: {
    schema: object({
      "note?": nullable(NOTE),
      // Without its format, which is narrower than ISO 8601: run reads it.
      "expirationTime?": nullable(text(EXPIRATION)),
    }),
    required: false,
  },
  answer: object({
    token: text("The user token to present from now on."),
    enabled: { type: "boolean" },
    version: { type: "integer" },
    creationTime: instant("When the token was made."),
    "expirationTime?": instant(EXPIRATION),
    "note?": NOTE,
  }),
  ...refusing,
  failures: [400, 401],
  run: async ({ accounts }, { body, basic, from }) => {
    const expirationTime = readExpiration(body.expirationTime);
    const { token, userToken } = await signIn(accounts, { ...basic, note: body.note, expirationTime }, from);
    const { note, enabled, version, creationTime, expirationTime: end } = userToken;
    return {
      body: {
        note: note ?? undefined,
        expirationTime: end ?? undefined,
        creationTime,
        enabled,
        token,
        version,
      },
    };
  },
});

export const bump = guardedOperation({
  form: "bearer",
  summary: "Records that the user is here now",
  body: null,
  answer: object({ lastLoginTime: instant("The account's last login time from now on.") }),
  ...refusing,
  failures: [401, 403],
  run: async ({ accounts }, { caller }) => ({
    body: { lastLoginTime: await bumpLogin(accounts, caller.record) },
  }),
});

export const logout = guardedOperation({
  form: "bearer",
  summary: "Ends the token in use",
  body: null,
  answer: object({ success: { type: "boolean" } }),
  ...refusing,
  failures: [401, 403],
  run: async ({ tokens }, { caller }) => {
    await logoutToken(tokens, caller.record, null);
    return { body: { success: true }, cookie: clearedFor(caller) };
  },
});

/** The document of usertoken-xauth shows the same bodies; only the header that presents a token differs. */
export const xauthBump = guardedOperation({ ...bump, form: "x-auth-token" });

export const xauthLogout = guardedOperation({ ...logout, form: "x-auth-token" });

function readExpiration(written: string | null | undefined): Date | null {
  if (written == null) return null;
  const time = parseInstant(written);
  if (time) return time;
  const message = "This is not an ISO 8601 instant with an offset.";
  throw badInput({ path: ["expirationTime"], code: "INVALID_FORMAT", message });
}

import {
  readCredential,
  type CredentialReading,
  type Mechanism,
} from "../../../src/credentials/read-credential.js";

export const COOKIE = "latchkey";
/** Shaped like a JWT, which is all that reading looks at. */
export const JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_";
export const OTHER = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIyIn0.c2lnbmF0dXJl";
export const KEY = "0192d0a0-7e5b-7c3a-9f00-0123456789ab";

export const base64 = (text: string | number[]) => Buffer.from(text as string).toString("base64");
export const read = (...headers: [name: string, value: string][]) => readCredential(headers.flat(), COOKIE);
export const authorization = (value: string) => read(["Authorization", value]);
export const cookie = (value: string) => read(["Cookie", value]);

export const none: CredentialReading = { kind: "none" };
export const basic = (userid: string, password: string): CredentialReading => ({
  kind: "basic",
  userid,
  password,
});
export const malformed = (mechanism: Mechanism): CredentialReading => ({ kind: "malformed", mechanism });
export const refused = { kind: "ambiguous", message: expect.any(String) };
export const token = (mechanism: Mechanism, more: { token?: string; owner?: string; key?: string } = {}) => ({
  kind: "token",
  mechanism,
  token: JWT,
  owner: null,
  key: null,
  ...more,
});

import { PASSWORD, send, uniqueName, type GraphqlAnswer } from "./client.js";
import type { Settings } from "./gateway.js";

/** So many failures of one account, and then a stop for longer than any test lasts: no test depends on speed. */
export const FREE = 5;
/** The same of one source address. */
export const FROM_ONE = 8;
export const REGISTRATIONS = 3;
/** Of registrations that are refused. */
export const REFUSED = 6;

/** Limits that only the hands of a test move; addresses are what `X-Forwarded-For` says. */
export const STRICT: Settings = {
  THROTTLE: "on",
  THROTTLE_ACCOUNT_FAILURES: `${FREE}/1m,${FREE}/1d`,
  THROTTLE_SOURCE_FAILURES: `${FROM_ONE}/1d`,
  THROTTLE_REGISTRATIONS: `${REGISTRATIONS}/1d,1000/2d`,
  THROTTLE_REGISTRATION_FAILURES: `${REFUSED}/1d,1000/2d`,
  TRUSTED_PROXIES: "127.0.0.1",
};

let count = 0;

/** An address that nothing came from yet. */
export function newAddress(): string {
  count += 1;
  return `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`;
}

export const from = (address: string) => ({ "x-forwarded-for": address });

const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { token } }";
const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token } }";

export function login(
  url: string,
  userid: string,
  { password = PASSWORD, address = newAddress() } = {},
): Promise<GraphqlAnswer> {
  return send(url, LOGIN, { input: { userid, password } }, from(address));
}

/** A wrong password. */
export const guess = (url: string, userid: string, address = newAddress()) =>
  login(url, userid, { password: "wrong password", address });

export function register(
  url: string,
  values: Record<string, string> = {},
  address = newAddress(),
): Promise<GraphqlAnswer> {
  const input = { username: uniqueName(), password: PASSWORD, ...values };
  return send(url, REGISTER, { input }, from(address));
}

/** `ok`, or why not. */
export const outcomeOf = ({ data, reason, code }: GraphqlAnswer): string =>
  data?.login || data?.register ? "ok" : (reason ?? code ?? "nothing");

/** Guesses from as many addresses as it takes until strangers are stopped. */
export async function attack(url: string, userid: string): Promise<void> {
  for (let failures = 0; failures < FREE; failures++) await guess(url, userid);
}

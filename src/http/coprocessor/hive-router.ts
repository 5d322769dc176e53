import type { RouterHeaders } from "./coprocessor-message.js";
import { refusalFor, type RouterProtocol } from "./router-protocol.js";

/** What a user token can be presented in, beside the cookie. */
const CREDENTIAL_HEADERS = ["authorization", "x-auth-token", "x-access-token", "x-key"];

/**
 * The Hive Router's coprocessors, at `router.request` and `graphql.request`. They may not touch its authentication
 * context: it verifies the privilege token that takes the credential's place itself, by the published keys.
 * Nothing that is sent back unchanged: its context has names that must not be written.
 */
export const hiveRouter: RouterProtocol = {
  proceed({ sent: { version }, headers }, caller, cookieName) {
    const answer = { version, control: "continue" };
    if (caller.kind === "anonymous") return answer;
    // Latchkey's part of the router may sign in by it, and the router takes it for no token.
    if (caller.kind === "invalid" && caller.signsIn) return answer;
    const left = withoutCredentials(headers, cookieName);
    // A rejected one is taken away: by its signature alone the router might take it for good.
    if (caller.kind === "invalid") return { ...answer, headers: left };
    return { ...answer, headers: { ...left, authorization: [`Bearer ${caller.token}`] } };
  },

  refuse({ sent: { version } }, error) {
    const { body, headers } = refusalFor(error);
    return { version, control: { break: error.status }, headers, body: JSON.stringify(body) };
  },
};

function withoutCredentials(headers: RouterHeaders, cookieName: string): RouterHeaders {
  const left: [string, readonly string[]][] = [];
  for (const [name, values] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (CREDENTIAL_HEADERS.includes(lower)) continue;
    const kept = lower === "cookie" ? values.map((value) => withoutCookie(value, cookieName)) : values;
    const some = kept.filter((value) => value !== "" || lower !== "cookie");
    if (some.length > 0) left.push([name, some]);
  }
  return Object.fromEntries(left);
}

function withoutCookie(header: string, cookieName: string): string {
  const pairs = header.split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair.split("=", 1)[0]?.trim() !== cookieName).join("; ");
}

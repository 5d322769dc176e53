import type { PrintError } from "../server/handle-error.js";
import { BASIC_CHALLENGE } from "../www-authenticate.js";

/** The names of errors in RFC 6749 section 5.2 and RFC 7009 section 2.2.1. */
function nameOf(status: number): string {
  switch (status) {
    case 401:
      return "invalid_client";
    case 429:
    case 503:
      return "temporarily_unavailable";
    case 500:
      return "server_error";
    default:
      return "invalid_request";
  }
}

/** Errors in OAuth's shape: a name, and a challenge for a client that was not authenticated. */
export const printOauthError: PrintError = ({ status }) => ({
  body: { error: nameOf(status) },
  ...(status === 401 ? { headers: { "www-authenticate": BASIC_CHALLENGE } } : {}),
});

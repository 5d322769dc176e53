import type { PrintError } from "../server/handle-error.js";

/** What RFC 6749 section 5.2 and RFC 7009 section 2.2.1 call the errors of a door for clients. */
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

/** Errors in OAuth's shape: a name, and for a client that did not prove itself how to. */
export const printOauthError: PrintError = ({ status }) => ({
  body: { error: nameOf(status) },
  ...(status === 401 ? { headers: { "www-authenticate": 'Basic realm="latchkey", charset="UTF-8"' } } : {}),
});

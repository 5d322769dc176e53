import { badRequest } from "../../errors/latchkey-error.js";
import { parseForm } from "../../lib/parse-form.js";

/** What a proxy asks for beside who it is. */
export interface VerifyQuery {
  /** Of the privilege token; null for the default one. */
  audience: string | null;
  /** All of which the token must have. */
  scopes: string[];
  /** CORS preflights pass, without a user. */
  passesPreflights: boolean;
}

const PARAMETERS = ["audience", "scope", "preflight"];

/** RFC 6749 section 3.3, separated by one space each. */
const SCOPES = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/**
 * Reads `?audience=`, `?scope=` and `?preflight=pass`. The proxy's operator wrote them: what is not understood is
 * refused, for a misspelt `scope` would let everybody in.
 *
 * @throws BAD_REQUEST for an unknown parameter, one that is sent twice, or a malformed value.
 */
export function readVerifyQuery(url: string, audiences: readonly string[]): VerifyQuery {
  const mark = url.indexOf("?");
  const form = parseForm(mark < 0 ? "" : url.slice(mark + 1));
  if (!form) throw badRequest("The query is malformed.");
  for (const [name, values] of form) {
    if (!PARAMETERS.includes(name)) throw badRequest(`The query takes only ${PARAMETERS.join(", ")}.`);
    if (values.length > 1) throw badRequest(`${name} was sent twice.`);
  }
  const audience = form.get("audience")?.[0] ?? null;
  if (audience !== null && !audiences.includes(audience)) throw badRequest("This audience is not listed.");
  const scope = form.get("scope")?.[0] ?? null;
  if (scope !== null && !SCOPES.test(scope)) throw badRequest("The scope is malformed.");
  const preflight = form.get("preflight")?.[0];
  if (preflight !== undefined && preflight !== "pass") throw badRequest("preflight takes only pass.");
  return { audience, scopes: scope?.split(" ") ?? [], passesPreflights: preflight === "pass" };
}

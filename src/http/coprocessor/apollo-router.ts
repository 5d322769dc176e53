import { refusalOf } from "../../credentials/viewer.js";
import { unauthenticated } from "../../errors/latchkey-error.js";
import { isObject } from "./coprocessor-message.js";
import { refusalFor, type RouterProtocol } from "./router-protocol.js";

/** Where the Router's `@authenticated` and `@requiresScopes` look. That it is there at all means signed in, even if null. */
const CLAIMS = "apollo::authentication::jwt_claims";

/** The same in a Router that is set to the names of its first version. */
const FORMER_CLAIMS = "apollo_authentication::JWT::claims";

/** For `headers: … insert: from_context`, so that subgraphs get a token that they can verify. */
const AUTHORIZATION = "latchkey::authorization";

/** Only this gateway may set them. */
const OURS = [CLAIMS, FORMER_CLAIMS, AUTHORIZATION];

/**
 * The Apollo Router's external coprocessing, at `RouterRequest` and `SupergraphRequest`. What was sent is
 * sent back, with claims in the context.
 */
export const apolloRouter: RouterProtocol = {
  proceed({ sent: { body, ...sent } }, caller) {
    const context = isObject(sent.context) ? sent.context : {};
    const found = isObject(context.entries) ? context.entries : {};
    const entries = Object.fromEntries(Object.entries(found).filter(([name]) => !OURS.includes(name)));
    if (caller.kind === "known") {
      entries[CLAIMS] = claimsOf(caller.token);
      entries[AUTHORIZATION] = `Bearer ${caller.token}`;
    } else if (CLAIMS in found || FORMER_CLAIMS in found) {
      // The Router verified these claims itself, by the published keys, so it does not know whether the token was
      // revoked. Leaving them out of the answer would not remove them: the request must be refused.
      throw caller.kind === "invalid"
        ? refusalOf(caller.viewer)
        : unauthenticated("INVALID_CREDENTIAL", "claims without a credential");
    }
    const changed = caller.kind === "known" || sent.context !== undefined;
    return {
      ...sent,
      control: "continue",
      // JSON that is left out stays as it is; sent back it would have lost the digits of large numbers.
      ...(typeof body === "string" ? { body } : {}),
      ...(changed ? { context: { ...context, entries } } : {}),
    };
  },

  refuse({ stage, sent }, error) {
    const { body, headers } = refusalFor(error);
    const { version, id } = sent;
    return {
      version,
      stage,
      ...(id === undefined ? {} : { id }),
      control: { break: error.status },
      headers,
      // The first stage speaks of bodies as texts, the second as JSON.
      body: stage === "RouterRequest" ? JSON.stringify(body) : body,
    };
  },
};

/** Of our own token, just made or just verified. */
function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

import { refusalOf } from "../../credentials/require-user.js";
import { unauthenticated } from "../../errors/latchkey-error.js";
import { isObject } from "./coprocessor-message.js";
import { refusalFor, type RouterProtocol } from "./router-protocol.js";

/** Where the Router's `@authenticated` and `@requiresScopes` look. That it is there at all means signed in, even if null. */
const CLAIMS = "apollo::authentication::jwt_claims";

/** The same in a Router that is set to the names of its first version. */
const FORMER_CLAIMS = "apollo_authentication::JWT::claims";

/** For `headers: … insert: from_context`, so that subgraphs get a token that they can verify. */
const AUTHORIZATION = "latchkey::authorization";

/** Nobody's to say but ours. */
const OURS = [CLAIMS, FORMER_CLAIMS, AUTHORIZATION];

/**
 * The Apollo Router's external coprocessing, at `RouterRequest` and `SupergraphRequest`. What was sent is
 * sent back, with claims in the context.
 */
export const apolloRouter: RouterProtocol = {
  proceed({ sent: { body, ...sent } }, subject) {
    const context = isObject(sent.context) ? sent.context : {};
    const found = isObject(context.entries) ? context.entries : {};
    const entries = Object.fromEntries(Object.entries(found).filter(([name]) => !OURS.includes(name)));
    if (subject.kind === "known") {
      entries[CLAIMS] = claimsOf(subject.token);
      entries[AUTHORIZATION] = `Bearer ${subject.token}`;
    } else if (CLAIMS in found || FORMER_CLAIMS in found) {
      // The Router has verified them by the published keys, from wherever it looks, and keeps them if they are only
      // left out here: nobody has said yet that the token still stands.
      throw subject.kind === "invalid"
        ? refusalOf(subject.viewer)
        : unauthenticated("INVALID_CREDENTIAL", "claims without a credential");
    }
    const changed = subject.kind === "known" || sent.context !== undefined;
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

import { createHash } from "node:crypto";
import { PRIVILEGE_TYP, USER_TYP } from "#wire/check-claims.js";
import { documentRoute, type PublicDocument } from "./document-route.js";
import type { Route } from "../route.js";
import type { HttpServices } from "../services.js";

/** `/.well-known/latchkey`: what a verifier or a client needs to know of this gateway, from its issuer alone. */
export function discoveryRoute({ config, keys }: Pick<HttpServices, "config" | "keys">): Route {
  const { issuer } = config;
  const { audiences } = config.privilege;
  const describe = (): PublicDocument => {
    const body = JSON.stringify({
      issuer,
      endpoints: {
        graphql: `${issuer}/graphql`,
        jwks: `${issuer}/.well-known/jwks.json`,
        introspection: `${issuer}/introspect`,
        revocation: `${issuer}/revoke`,
        verify: `${issuer}/verify`,
        revocations: `${issuer}/revocations`,
      },
      // What a verifier must know: that of every published key, and of no other.
      algorithms: [...new Set(keys.jwks().keys.map(({ alg }) => alg))].sort(),
      tokenTypes: [
        { name: "user token", typ: USER_TYP, audiences: [issuer] },
        { name: "privilege token", typ: PRIVILEGE_TYP, audiences },
      ],
      audiences,
    });
    return { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"` };
  };
  return {
    url: "/.well-known/latchkey",
    methods: ["GET", "HEAD"],
    handler: documentRoute("application/json; charset=utf-8", describe),
  };
}

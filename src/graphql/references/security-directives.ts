import { Directive } from "type-graphql";

/**
 * What a router is told of an operation, so that it can refuse early (federation 2.5). It protects nothing here:
 * the resolver's own guard does. Only on operations, and never on one that works without a credential, or on
 * anything that such a one answers with.
 */
export const Authenticated = () => Directive("@authenticated");

/** The same for an operation that needs one scope of the token. */
export const RequiresScope = (scope: string) => Directive(`@requiresScopes(scopes: [["${scope}"]])`);

/** The directives that `FEDERATION_DIRECTIVES=off` leaves out. */
export const SECURITY_DIRECTIVES: ReadonlySet<string> = new Set(["authenticated", "requiresScopes"]);

import "reflect-metadata";
import { lexicographicSortSchema, printSchema, type GraphQLObjectType, type GraphQLSchema } from "graphql";
import { buildSchemaSync, registerEnumType } from "type-graphql";
import type { AccountDeps } from "../accounts/account-store.js";
import type { TokenDeps } from "../tokens/token-store.js";
import { Role } from "../entities/role.js";
import { coalesce } from "../lib/coalesce.js";
import type { IssuePrivilege } from "../tokens/issue-privilege.js";
import type { UsernameVisibility } from "./references/account-visibility.js";
import { printSubgraph } from "./references/print-subgraph.js";
import { createReferenceResolver } from "./references/resolve-references.js";
import { toSubgraph } from "./references/to-subgraph.js";
import { AuthErrorExtensions } from "./payloads/error-extensions.payload.js";
import { AccountResolver } from "./resolvers/account.resolver.js";
import { UserTokenResolver } from "./resolvers/user-token.resolver.js";

registerEnumType(Role, {
  name: "Role",
  description: "What an account may do, weakest first.",
  valuesConfig: {
    VIEWER: { description: "The role of a new account. privilegeLevel 0." },
    USER: { description: "A full member. privilegeLevel 1." },
    ADMIN: { description: "Manages other accounts. privilegeLevel 2." },
    ROOT: { description: "Manages the gateway itself. privilegeLevel 3." },
  },
});

export interface SchemaOptions {
  introspection: boolean;
  federation: { directives: boolean; usernames: UsernameVisibility };
}

/** The executable schema over these services: the contract, as a subgraph. */
export function buildGraphqlSchema(
  {
    accounts,
    tokens,
    issuePrivilege,
  }: { accounts: AccountDeps; tokens: TokenDeps; issuePrivilege: IssuePrivilege },
  { introspection, federation: { directives, usernames } }: SchemaOptions,
): GraphQLSchema {
  const made = new Map<unknown, unknown>([
    [AccountResolver, new AccountResolver(accounts, issuePrivilege)],
    [UserTokenResolver, new UserTokenResolver(tokens, issuePrivilege)],
  ]);
  const findUser = coalesce((ids: readonly string[]) => accounts.store.findByIds(ids));
  return toSubgraph(contractOf({ get: (resolver) => made.get(resolver) }), {
    resolveReferences: createReferenceResolver({ findUser, usernames }),
    introspection,
    directives,
  });
}

/** The contract as text, sorted so that a change shows as a change: what schema.graphql holds. Needs no services. */
export function printContract(): string {
  return `${printSchema(lexicographicSortSchema(contractOf(NOTHING)))}\n`;
}

/** The same as a supergraph is composed of it: with its federation directives. */
export function printFederated(directives: boolean): string {
  return printSubgraph(contractOf(NOTHING), directives);
}

interface Container {
  get(resolver: unknown): unknown;
}

/** A schema that is only printed calls no resolver. */
const NOTHING: Container = { get: () => undefined };

function contractOf(container: Container): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [AccountResolver, UserTokenResolver],
    orphanedTypes: [AuthErrorExtensions],
    container,
    // Neither the object nor the value of a fault: a password must not come back in an error.
    validate: { validationError: { target: false, value: false } },
  });
  // type-graphql makes these two by itself and takes no text for them.
  describe(schema.getQueryType(), "What can be read: about the caller, and nobody else.");
  describe(schema.getMutationType(), "What can be done: signing in and out, and managing one's tokens.");
  return schema;
}

function describe(type: GraphQLObjectType | null | undefined, description: string): void {
  if (type) type.description = description;
}

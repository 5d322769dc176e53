import "reflect-metadata";
import { lexicographicSortSchema, printSchema } from "graphql";
import type { GraphQLObjectType, GraphQLSchema } from "graphql";
import { buildSchemaSync } from "type-graphql";
import type { AccountDeps } from "../accounts/account-deps.js";
import type { TokenDeps } from "../tokens/token-deps.js";
import type { IssuePrivilege } from "../tokens/issue-privilege.js";
import { AccountResolver } from "./resolvers/account.resolver.js";
import { UserTokenResolver } from "./resolvers/user-token.resolver.js";

/** What the resolvers hand requests on to. */
export interface Features {
  accounts: AccountDeps;
  tokens: TokenDeps;
  issuePrivilege: IssuePrivilege;
}

/** The executable schema over these features. */
export function buildGraphqlSchema({ accounts, tokens, issuePrivilege }: Features): GraphQLSchema {
  const made = new Map<unknown, unknown>([
    [AccountResolver, new AccountResolver(accounts, issuePrivilege)],
    [UserTokenResolver, new UserTokenResolver(tokens, issuePrivilege)],
  ]);
  return schemaOf({ get: (resolver) => made.get(resolver) });
}

/** The contract as text, sorted so that a change shows as a change: what schema.graphql holds. Needs no features. */
export function printContract(): string {
  return `${printSchema(lexicographicSortSchema(schemaOf({ get: () => undefined })))}\n`;
}

function schemaOf(container: { get(resolver: unknown): unknown }): GraphQLSchema {
  const schema = buildSchemaSync({
    resolvers: [AccountResolver, UserTokenResolver],
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

import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { OperationTypeNode, type GraphQLSchema } from "graphql";
import { assertNotCrossSite } from "../credentials/csrf.js";
import { LatchkeyError, badRequest } from "../errors/latchkey-error.js";
import { logError } from "../errors/log-error.js";
import type { GraphqlContext } from "./context.js";
import { formatError, isDefect, originalOf } from "./format-error.js";
import { limitRules, MAX_TOKENS } from "./limit-rules.js";

/** Of one document: the rest would only repeat what is wrong with it. */
const MAX_ERRORS = 10;

/**
 * Apollo Server over the schema, without its own HTTP server: http/graphql-route
 * hands requests in. What costs time and is not used is off.
 */
export function createApollo(
  schema: GraphQLSchema,
  options: { introspection: boolean },
): ApolloServer<GraphqlContext> {
  return new ApolloServer<GraphqlContext>({
    schema,
    introspection: options.introspection,
    // Without introspection the schema is not to be guessed from "Did you mean" either.
    hideSchemaDetailsFromClientErrors: !options.introspection,
    includeStacktraceInErrorResponses: false,
    formatError,
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: limitRules,
    validationOptions: { maxErrors: MAX_ERRORS },
    executionOptions: { maxCoercionErrors: MAX_ERRORS },
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      requestRules,
    ],
  });
}

const requestRules: ApolloServerPlugin<GraphqlContext> = {
  requestDidStart: () => Promise.resolve(listener),
};

/** The same for every request: nothing is made anew. */
const listener = {
  didResolveOperation: async (request: GraphQLRequestContext<GraphqlContext>): Promise<void> => {
    const kind = request.operation?.operation;
    if (kind === OperationTypeNode.MUTATION) assertNotCrossSite(request.contextValue);
    if (kind === OperationTypeNode.SUBSCRIPTION) throw badRequest("The schema has no subscriptions.");
  },
  didEncounterErrors: (request: GraphQLRequestContext<GraphqlContext>): Promise<void> => {
    const logged = new Set<unknown>();
    for (const error of request.errors ?? []) {
      const original = originalOf(error);
      if (original instanceof LatchkeyError) applyStatus(request, original, error.path !== undefined);
      // One refusal may stand in many places of an answer.
      if (logged.has(original)) continue;
      logged.add(original);
      if (original instanceof LatchkeyError || isDefect(error)) logError(request.contextValue.log, original);
    }
    return Promise.resolve();
  },
};

/**
 * An executed operation answers 200, but for SERVICE_UNAVAILABLE: load balancers
 * must see it. What is refused before it is executed has its own status.
 */
function applyStatus(
  { response }: GraphQLRequestContext<GraphqlContext>,
  error: LatchkeyError,
  executed: boolean,
): void {
  if (executed && error.code !== "SERVICE_UNAVAILABLE") return;
  response.http.status = error.status;
  if (error.retryAfter !== undefined) response.http.headers.set("retry-after", String(error.retryAfter));
}

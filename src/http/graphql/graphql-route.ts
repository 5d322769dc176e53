import { HeaderMap, type HTTPGraphQLResponse } from "@apollo/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { mayKeepSession } from "../../credentials/may-keep-session.js";
import type { Presented } from "../../credentials/read-credential.js";
import type { GraphqlContext } from "../../graphql/context.js";
import { originOf, readCaller, readPresented, type CallerServices } from "../read-caller.js";
import type { HttpServices } from "../services.js";

/**
 * GraphQL over HTTP: reads the credential, authenticates, lets Apollo execute,
 * writes the answer.
 *
 * @throws BAD_REQUEST for two credentials; SERVICE_UNAVAILABLE when the row cannot be checked.
 */
export function graphqlRoute(services: CallerServices & Pick<HttpServices, "apollo">) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const made: { context?: GraphqlContext; fault?: Error } = {};
    const response = await services.apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: headerMap(request),
        search: withoutEmptySearch(searchOf(request.url)),
        body: withoutEmptyFields(request.body),
      },
      // Apollo calls this after it has refused what a page of any site can send: nothing is looked up for that.
      context: async () => {
        try {
          return (made.context = await createContext(services, request));
        } catch (error) {
          made.fault = error as Error;
          throw error;
        }
      },
    });
    // Apollo would answer 500, whatever the reason.
    if (made.fault) throw made.fault;
    const change = made.context?.cookie.change;
    if (change) reply.header("set-cookie", services.cookies.write(change));
    return send(reply, response);
  };
}

async function createContext(services: CallerServices, request: FastifyRequest): Promise<GraphqlContext> {
  const presented = readPresented(services, request);
  const { viewer, crossSite, deadCookie } = await readCaller(services, request, presented);
  return {
    viewer,
    basic: basicOf(presented),
    crossSite,
    from: originOf(request),
    // A login of the same request sets a new one in its place.
    cookie: {
      change: deadCookie ? "clear" : null,
      mayBeKept: () => mayKeepSession(request.headers, services.sessionPolicy),
    },
    current: { key: viewer.kind === "user" ? viewer.record.token.key : null },
    log: request.log,
  };
}

function basicOf(presented: Presented): GraphqlContext["basic"] {
  if (presented.kind === "basic") return presented;
  return presented.kind === "malformed" && presented.mechanism === "basic" ? "malformed" : null;
}

function headerMap(request: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(request.raw.headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  // Apollo looks at what is accepted only after it has executed: too late to refuse. JSON is answered then.
  const accept = map.get("accept");
  if (accept !== undefined) map.set("accept", `${accept}, */*;q=0.001`);
  return map;
}

function searchOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark);
}

function send(reply: FastifyReply, { status, headers, body }: HTTPGraphQLResponse): FastifyReply {
  // The schema has no @defer or @stream: Apollo answers whole.
  if (body.kind !== "complete") throw new Error("an incremental answer was not asked for");
  for (const [name, value] of headers) {
    // No answer may be cached, whatever Apollo thinks of one.
    if (name !== "cache-control") reply.header(name, value);
  }
  return reply.code(status ?? 200).send(body.string);
}

/** The parameters of a GraphQL request that may be left out (GraphQL over HTTP, section "Request Parameters"). */
const OPTIONAL = ["operationName", "variables", "extensions"];

/**
 * The body of a GraphQL request without optional parameters that are an empty text: clients and
 * tools send one for what is not set.
 */
function withoutEmptyFields(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const fields = body as Record<string, unknown>;
  const empty = OPTIONAL.filter((name) => fields[name] === "");
  if (empty.length === 0) return body;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !empty.includes(name)));
}

/**
 * The query string of a GraphQL request without optional parameters that are empty. One that
 * comes twice is left as it is: Apollo refuses it.
 */
function withoutEmptySearch(search: string): string {
  if (search === "") return search;
  const parameters = new URLSearchParams(search);
  const empty = OPTIONAL.filter((name) => {
    const [value, ...more] = parameters.getAll(name);
    return value === "" && more.length === 0;
  });
  if (empty.length === 0) return search;
  for (const name of empty) parameters.delete(name);
  return `?${parameters.toString()}`;
}

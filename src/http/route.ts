import type { FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { PrintError } from "./handle-error.js";

/** A URL that is served, and how. */
export interface Route {
  url: string;
  methods: HTTPMethods[];
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | FastifyReply;
  /** Left out: GraphQL's error shape. */
  printError?: PrintError;
  /** A request without a body is read as one, whatever its content type says of it. */
  mayBeEmpty?: boolean;
  /** A request header that answers are said to depend on (`Vary`). */
  variesBy?: string;
}

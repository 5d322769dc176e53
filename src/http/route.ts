import type { FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { PrintError } from "./server/handle-error.js";

/** A URL that is served, and how. */
export interface Route {
  url: string;
  methods: readonly HTTPMethods[];
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | FastifyReply;
  /** Left out: GraphQL's error shape. */
  printError?: PrintError;
  /** Who may come in at all: runs before the body is read, and throws. */
  admit?: (request: FastifyRequest) => Promise<void>;
  /** Left out: JSON. A form is parsed to a `FormBody`; one that is ignored is not even read. */
  body?: "form" | "ignored";
  /** What is asked is about another request, whose headers came along: an OPTIONS or a preflight may be meant for another server. */
  aboutAnother?: boolean;
  /** Bytes; left out: 64 KiB. */
  bodyLimit?: number;
  /** Services and proxies call it, and no page does. */
  forServices?: boolean;
  /** A request header that answers are said to depend on (`Vary`). */
  variesBy?: string;
}

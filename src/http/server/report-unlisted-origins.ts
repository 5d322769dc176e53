import type { FastifyInstance, FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../lib/clock.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Services and proxies call it, and no page does. */
    forServices?: boolean;
  }
}

/** Milliseconds for which an origin that was logged is not logged again. */
const QUIET_MS = 3_600_000;
/** Origins that are logged in that time: a client that invents more of them cannot fill the log. */
const MAX_LINES = 20;
/** Characters of an origin that are logged. */
const MAX_SHOWN = 200;

/**
 * Logs a page of an origin that is not listed, once an hour for each origin. The browser keeps the answer from such a
 * page, and only the visitor's console says so.
 *
 * @param listed our own origin and the configured ones.
 */
export function reportUnlistedOrigins(
  server: FastifyInstance,
  { listed, clock }: { listed: ReadonlySet<string>; clock: Clock },
): void {
  const logged = new LRUCache<string, number>({ max: MAX_LINES });
  const isNew = (origin: string, now: number): boolean => {
    const recent = [...logged.values()].filter((at) => now - at < QUIET_MS);
    if (recent.length >= MAX_LINES || now - (logged.peek(origin) ?? -Infinity) < QUIET_MS) return false;
    logged.set(origin, now);
    return true;
  };
  server.addHook("onRequest", async (request) => {
    const origin = crossOriginOf(request);
    if (origin === null || listed.has(origin) || !isForPages(request)) return;
    const shown = printable(origin);
    if (!isNew(shown, clock())) return;
    request.log.info({ origin: shown, setting: "ALLOWED_ORIGINS" }, TEXT);
  });
}

const TEXT =
  "a page of an origin that ALLOWED_ORIGINS does not list called: its browser keeps the answer from it; " +
  "if the page is yours, add the origin to ALLOWED_ORIGINS";

/** Whether pages call this path. A proxy may pass the Origin of its own visitor on to an endpoint for services. */
const isForPages = ({ is404, routeOptions }: FastifyRequest): boolean =>
  !is404 && routeOptions.config.forServices !== true;

/** The origin of the page that called, if it is another than the one that it called. */
function crossOriginOf({ headers, host }: FastifyRequest): string | null {
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (origin === undefined || site === "same-origin" || site === "none") return null;
  // A page of this gateway under another of its names, such as 127.0.0.1.
  return origin.replace(/^https?:\/\//, "") === host ? null : origin;
}

/** What anybody may have written, for a log: visible ASCII, and not much of it. */
const printable = (origin: string): string => origin.slice(0, MAX_SHOWN).replace(/[^!-~]/g, "?");

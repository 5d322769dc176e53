import { Command } from "commander";
import type { Config } from "../config/config.js";
import { describeDatabase } from "../config/describe-database.js";
import { loadConfig } from "../config/load-config.js";
import { isLoopback } from "../config/service-urls.js";
import { createLog, standardOutput } from "../lib/log.js";
import type { Started } from "../serve.js";
import { warnOfNearNames } from "./warn-of-near-names.js";
import { tellCreated } from "./with-core.js";

/**
 * What a person at the terminal wants to know; logs go to standard output. One URL where the issuer is this very
 * process: clients, tokens and services must all use the issuer's spelling. Where it is not, such as behind a proxy,
 * both are shown, and what each is for.
 */
export function greeting({ url, created }: Started, { issuer, database, server }: Config): string {
  const own = leadsHere(issuer, url, server.host);
  const shown = own ? issuer : reachable(url);
  const made = tellCreated(created).map(([what, where]) => `  ${what.padEnd(8)}  ${where}`);
  return [
    "",
    `Latchkey is ready at ${shown}/graphql`,
    ...(own ? [] : otherIssuer(issuer)),
    `Database  ${describeDatabase(database)}`,
    ...(made.length > 0 ? ["", "Created:", ...made] : []),
    "",
    // It makes nothing: the sessions of the documentation start with no account.
    "A first query to paste; it answers null, for nobody is signed in yet:",
    "",
    `  curl -s ${shown}/graphql -H 'content-type: application/json' -d '{"query":"{ me { username } }"}'`,
    "",
    "",
  ].join("\n");
}

const otherIssuer = (issuer: string): string[] => [
  "  That is the address this process listens on. Clients and services must use the issuer instead (ISSUER):",
  `Issuer    ${issuer}`,
];

/** Whether the issuer is a URL by which this machine reaches the listening process itself. */
function leadsHere(issuer: string, url: string, host: string): boolean {
  const { protocol, hostname, port, pathname } = new URL(issuer);
  if (protocol !== "http:" || pathname !== "/" || (port || "80") !== (new URL(url).port || "80"))
    return false;
  if (hostname === "localhost") return isLoopback(host) || isAny(host);
  const wanted =
    hostname === "[::1]" ? ["::1", "::", "localhost"] : ["127.0.0.1", "0.0.0.0", "::", "localhost"];
  return wanted.includes(host);
}

const isAny = (host: string): boolean => host === "0.0.0.0" || host === "::";

/** `0.0.0.0` and `::` are addresses to listen on, and not to ask. */
const reachable = (url: string): string => url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, "//localhost");

/** `latchkey serve` */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run the gateway until SIGTERM; migrates the database first")
    .action(async () => {
      const warnings = warnOfNearNames();
      const config = loadConfig();
      // Loaded only now: help and faults are told without it.
      const { serve } = await import("../serve.js");
      const { destination, flush } = standardOutput();
      const log = createLog(config.logLevel, destination);
      for (const warning of warnings) log.warn(warning);
      process.stderr.write(greeting(await serve(config, log, flush), config));
    });
}

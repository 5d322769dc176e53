import type { HTTPMethods } from "fastify";
import type { DialectName } from "../../config/dialect-schemas.js";
import type { Route } from "../route.js";
import * as ctoregistry from "./ctoregistry.js";
import type { Operation } from "./framework/dialect.js";
import { describeDialect } from "./framework/openapi.js";
import { operationRoute, type DialectRow, type OperationServices } from "./framework/operation-route.js";
import * as useridJwt from "./userid-jwt.js";
import * as usertoken from "./usertoken.js";
import * as webitel from "./webitel.js";

type Row = readonly [DialectName, HTTPMethods, path: string, Operation];

/** Every path of the dialects, on one page. A path that several share is served by whose request it is: choose-operation. */
const TABLE: readonly Row[] = [
  ["ctoregistry", "POST", "/api/v1/security/authentication", ctoregistry.authentication],
  ["ctoregistry", "PUT", "/api/v1/security/logout", ctoregistry.logout],
  ["ctoregistry", "GET", "/api/v1/security/privilegeToken", ctoregistry.privilegeToken],
  ["ctoregistry", "POST", "/security/authentication", ctoregistry.authentication],
  ["ctoregistry", "PUT", "/security/logout", ctoregistry.logout],
  ["ctoregistry", "GET", "/security/privilegeToken", ctoregistry.privilegeToken],

  ["usertoken-bearer", "POST", "/auth/login", usertoken.login],
  ["usertoken-bearer", "POST", "/auth/bump", usertoken.bump],
  ["usertoken-bearer", "POST", "/auth/logout", usertoken.logout],

  ["webitel", "POST", "/login", webitel.login],
  ["webitel", "POST", "/logout", webitel.logout],

  ["userid-jwt", "POST", "/auth/login", useridJwt.login],
  ["userid-jwt", "POST", "/auth/logout", useridJwt.logout],
  ["userid-jwt", "POST", "/auth/register", useridJwt.register],
  ["userid-jwt", "POST", "/auth/token", useridJwt.token],

  ["usertoken-xauth", "POST", "/auth/login", usertoken.login],
  ["usertoken-xauth", "POST", "/auth/bump", usertoken.xauthBump],
  ["usertoken-xauth", "POST", "/auth/logout", usertoken.xauthLogout],
];

/** The routes of the dialects that are switched on, and a document of each. */
export function dialectRoutes(services: OperationServices): Route[] {
  const { enabled, prefixes } = services.config.dialects;
  const rows = TABLE.filter(([name]) => enabled.includes(name)).map(([name, method, path, operation]) => ({
    name,
    method,
    path,
    url: `${prefixes[name] ?? ""}${path}`,
    operation,
  }));
  const byUrl = new Map<string, [DialectRow, ...DialectRow[]]>();
  for (const row of rows) {
    const sharing = byUrl.get(row.url);
    if (sharing) sharing.push(row);
    else byUrl.set(row.url, [row]);
  }
  return [
    ...[...byUrl].map(([url, sharing]) => operationRoute(services, url, sharing)),
    ...enabled.map((name) => documentRoute(services.config.issuer, name, rows)),
  ];
}

/** The OpenAPI document of a dialect. */
function documentRoute(issuer: string, name: DialectName, rows: readonly DialectRow[]): Route {
  const body = JSON.stringify(describeDialect(name, rows, issuer));
  return {
    url: `/openapi/${name}.json`,
    methods: ["GET", "HEAD"],
    handler: (_request, reply) => reply.type("application/json; charset=utf-8").send(body),
  };
}

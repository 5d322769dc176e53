import type { DatabaseConfig } from "./config.js";

/** Which database it is, for a person: the file, or the name and the hosts. Neither the user nor the password. */
export function describeDatabase(database: DatabaseConfig): string {
  return database.kind === "sqlite" ? database.path : `${database.database} at ${hostsOf(database.hosts)}`;
}

const hostsOf = (hosts: readonly { host: string; port: number }[]): string =>
  hosts.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(", ");

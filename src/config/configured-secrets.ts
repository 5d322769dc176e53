import type { Config } from "./config.js";
import { ConfigError } from "./config-error.js";
import { embeddedSecretPath, ensureEmbeddedSecret } from "./embedded-secret.js";

/**
 * The configured secrets, or the secret of an embedded database, which is created when there is none.
 *
 * @returns `secretFile` is the file that this call created, or null.
 * @throws ConfigError when the file of an embedded database's secret cannot be used.
 */
export function configuredSecrets({ secrets, database }: Pick<Config, "secrets" | "database">): {
  secrets: readonly string[];
  secretFile: string | null;
} {
  if (secrets) return { secrets, secretFile: null };
  if (database.kind !== "sqlite") throw new Error("only an embedded database makes its own secret");
  const { secret, createdAt } = ensureEmbeddedSecret(database.path);
  return { secrets: [secret], secretFile: createdAt };
}

/** The error for secrets that cannot open the database. It says where the right one was. */
export function wrongSecretError(
  { secrets, database }: Pick<Config, "secrets" | "database">,
  cause: Error,
): ConfigError {
  const made = "is not the secret that this database was made with";
  const file = database.kind === "sqlite" ? embeddedSecretPath(database.path) : null;
  const message =
    secrets === null
      ? `what the file ${file} holds ${made}; put the one it held back from a backup`
      : `${made}; the earlier one may follow a new one after a comma${file === null ? "" : `, and unless it was set it is in the file ${file}`}`;
  return new ConfigError([{ name: "LATCHKEY_SECRET", message }], { cause });
}

import type { Config } from "../../config/config.js";
import { ConfigError } from "../../config/config-error.js";

/** What listening failed with, in terms of the settings where it is they that can be changed. */
export function explainListenFault(
  error: unknown,
  { host, port }: Pick<Config["server"], "host" | "port">,
): unknown {
  switch ((error as { code?: unknown } | null)?.code) {
    case "EADDRINUSE":
      return new Error(
        `port ${port} of ${host} is in use; end the program that listens there, or set PORT to another one`,
        { cause: error },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new ConfigError([{ name: "HOST", message: `${host} is no address of this machine` }], {
        cause: error,
      });
    default:
      return error;
  }
}

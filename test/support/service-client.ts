import { basic } from "./client.js";
import { runCommand, type Settings } from "./gateway.js";

/** A service that may ask about the tokens of others. */
export interface ServiceClient {
  id: string;
  secret: string;
  /** The headers that present it. */
  headers: { authorization: string };
}

/** Makes a client by the command line, as operators do. */
export async function makeClient(settings: Settings, name = "a verifier"): Promise<ServiceClient> {
  const { code, stdout, stderr } = await runCommand(["clients", "create", name, "--json"], settings);
  if (code !== 0) throw new Error(`no client: ${stderr}`);
  const { id, secret } = JSON.parse(stdout) as { id: string; secret: string };
  return { id, secret, headers: basic(id, secret) };
}

import { Command } from "commander";
import { createClient, revokeClient } from "../clients/manage-clients.js";
import type { Client } from "../entities/client.js";
import { withCore } from "./with-core.js";

/** `latchkey clients create|list|revoke` */
export function clientsCommand(): Command {
  return new Command("clients")
    .description("services that may ask about tokens: introspection and the revocation feed")
    .addCommand(createClientCommand())
    .addCommand(listClientsCommand())
    .addCommand(revokeCommand());
}

function createClientCommand(): Command {
  return new Command("create")
    .description("make a client; its secret is shown this once and kept nowhere")
    .argument("<name>", "what to know it by in the list")
    .option("--json", "answer in JSON")
    .action((name: string, { json }: { json?: boolean }) =>
      withCore("writes", async ({ clients }) => {
        const { client, secret } = await createClient(clients, name);
        const { id } = client;
        process.stdout.write(json ? `${JSON.stringify({ id, name, secret })}\n` : `${id} ${secret}\n`);
        process.stderr.write("The secret is shown this once. Keep it now.\n");
      }),
    );
}

function listClientsCommand(): Command {
  return new Command("list")
    .description("list all clients, oldest first, revoked ones too")
    .option("--json", "answer in JSON")
    .action(({ json }: { json?: boolean }) =>
      withCore("reads", async ({ clients }) => {
        const shown = (await clients.store.list()).map(describeClient);
        if (json) process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
        else for (const client of shown) process.stdout.write(`${lineOf(client)}\n`);
      }),
    );
}

function revokeCommand(): Command {
  return new Command("revoke")
    .description("refuse a client from now on, for good")
    .argument("<id>")
    .action((id: string) =>
      withCore("writes", async ({ clients }) => {
        const { name } = await revokeClient(clients, id);
        process.stdout.write(`${id} revoked ${name}\n`);
      }),
    );
}

/** Not the digest of its secret: nobody needs it. */
function describeClient({ id, name, creationTime, lastUsageTime, revocationTime }: Client) {
  return { id, name, creationTime, lastUsageTime, revocationTime };
}

/** The name last: it may have spaces. */
function lineOf({
  id,
  name,
  creationTime,
  lastUsageTime,
  revocationTime,
}: ReturnType<typeof describeClient>): string {
  const used = lastUsageTime ? `used ${lastUsageTime.toISOString()}` : "never used";
  const state = revocationTime ? `revoked ${revocationTime.toISOString()}` : "active";
  return `${id}  created ${creationTime.toISOString()}  ${used}  ${state}  ${name}`;
}

import { Argument, Command, Option } from "commander";
import { dropKey, listKeys, retireKey, rotateKey } from "../keys/key-lifecycle.js";
import type { KeyStatus } from "../keys/key-statuses.js";
import { withCore } from "./with-core.js";

const STALE_SET = "until they fetch the key set again (Apollo Router: a minute; Hive and jose: up to ten)";

/** `latchkey keys list|rotate|retire` */
export function keysCommand(): Command {
  return new Command("keys")
    .description("the keys that sign tokens")
    .addCommand(listKeysCommand())
    .addCommand(rotateCommand())
    .addCommand(retireCommand());
}

const jsonOption = () => new Option("--json", "answer in JSON");

function listKeysCommand(): Command {
  return new Command("list")
    .description("every key with its state: upcoming, signing, retired or dropped")
    .addOption(jsonOption())
    .action((options: { json?: true }) =>
      withCore("reads", async ({ keyChanges }) => {
        const keys = await listKeys(keyChanges);
        process.stdout.write(options.json ? `${JSON.stringify(keys, null, 2)}\n` : keys.map(line).join(""));
      }),
    );
}

function rotateCommand(): Command {
  return new Command("rotate")
    .description("publish the next key; it signs once verifiers have had the time to fetch it")
    .option("--now", "let it sign within seconds; services that verify tokens may refuse some for a while")
    .addOption(jsonOption())
    .action(({ now: atOnce = false, ...options }: { now?: boolean; json?: true }) =>
      withCore("writes", async ({ keyChanges }) => {
        print(await rotateKey(keyChanges, { atOnce, by: "cli" }), options);
        if (atOnce) note(`services that verify by themselves may refuse what the new key signs ${STALE_SET}`);
      }),
    );
}

function retireCommand(): Command {
  return new Command("retire")
    .description("end a key: it signs no more, and what it signed stays good")
    .addArgument(new Argument("<kid>", "as `keys list` shows it"))
    .option("--compromised", "drop it at once: it is unpublished, and all that it signed is refused")
    .addOption(jsonOption())
    .action((kid: string, { compromised, ...options }: { compromised?: true; json?: true }) =>
      withCore("writes", async ({ keyChanges }) => {
        if (!compromised) {
          print(await retireKey(keyChanges, kid, "cli"), options);
          return;
        }
        const { key, successor } = await dropKey(keyChanges, kid, "cli");
        print(key, options);
        note(`services that verify by themselves may accept what it signed ${STALE_SET}`);
        if (successor) note(`${successor.kid} signs from now on; they may refuse what it signs until then`);
      }),
    );
}

/** Standard output is for machines too. */
const note = (text: string) => process.stderr.write(`latchkey: ${text}\n`);

function print(key: KeyStatus, options: { json?: true }): void {
  process.stdout.write(options.json ? `${JSON.stringify(key, null, 2)}\n` : line(key));
}

function line(key: KeyStatus): string {
  return `${key.kid} ${key.algorithm} ${key.state} ${instants(key)}\n`;
}

function instants({ state, activationTime, retirementTime, publishedUntil, dropTime }: KeyStatus): string {
  const at = (instant: Date | null) => instant?.toISOString() ?? "";
  switch (state) {
    case "upcoming":
      return `signs from ${at(activationTime)}`;
    case "signing":
      return `since ${at(activationTime)}`;
    case "retired":
      return `since ${at(retirementTime)}, published ${publishedUntil ? `until ${at(publishedUntil)}` : "for good: a token that it signed never ends"}`;
    case "dropped":
      return `since ${at(dropTime)}`;
  }
}

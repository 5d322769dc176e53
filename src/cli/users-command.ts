import { Argument, Command, Option } from "commander";
import { forgetFailures } from "../accounts/admit.js";
import { changeRole } from "../accounts/change-role.js";
import { lookUpOrder } from "../accounts/normalise-identifier.js";
import { Role } from "../entities/role.js";
import { LatchkeyError } from "../errors/latchkey-error.js";
import type { Core } from "../core.js";
import { readPassword } from "./read-password.js";
import { withCore } from "./with-core.js";

const roles = Object.values(Role);

interface CreateOptions {
  email?: string;
  phone?: string;
  locale?: string;
  role: Role;
}

/** `latchkey users create|role|enable|disable` */
export function usersCommand(): Command {
  return new Command("users")
    .description("accounts")
    .addCommand(createUserCommand())
    .addCommand(roleCommand())
    .addCommand(
      enabledCommand(
        "enable",
        "let an account sign in again that was disabled, or stopped after too many failures",
      ),
    )
    .addCommand(enabledCommand("disable", "refuse an account, and end all its tokens for good"));
}

function createUserCommand(): Command {
  return new Command("create")
    .description("make an account; the password is asked for, or read from standard input, never an argument")
    .argument("<username>")
    .option("--email <address>")
    .option("--phone <number>")
    .option("--locale <tag>", "BCP 47, such as en or pt-BR")
    .addOption(new Option("--role <role>").choices(roles).default(Role.VIEWER))
    .action(async (username: string, { role, ...names }: CreateOptions) => {
      await withCore("writes", async ({ accounts }) => {
        const password = await readPassword();
        // Brings a validator along that help would wait for.
        const { createAccount } = await import("../accounts/create-account.js");
        const { user } = await createAccount(accounts, { username, password, ...names }, { role });
        accounts.audit({ event: "account.registered", userId: user.id, by: "cli" });
        process.stdout.write(`${user.id} ${user.username} ${user.role}\n`);
      });
    });
}

const userArgument = () => new Argument("<user>", "username, e-mail address or telephone number");

function roleCommand(): Command {
  return new Command("role")
    .description("give an account a role; its tokens follow at once")
    .addArgument(userArgument())
    .addArgument(new Argument("<role>").choices(roles))
    .action((userid: string, role: Role) =>
      withCore("writes", async ({ accounts }) => {
        const { id, username } = await findUser(accounts, userid);
        await changeRole(accounts, id, role, "cli");
        process.stdout.write(`${id} ${username} ${role}\n`);
      }),
    );
}

function enabledCommand(verb: "enable" | "disable", description: string): Command {
  return new Command(verb)
    .description(description)
    .addArgument(userArgument())
    .action((userid: string) =>
      withCore("writes", async ({ accounts }) => {
        const { id, username, email, phone } = await findUser(accounts, userid);
        await accounts.store.setEnabled(id, verb === "enable", new Date(accounts.clock()));
        const names = [username, email, phone].filter((name) => name !== null);
        if (verb === "enable") await forgetFailures(accounts, names);
        accounts.audit({ event: `account.${verb}d`, userId: id, by: "cli" });
        process.stdout.write(`${id} ${username} ${verb}d\n`);
      }),
    );
}

async function findUser(accounts: Core["accounts"], userid: string) {
  const user = await accounts.store.findByIdentifier(lookUpOrder(userid));
  if (!user) throw new LatchkeyError("NOT_FOUND", { message: "There is no such account." });
  return user;
}

/** The frame of an example's run: a folder of its own, a time limit, and an end for everything it started. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requirePrepared, Unprepared } from "./prepared.mjs";
import { stopServers } from "./servers.mjs";

const LIMIT_SECONDS = 240;

/** Prints one line about what has just been seen. */
export const say = (line) => console.log(`  ${line}`);

/** Runs `steps` with a folder of its own, and ends the process: with 1 when they throw or take too long. */
export async function example(steps) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-example-"));
  const end = async (code) => {
    await stopServers();
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => end(1));
  const late = sleep(LIMIT_SECONDS * 1_000).then(() => {
    throw new Error(`not done after ${LIMIT_SECONDS} s`);
  });
  try {
    requirePrepared();
    await Promise.race([steps(folder), late]);
  } catch (error) {
    console.error(error instanceof Unprepared ? error.message : error);
    await end(1);
  }
  await end(0);
}

/** Sends one GraphQL operation; `token` goes into the Authorization header. */
export async function ask(url, query, { token, variables } = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(30_000),
  });
  const { data, errors = [] } = await response.json();
  return { status: response.status, data, errors, code: errors[0]?.extensions?.code };
}

export const PASSWORD = "correct horse battery";

/** Registers an account at Latchkey itself, and resolves with its id and a token. */
export async function register(graphql, username) {
  const query = `mutation ($input: RegisterInput!) { register(input: $input) { token privilege user { id } } }`;
  const input = { username, email: `${username}@example.org`, password: PASSWORD };
  const { data, errors } = await ask(graphql, query, { variables: { input } });
  if (errors.length > 0) throw new Error(errors[0].message);
  const { token, privilege, user } = data.register;
  return { id: user.id, token, privilege };
}

import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { strengthInputs } from "./strength-inputs.js";

/** What `estimate` is sent. */
export interface StrengthTask {
  password: string;
  userInputs: readonly string[];
}

/** The estimate grows faster than the square of the length; at 64 even the worst costs about as much as one hash. */
const MAX_ESTIMATED = 64;

// About 25 MiB while it lives, which is why it has a thread of its own that ends when idle.
const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

/** Runs in a worker thread: the strength of the first 64 characters, from 0 (guessed at once) to 4. */
export function estimate({ password, userInputs }: StrengthTask): number {
  const start = Array.from(password.normalize("NFC")).slice(0, MAX_ESTIMATED).join("");
  return estimator.check(start, strengthInputs(userInputs)).score;
}

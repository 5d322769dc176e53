import { workerData } from "node:worker_threads";
import { hashPassword, verifyPassword, type HashSettings, type PasswordVerification } from "./hash-tasks.js";

/** What `verify` is sent. */
export interface VerifyTask {
  password: string;
  stored: string | null;
  dummy: string;
}

const settings = workerData as HashSettings;

/** Runs in a worker thread: see hashPassword. */
export function hash(password: string): string {
  return hashPassword(settings, password);
}

/** Runs in a worker thread: see verifyPassword. */
export function verify({ password, stored, dummy }: VerifyTask): PasswordVerification {
  return verifyPassword(settings, password, stored, dummy);
}

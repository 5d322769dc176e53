import type { SigningKey } from "../entities/signing-key.js";

/** The storage that signing keys need. */
export interface SigningKeyStore {
  /** All of them, in an order that does not change. */
  list(): Promise<SigningKey[]>;
  add(key: SigningKey): Promise<void>;
  /** Moves the instant from which a key signs. */
  activate(kid: string, at: Date): Promise<void>;
  /**
   * Ends a key for good and deletes its private half; does nothing to one that is dropped already.
   *
   * @param successor signs from that instant on: a new key, or the kid of one that is stored.
   */
  drop(kid: string, at: Date, successor: SigningKey | string | null): Promise<void>;
  remove(kids: readonly string[]): Promise<void>;
  /** Raises `tokensUntil`; never lowers it. */
  keepUntil(kid: string, until: Date): Promise<void>;
  /** Compare and swap of the sealed private half; does nothing when it is no longer `from`. */
  replacePrivateKey(kid: string, from: string, to: string): Promise<void>;
}

/** One thing that is wrong: which variable, and what is wanted. Never the value. */
export interface ConfigFault {
  name: string;
  message: string;
}

/** The configuration cannot be used. Its message has one line for each fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(
    readonly faults: readonly ConfigFault[],
    options?: ErrorOptions,
  ) {
    super(faults.map(({ name, message }) => `${name}: ${message}`).join("\n"), options);
  }
}

/** Where a reporter writes: pino's logger, or any other with these two levels. */
export type FlapLog = Record<"info" | "warn", (fields: object, message: string) => void>;

/** Told after every attempt how it went. */
export interface FlapReporter {
  failed(error: unknown): void;
  succeeded(): void;
}

/** The log messages of one source: one when it begins to fail, one when it works again. */
export interface FlapMessages {
  failing: string;
  recovered: string;
}

/**
 * Reports that something has begun to fail, and that it works again, once each: it is attempted too often for a
 * log line at every attempt.
 *
 * @param fieldsOf what the log line says of the error; by default the error itself.
 */
export function createFlapReporter(
  log: FlapLog,
  { failing, recovered }: FlapMessages,
  fieldsOf: (error: unknown) => object = (error) => ({ err: error }),
): FlapReporter {
  let isFailing = false;
  return {
    failed: (error) => {
      if (!isFailing) log.warn(fieldsOf(error), failing);
      isFailing = true;
    },
    succeeded: () => {
      if (isFailing) log.info({}, recovered);
      isFailing = false;
    },
  };
}

import { z } from "zod";
import type { BackoffConfig, RateLimit } from "./config.js";
import { commaList, duration, textTo, wholeNumber, type SettingSchema } from "./setting-schemas.js";

const MAX_LIMITS = 8;
const amount = wholeNumber(1, 1_000_000);
const period = duration("1s", "30d");

const rateLimit = textTo<RateLimit>(
  "a whole number from 1 to 1000000, / and a duration from 1s to 30d, such as 30/1m",
  (text) => {
    const [number = "", time = "", rest] = text.split("/");
    const most = amount.safeParse(number);
    const periodMs = period.safeParse(time);
    if (rest !== undefined || !most.success || !periodMs.success) return undefined;
    return { most: most.data, periodMs: periodMs.data };
  },
);

const limitList = commaList(rateLimit, MAX_LIMITS, "limits");

/** Limits that hold side by side, each for another period. */
export const rateLimits: SettingSchema<readonly RateLimit[]> = z
  .string()
  .pipe(limitList)
  .refine(
    (limits) => new Set(limits.map(({ periodMs }) => periodMs)).size === limits.length,
    "must not hold a period twice",
  )
  .describe(limitList.description ?? "");

const BACKOFF = "two limits such as 5/1m,100/1d, the second not of fewer failures than the first";

/** When the delays begin and how long they become, and when the stop comes and how long it lasts. */
export const failureLimits: SettingSchema<BackoffConfig> = textTo(BACKOFF, (text) => {
  const [first, second, ...rest] = text.split(",", 3).map((each) => rateLimit.safeParse(each));
  if (!first?.success || !second?.success || rest.length > 0) return undefined;
  const { most: free, periodMs: longestDelayMs } = first.data;
  const { most, periodMs: stopMs } = second.data;
  return most < free ? undefined : { free, longestDelayMs, most, stopMs };
});

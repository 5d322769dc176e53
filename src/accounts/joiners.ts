import { JOINS_NEXT, JOINS_PREVIOUS, TRANSPARENT, VIRAMAS } from "./joining-types.js";

const JOINERS = /[\u200c\u200d]/g;
/**
 * RFC 5892 appendix A.1: a non-joiner stands behind a virama, or between letters that would join without it.
 * A.2: a joiner stands behind a virama.
 */
const IN_CONTEXT = new RegExp(
  `(?<=[${VIRAMAS}])[\\u200c\\u200d]|(?<=[${JOINS_NEXT}][${TRANSPARENT}]*)\\u200c(?=[${TRANSPARENT}]*[${JOINS_PREVIOUS}])`,
  "gu",
);

/** The text without the joiners that its script needs where they stand. */
export const withoutNeededJoiners = (text: string): string => text.replace(IN_CONTEXT, "");

/** The text without any joiner: they are hard to see and easily left out, so no two names differ by them alone. */
export const withoutJoiners = (text: string): string => text.replace(JOINERS, "");

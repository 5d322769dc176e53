import { withoutNeededJoiners } from "./joiners.js";

/**
 * Controls, direction changes, unassigned code points (RFC 8264 section 8) and all that is drawn as nothing,
 * U+2800 too: two names that look alike must be alike. U+FFFD stands for what a decoder could not read.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;

/** Whether a name holds what is not seen. Joiners may stand where their script needs them, and are not compared. */
export const hasUnseen = (name: string): boolean => UNSEEN.test(withoutNeededJoiners(name));

import type { GuardedOperation } from "./framework/dialect.js";
import * as bearer from "./usertoken.js";

/** The document shows the bodies of usertoken-bearer; only the header that presents a token differs. */
export const { login } = bearer;

export const bump: GuardedOperation<unknown> = { ...bearer.bump, form: "x-auth-token" };

export const logout: GuardedOperation<unknown> = { ...bearer.logout, form: "x-auth-token" };

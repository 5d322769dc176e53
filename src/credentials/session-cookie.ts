import { stringifySetCookie } from "cookie";

/** What an answer does to the session cookie: sets it (its value is a JWT), clears it, or leaves it alone (null). */
export type SessionCookieChange = { token: string; expires: Date | null } | "clear" | null;

/** The session cookie of this gateway: how it is named and written. */
export interface SessionCookieFormat {
  name: string;
  /** A Set-Cookie value. */
  write(change: NonNullable<SessionCookieChange>): string;
}

/**
 * The session cookie holds the user token's JWT. HttpOnly keeps it from
 * scripts, and Lax keeps it out of cross-site form posts. Behind TLS the `__Host-` prefix also binds it to
 * this host (RFC 6265bis section 4.1.3).
 *
 * @param sameSite browsers take `none` only together with `Secure`.
 */
export function sessionCookieFormat(
  secure: boolean,
  sameSite: "lax" | "strict" | "none",
): SessionCookieFormat {
  const name = secure ? "__Host-latchkey_session" : "latchkey_session";
  const shape = { name, path: "/", httpOnly: true, sameSite, secure } as const;
  return {
    name,
    write: (change) =>
      change === "clear"
        ? stringifySetCookie({ ...shape, value: "", maxAge: 0, expires: new Date(0) })
        : stringifySetCookie({
            ...shape,
            value: change.token,
            ...(change.expires ? { expires: change.expires } : {}),
          }),
  };
}

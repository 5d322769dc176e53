/** The error that each dialect writes: exactly these keys. */
export const CTOREGISTRY_ERROR = (action: "authentication" | "logout" | "privilegeToken") => ({
  status: "error",
  action,
  id: null,
  result: expect.any(String),
});
export const USERTOKEN_ERROR = { message: expect.any(String) };
export const WEBITEL_ERROR = (info: unknown = expect.any(String)) => ({ status: "error", info });
export const USERID_JWT_LOGIN_ERROR = { status: -1, errmsg: expect.any(String) };
export const USERID_JWT_ERROR = { status: "error", errcode: "401", errmsg: expect.any(String) };
export const USERID_JWT_LOGOUT_ERROR = { status: "error", errcode: "401", errmsg: "Unauthorized Logout" };

/** `WWW-Authenticate`, by what was presented and where. */
export const BASIC_CHALLENGE = 'Basic realm="latchkey", charset="UTF-8"';
export const BEARER_CHALLENGE = 'Bearer realm="latchkey"';
export const BAD_TOKEN_CHALLENGE = 'Bearer realm="latchkey", error="invalid_token"';

export const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;
export const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** ISO 8601 with an offset. */
export const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

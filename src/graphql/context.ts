import type { SessionCookieChange } from "../credentials/session-cookie.js";
import type { Viewer } from "../credentials/viewer.js";
import type { ErrorLog } from "../errors/log-error.js";
import type { RequestOrigin } from "../tokens/new-token.js";

/** What every resolver gets. */
export interface GraphqlContext {
  viewer: Viewer;
  /** The Authorization: Basic header of this request: what only `login` reads. */
  basic: { userid: string; password: string } | "malformed" | null;
  /** The cookie is the credential, and a page of another origin may have sent the request. */
  crossSite: boolean;
  from: RequestOrigin;
  /** The session cookie. A resolver writes `change`. */
  cookie: {
    change: SessionCookieChange;
    /** Whether the browser that sent the request would keep a new one. */
    mayBeKept: () => boolean;
  };
  /** The token that the request presented or that its login issued: `UserToken.current`. */
  current: { key: string | null };
  log: ErrorLog;
}

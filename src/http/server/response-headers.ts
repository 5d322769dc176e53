/**
 * What every answer tells browsers: it is data, not a page (OWASP HTTP Headers
 * cheat sheet). A fixed table: a plugin that puts these together anew for
 * every answer showed in the profile of a request.
 *
 * @param secure the issuer is https: browsers are told to stay there (RFC 6797).
 */
export function securityHeaders(secure: boolean): Record<string, string> {
  return {
    // Answers speak of one caller: no cache may keep them. The key set says otherwise for itself.
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    // For browsers that do not know frame-ancestors.
    "x-frame-options": "DENY",
    ...(secure ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
  };
}

/** `/verify/`, in a request target with a host before it too (RFC 9112 section 3.2.2). */
const BEHIND_VERIFY = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)?\/verify\//;

/**
 * The request target that routes are chosen by. What stands behind `/verify/` is the target of another request, in
 * whatever spelling its client chose: it is taken away before anything decodes it, for it has no meaning here.
 */
export function routedTarget(target: string): string {
  return BEHIND_VERIFY.test(target) ? "/verify/" : target;
}

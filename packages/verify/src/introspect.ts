import { readBodyText, type GatewayClient } from "./gateway-client.js";
import { GatewayError } from "./gateway-error.js";
import type { PrivilegeViewer, UserViewer } from "./verification.js";

/** Asks the gateway about tokens, one call for each token. */
export interface Introspection {
  /**
   * Whether the gateway answers that the token is active (RFC 7662) and confirms its claims: the user, and for a
   * privilege token the role and every scope.
   *
   * @throws GatewayError when the gateway cannot answer, or when too many calls are under way.
   */
  confirms(token: string, viewer: PrivilegeViewer | UserViewer): Promise<boolean>;
}

const PATH = "/introspect";
const DEADLINE_MS = 2_000;
const MAX_BYTES = 64 * 1024;
/** Protects a gateway that is in trouble from a call for every waiting request. */
const MAX_UNDER_WAY = 100;

function readAnswer(body: string): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer === "object" && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw new GatewayError(`${PATH}: the answer is not an object`);
}

/** The answer holds the current state. A token that names an earlier role is not confirmed. */
function agrees(answer: Record<string, unknown>, viewer: PrivilegeViewer | UserViewer): boolean {
  const { active, sub, role, scope } = answer;
  if (active !== true || sub !== viewer.userId) return false;
  if (!("role" in viewer)) return true;
  if (role !== viewer.role || typeof scope !== "string") return false;
  const scopes = scope.split(" ");
  return viewer.scopes.every((one) => scopes.includes(one));
}

export function createIntrospection(gateway: GatewayClient): Introspection {
  let underWay = 0;
  return {
    async confirms(token, viewer) {
      if (underWay >= MAX_UNDER_WAY) throw new GatewayError(`${PATH}: too many tokens are being asked about`);
      underWay += 1;
      const headers = { accept: "application/json" };
      const request = {
        path: PATH,
        headers,
        form: { token },
        signedIn: true,
        deadline: DEADLINE_MS,
        statuses: [200],
      };
      try {
        const body = await gateway.exchange(request, (response) => readBodyText(response, MAX_BYTES));
        return agrees(readAnswer(body), viewer);
      } finally {
        underWay -= 1;
      }
    },
  };
}

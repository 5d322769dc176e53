import { unavailable } from "../errors/latchkey-error.js";
import { readText } from "./gateway-client.js";
import type { GatewayClient } from "./gateway-client.js";

/** Asks the gateway about tokens, one call each. */
export interface Introspection {
  /**
   * Whether the gateway says that the token is active (RFC 7662) and its subject is this one.
   *
   * @throws LatchkeyError `SERVICE_UNAVAILABLE` when it cannot be asked, or too many are being asked about.
   */
  isActive(token: string, sub: string): Promise<boolean>;
}

const PATH = "/introspect";
const DEADLINE_MS = 2_000;
const MAX_BYTES = 64 * 1024;
/** A gateway in trouble must not be asked by every request that waits. */
const MAX_UNDER_WAY = 100;

function readAnswer(body: string): { active?: unknown; sub?: unknown } {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer === "object" && answer !== null) return answer;
  } catch {
    // Said below.
  }
  throw unavailable(`${PATH}: the answer is not an object`);
}

export function createIntrospection(gateway: GatewayClient): Introspection {
  let underWay = 0;
  return {
    async isActive(token, sub) {
      if (underWay >= MAX_UNDER_WAY) throw unavailable(`${PATH}: too many tokens are being asked about`);
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
        const body = await gateway.exchange(request, (response) => readText(response, MAX_BYTES));
        const answer = readAnswer(body);
        return answer.active === true && (answer.sub === undefined || answer.sub === sub);
      } finally {
        underWay -= 1;
      }
    },
  };
}

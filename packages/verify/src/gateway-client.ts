import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import { InvalidTokenError } from "#wire/invalid-token-error.js";
import { GatewayError } from "./gateway-error.js";
import type { VerifierSettings } from "./options.js";

export interface GatewayRequest {
  /** From the gateway's address on. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as a form by POST. */
  form?: Record<string, string>;
  /** Whether the client's id and secret go along. */
  signedIn?: boolean;
  /** Milliseconds. */
  deadline: number;
  statuses: readonly number[];
}

/** The only way of the verifier to the gateway. */
export interface GatewayClient {
  /**
   * Sends one request and lets `use` read the answer, both within the deadline; `touch` starts it anew.
   * Redirects are not followed: they would take the secret along.
   *
   * @throws GatewayError when the gateway is not reached, is too slow, or answers with a
   *   status not in `statuses`; its message holds no more than the path, a status or a system code.
   */
  exchange<T>(
    request: GatewayRequest,
    use: (response: IncomingMessage, touch: () => void) => Promise<T>,
  ): Promise<T>;
  /** Ends what is under way; nothing is sent any more. */
  close(): void;
}

type ClientSettings = Pick<VerifierSettings, "gateway" | "client" | "agent">;

/** RFC 7617. Both are ASCII, and the id has no colon. */
const basic = ({ id, secret }: ClientSettings["client"]): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;

/** The system's own name for what happened; its texts may repeat an address. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name);
}

function describe(path: string, error: unknown, late: boolean): GatewayError | InvalidTokenError {
  if (error instanceof GatewayError || error instanceof InvalidTokenError) return error;
  return new GatewayError(`${path}: ${late ? "no answer in time" : codeOf(error)}`);
}

/** Whoever destroys it later has its error go nowhere. */
function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on("response", resolve).on("error", reject);
  });
}

export function createGatewayClient({ gateway, client, agent: given }: ClientSettings): GatewayClient {
  const secure = gateway.startsWith("https:");
  const agent = given ?? new (secure ? TlsAgent : Agent)({ keepAlive: true });
  const authorization = basic(client);
  const underWay = new Set<ClientRequest>();
  let closed = false;

  function send({ path, headers, form, signedIn }: GatewayRequest): ClientRequest {
    const body = form && new URLSearchParams(form).toString();
    const outgoing = (secure ? httpsRequest : httpRequest)(gateway + path, {
      agent,
      method: form ? "POST" : "GET",
      headers: {
        ...headers,
        ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
        ...(signedIn ? { authorization } : {}),
      },
    });
    outgoing.end(body);
    return outgoing;
  }

  return {
    async exchange(request, use) {
      if (closed) throw new GatewayError("the verifier is closed");
      const outgoing = send(request);
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        outgoing.destroy(new Error("late"));
      }, request.deadline);
      underWay.add(outgoing);
      let response: IncomingMessage | undefined;
      try {
        response = await answerOf(outgoing);
        const { statusCode = 0 } = response;
        if (!request.statuses.includes(statusCode)) {
          throw new GatewayError(`${request.path}: the gateway answers ${statusCode}`);
        }
        return await use(response, () => void timer.refresh());
      } catch (error) {
        throw describe(request.path, error, late);
      } finally {
        clearTimeout(timer);
        underWay.delete(outgoing);
        // Whatever was not read of the answer is not waited for.
        if (response?.complete !== true) outgoing.destroy();
      }
    },
    close() {
      closed = true;
      for (const outgoing of underWay) outgoing.destroy(new Error("closed"));
      if (!given) agent.destroy();
    },
  };
}

/** @throws GatewayError when the body is longer than `max` bytes. */
export async function readText(response: IncomingMessage, max: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > max) throw new GatewayError("an answer of the gateway is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

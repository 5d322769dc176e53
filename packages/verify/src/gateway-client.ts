import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import { InvalidTokenError } from "#wire/invalid-token-error.js";
import { GatewayError } from "./gateway-error.js";
import type { VerifierSettings } from "./options.js";

export interface GatewayRequest {
  /** The path and query after the gateway's address. */
  path: string;
  headers?: Record<string, string>;
  /** With it, the request is a POST with this form as its body. */
  form?: Record<string, string>;
  /** Whether to send the client's id and secret. */
  signedIn?: boolean;
  /** Milliseconds. */
  deadline: number;
  statuses: readonly number[];
}

/** Sends the verifier's requests to the gateway. */
export interface GatewayClient {
  /**
   * Sends one request and calls `use` with the answer. Both must finish within the deadline; `touch` restarts it.
   * Redirects are not followed, because they would pass the secret on.
   *
   * @throws GatewayError when the gateway cannot be reached, is too slow, or answers with a
   *   status not in `statuses`; its message holds no more than the path, a status or a system code.
   */
  exchange<T>(
    request: GatewayRequest,
    use: (response: IncomingMessage, touch: () => void) => Promise<T>,
  ): Promise<T>;
  /** Ends the requests that are under way, and rejects new ones. */
  close(): void;
}

type ClientSettings = Pick<VerifierSettings, "gateway" | "client" | "agent">;

/** RFC 7617. Both values are ASCII, and the id has no colon. */
const basic = ({ id, secret }: ClientSettings["client"]): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;

/** The error code of the system. Its messages are not used, because they may contain an address. */
function networkCodeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === "string" ? code : String(name);
}

function describeFailure(path: string, error: unknown, late: boolean): GatewayError | InvalidTokenError {
  if (error instanceof GatewayError || error instanceof InvalidTokenError) return error;
  return new GatewayError(`${path}: ${late ? "no answer in time" : networkCodeOf(error)}`);
}

/** Resolves with the response. The error listener stays: without it, a later `destroy` would crash the process. */
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
        throw describeFailure(request.path, error, late);
      } finally {
        clearTimeout(timer);
        underWay.delete(outgoing);
        // Do not wait for the part of the answer that was not read.
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
export async function readBodyText(response: IncomingMessage, max: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > max) throw new GatewayError("an answer of the gateway is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

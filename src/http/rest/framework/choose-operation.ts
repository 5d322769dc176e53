import type { FastifyRequest } from "fastify";
import type { DialectName } from "../../../config/dialect-schemas.js";
import type { CredentialReading } from "../../../credentials/read-credential.js";

/**
 * Whose request one to a shared path is: the dialects that it may belong to, the likeliest first.
 * When none of them is switched on, any that serves the path answers.
 *
 * @param bodyRead false for a request that is refused before its body could be read.
 */
export function chooseDialects(
  path: string,
  request: FastifyRequest,
  presented: CredentialReading,
  bodyRead: boolean,
): readonly DialectName[] {
  switch (path) {
    case "/auth/login":
      return chooseLogin(request, bodyRead);
    case "/auth/logout":
      return chooseLogout(presented);
    default:
      return [];
  }
}

/**
 * `Authorization: Basic` signs in whatever the body holds; without it a JSON object with a userid or a password does.
 * What is neither is asked for Basic. A body that could not be read belongs to the dialect that needs one.
 */
function chooseLogin({ headers, body }: FastifyRequest, bodyRead: boolean): readonly DialectName[] {
  if (/^basic(?:[ \t]|$)/i.test(headers.authorization?.trim() ?? "")) return BASIC;
  return !bodyRead || isJsonLogin(body) ? ["userid-jwt"] : BASIC;
}

const BASIC: readonly DialectName[] = ["usertoken-bearer", "usertoken-xauth"];

function isJsonLogin(body: unknown): boolean {
  return (
    typeof body === "object" &&
    body !== null &&
    (Object.hasOwn(body, "userid") || Object.hasOwn(body, "password"))
  );
}

/** The answer takes the shape of the credential's dialect. Two credentials, or none, are answered like a JWT. */
function chooseLogout(presented: CredentialReading): readonly DialectName[] {
  switch (mechanismOf(presented)) {
    case "bearer":
    case "basic":
      return ["usertoken-bearer"];
    case "x-auth-token":
      return ["usertoken-xauth"];
    default:
      return ["userid-jwt"];
  }
}

function mechanismOf(presented: CredentialReading) {
  if (presented.kind === "basic") return "basic";
  return "mechanism" in presented ? presented.mechanism : null;
}

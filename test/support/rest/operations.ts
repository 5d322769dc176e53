import { basic, bearer, PASSWORD, type SignedIn } from "../client.js";
import { bare, jwt, xAccess, xAuth } from "./call.js";
import { S0_ERROR, S1_ERROR, S2_ERROR, S3_ERROR, S3_LOGIN_ERROR } from "./shapes.js";

type Headers = Record<string, string>;

/** A door, how its document's clients knock at it, and how it refuses. */
export interface Target {
  name: string;
  /** Method and path. */
  line: string;
  access: "public" | "basic" | "guarded";
  /** The credential, as its document presents it. */
  credential(user: SignedIn): Headers;
  /** A body that is accepted; absent where none is read. */
  body?(user: SignedIn): Record<string, unknown>;
  /** Fields that may be null, like absent. */
  nullable: readonly string[];
  /** What the body of every refusal is. */
  error: object;
}

const NONE = () => ({});

const open = (
  name: string,
  line: string,
  error: object,
  body: Target["body"],
  ...nullable: string[]
): Target => ({
  name,
  line,
  access: "public",
  credential: NONE,
  body,
  nullable,
  error,
});

const guarded = (
  name: string,
  line: string,
  error: object,
  credential: Target["credential"],
  ...nullable: string[]
): Target => ({
  name,
  line,
  access: "guarded",
  credential,
  ...(nullable.length > 0 ? { body: () => ({ clientfp: "laptop" }) } : {}),
  nullable,
  error,
});

const byName = ({ username }: SignedIn) => ({ username, password: PASSWORD });
const byUserid = ({ username }: SignedIn) => ({ userid: username, password: PASSWORD, clientfp: "laptop" });
const newcomer = ({ username }: SignedIn) => ({
  username: `${username}-twin`,
  email: `${username}@example.org`,
  phone: "+44 20 7946 0018",
  password: PASSWORD,
});

const s0 = (path: string): Target[] => [
  open(`S0 POST ${path}/authentication`, `POST ${path}/authentication`, S0_ERROR("authentication"), byName),
  guarded(`S0 PUT ${path}/logout`, `PUT ${path}/logout`, S0_ERROR("logout"), ({ token }) => bare(token)),
  guarded(
    `S0 GET ${path}/privilegeToken`,
    `GET ${path}/privilegeToken`,
    S0_ERROR("privilegeToken"),
    ({ token }) => bare(token),
  ),
];

const s1 = ({ token }: SignedIn) => bearer(token);
const s4 = ({ username, token }: SignedIn) => xAuth(username, token);

/** Every operation of every dialect. */
export const TARGETS: readonly Target[] = [
  ...s0("/api/v1/security"),
  ...s0("/security"),
  {
    name: "S1 and S4 login",
    line: "POST /auth/login",
    access: "basic",
    credential: ({ username }) => basic(username, PASSWORD),
    body: () => ({ note: "by a test", expirationTime: new Date(Date.now() + 3_600_000).toISOString() }),
    nullable: ["note", "expirationTime"],
    error: S1_ERROR,
  },
  guarded("S1 bump", "POST /auth/bump", S1_ERROR, s1),
  guarded("S1 logout", "POST /auth/logout", S1_ERROR, s1),
  open("S2 login", "POST /login", S2_ERROR(), byName),
  guarded("S2 logout", "POST /logout", S2_ERROR(), ({ token, key }) => xAccess(token, key)),
  open("S3 login", "POST /auth/login", S3_LOGIN_ERROR, byUserid, "clientfp"),
  open("S3 register", "POST /auth/register", S3_ERROR, newcomer, "email", "phone"),
  open("S3 token", "POST /auth/token", S3_ERROR, byUserid, "clientfp"),
  guarded("S3 logout", "POST /auth/logout", S3_ERROR, ({ token }) => jwt(token), "clientfp"),
  guarded("S4 bump", "POST /auth/bump", S1_ERROR, s4),
  guarded("S4 logout", "POST /auth/logout", S1_ERROR, s4),
];

/** Each with its name first, as a table of tests wants it. */
export const rows = (wanted: (target: Target) => boolean): [name: string, target: Target][] =>
  TARGETS.filter(wanted).map((target) => [target.name, target]);

/** Every path once, with the method that it knows. */
export const PATHS: readonly (readonly [path: string, method: string])[] = [
  ...new Map(TARGETS.map(({ line }) => line.split(" ").reverse() as [string, string])),
];

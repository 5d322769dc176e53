import { basic, bearer, PASSWORD, type SignedIn } from "../client.js";
import { bare, jwt, xAccess, xAuth } from "./call.js";
import {
  CTOREGISTRY_ERROR,
  USERTOKEN_ERROR,
  WEBITEL_ERROR,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
} from "./shapes.js";

type Headers = Record<string, string>;

/** A route, how its document's clients knock at it, and how it refuses. */
export interface Operation {
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
  body: Operation["body"],
  ...nullable: string[]
): Operation => ({
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
  credential: Operation["credential"],
  ...nullable: string[]
): Operation => ({
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

const ctoregistry = (path: string): Operation[] => [
  open(
    `ctoregistry POST ${path}/authentication`,
    `POST ${path}/authentication`,
    CTOREGISTRY_ERROR("authentication"),
    byName,
  ),
  guarded(`ctoregistry PUT ${path}/logout`, `PUT ${path}/logout`, CTOREGISTRY_ERROR("logout"), ({ token }) =>
    bare(token),
  ),
  guarded(
    `ctoregistry GET ${path}/privilegeToken`,
    `GET ${path}/privilegeToken`,
    CTOREGISTRY_ERROR("privilegeToken"),
    ({ token }) => bare(token),
  ),
];

const usertokenBearer = ({ token }: SignedIn) => bearer(token);
const usertokenXauth = ({ username, token }: SignedIn) => xAuth(username, token);

/** Every operation of every dialect. */
export const OPERATIONS: readonly Operation[] = [
  ...ctoregistry("/api/v1/security"),
  ...ctoregistry("/security"),
  {
    name: "usertoken-bearer and usertoken-xauth login",
    line: "POST /auth/login",
    access: "basic",
    credential: ({ username }) => basic(username, PASSWORD),
    body: () => ({ note: "by a test", expirationTime: new Date(Date.now() + 3_600_000).toISOString() }),
    nullable: ["note", "expirationTime"],
    error: USERTOKEN_ERROR,
  },
  guarded("usertoken-bearer bump", "POST /auth/bump", USERTOKEN_ERROR, usertokenBearer),
  guarded("usertoken-bearer logout", "POST /auth/logout", USERTOKEN_ERROR, usertokenBearer),
  open("webitel login", "POST /login", WEBITEL_ERROR(), byName),
  guarded("webitel logout", "POST /logout", WEBITEL_ERROR(), ({ token, key }) => xAccess(token, key)),
  open("userid-jwt login", "POST /auth/login", USERID_JWT_LOGIN_ERROR, byUserid, "clientfp"),
  open("userid-jwt register", "POST /auth/register", USERID_JWT_ERROR, newcomer, "email", "phone"),
  open("userid-jwt token", "POST /auth/token", USERID_JWT_ERROR, byUserid, "clientfp"),
  guarded("userid-jwt logout", "POST /auth/logout", USERID_JWT_ERROR, ({ token }) => jwt(token), "clientfp"),
  guarded("usertoken-xauth bump", "POST /auth/bump", USERTOKEN_ERROR, usertokenXauth),
  guarded("usertoken-xauth logout", "POST /auth/logout", USERTOKEN_ERROR, usertokenXauth),
];

/** Each with its name first, as a table of tests wants it. */
export const rows = (wanted: (target: Operation) => boolean): [name: string, target: Operation][] =>
  OPERATIONS.filter(wanted).map((target) => [target.name, target]);

/** Every path once, with the method that it knows. */
export const PATHS: readonly (readonly [path: string, method: string])[] = [
  ...new Map(OPERATIONS.map(({ line }) => line.split(" ").reverse() as [string, string])),
];

import { withBadSignature } from "../../support/bad-signature.js";
import { setTimeout as sleep } from "node:timers/promises";
import { base64, basic, PASSWORD, registerUser, send, uniqueName } from "../../support/client.js";
import {
  COOKIE,
  FORM_NAMES,
  present,
  sendWithHeaders,
  callerBy,
  type Presentable,
  type RawHeaders,
} from "../../support/credential-forms.js";
import {
  claimsOf,
  makeToken,
  makeTokens,
  moveTime,
  revokeToken,
  rotate,
  updateToken,
} from "../../support/token-calls.js";
import { onEachGateway } from "../../support/with-gateway.js";

/** What may be wrong with a token in every form, and how it is refused. */
const CONDITIONS = {
  malformed: "INVALID_CREDENTIAL",
  "bad signature": "INVALID_CREDENTIAL",
  expired: "TOKEN_EXPIRED",
  "expired by its exp": "TOKEN_EXPIRED",
  disabled: "TOKEN_DISABLED",
  revoked: "TOKEN_REVOKED",
  "of another version": "TOKEN_REVOKED",
  "of a disabled user": "TOKEN_REVOKED",
  "of a row that was swept": "TOKEN_REVOKED",
} as const;
type Condition = keyof typeof CONDITIONS;

/** Claims something untrue of a good token. */
const MISMATCHES: [form: string, claimed: "owner" | "key"][] = [
  ["Bearer pair", "owner"],
  ["X-Auth-Token pair", "owner"],
  ["X-Access-Token and X-Key", "key"],
];

const cases = FORM_NAMES.flatMap((form) =>
  Object.entries(CONDITIONS).map(([condition, reason]) => [form, condition as Condition, reason] as const),
);

onEachGateway(
  "credentials",
  (setup) => {
    let url: string;
    let ann: { username: string; email: string; phone: string };
    let bob: string;
    let good: Presentable;
    /** Bob's. */
    let other: Presentable;
    const bad = {} as Record<Condition, Presentable>;

    beforeAll(async () => {
      url = setup.graphql;
      await makeTokensOfAllConditions();
    });

    async function makeTokensOfAllConditions(): Promise<void> {
      ann = {
        username: uniqueName("Ann-Ü"),
        email: `${uniqueName("Ann")}@Example.org`,
        phone: "+49 (30) 123-456",
      };
      bob = uniqueName("bob");
      const carol = uniqueName("carol");
      const annLogin = await registerUser(url, ann);
      const soon = new Date(Date.now() + 2_000).toISOString();
      const brief = await makeToken(url, annLogin.token, { expirationTime: soon });
      const bobLogin = await registerUser(url, { username: bob });
      const carolLogin = await registerUser(url, { username: carol });
      const [valid, expired, disabled, revoked, version, swept] = await makeTokens(url, annLogin.token, 6);
      const of = ({ token, key }: { token: string; key: string }) => ({ token, key, owner: ann.username });
      good = of(valid!);
      other = { token: bobLogin.token, key: bobLogin.key, owner: bob };
      bad.malformed = { ...good, token: "not-a-token" };
      bad["bad signature"] = { ...good, token: withBadSignature(good.token) };
      bad.expired = of(expired!);
      bad["expired by its exp"] = of(brief);
      bad.disabled = of(disabled!);
      bad.revoked = of(revoked!);
      bad["of another version"] = of(version!);
      bad["of a disabled user"] = { token: carolLogin.token, key: carolLogin.key, owner: carol };
      bad["of a row that was swept"] = of(swept!);
      await moveTime(setup.database, expired!.key, "expirationTime", Date.now());
      await updateToken(url, annLogin.token, disabled!.key, { enabled: false });
      await revokeToken(url, annLogin.token, revoked!.key);
      await rotate(url, version!.token);
      await setup.database.query("UPDATE `user` SET enabled = 0 WHERE username = ?", [carol]);
      await setup.database.query("DELETE FROM user_token WHERE `key` = ?", [swept!.key]);
      await sleep(Number(claimsOf(brief.token).exp) * 1_000 - Date.now());
      // The row would still allow it: what refuses is the JWT.
      await moveTime(setup.database, brief.key, "expirationTime", null);
    }

    it.each(FORM_NAMES)("a valid token is accepted as %s", async (form) => {
      expect(await callerBy(url, present(form, good))).toBe(`ok ${ann.username}`);
    });

    it.each(cases)("%s: a token that is %s is refused with %s", async (form, condition, reason) => {
      expect(await callerBy(url, present(form, bad[condition]))).toBe(reason);
    });

    it.each(MISMATCHES)("%s: another user's %s refuses a valid token", async (form, claimed) => {
      const untrue = { ...good, [claimed]: other[claimed] };
      expect(await callerBy(url, present(form, untrue))).toBe("INVALID_CREDENTIAL");
      expect(await callerBy(url, present(form, { ...good, [claimed]: "nobody" }))).toBe("INVALID_CREDENTIAL");
    });

    it("no credential is null for an open field and NO_CREDENTIAL for a guarded one", async () => {
      const open = await sendWithHeaders(url, "{ me { id } }", []);
      expect([open.status, open.data.me, open.errors]).toEqual([200, null, []]);
      const guarded = await sendWithHeaders(url, "{ privilegeToken { privilege } }", []);
      expect([guarded.status, guarded.code, guarded.reason]).toEqual([
        200,
        "UNAUTHENTICATED",
        "NO_CREDENTIAL",
      ]);
    });

    it.each(["username", "email", "phone"] as const)(
      "the owner of a pair may be the %s, in any case",
      async (kind) => {
        const name = ann[kind];
        const spellings = [name, name.toUpperCase(), name.toLowerCase(), ` ${name} `, name.normalize("NFD")];
        for (const owner of spellings) {
          for (const form of ["Bearer pair", "X-Auth-Token pair"]) {
            expect(await callerBy(url, present(form, { ...good, owner }))).toBe(`ok ${ann.username}`);
          }
        }
      },
    );

    it("a telephone number may be written with other separators, not with other digits", async () => {
      const by = (owner: string) => callerBy(url, present("X-Auth-Token pair", { ...good, owner }));
      expect(await by("+4930123456")).toBe(`ok ${ann.username}`);
      expect(await by("+49 30/123.456")).toBe(`ok ${ann.username}`);
      expect(await by("+4930123457")).toBe("INVALID_CREDENTIAL");
      expect(await by("4930123456")).toBe("INVALID_CREDENTIAL");
    });

    it("schemes and header names are case-insensitive", async () => {
      const { token, key } = good;
      const pair = base64(`${ann.username}:${token}`);
      const spellings: RawHeaders[] = [
        [["aUTHORIZATION", `bEARER ${token}`]],
        [["authorization", `BEARER   ${pair}`]],
        [["AUTHORIZATION", `jwt ${token}`]],
        [["Authorization", `Jwt jWT ${token}`]],
        [["x-AUTH-token", token]],
        [["X-AUTH-TOKEN", pair]],
        [
          ["x-access-token", token],
          ["X-KEY", key],
        ],
        [["cOOKIE", `${COOKIE}=${token}`]],
      ];
      for (const headers of spellings) expect(await callerBy(url, headers)).toBe(`ok ${ann.username}`);
    });

    it("what only resembles a credential is refused", async () => {
      const { token, key } = good;
      const pair = base64(`${ann.username}:${token}`);
      const almost: RawHeaders[] = [
        [["Authorization", "Bearer"]],
        [["Authorization", `Bearer ${token} ${token}`]],
        [["Authorization", `Bearer Bearer ${token}`]],
        [["Authorization", `JWT JWT JWT ${token}`]],
        [["Authorization", `Bearer,${token}`]],
        [["Authorization", `Token ${token}`]],
        [["Authorization", `Digest username="${ann.username}"`]],
        [["Authorization", `Bearer "${token}"`]],
        [["Authorization", `Bearer ${token}=`]],
        [["Authorization", `Bearer ${token}.${token}`]],
        [["Authorization", `Bearer ${base64(token)}`]],
        [["Authorization", `Bearer ${base64(`:${token}`)}`]],
        [["Authorization", `Bearer ${base64(`${ann.username}:`)}`]],
        [["Authorization", `Bearer ${pair.slice(0, -1)}`]],
        [["Authorization", `Bearer ${pair}=`]],
        [["Authorization", `Bearer ${pair.slice(0, 40)} ${pair.slice(40)}`]],
        [["Authorization", `Bearer ${pair.slice(0, 40)}*${pair.slice(40)}`]],
        [["Authorization", `Bearer ${base64(`${ann.username}\u0000:${token}`)}`]],
        [["Authorization", `Bearer x${token}`]],
        [["Authorization", `Bearer ${token.slice(0, -1)}`]],
        [["Authorization", `Bearer ${token}${"A".repeat(4_096)}`]],
        [["X-Auth-Token", `Bearer ${token}`]],
        [["X-Auth-Token", `${token},${token}`]],
        [["X-Access-Token", token]],
        [["X-Key", key]],
        [
          ["X-Access-Token", token],
          ["X-Key", key.toUpperCase()],
        ],
        [
          ["X-Access-Token", token],
          ["X-Key", `${key} ${key}`],
        ],
        [["Cookie", `${COOKIE}="${token}`]],
        [["Cookie", `${COOKIE}=${token}; ${COOKIE}=${token}`]],
        [
          ["Cookie", `${COOKIE}=${token}`],
          ["Cookie", `${COOKIE}=${other.token}`],
        ],
      ];
      const statuses = await Promise.all(
        almost.map(async (headers) => `${JSON.stringify(headers)} ${await callerBy(url, headers)}`),
      );
      expect(statuses.filter((status) => !status.endsWith(" INVALID_CREDENTIAL"))).toEqual([]);
    });

    it("an empty header and another cookie are no credential", async () => {
      const absent: RawHeaders[] = [
        [["Authorization", ""]],
        [["Authorization", "  \t"]],
        [["X-Auth-Token", ""]],
        [
          ["X-Access-Token", ""],
          ["X-Key", ""],
        ],
        [["Cookie", `${COOKIE}=`]],
        [["Cookie", `${COOKIE.toUpperCase()}=${good.token}; x${COOKIE}=${good.token}`]],
        [["X-Session", good.token]],
      ];
      for (const headers of absent) {
        expect((await sendWithHeaders(url, "{ me { id } }", headers)).data).toEqual({ me: null });
        expect(await sendWithHeaders(url, "mutation { bumpLogin { lastLoginTime } }", headers)).toMatchObject(
          {
            reason: "NO_CREDENTIAL",
          },
        );
      }
      expect(await callerBy(url, [["Authorization", ""], ...present("session cookie", good)])).toBe(
        `ok ${ann.username}`,
      );
    });

    it("Basic signs in and does nothing else", async () => {
      const { authorization } = basic(ann.username, PASSWORD);
      expect(await callerBy(url, [["Authorization", authorization]])).toBe("INVALID_CREDENTIAL");
      expect(
        await callerBy(url, [["Authorization", authorization], ...present("session cookie", good)]),
      ).toBe("INVALID_CREDENTIAL");
    });

    it("a header outranks the cookie, and a bad one never falls through to it", async () => {
      const cookie = present("session cookie", good);
      for (const form of FORM_NAMES.filter((name) => name !== "session cookie")) {
        expect(await callerBy(url, [...present(form, other), ...cookie])).toBe(`ok ${bob}`);
        expect(await callerBy(url, [...cookie, ...present(form, bad.expired)])).toBe("TOKEN_EXPIRED");
        expect(await callerBy(url, [...cookie, ...present(form, bad.malformed)])).toBe("INVALID_CREDENTIAL");
        expect(await callerBy(url, [...present(form, good), ...present("session cookie", bad.revoked)])).toBe(
          `ok ${ann.username}`,
        );
      }
    });

    it.each(["Authorization", "X-Auth-Token", "X-Access-Token", "X-Key"])(
      "a repeated %s is 400, on public operations too",
      async (name) => {
        const rest: RawHeaders = name === "X-Access-Token" ? [["X-Key", good.key]] : [];
        const values = name === "X-Key" ? [good.key, ""] : [good.token, other.token, "", "Basic YTpi"];
        for (const [first, second] of values.flatMap((a) => values.map((b) => [a, b] as const))) {
          const headers: RawHeaders = [[name, first], ...rest, [name.toLowerCase(), second]];
          expect(await refusal(headers)).toEqual(["400 BAD_REQUEST", "400 BAD_REQUEST"]);
        }
      },
    );

    it("two mechanisms are 400 even when they name the same token, on public operations too", async () => {
      const key: RawHeaders = [["X-Key", good.key]];
      const authorizations = ["Bearer raw", "Bearer pair", "JWT scheme", "bare JWT"].map((form) =>
        present(form, good),
      );
      authorizations.push(
        [["Authorization", basic(ann.username, PASSWORD).authorization]],
        [["Authorization", "?"]],
      );
      const authTokens = ["X-Auth-Token pair", "X-Auth-Token raw"].map((form) => present(form, good));
      const accessTokens = [present("X-Access-Token and X-Key", good), key];
      const combinations = [
        ...authorizations.flatMap((first) =>
          [...authTokens, ...accessTokens].map((second) => [...first, ...second]),
        ),
        ...authTokens.flatMap((first) => accessTokens.map((second) => [...second, ...first])),
      ];
      for (const headers of combinations) {
        expect(await refusal(headers)).toEqual(["400 BAD_REQUEST", "400 BAD_REQUEST"]);
      }
    });

    /** How a public read and a sign-in with these headers are answered. */
    async function refusal(headers: RawHeaders): Promise<string[]> {
      const login = `mutation { login(input: { userid: "${ann.username}", password: "${PASSWORD}" }) { token } }`;
      const answers = [
        await sendWithHeaders(url, "{ __typename }", headers),
        await sendWithHeaders(url, login, headers),
      ];
      for (const { text, data, headers: answered } of answers) {
        expect(data).toBeUndefined();
        expect(text).not.toContain(good.token.slice(-20));
        expect(answered["content-type"]).toMatch(/^application\/json/);
      }
      return answers.map(({ status, code }) => `${status} ${code}`);
    }

    it("a public operation works beside a bad credential", async () => {
      const login = `mutation ($input: LoginInput) { login(input: $input) { user { username } } }`;
      const input = { userid: ann.username, password: PASSWORD };
      for (const condition of ["malformed", "revoked", "of a disabled user"] as const) {
        const answer = await sendWithHeaders(url, login, present("Bearer raw", bad[condition]), { input });
        expect(answer.data?.login.user.username).toBe(ann.username);
      }
      expect((await send(url, "{ __typename }", {}, { "x-auth-token": "?" })).data).toEqual({
        __typename: "Query",
      });
    });
  },
  // No grace: what is superseded is refused at once.
  { ROTATION_GRACE: "0s" },
);

import {
  base64,
  basic,
  bearer,
  PASSWORD,
  registerUser,
  tokenStatusOf,
  uniqueName,
  type SignedIn,
} from "../../../support/client.js";
import { BAD_TOKEN_CHALLENGE, BASIC_CHALLENGE, USERTOKEN_ERROR } from "../../../support/rest/shapes.js";
import { expectRefused, JSON_TYPE, sendLine, MARKER } from "../../../support/rest/refusals.js";
import { describeHostileRequests } from "../../../support/rest/hostile-requests.js";

/** Other spellings of a Base64 text, which a lenient reader would take for it. */
const LENIENT: Record<string, (canonical: string) => string> = {
  "in the URL alphabet": (text) => text.replaceAll("+", "-").replaceAll("/", "_"),
  "without its padding": (text) => text.replace(/=+$/, ""),
  "with more padding": (text) => `${text}=`,
  "with padding inside": (text) => `${text.slice(0, 4)}==${text.slice(4)}`,
  "with a space inside": (text) => `${text.slice(0, 8)} ${text.slice(8)}`,
  "with a tab inside": (text) => `${text.slice(0, 8)}\t${text.slice(8)}`,
  "with junk inside": (text) => `${text.slice(0, 8)}!${text.slice(8)}`,
  "with junk behind": (text) => `${text}#`,
  "with a parameter behind": (text) => `${text}, realm="x"`,
  "in quotes": (text) => `"${text}"`,
  "percent-encoded": (text) => encodeURIComponent(text),
  "encoded twice": base64,
  "with bits behind its end": (text) =>
    text.replace(/.(?==+$)/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
  "in a data URL": (text) => `data:;base64,${text}`,
};

const NOT_TEXT: Record<string, number[] | string> = {
  "Latin-1": [0x61, 0xe4, 0x3a, 0x62],
  "an overlong colon": [0x61, 0xc0, 0xba, 0x62],
  "half a character": [0x61, 0x3a, 0xed, 0xa0, 0x80],
  "UTF-16": [0x61, 0x00, 0x3a, 0x00, 0x62, 0x00],
  "NUL in the name": "a\0b:c",
  "NUL in the password": "a:b\0c",
  "a line break": "a\nb:c",
  "a carriage return behind": "a:b\r",
  "a C1 control": "a\u0085:b",
  DEL: "a\u007f:b",
};

/** Base64 in Basic and in pairs is canonical or refused, and its colons lie where they must. */
describeHostileRequests("Base64", (gateway) => {
  const login = (authorization: string, body?: string) =>
    sendLine(
      gateway.url,
      "POST /auth/login",
      { Authorization: authorization, ...(body === undefined ? {} : JSON_TYPE) },
      body,
    );

  /** Their Base64 holds a plus, a slash and padding. */
  const awkward = (suffix: string) => {
    const name = `ab~cd?${uniqueName()}`;
    return `${name}${"x".repeat((3 - ((name.length + suffix.length + 1) % 3) + 2) % 3)}`;
  };

  describe("Basic", () => {
    let user: SignedIn;
    let canonical: string;
    let refusal: string;

    beforeAll(async () => {
      user = await registerUser(gateway.graphql, { username: awkward(PASSWORD) });
      canonical = base64(`${user.username}:${PASSWORD}`);
      refusal = (await login(basic(user.username, "wrong").authorization)).body;
    });

    /** One body for all of it: that of a wrong password. */
    const refused = async (value: string) => {
      const answer = await login(value);
      expectRefused(answer, { error: USERTOKEN_ERROR }, 401, BASIC_CHALLENGE);
      expect(answer.body).toBe(refusal);
    };

    it("is taken as it is, in any case, after any spaces", async () => {
      expect(canonical).toMatch(/\+.*\/.*=$/);
      for (const value of [`Basic ${canonical}`, `bAsIc ${canonical}`, `Basic   ${canonical}`]) {
        expect((await login(value)).status).toBe(200);
      }
    });

    it.each(Object.entries(LENIENT))("is refused %s", async (_how, spell) => {
      expect(spell(canonical)).not.toBe(canonical);
      await refused(`Basic ${spell(canonical)}`);
    });

    it.each(Object.entries(NOT_TEXT))("is refused when it holds %s", async (_what, bytes) => {
      await refused(`Basic ${Buffer.from(bytes as string).toString("base64")}`);
    });

    it.each([
      ["nothing", "Basic"],
      ["a blank", "Basic "],
      ["no colon", `Basic ${base64(MARKER)}`],
      ["a colon alone", `Basic ${base64(":")}`],
      ["no name", `Basic ${base64(`:${PASSWORD}`)}`],
      ["a byte order mark", `Basic ${base64("\ufeffa:b")}`],
      ["a tab before", `Basic\t${base64("a:b")}`],
      ["plain text", `Basic ${MARKER}:${PASSWORD}`],
      ["9 KB", `Basic ${base64(`a:${"b".repeat(7_000)}`)}`],
      ["a name of 5 KB", `Basic ${base64(`${"a".repeat(5_000)}:b`)}`],
    ])("is refused when it holds %s", async (_what, value) => {
      await refused(value);
    });

    it("is refused when its name is the right one with something around it", async () => {
      for (const name of [
        `${user.username}\u200b`,
        `${user.username}%`,
        `%${user.username}`,
        `${user.username}\\`,
      ]) {
        await refused(basic(name, PASSWORD).authorization);
      }
    });

    it("is split at the first colon: a password may hold any number", async () => {
      const password = ":correct:horse:battery:staple:";
      const { username, id } = await registerUser(gateway.graphql, { password });
      expect((await login(basic(username, password).authorization)).status).toBe(200);
      await refused(
        basic(`${username}:correct`, "horse:battery:staple:").authorization.replace("Basic ", "Basic  "),
      );
      const json = JSON.stringify({ userid: username, password });
      expect((await sendLine(gateway.url, "POST /auth/login", JSON_TYPE, json)).body).toContain(id);
    });
  });

  describe("a pair", () => {
    let user: SignedIn;
    let other: SignedIn;
    let canonical: string;

    beforeAll(async () => {
      other = await registerUser(gateway.graphql);
      user = await registerUser(gateway.graphql, { username: awkward(other.token) });
      canonical = base64(`${user.username}:${user.token}`);
    });

    afterAll(async () => {
      expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
    });

    const SCHEMES = [
      ["Bearer", (value: string) => ({ Authorization: `Bearer ${value}` })],
      ["X-Auth-Token", (value: string) => ({ "X-Auth-Token": value })],
    ] as const;

    const refused = async (value: string) => {
      for (const [, headers] of SCHEMES) {
        for (const line of ["POST /auth/bump", "POST /auth/logout"]) {
          const answer = await sendLine(gateway.url, line, headers(value));
          expectRefused(answer, { error: USERTOKEN_ERROR }, 401, BAD_TOKEN_CHALLENGE);
        }
      }
    };

    it.each(SCHEMES)("is taken as it is by %s", async (_scheme, headers) => {
      expect(canonical).toMatch(/\+.*\//);
      expect((await sendLine(gateway.url, "POST /auth/bump", headers(canonical))).status).toBe(200);
    });

    it.each(Object.entries(LENIENT))("is refused %s", async (_how, spell) => {
      // Its length is the JWT's, and with it the padding: a name that is longer by one has some.
      const padded = [user.username, `${user.username} `, ` ${user.username}`, ` ${user.username} `]
        .map((name) => base64(`${name}:${user.token}`))
        .find((text) => text.endsWith("=") && spell(text) !== text)!;
      expect((await sendLine(gateway.url, "POST /auth/bump", { "X-Auth-Token": padded })).status).toBe(200);
      await refused(spell(padded));
    });

    it.each(Object.entries(NOT_TEXT))("is refused when it holds %s", async (_what, bytes) => {
      await refused(Buffer.from(bytes as string).toString("base64"));
    });

    it("is refused when a colon is missing, doubled or elsewhere, or the user another one", async () => {
      const { username, token } = user;
      for (const text of [
        token,
        `:${token}`,
        `${username}:`,
        `${username}::${token}`,
        `${username}:${token}:`,
        `${token}:${username}`,
        `${username} ${token}`,
        `${other.username}:${token}`,
        `${username}:${other.token}`,
        `${MARKER}:${token}`,
        `${user.id}:${token}`,
        `${username}:${user.key}`,
        `${username}:Bearer ${token}`,
        `${username}:${PASSWORD}`,
        ":",
      ]) {
        await refused(base64(text));
      }
    });

    it("is split at the last colon", async () => {
      // No name holds a colon, so what comes before is nobody's.
      await refused(base64(`a:${user.username}:${user.token}`));
    });
  });
});

import { PASSWORD, uniqueName } from "../../../support/client.js";
import { call, xAuth } from "../../../support/rest/call.js";
import { onEachGateway } from "../../../support/with-gateway.js";
import { expectRefused, sendLine } from "../../../support/rest/refusals.js";
import { BASIC_CHALLENGE, USERTOKEN_ERROR, USERID_JWT_ERROR } from "../../../support/rest/shapes.js";

/** A name, and another way to write it that is the same name. */
const NAMES: [what: string, given: string, same: string][] = [
  ["accents, composed and decomposed", "Zoë Müller", "Zoe\u0308 Mu\u0308ller"],
  ["accents, decomposed and composed", "Zoe\u0308 Ångström", "Zoë A\u030angström"],
  ["another case", "ÉLOÏSE", "éloïse"],
  ["Greek, with a sigma at its end", "ΟΔΥΣΣΕΥΣ", "οδυσσευς"],
  ["a sharp s", "Straße", "STRASSE"],
  ["full-width letters", "Ａｄａ", "ada"],
  ["a ligature", "ﬁnn", "FINN"],
  ["Hangul, composed and decomposed", "한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"],
  ["Cyrillic", "Фёдор", "фе\u0308дор"],
  ["Arabic", "محمد", "محمد"],
  ["emoji", "\u{1f511}\u{1f9d1}", "\u{1f511}\u{1f9d1}"],
  ["a name like an e-mail address", "100@MyDomain.com", "100@mydomain.com"],
  ["quotes, angles and backslashes", "O'Neil \"<b>\\", "o'neil \"<B>\\"],
  ["SQL's wildcards", "50%_off", "50%_OFF"],
];

onEachGateway(
  "names and passwords beyond ASCII",
  (setup) => {
    const json = (line: string, body: object) => call(setup.url, line, {}, body);
    const basic = (name: string, password: string) =>
      sendLine(setup.url, "POST /auth/login", {
        Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
      });

    /** The answers to a sign-in at every route. */
    const everywhere = async (name: string, password: string) => {
      const [ctoregistry, bearer, webitel, login, token] = await Promise.all([
        json("POST /security/authentication", { username: name, password }),
        basic(name, password),
        json("POST /login", { username: name, password }),
        json("POST /auth/login", { userid: name, password }),
        json("POST /auth/token", { userid: name, password }),
      ]);
      return {
        ctoregistry,
        "usertoken-bearer": bearer,
        webitel,
        "userid-jwt login": login,
        "userid-jwt token": token,
      };
    };
    const statuses = async (name: string, password: string) =>
      Object.fromEntries(
        Object.entries(await everywhere(name, password)).map(([endpoint, { status }]) => [endpoint, status]),
      );
    const all = (status: number) => ({
      ctoregistry: status,
      "usertoken-bearer": status,
      webitel: status,
      "userid-jwt login": status,
      "userid-jwt token": status,
    });

    it.each(NAMES)("%s: one name, at every route", async (_what, base, again) => {
      const suffix = uniqueName(" n");
      const [given, same] = [`${base}${suffix}`, `${again}${suffix}`];
      const made = await json("POST /auth/register", { username: given, password: PASSWORD });
      expect([made.status, made.body.username]).toEqual([200, given]);
      expect((await basic(given, PASSWORD)).status).toBe(200);
      const answers = await everywhere(same, PASSWORD);
      expect(Object.values(answers).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      // The document of webitel echoes what was sent, every other route shows what was registered.
      expect(answers["webitel"].body.username).toBe(same);
      expect(answers["userid-jwt token"].body).toMatchObject({ uid: made.body.uid, username: given });
      const pair = xAuth(same, made.body.token.replace("JWT ", ""));
      expect((await call(setup.url, "POST /auth/bump", pair)).status).toBe(200);
      const twin = await json("POST /auth/register", { username: same, password: PASSWORD });
      expect([twin.status, twin.body]).toEqual([409, USERID_JWT_ERROR]);
    });

    it.each([
      ["composed and decomposed", "Käsekuchen schmeckt gut", "Ka\u0308sekuchen schmeckt gut"],
      ["Cyrillic", "верный конь батарея скрепка", "верный конь батарея скрепка"],
      [
        "emoji, and blanks around",
        " \u{1f40e}\u{1f50b}\u{1f4ce} correct ",
        " \u{1f40e}\u{1f50b}\u{1f4ce} correct ",
      ],
      ["colons", "::correct:horse:battery::", "::correct:horse:battery::"],
    ])("a password of %s is one password, at every route", async (_what, password, same) => {
      const username = uniqueName();
      expect((await json("POST /auth/register", { username, password })).status).toBe(200);
      expect(await statuses(username, same)).toEqual(all(200));
    });

    it("a password that only looks alike, or is folded, is a wrong one", async () => {
      const username = uniqueName();
      const password = "Correct Häse Battery";
      await json("POST /auth/register", { username, password });
      const alike = [
        password.toLowerCase(),
        password.replace("ä", "a"),
        ` ${password}`,
        `${password} `,
        password.replace("C", "Ｃ"),
        password.replace("e", "е"),
      ];
      for (const wrong of alike) expect((await basic(username, wrong)).status).toBe(401);
    });

    it("a password with control characters signs in by JSON; Basic cannot hold one", async () => {
      const username = uniqueName();
      const password = "correct\thorse\nbattery\u0007staple";
      expect((await json("POST /auth/register", { username, password })).status).toBe(200);
      expect(await statuses(username, password)).toEqual({ ...all(200), "usertoken-bearer": 401 });
      expectRefused(await basic(username, password), { error: USERTOKEN_ERROR }, 401, BASIC_CHALLENGE);
    });

    it("a name of Latin-1 bytes is nobody's", async () => {
      const username = `zoë-${uniqueName()}`;
      await json("POST /auth/register", { username, password: PASSWORD });
      const latin = Buffer.from(`${username}:${PASSWORD}`, "latin1").toString("base64");
      const answer = await sendLine(setup.url, "POST /auth/login", { Authorization: `Basic ${latin}` });
      expectRefused(answer, { error: USERTOKEN_ERROR }, 401, BASIC_CHALLENGE);
    });

    it("a number is one name, with separators or without", async () => {
      const phone = `+44 20 7946 ${String(process.pid).padStart(7, "0")}`;
      const made = await json("POST /auth/register", { username: uniqueName(), phone, password: PASSWORD });
      expect(made.status).toBe(200);
      expect(await statuses(phone.replaceAll(" ", "-"), PASSWORD)).toEqual(all(200));
      const pair = xAuth(phone.replaceAll(" ", ""), made.body.token.replace("JWT ", ""));
      expect((await call(setup.url, "POST /auth/bump", pair)).status).toBe(200);
    });
  },
  { PASSWORD_WORKERS: "2" },
);

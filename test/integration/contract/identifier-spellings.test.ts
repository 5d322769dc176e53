import {
  base64,
  basic,
  loginUser,
  PASSWORD,
  registerUser,
  send,
  tokenStatusOf,
  uniqueName,
  type GraphqlAnswer,
} from "../../support/client.js";
import { onEachGateway } from "../../support/with-gateway.js";

const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { user { email phone } } }";
const LOGIN = "mutation ($input: LoginInput) { login(input: $input) { user { id } } }";
/** Left-to-right embedding and its end: what copying from a contact list brings along. */
const pasted = (number: string) => `\u202a${number}\u202c`;

onEachGateway("the spellings of an identifier", (setup) => {
  const register = (input: Record<string, unknown>): Promise<GraphqlAnswer> =>
    send(setup.graphql, REGISTER, { input: { username: uniqueName(), password: PASSWORD, ...input } });

  const outcome = async (input: Record<string, unknown>): Promise<string> => {
    const { code, fields } = await register(input);
    return [code ?? "ok", ...fields].join(" ");
  };

  const idOf = async (userid: string): Promise<string> => {
    const { data, reason, code } = await send(setup.graphql, LOGIN, {
      input: { userid, password: PASSWORD },
    });
    return data?.login?.user.id ?? reason ?? code;
  };

  const dialectLogins = async (name: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (const [path, body, headers] of [
      ["/security/authentication", { username: name, password: PASSWORD }, {}],
      ["/login", { username: name, password: PASSWORD }, {}],
      ["/auth/login", { userid: name, password: PASSWORD }, {}],
      ["/auth/token", { userid: name, password: PASSWORD }, {}],
      ["/auth/login", null, basic(name, PASSWORD)],
    ] as const) {
      const type: Record<string, string> = body ? { "content-type": "application/json" } : {};
      const init = body ? { body: JSON.stringify(body) } : {};
      const answer = await fetch(`${setup.url}${path}`, {
        method: "POST",
        headers: { ...type, ...headers },
        ...init,
      });
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
    return statuses;
  };

  describe("of a mail domain", () => {
    it.each([
      ["Unicode", "ann@m\u00fcnchen.example", "ann@xn--mnchen-3ya.example"],
      ["its ASCII form", "bea@xn--bcher-kva.example", "bea@b\u00fccher.example"],
      ["a mixture", "cyd@xn--bcher-kva.\u5f20.example", "cyd@b\u00fccher.xn--e1t.example"],
      ["an ideographic full stop", "dan@\u5f20\u3002example.org", "dan@xn--e1t.example.org"],
      ["capitals", "eve@M\u00dcNCHEN.example", "eve@XN--MNCHEN-3YA.EXAMPLE"],
      ["sharp s", "fay@stra\u00dfe.example", "fay@xn--strae-oqa.example"],
    ])("are one name, when it was registered in %s", async (_what, first, second) => {
      const user = await registerUser(setup.graphql, { email: first });
      expect(await outcome({ email: second })).toBe("CONFLICT input.email:TAKEN");
      expect(await outcome({ username: second })).toBe("CONFLICT input.username:TAKEN");
      expect([await idOf(first), await idOf(second)]).toEqual([user.id, user.id]);
    });

    it("sign in at every dialect", async () => {
      await registerUser(setup.graphql, { email: "dia@m\u00fcnchen.example" });
      expect(await dialectLogins("dia@xn--mnchen-3ya.example")).toEqual([200, 200, 200, 200, 200]);
    });

    it("are kept as they were written", async () => {
      for (const email of ["Gil@M\u00fcnchen.example", "Hal@XN--MNCHEN-3YA.example"]) {
        expect((await register({ email })).data?.register.user.email).toBe(email);
      }
    });

    it("take no other domain's place", async () => {
      for (const email of ["ida@m\u00fcnchen.example", "ida@munchen.example", "ida@muenchen.example"]) {
        expect(await outcome({ email })).toBe("ok");
      }
    });

    it.each([
      ["a quoted local part", '"<script>"@example.org'],
      ["an empty quoted local part", '""@example.org'],
      ["a quoted local part with an at sign", '"a@b"@example.org'],
      ["an ASCII form that stands for nothing", "ann@xn--zzzz.example"],
      ["an ASCII form of a name that needs none", "ann@xn--example-.org"],
      ["two writing directions in a label", "ann@ab12\u05d0\u05d1.example"],
      ["a label too long in ASCII", `ann@${"\u00fc\u00e4\u00f6\u00df".repeat(15)}.example`],
      ["an escape", "ann@m\u00fcnchen%2eexample"],
      ["a path", "ann@m\u00fcnchen/example.org"],
    ])("are refused with %s", async (_what, email) => {
      expect(await outcome({ email })).toBe("BAD_USER_INPUT input.email:INVALID_FORMAT");
    });
  });

  describe("of a telephone number", () => {
    it.each([
      ["directional marks", pasted("+49 30 5550101"), "+49 30 5550101", "+49305550101"],
      ["directional isolates", "\u2066+49 30 5550102\u2069", "+49 30 5550102", "+49305550102"],
      ["no-break hyphens", "+49\u201130\u20115550103", "+49\u201130\u20115550103", "+49305550103"],
      [
        "dashes and minus",
        "+49\u201330\u2014555\u22120104",
        "+49\u201330\u2014555\u22120104",
        "+49305550104",
      ],
      ["soft hyphens", "+49\u00ad30\u00ad5550105", "+49305550105", "+49305550105"],
      ["zero-width spaces", "+49\u200b30\u200b5550106", "+49305550106", "+49305550106"],
      ["a mark of byte order", "\ufeff+49305550107", "+49305550107", "+49305550107"],
      [
        "Arabic digits",
        "+\u0664\u0669\u0663\u0660\u0665\u0665\u0665\u0660\u0661\u0660\u0668",
        "+\u0664\u0669\u0663\u0660\u0665\u0665\u0665\u0660\u0661\u0660\u0668",
        "+49305550108",
      ],
      [
        "Persian and Devanagari digits",
        "+\u06f4\u06f9\u06f3\u06f0 \u096b\u096b\u096b\u0966\u0967\u0966\u096f",
        "+\u06f4\u06f9\u06f3\u06f0 \u096b\u096b\u096b\u0966\u0967\u0966\u096f",
        "+49305550109",
      ],
      ["tel:", "tel:tel:+49-30-5550110", "+49-30-5550110", "+49305550110"],
      ["TEL: and marks", pasted("TEL: +49 30 5550111"), "+49 30 5550111", "+49305550111"],
      ["a Japanese length mark", "03\u30fc5550\u30fc0112", "03\u30fc5550\u30fc0112", "0355500112"],
      ["brackets", "[030] 5550113", "[030] 5550113", "0305550113"],
    ])("with %s are one number", async (_what, phone, shown, plain) => {
      const answer = await register({ phone });
      expect([answer.code, answer.data?.register.user.phone]).toEqual([undefined, shown]);
      expect(await outcome({ phone: plain })).toBe("CONFLICT input.phone:TAKEN");
      expect(await outcome({ username: plain })).toBe("CONFLICT input.username:TAKEN");
      expect(await idOf(phone)).toBe(await idOf(plain));
      expect(await idOf(plain)).toMatch(/^[\da-f-]{36}$/);
    });

    it("sign in at every dialect", async () => {
      await registerUser(setup.graphql, { phone: "+49305550201" });
      expect(await dialectLogins(pasted("+49\u201130 555\u00ad\u0660\u0662\u0660\u0661"))).toEqual([
        200, 200, 200, 200, 200,
      ]);
    });

    it("shadow no number, as a username in other digits", async () => {
      await registerUser(setup.graphql, { phone: "0305550301" });
      const inArabic = "\u0660\u0663\u0660\u0665\u0665\u0665\u0660\u0663\u0660\u0661";
      expect(await outcome({ username: inArabic })).toBe("CONFLICT input.username:TAKEN");
      expect(await outcome({ username: "030\u2011555\u20110301" })).toBe("CONFLICT input.username:TAKEN");
    });

    it.each([
      ["four digits between invisible marks", "\u202a1234\u202c", "TOO_SHORT"],
      ["five digits", "12345", "TOO_SHORT"],
      ["sixteen digits", "1234567890123456", "TOO_LONG"],
      ["more separators than fit", `1${"-".repeat(32)}23456`, "TOO_LONG"],
      ["letters", "call me", "INVALID_CHARACTER"],
      ["letters that stand for digits", "1-800-FLOWERS", "INVALID_CHARACTER"],
      ["an extension", "+49 30 5550101 ext. 12", "INVALID_CHARACTER"],
      ["the parameters of a link", "tel:5550101;phone-context=+4930", "INVALID_CHARACTER"],
      ["an escape", "tel:%2B49305550101", "INVALID_CHARACTER"],
      ["a control character", "030\u00075550101", "INVALID_CHARACTER"],
      ["numbers that are no digits", "\u2167305550101", "INVALID_CHARACTER"],
      ["two pluses", "++49305550101", "INVALID_FORMAT"],
      ["a plus inside", "49+305550101", "INVALID_FORMAT"],
    ])("are refused with %s", async (_what, phone, code) => {
      expect(await outcome({ phone })).toBe(`BAD_USER_INPUT input.phone:${code}`);
    });
  });

  describe("of a username whose script needs joiners", () => {
    it.each([
      ["Persian", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "\u0646\u0627\u0645\u0647\u0627\u06cc"],
      ["Sinhala", "\u0dc1\u0dca\u200d\u0dbb\u0dd3", "\u0dc1\u0dca\u0dbb\u0dd3"],
      ["Malayalam", "\u0d28\u0d4d\u200d\u0d2e", "\u0d28\u0d4d\u0d2e"],
      ["Hindi", "\u0915\u094d\u200c\u0937", "\u0915\u094d\u0937"],
    ])("is taken in %s, shown as written, and one name without them", async (_what, joined, bare) => {
      const { username, id } = await registerUser(setup.graphql, { username: joined });
      expect(username).toBe(joined);
      expect(await outcome({ username: bare })).toBe("CONFLICT input.username:TAKEN");
      expect([await idOf(joined), await idOf(bare)]).toEqual([id, id]);
    });

    it("finds the account of a name that was registered without them", async () => {
      const { id } = await registerUser(setup.graphql, {
        username: "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645",
      });
      expect(await idOf("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")).toBe(id);
    });

    it.each([
      ["between Latin letters", "an\u200cn"],
      ["of the other kind between Arabic letters", "\u0646\u0627\u0645\u0647\u200d\u0627\u06cc"],
      ["behind a letter that joins nothing", "\u0627\u200c\u06cc"],
      ["in front", "\u200c\u0646\u0627"],
      ["at the end", "\u0646\u0647\u200c"],
      ["twice", "\u0646\u0647\u200c\u200c\u0627"],
      ["between emoji", "\u{1f468}\u200d\u{1f469}"],
    ])("is refused with one %s", async (_what, username) => {
      expect(await outcome({ username })).toBe("BAD_USER_INPUT input.username:INVALID_FORMAT");
    });
  });

  it("name the owner in a pair, whichever it is", async () => {
    const names = {
      username: "\u0642\u0644\u200c\u0628",
      email: "owner@m\u00fcnchen.example",
      phone: "+49305550901",
    };
    const typed = [
      "\u0642\u0644\u0628",
      "owner@xn--mnchen-3ya.example",
      "\u202a+49\u201130 555\u20110901\u202c",
    ];
    const { token } = await registerUser(setup.graphql, names);
    for (const owner of typed) {
      expect(await tokenStatusOf(setup.graphql, { "x-auth-token": base64(`${owner}:${token}`) })).toBe("ok");
    }
    const other = { "x-auth-token": base64(`owner@munchen.example:${token}`) };
    expect(await tokenStatusOf(setup.graphql, other)).toBe("INVALID_CREDENTIAL");
  });

  it("make no username a contact by accident", async () => {
    const { id } = await registerUser(setup.graphql, { username: "agent\u20117" });
    expect(await idOf("agent-7")).toBe("BAD_LOGIN");
    expect((await loginUser(setup.graphql, { userid: "agent\u20117", password: PASSWORD })).id).toBe(id);
  });
});

import { bearer, PASSWORD, registerUser, send, type SignedIn } from "../../../support/client.js";
import { BASIC_CHALLENGE, BEARER_CHALLENGE } from "../../../support/rest/shapes.js";
import { expectRefused, JSON_TYPE, sendLine, MARKER } from "../../../support/rest/refusals.js";
import { OPERATIONS, type Operation } from "../../../support/rest/operations.js";
import { describeHostileRequests } from "../../../support/rest/hostile-requests.js";

const WRONG_VALUES: unknown[] = [
  0,
  1,
  -1.5,
  true,
  false,
  [],
  [MARKER],
  [[]],
  {},
  { [MARKER]: 1 },
  { toString: MARKER },
];

const LONG = "x".repeat(20_000);

/** Texts that are no name, no password and no fingerprint of anybody, and that something may stumble over. */
const STRANGE = [
  " ",
  `${MARKER}\u0000`,
  "\u001b[31m\u0085\u2028\u202e",
  "\udc00\ud800",
  "\ufffd\u{1f511}",
  "' OR '1'='1' -- ",
  '"; DROP TABLE user; --',
  "%_*\\",
  "<script>alert(1)</script>",
  "__proto__",
  "ﷺ".repeat(500),
];

/** What each field may not hold. */
describeHostileRequests("fields", (gateway) => {
  let user: SignedIn;

  beforeAll(async () => {
    user = await registerUser(gateway.graphql);
  });

  const ask = (target: Operation, body: unknown) =>
    sendLine(gateway.url, target.line, { ...target.credential(user), ...JSON_TYPE }, JSON.stringify(body));

  const fields = OPERATIONS.flatMap((target) =>
    Object.keys(target.body?.({ username: "" } as SignedIn) ?? {}).map(
      (field) => [`${target.name}: ${field}`, field, target] as const,
    ),
  );

  it.each(fields)("%s of a wrong type is 400", async (_name, field, target) => {
    const values = target.nullable.includes(field) ? WRONG_VALUES : [...WRONG_VALUES, null];
    for (const value of values) {
      expectRefused(await ask(target, { ...target.body!(user), [field]: value }), target, 400);
    }
  });

  it.each(fields)("%s that goes thousands of levels deep is 400", async (_name, field, target) => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const deep = `${open.repeat(10_000)}1${close.repeat(10_000)}`;
      const body = JSON.stringify({ ...target.body!(user), [field]: MARKER }).replace(`"${MARKER}"`, deep);
      const headers = { ...target.credential(user), ...JSON_TYPE };
      expectRefused(await sendLine(gateway.url, target.line, headers, body), target, 400);
    }
  });

  it.each(fields.filter(([, field, { nullable }]) => nullable.includes(field)))(
    "%s may be null, and may be absent",
    async (_name, field, target) => {
      for (const value of [null, undefined]) {
        // Nobody is registered twice, and a logout needs its token: only what the value comes to is of interest.
        const { status, body } = await ask(
          { ...target, credential: target.access === "guarded" ? () => ({}) : target.credential },
          { ...target.body!(user), username: user.username, [field]: value },
        );
        const taken = target.name === "userid-jwt register" ? 409 : target.access === "guarded" ? 401 : 200;
        expect([status, body]).toEqual([taken, expect.not.stringContaining("null")]);
      }
    },
  );

  it.each(fields.filter(([, field, { nullable }]) => !nullable.includes(field)))(
    "%s may not be absent",
    async (_name, field, target) => {
      const answer = await ask(target, { ...target.body!(user), [field]: undefined });
      // The document of webitel knows 400 for the name alone: without a password, it is a wrong one.
      if (target.name === "webitel login" && field === "password")
        expectRefused(answer, target, 401, BEARER_CHALLENGE);
      else expectRefused(answer, target, 400);
    },
  );

  it.each(fields.filter(([, field]) => /^(?:username|userid|password|clientfp)$/.test(field)))(
    "%s of any length is 400 beyond a bound, and never more than a refusal",
    async (_name, field, target) => {
      expectRefused(await ask(target, { ...target.body!(user), [field]: LONG }), target, 400);
    },
  );

  // The long paths of ctoregistry lead to the same operations, and every guess costs a hash.
  const guesses = fields.filter(
    ([, field, { access, name, line }]) =>
      access === "public" && name !== "userid-jwt register" && field !== "clientfp" && !line.includes("/v1/"),
  );

  it.each(guesses)(
    "%s that is a strange text is refused like any wrong one",
    async (_name, field, target) => {
      const status = target.name === "webitel login" && field === "username" ? 404 : 401;
      // One after the other: on a busy machine, many hashes at once would be told to come back later.
      for (const value of STRANGE) {
        const answer = await ask(target, { ...target.body!(user), [field]: value });
        expectRefused(answer, target, status, status === 401 ? BEARER_CHALLENGE : undefined);
        expect(answer.body).not.toMatch(/DROP|alert|__proto__/);
      }
    },
  );

  const REGISTRATIONS: [what: string, values: Record<string, string>][] = [
    ["an empty username", { username: "" }],
    ["a blank username", { username: " \t" }],
    ["a username with a colon", { username: `${MARKER}:b` }],
    ["a full-width colon, which folds to one", { username: `${MARKER}：b` }],
    ["a control character", { username: `${MARKER}\u0007` }],
    ["NUL", { username: `${MARKER}\u0000` }],
    ["a line break", { username: `${MARKER}\nb` }],
    ["a character of no width", { username: `${MARKER}\u200b` }],
    ["a change of direction", { username: `${MARKER}\u202e` }],
    ["half a character", { username: `${MARKER}\ud800` }],
    ["129 characters", { username: "x".repeat(129) }],
    ["an e-mail address that is none", { email: MARKER }],
    ["an e-mail address with a control character", { email: `${MARKER}\u0001@example.org` }],
    ["an e-mail address of 255 characters", { email: `${"x".repeat(243)}@example.org` }],
    ["a telephone number that is none", { phone: MARKER }],
    ["a telephone number of five digits", { phone: "12345" }],
    ["a password that is empty", { password: "" }],
    ["a password of seven characters", { password: "kR7#vQz" }],
    ["a password that everybody has", { password: "password123" }],
    ["a password with NUL", { password: `${PASSWORD}\u0000` }],
    ["a password with half a character", { password: `${PASSWORD}\udc00` }],
    ["a password of 257 characters", { password: PASSWORD.repeat(10).slice(0, 257) }],
  ];

  it.each(REGISTRATIONS)(
    "userid-jwt register refuses %s with 400, and makes no account",
    async (_what, values) => {
      const target = OPERATIONS.find(({ name }) => name === "userid-jwt register")!;
      const username = `${user.username}-never`;
      expectRefused(await ask(target, { username, password: PASSWORD, ...values }), target, 400);
      const found = await sendLine(
        gateway.url,
        "POST /login",
        JSON_TYPE,
        JSON.stringify({ username, password: PASSWORD }),
      );
      expect(found.status).toBe(404);
    },
  );

  it("userid-jwt register names every fault at once", async () => {
    const target = OPERATIONS.find(({ name }) => name === "userid-jwt register")!;
    const answer = await ask(target, { username: "a:b", email: "x", phone: "x", password: "x" });
    expectRefused(answer, target, 400);
    for (const field of ["username", "email", "phone", "password"]) expect(answer.body).toContain(field);
  });

  const END = "2030-07-29T23:59:59";
  it.each([
    ["tomorrow"],
    [""],
    ["2030-07-29"],
    [END],
    [`${END}-25:00`],
    [`${END}-05:60`],
    ["2030-02-30T00:00:00Z"],
    ["2030-13-01T00:00:00Z"],
    ["2030-07-29T24:00:00Z"],
    ["2030-07-29T23:60:00Z"],
    ["2030-07-29T23:59:60Z"],
    ["2030-W31-1T00:00:00Z"],
    ["2030-211T00:00:00Z"],
    ["20300729T235959Z"],
    ["+002030-07-29T23:59:59Z"],
    ["1911558000000"],
    [` ${END}Z`],
    [`${END}Z\n`],
    [`${END}Z ${MARKER}`],
    ["٢٠٣٠-07-29T23:59:59Z"],
    ["1999-07-29T23:59:59Z"],
    ["9999-12-31T23:59:59Z"],
    ["0000-01-01T00:00:00Z"],
    [LONG],
  ])(
    "usertoken-bearer and usertoken-xauth login refuse the expirationTime %j with 400",
    async (expirationTime) => {
      const target = OPERATIONS.find(({ access }) => access === "basic")!;
      expectRefused(await ask(target, { expirationTime }), target, 400);
    },
  );

  it.each([
    ["x".repeat(256)],
    ["\u{1f511}".repeat(256)],
    [`${MARKER}\u0000`],
    ["a\nb"],
    ["\u0085"],
    ["\ud800"],
    [LONG],
  ])("usertoken-bearer and usertoken-xauth login refuse the note %j with 400", async (note) => {
    const target = OPERATIONS.find(({ access }) => access === "basic")!;
    expectRefused(await ask(target, { note }), target, 400);
  });

  it("usertoken-bearer and usertoken-xauth login echo a note of 255 characters of any kind as it was sent", async () => {
    const target = OPERATIONS.find(({ access }) => access === "basic")!;
    for (const note of ["\u{1f511}".repeat(255), "<b>&amp;\"'\\</b>", "e\u0301 \u202e x", " a "]) {
      const answer = await ask(target, { note });
      expect([answer.status, (JSON.parse(answer.body) as { note?: string }).note]).toEqual([200, note]);
    }
    expect(JSON.parse((await ask(target, { note: " " })).body)).not.toHaveProperty("note");
  });

  it("a wrong value beside a wrong password is 400, and beside a wrong Basic too: values are read first", async () => {
    const target = OPERATIONS.find(({ access }) => access === "basic")!;
    const wrong = { ...target, credential: () => ({ Authorization: "Basic YTpi" }) };
    expectRefused(await ask(wrong, { note: 1 }), target, 400);
    expectRefused(await ask(wrong, { note: "a" }), target, 401, BASIC_CHALLENGE);
  });

  it("none of all that has changed the account", async () => {
    const { data } = await send(gateway.graphql, "{ me { username role } }", {}, bearer(user.token));
    expect(data.me).toEqual({ username: user.username, role: "VIEWER" });
  });
});

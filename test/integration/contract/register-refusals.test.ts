import { PASSWORD, registerUser, send, uniqueName, type GraphqlAnswer } from "../../support/client.js";
import { withGateway } from "../../support/with-gateway.js";

const REGISTER = "mutation ($input: RegisterInput!) { register(input: $input) { token user { id } } }";
/** Part of many a rejected value: must come back nowhere. */
const MARKER = "Sesam9Oeffne";

/** What is refused before the database is asked: one kind of it is enough. */
describe("a registration that cannot be accepted", () => {
  const gateway = withGateway({ LOG_LEVEL: "debug" });

  const register = (input: Record<string, unknown>): Promise<GraphqlAnswer> =>
    send(gateway.graphql, REGISTER, { input: { username: uniqueName(), password: PASSWORD, ...input } });

  it.each([
    ["a blank username", { username: "  " }, "username:REQUIRED"],
    ["a username of 129 characters", { username: "a".repeat(129) }, "username:TOO_LONG"],
    ["a username of 60,000 characters", { username: "a".repeat(60_000) }, "username:TOO_LONG"],
    ["a colon in the username", { username: "ann:b" }, "username:INVALID_FORMAT"],
    ["a control character in the username", { username: "ann\u0000b" }, "username:INVALID_FORMAT"],
    ["a zero-width character in the username", { username: "an\u200bn" }, "username:INVALID_FORMAT"],
    ["a direction override in the username", { username: "an\u202en" }, "username:INVALID_FORMAT"],
    ["an invisible mark in the username", { username: "ann\ufe0f" }, "username:INVALID_FORMAT"],
    ["half a surrogate pair in the username", { username: "ann\ud83d" }, "username:INVALID_FORMAT"],
    ["no e-mail address", { email: "ann.example.org" }, "email:INVALID_FORMAT"],
    ["an e-mail address of 255 characters", { email: `${"a".repeat(243)}@example.org` }, "email:TOO_LONG"],
    ["a telephone number of five digits", { phone: "12345" }, "phone:TOO_SHORT"],
    ["a telephone number with letters", { phone: "call me" }, "phone:INVALID_CHARACTER"],
    ["an unknown form of locale", { locale: "en_US" }, "locale:INVALID_FORMAT"],
    ["an empty password", { password: "" }, "password:TOO_SHORT"],
    ["a password of 7 characters", { password: "k7#Qz!m" }, "password:TOO_SHORT"],
    ["a password of 257 characters", { password: "k7#Qz!m ".repeat(33).slice(0, 257) }, "password:TOO_LONG"],
    ["a password of 60,000 characters", { password: "k7#Qz!m ".repeat(7_500) }, "password:TOO_LONG"],
    ["NUL in the password", { password: `${PASSWORD}\u0000` }, "password:INVALID_FORMAT"],
    ["a replacement character in the password", { password: `${PASSWORD}\ufffd` }, "password:INVALID_FORMAT"],
    ["half a surrogate pair in the password", { password: `${PASSWORD}\ud83d` }, "password:INVALID_FORMAT"],
    ["a common password", { password: "password123" }, "password:WEAK_PASSWORD"],
    ["a walk over the keyboard", { password: "qwertyuiop" }, "password:WEAK_PASSWORD"],
    ["one character repeated", { password: "z".repeat(200) }, "password:WEAK_PASSWORD"],
    ["the service's name", { password: "latchkey1" }, "password:WEAK_PASSWORD"],
    [
      "the username as password",
      { username: "Tessa-Wong-4711", password: "tessa-wong-4711" },
      "password:WEAK_PASSWORD",
    ],
    [
      "the e-mail address as password",
      { email: "tw@x.example.org", password: "tw@x.example.org" },
      "password:WEAK_PASSWORD",
    ],
    [
      "the telephone number as password",
      { phone: "+4930901820", password: "+4930901820" },
      "password:WEAK_PASSWORD",
    ],
  ])("refuses %s", async (_what, input, fault) => {
    const answer = await register(input);
    expect([answer.status, answer.code, answer.fields]).toEqual([200, "BAD_USER_INPUT", [`input.${fault}`]]);
    expect(answer.data).toBeNull();
  });

  it("names all faults at once, and no value", async () => {
    const values = { username: "qq:qq", email: "qq@qq", phone: "qq", locale: "qq_qq", password: "qqqqqqq" };
    const answer = await register(values);
    expect(new Set(answer.fields)).toEqual(
      new Set([
        "input.username:INVALID_FORMAT",
        "input.email:INVALID_FORMAT",
        "input.phone:INVALID_CHARACTER",
        "input.locale:INVALID_FORMAT",
        "input.password:TOO_SHORT",
      ]),
    );
    expect(answer.text).not.toContain("qq");
  });

  it("never answers or logs a password, whatever refuses it", async () => {
    const { username } = await registerUser(gateway.graphql);
    const send_ = (query: string, variables = {}) => send(gateway.graphql, query, variables);
    const literal = `mutation ($name: String = "x") { register(input: {username: $name, password: "${MARKER}"`;
    const answers = await Promise.all([
      register({ password: `${MARKER}\u0000` }),
      register({ password: MARKER.repeat(30) }),
      register({ username: MARKER, password: MARKER }),
      register({ username, password: `${MARKER}-${MARKER}` }),
      register({ username: "a:b", password: `${MARKER}-${MARKER}` }),
      register({ username: null, password: MARKER }),
      register({ username: MARKER, password: null }),
      register({ password: { text: MARKER } }),
      register({ password: { [`text at "${MARKER}"; `]: 1 } }),
      register({ password: [MARKER, MARKER] }),
      register({ password: MARKER, pasword: MARKER }),
      send_(REGISTER, { input: MARKER }),
      send_(REGISTER, { input: [MARKER] }),
      send_(`${literal}}) { token } }`, { name: null }),
      send_(`${literal}, locale: 1}) { token } }`),
      send_(`${literal}, locale: ${MARKER}}) { token } }`),
      send_(`${literal} }) { token `),
      send_(`mutation { register(input: {username: "x", password: """${MARKER}}) { token } }`),
      send_(`mutation { register(input: {username: "x", password: ${MARKER}}) { token } }`),
      send_(`mutation { register(input: "${MARKER}") { token } }`),
    ]);
    for (const answer of answers) {
      expect(answer.code).toMatch(/^(BAD_USER_INPUT|CONFLICT|GRAPHQL_(PARSE|VALIDATION)_FAILED)$/);
      expect(answer.text).not.toContain(MARKER);
    }
    expect(gateway.output.log + gateway.output.errors).not.toContain(MARKER);
  });

  it.each([
    ["a number", 12345678, "INVALID_FORMAT"],
    ["true", true, "INVALID_FORMAT"],
    ["an object", { $ne: "" }, "INVALID_FORMAT"],
    ["a list", [PASSWORD], "INVALID_FORMAT"],
    ["null", null, "REQUIRED"],
  ])("refuses %s for a password before anything is done", async (_what, password, fault) => {
    const answer = await register({ password });
    expect([answer.status, answer.code, answer.fields]).toEqual([
      400,
      "BAD_USER_INPUT",
      [`input.password:${fault}`],
    ]);
    const query =
      'mutation ($password: String!) { register(input: {username: "x", password: $password}) { token } }';
    const alone = await send(gateway.graphql, query, { password });
    expect([alone.status, alone.code, alone.fields]).toEqual([400, "BAD_USER_INPUT", [`password:${fault}`]]);
  });

  it.each([
    ["null", { input: null }],
    ["nothing", {}],
    ["text", { input: "x" }],
    ["a list", { input: [{}, {}] }],
  ])("refuses %s for the input", async (_what, variables) => {
    const answer = await send(gateway.graphql, REGISTER, variables);
    expect([answer.status, answer.code]).toEqual([400, "BAD_USER_INPUT"]);
    expect(answer.fields[0]).toMatch(/^input\b.*:(REQUIRED|INVALID_FORMAT)$/);
  });

  it("tells a null that a variable's default hid until execution", async () => {
    const query = `mutation ($name: String = "x") { register(input: {username: $name, password: "${PASSWORD}"}) { token } }`;
    const answer = await send(gateway.graphql, query, { name: null });
    expect([answer.code, answer.fields]).toEqual(["BAD_USER_INPUT", ["input:INVALID_FORMAT"]]);
  });
});

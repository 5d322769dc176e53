import { setTimeout as sleep } from "node:timers/promises";
import { base64, bearer, PASSWORD, send, tokenStatusOf, uniqueName } from "../../support/client.js";
import { onEachDatabase, type TestDatabase } from "../../support/databases.js";
import { runCommand, startGateway, temporaryFolder, type RunningGateway } from "../../support/gateway.js";
import {
  attack,
  FREE,
  from,
  FROM_ONE,
  guess,
  login,
  newAddress,
  outcomeOf,
  REFUSED,
  register,
  REGISTRATIONS,
  STRICT,
} from "../../support/throttling.js";

const DAY_S = 86_400;

onEachDatabase("throttling", (create) => {
  let database: TestDatabase;
  let gateway: RunningGateway;
  let url: string;

  beforeAll(async () => {
    database = await create();
    gateway = await startGateway({ DATABASE_URL: database.url, ...STRICT });
    url = gateway.graphql;
  });

  afterAll(async () => {
    await gateway.stop();
    await database.drop();
  });

  /** An account whose own network is `home`. */
  async function newAccount(values: Record<string, string> = {}) {
    const [username, home] = [uniqueName("ann"), newAddress()];
    const { data } = await register(url, { username, ...values }, home);
    return { username, home, token: data.register.token as string };
  }

  const logged = (event: string) => gateway.output.log.split(`"audit":"${event}"`).length - 1;

  /** The log arrives by itself, in order. */
  async function untilLogged(event: string, times: number): Promise<void> {
    while (logged(event) < times) await sleep(10);
  }

  it("refuses an account's next attempt after too many failures, before any password is looked at", async () => {
    const { username } = await newAccount();
    for (let failures = 0; failures < FREE; failures++) {
      expect(outcomeOf(await guess(url, username))).toBe("BAD_LOGIN");
    }
    const throttled = logged("login.throttled");
    const refused = await login(url, username);
    expect([refused.status, refused.code]).toEqual([200, "TOO_MANY_REQUESTS"]);
    const { message, extensions } = refused.errors[0]!;
    expect(extensions.retryAfter).toBeGreaterThan(DAY_S - 600);
    expect(extensions.retryAfter).toBeLessThanOrEqual(DAY_S);
    expect(message).toContain(` ${extensions.retryAfter} seconds`);
    await untilLogged("login.throttled", throttled + 1);
    const lastFailure = gateway.output.log.lastIndexOf('"login.failed"');
    expect(gateway.output.log.lastIndexOf('"login.throttled"')).toBeGreaterThan(lastFailure);
  });

  it("treats names that nobody has alike, and stores nothing of what was typed", async () => {
    const [known, unknown] = [(await newAccount()).username, uniqueName("nobody")];
    const answers = async (name: string) => {
      const all = [];
      for (let attempt = 0; attempt <= FREE; attempt++) {
        const { text } = await guess(url, name);
        all.push(text.replace(/"retryAfter":\d+/, '"retryAfter":0').replace(/\d+ seconds/, "0 seconds"));
      }
      return all;
    };
    expect(await answers(unknown)).toEqual(await answers(known));
    const rows = await database.query("SELECT name FROM throttle");
    expect(rows.length).toBeGreaterThan(FREE);
    for (const { name } of rows) expect(name).toMatch(/^[\w-]{43}$/);
  });

  it("lets no more than the free failures through when guesses come at once", async () => {
    const username = uniqueName("nobody");
    const answers = await Promise.all(Array.from({ length: 60 }, () => guess(url, username)));
    const outcomes = answers.map(outcomeOf);
    const checked = outcomes.filter((outcome) => outcome === "BAD_LOGIN").length;
    expect(checked).toBeGreaterThan(0);
    expect(checked).toBeLessThanOrEqual(FREE);
    // Of so many at once the database may refuse some.
    expect([...new Set(outcomes)].filter((outcome) => outcome !== "SERVICE_UNAVAILABLE").sort()).toEqual([
      "BAD_LOGIN",
      "TOO_MANY_REQUESTS",
    ]);
  });

  it("forgets the failures of an account at a success, and not those of its address", async () => {
    const { username } = await newAccount();
    const address = newAddress();
    const rounds = FROM_ONE / 2;
    for (let round = 0; round < 2; round++) {
      for (let failures = 0; failures < rounds; failures++) {
        expect(outcomeOf(await guess(url, username, address))).toBe("BAD_LOGIN");
      }
      if (round === 0) expect(outcomeOf(await login(url, username, { address }))).toBe("ok");
    }
    expect(outcomeOf(await guess(url, uniqueName(), address))).toBe("TOO_MANY_REQUESTS");
    expect(outcomeOf(await login(url, username))).toBe("ok");
  });

  it("opens again when the delay is over", async () => {
    const { username } = await newAccount();
    await attack(url, username);
    expect(outcomeOf(await login(url, username))).toBe("TOO_MANY_REQUESTS");
    // Time passes.
    await database.query("UPDATE throttle SET blockedUntil = 1 WHERE amount = ?", [FREE]);
    expect(outcomeOf(await login(url, username))).toBe("ok");
    expect(outcomeOf(await guess(url, username))).toBe("BAD_LOGIN");
  });

  it("is not sidestepped by another spelling of the name", async () => {
    const { username } = await newAccount();
    await attack(url, username);
    const fullWidth = username.replace(/[a-z]/g, (letter) =>
      String.fromCodePoint(letter.charCodeAt(0) + 0xfee0),
    );
    for (const spelling of [username.toUpperCase(), ` ${username} `, fullWidth]) {
      expect([spelling, outcomeOf(await login(url, spelling))]).toEqual([spelling, "TOO_MANY_REQUESTS"]);
    }
    const basic = { authorization: `Basic ${base64(`${username.toUpperCase()}:${PASSWORD}`)}` };
    const answer = await send(url, "mutation { login { token } }", {}, { ...basic, ...from(newAddress()) });
    expect(answer.code).toBe("TOO_MANY_REQUESTS");
  });

  it.each([
    [
      "telephone number",
      "0305558801",
      ["\u200e0305558801", "\u200e\u200e0305558801", "030\u20115558801", "tel:\u0660305558801"],
    ],
    ["mail domain", "nobody@m\u00fcnchen.example", ["nobody@xn--mnchen-3ya.example"]],
  ])("is not sidestepped by another spelling of a %s", async (_what, name, spellings) => {
    await attack(url, name);
    for (const spelling of spellings)
      expect([spelling, outcomeOf(await guess(url, spelling))]).toEqual([spelling, "TOO_MANY_REQUESTS"]);
  });

  it("counts each name of an account by itself: nothing tells which belong together", async () => {
    const email = `${uniqueName("mail")}@example.org`;
    const { username } = await newAccount({ email });
    await attack(url, username);
    expect(outcomeOf(await guess(url, email))).toBe("BAD_LOGIN");
  });

  it("neither ends nor refuses tokens while the account is attacked", async () => {
    const { username, token } = await newAccount();
    await attack(url, username);
    expect(outcomeOf(await guess(url, username))).toBe("TOO_MANY_REQUESTS");
    expect(await tokenStatusOf(url, bearer(token))).toBe("ok");
    const made = await send(
      url,
      'mutation { createUserToken(input: { note: "robot" }) { token } }',
      {},
      bearer(token),
    );
    expect(made.code).toBeUndefined();
  });

  it("lets the owner in from a network it has signed in from, which may fail no more often itself", async () => {
    const { username, home } = await newAccount();
    await attack(url, username);
    expect(outcomeOf(await login(url, username, { address: home }))).toBe("ok");
    expect(outcomeOf(await login(url, username))).toBe("TOO_MANY_REQUESTS");
    for (let failures = 0; failures < FREE; failures++) {
      expect(outcomeOf(await guess(url, username, home))).toBe("BAD_LOGIN");
    }
    expect(outcomeOf(await login(url, username, { address: home }))).toBe("TOO_MANY_REQUESTS");
  });

  it("gives a network that the account has signed in from no more free failures than any other", async () => {
    const { username, home } = await newAccount();
    for (let failures = 0; failures < FREE; failures++) {
      expect(outcomeOf(await guess(url, username, home))).toBe("BAD_LOGIN");
    }
    expect(outcomeOf(await login(url, username, { address: home }))).toBe("TOO_MANY_REQUESTS");
    expect(outcomeOf(await login(url, username))).toBe("TOO_MANY_REQUESTS");
  });

  it("does not count against a known network what strangers did", async () => {
    const { username, home } = await newAccount();
    for (let failures = 0; failures < FREE - 1; failures++) await guess(url, username);
    for (let failures = 0; failures < FREE; failures++) {
      expect(outcomeOf(await guess(url, username, home))).toBe("BAD_LOGIN");
    }
    expect(outcomeOf(await guess(url, username, home))).toBe("TOO_MANY_REQUESTS");
  });

  it("a success forgets the failures of a stranger's network, too", async () => {
    const { username } = await newAccount();
    const address = newAddress();
    for (let failures = 0; failures < FREE - 1; failures++) await guess(url, username, address);
    expect(outcomeOf(await login(url, username))).toBe("ok");
    for (let failures = 0; failures < FREE - 1; failures++) {
      expect(outcomeOf(await guess(url, username, address))).toBe("BAD_LOGIN");
    }
  });

  it("knows a network for 30 days", async () => {
    const { username, home } = await newAccount();
    await attack(url, username);
    const madeAt = Date.now() - 30 * DAY_S * 1_000 - 1;
    await database.query(
      "UPDATE user_token SET creationTime = ? WHERE userId = (SELECT id FROM `user` WHERE username = ?)",
      [madeAt, username],
    );
    expect(outcomeOf(await login(url, username, { address: home }))).toBe("TOO_MANY_REQUESTS");
  });

  it("counts an IPv6 /64 as one source, and the next /64 as another", async () => {
    const block = (count: number) => `2001:db8:${count}:1`;
    for (let failures = 0; failures < FROM_ONE; failures++) {
      expect(outcomeOf(await guess(url, uniqueName(), `${block(1)}:${failures}::7`))).toBe("BAD_LOGIN");
    }
    expect(outcomeOf(await guess(url, uniqueName(), `${block(1)}::ffff`))).toBe("TOO_MANY_REQUESTS");
    expect(outcomeOf(await guess(url, uniqueName(), `${block(2)}::7`))).toBe("BAD_LOGIN");
  });

  it("counts attempts that an account refuses against no source, and refused sources against no account", async () => {
    const [username, address] = [uniqueName("nobody"), newAddress()];
    await attack(url, username);
    for (let attempt = 0; attempt <= FROM_ONE; attempt++) {
      expect(outcomeOf(await guess(url, username, address))).toBe("TOO_MANY_REQUESTS");
    }
    for (let failures = 0; failures < FROM_ONE; failures++) await guess(url, uniqueName(), address);
    const { username: victim } = await newAccount();
    for (let attempt = 0; attempt <= FREE; attempt++) {
      expect(outcomeOf(await guess(url, victim, address))).toBe("TOO_MANY_REQUESTS");
    }
    expect(outcomeOf(await login(url, victim))).toBe("ok");
  });

  it("limits registrations of one source: not what is refused for a taken name, a weak password or a bound", async () => {
    const address = newAddress();
    const { username } = await newAccount();
    const outcome = async (values: Record<string, string>) => outcomeOf(await register(url, values, address));
    for (let attempt = 0; attempt <= REFUSED; attempt++) {
      expect(await outcome({ password: "short" })).toBe("BAD_USER_INPUT");
    }
    // A new user may find several names taken, and passwords too weak, and still register.
    expect(await outcome({ username })).toBe("CONFLICT");
    expect(await outcome({ password: "password123" })).toBe("BAD_USER_INPUT");
    for (let made = 0; made < REGISTRATIONS; made++) expect(await outcome({})).toBe("ok");
    const refused = await register(url, { username }, address);
    expect([refused.status, refused.code]).toEqual([200, "TOO_MANY_REQUESTS"]);
    expect(refused.errors[0]?.extensions.retryAfter).toBeGreaterThan(DAY_S - 600);
    await untilLogged("registration.throttled", 1);
    expect(outcomeOf(await register(url))).toBe("ok");
    expect(outcomeOf(await login(url, username, { address }))).toBe("ok");
  });

  it("counts an attempt to register before its password is judged, and judges none beyond the limit", async () => {
    const address = newAddress();
    const { username } = await newAccount();
    const outcome = async (values: Record<string, string>) => {
      const { code, fields } = await register(url, values, address);
      return [code, ...fields];
    };
    const weak = () => outcome({ password: "password123" });
    const malformed: Record<string, string>[] = [
      { email: "no address" },
      { username: ":" },
      { password: "short" },
    ];
    for (const values of malformed) {
      for (let attempt = 0; attempt <= REFUSED; attempt++) {
        expect((await outcome({ password: "password123", ...values }))[0]).toBe("BAD_USER_INPUT");
      }
    }
    for (let attempt = 1; attempt < REFUSED; attempt++) {
      expect(await weak()).toEqual(["BAD_USER_INPUT", "input.password:WEAK_PASSWORD"]);
    }
    // Whether a name is taken is told no more often either.
    expect(await outcome({ username })).toEqual(["CONFLICT", "input.username:TAKEN"]);
    expect(await outcome({ username })).toEqual(["TOO_MANY_REQUESTS"]);
    expect(await weak()).toEqual(["TOO_MANY_REQUESTS"]);
    expect(await outcome({})).toEqual(["TOO_MANY_REQUESTS"]);
    // What is refused without a thread's time is refused as before.
    expect(await outcome({ email: "no address" })).toEqual(["BAD_USER_INPUT", "input.email:INVALID_FORMAT"]);
    expect(outcomeOf(await register(url))).toBe("ok");
  });

  it("holds on every node, after a restart, and for X-Forwarded-For of nobody's proxy", async () => {
    const { username, home } = await newAccount();
    await attack(url, username);
    const other = await startGateway({ DATABASE_URL: database.url, ...STRICT, TRUSTED_PROXIES: undefined });
    try {
      expect(outcomeOf(await login(other.graphql, username))).toBe("TOO_MANY_REQUESTS");
      expect(outcomeOf(await login(other.graphql, username, { address: home }))).toBe("TOO_MANY_REQUESTS");
      for (let failures = 0; failures < FROM_ONE; failures++) await guess(other.graphql, uniqueName());
      expect(outcomeOf(await guess(other.graphql, uniqueName()))).toBe("TOO_MANY_REQUESTS");
    } finally {
      await other.stop();
    }
    await gateway.stop();
    gateway = await startGateway({ DATABASE_URL: database.url, ...STRICT });
    url = gateway.graphql;
    expect(outcomeOf(await login(url, username))).toBe("TOO_MANY_REQUESTS");
    expect(outcomeOf(await login(url, username, { address: home }))).toBe("ok");
  });

  it("ends for an account when an operator enables it", async () => {
    const email = `${uniqueName("mail")}@example.org`;
    const { username, home } = await newAccount({ email });
    await attack(url, username);
    await attack(url, email);
    for (let failures = 0; failures < FREE; failures++) await guess(url, username, home);
    expect(outcomeOf(await login(url, username, { address: home }))).toBe("TOO_MANY_REQUESTS");
    const settings = { DATABASE_URL: database.url, ...STRICT };
    expect(await runCommand(["users", "enable", username], settings)).toMatchObject({ code: 0 });
    for (const name of [username, email]) expect(outcomeOf(await login(url, name))).toBe("ok");
    expect(outcomeOf(await login(url, username, { address: home }))).toBe("ok");
  });

  it("does not count a login that the database kept from being judged", async () => {
    const { username } = await newAccount();
    await database.query("ALTER TABLE user_identifier RENAME TO user_identifier_away");
    try {
      for (let attempt = 0; attempt <= FREE; attempt++) {
        expect(outcomeOf(await login(url, username))).toBe("SERVICE_UNAVAILABLE");
      }
    } finally {
      await database.query("ALTER TABLE user_identifier_away RENAME TO user_identifier");
    }
    for (let failures = 1; failures < FREE; failures++) await guess(url, username);
    expect(outcomeOf(await login(url, username))).toBe("ok");
  });

  it("refuses a login when its counters cannot be reached", async () => {
    const { username } = await newAccount();
    await database.query("ALTER TABLE throttle RENAME TO throttle_away");
    try {
      const answer = await login(url, username);
      expect([answer.status, answer.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    } finally {
      await database.query("ALTER TABLE throttle_away RENAME TO throttle");
    }
    expect(outcomeOf(await login(url, username))).toBe("ok");
  });
});

describe("without throttling", () => {
  it("everybody may try as often as they like, and nothing is counted", async () => {
    const folder = temporaryFolder();
    const settings = { ...STRICT, THROTTLE: "off", DATABASE_URL: `sqlite:${folder.path}/db.sqlite` };
    const { graphql, stop } = await startGateway(settings);
    try {
      const address = newAddress();
      const { data } = await register(graphql, { username: "ann" }, address);
      expect(data.register.token).toBeTruthy();
      for (let made = 0; made <= REGISTRATIONS; made++) {
        expect(outcomeOf(await register(graphql, {}, address))).toBe("ok");
      }
      for (let failures = 0; failures <= FROM_ONE; failures++) await guess(graphql, "ann", address);
      expect(outcomeOf(await login(graphql, "ann", { address }))).toBe("ok");
    } finally {
      await stop();
      folder.remove();
    }
  });
});

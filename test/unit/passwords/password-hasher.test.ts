import { createRequire } from "node:module";
import type * as Built from "../../../src/passwords/password-hasher.js";
import type { PasswordHasher, PasswordHasherOptions } from "../../../src/passwords/password-hasher.js";
import type { LatchkeyError } from "../../../src/errors/latchkey-error.js";
import { checkPasswordStrength } from "../../../src/passwords/check-password.js";

// Workers load compiled files only, so the pool is tested as it is built.
const { createPasswordHasher } = (await import(
  new URL("../../../dist/passwords/password-hasher.js", import.meta.url).href
)) as typeof Built;

const FIRST = { id: "k1", key: Buffer.alloc(32, 1) };
const SECOND = { id: "k2", key: Buffer.alloc(32, 2) };
const hashers: PasswordHasher[] = [];

function makeHasher(overrides: Partial<PasswordHasherOptions> = {}): PasswordHasher {
  const hasher = createPasswordHasher({
    scheme: "bcrypt",
    bcryptCost: 4,
    workers: 2,
    queueLimit: 64,
    waitLimitMs: 60_000,
    peppers: [FIRST],
    ...overrides,
  });
  hashers.push(hasher);
  return hasher;
}

afterEach(() => Promise.all(hashers.splice(0).map((hasher) => hasher.close())));

/** The other end of every promise: "done", or the error's code and retryAfter. */
function outcomes(calls: Promise<unknown>[]): Promise<unknown[]> {
  return Promise.all(
    calls.map((call) =>
      call.then(
        () => "done",
        (error: unknown) => {
          const { code, retryAfter } = error as LatchkeyError;
          return { code, retryAfter };
        },
      ),
    ),
  );
}

describe("createPasswordHasher", () => {
  it.each(["bcrypt", "argon2id"] as const)("hashes and verifies by %s in workers", async (scheme) => {
    const hasher = makeHasher({ scheme });
    const stored = await hasher.hash("correct horse battery staple");
    expect(await hasher.verify("correct horse battery staple", stored)).toEqual({ ok: true, rehash: null });
    expect(await hasher.verify("correct horse battery stapl", stored)).toEqual({ ok: false, rehash: null });
    expect(await hasher.verify("correct horse battery staple", null)).toEqual({ ok: false, rehash: null });
  });

  it("carries every password whole to the worker", async () => {
    const hasher = makeHasher();
    for (const password of ["", "nul\0inside", "😀".repeat(256), "a".repeat(10_240)]) {
      const stored = await hasher.hash(password);
      expect((await hasher.verify(password, stored)).ok).toBe(true);
      expect((await hasher.verify(`${password}x`, stored)).ok).toBe(false);
    }
  });

  it("follows a new scheme, cost and pepper at once", async () => {
    const stored = await makeHasher().hash("right");
    const later = makeHasher({ scheme: "argon2id", peppers: [SECOND, FIRST] });
    const { ok, rehash } = await later.verify("right", stored);
    expect(ok).toBe(true);
    expect(rehash).toMatch(/^lk1\$k2\$argon2id\$/);
    expect(await later.verify("right", rehash)).toEqual({ ok: true, rehash: null });
  });

  it("refuses what neither runs nor waits, saying when to come back", async () => {
    const hasher = makeHasher({ workers: 1, queueLimit: 2, bcryptCost: 8 });
    await hasher.ready();
    const answers = outcomes([1, 2, 3, 4, 5].map(() => hasher.verify("any", null)));
    expect(hasher.stats()).toEqual({ running: 1, waiting: 2 });
    const refused = { code: "SERVICE_UNAVAILABLE", retryAfter: 1 };
    expect(await answers).toEqual(["done", "done", "done", refused, refused]);
    expect(hasher.stats()).toEqual({ running: 0, waiting: 0 });
  });

  it("leaves the event loop turning while every worker is busy", async () => {
    const hasher = makeHasher({ bcryptCost: 8 });
    await hasher.ready();
    const calls = 12;
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await Promise.all(Array.from({ length: calls }, () => hasher.verify("any", null)));
    done = true;
    // On the main thread the loop would turn about once a call.
    expect(turns).toBeGreaterThan(calls * 20);
  });

  it("on close finishes what it took and refuses the rest", async () => {
    const hasher = makeHasher({ workers: 1, bcryptCost: 6 });
    const taken = outcomes([1, 2, 3].map(() => hasher.hash("right")));
    const closing = hasher.close();
    expect(await outcomes([hasher.hash("right"), hasher.verify("right", null)])).toMatchObject([
      { code: "SERVICE_UNAVAILABLE" },
      { code: "SERVICE_UNAVAILABLE" },
    ]);
    await closing;
    expect(await taken).toEqual(["done", "done", "done"]);
  });

  it("closes before it is ready", async () => {
    await makeHasher().close();
  });

  it.each([
    ["a cost that could not be verified again", { bcryptCost: 16 }],
    ["no pepper", { peppers: [] }],
    ["a pepper id that would break the stored string", { peppers: [{ ...FIRST, id: "a$b" }] }],
  ])("refuses %s", (_, overrides) => {
    expect(() => makeHasher(overrides)).toThrow(RangeError);
  });
});

describe("password strength", () => {
  const user = ["ann-miller", "annie@example.org", "+441632960961"];
  const judge = async (passwords: string[], userInputs = user): Promise<string[]> => {
    const hasher = makeHasher();
    const faults = await Promise.all(
      passwords.map((password) => checkPasswordStrength(hasher, password, userInputs)),
    );
    return passwords.filter((_, index) => faults[index]?.code === "WEAK_PASSWORD");
  };

  it("refuses common passwords and slight changes to them", async () => {
    const weak = ["password", "password1", "P@ssw0rd!", "12345678", "qwertyuiop", "iloveyou2", "football99"];
    const walks = ["asdfghjkl;", "abcdefgh", "87654321", "aaaaaaaaab", "abcabcabcabc", "19991231"];
    expect(await judge([...weak, ...walks])).toEqual([...weak, ...walks]);
  });

  it("refuses every one of the listed breached passwords that is long enough", async () => {
    const { dictionary } = createRequire(import.meta.url)("@zxcvbn-ts/language-common") as {
      dictionary: { "passwords-common": string[] };
    };
    const listed = dictionary["passwords-common"].filter((word) => word.length >= 8).slice(0, 3_000);
    expect(listed).toHaveLength(3_000);
    const hasher = makeHasher({ queueLimit: 3_000 });
    const scores = await Promise.all(listed.map((word) => hasher.estimateStrength(word, [])));
    expect(listed.filter((_, index) => (scores[index] ?? 4) >= 2)).toEqual([]);
  });

  it("refuses the user's own names and the service's, with little added", async () => {
    const own = ["ann-miller", "relliM-nna", "Annie@Example.org", "441632960961!", "latchkey1"];
    expect(await judge(own)).toEqual(own);
  });

  it("accepts strong ones, whatever characters they are made of", async () => {
    const random64 = "q7Vd0mXzR4tKbL9sYw2HcJ8nPfG5aUe1iTo6BvC3xZrM+NkQ/hDgSjFlEyWuIpAO";
    const strong = ["correct horse battery staple", "tr0ub4dor&3x!9", random64, "zwölf Boxkämpfer jagen"];
    expect(await judge(strong)).toEqual([]);
  });

  it("accepts 256 characters of four bytes", async () => {
    const long = Array.from({ length: 256 }, (_, index) =>
      String.fromCodePoint(0x20000 + ((index * 7_919) % 40_000)),
    ).join("");
    expect(await checkPasswordStrength(makeHasher(), long, user)).toBeNull();
  });
});

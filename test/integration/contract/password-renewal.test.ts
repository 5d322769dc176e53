import BetterSqlite3 from "better-sqlite3";
import { bearer, loginUser, registerUser, send, tokenStatusOf, type SignedIn } from "../../support/client.js";
import {
  startGateway,
  temporaryFolder,
  TEST_SECRET,
  type RunningGateway,
  type Settings,
} from "../../support/gateway.js";

const NEW_SECRET = "another-secret-of-the-test-suite-that-is-as-long";
/** 100 characters: more than the 72 bytes that bcrypt itself reads. */
const PASSWORD = `${"k7#Qz!m v".repeat(11)}.`;
const FINGERPRINT = "my laptop";

/** One account through four lives of its gateway, each with other settings. */
describe("a stored password", () => {
  const folder = temporaryFolder();
  const path = `${folder.path}/db.sqlite`;
  let gateway: RunningGateway;
  let user: SignedIn;
  let fingerprinted: SignedIn;

  const restart = async (settings: Settings): Promise<void> => {
    await gateway.stop();
    gateway = await startGateway({ DATABASE_URL: `sqlite:${path}`, ...settings });
  };

  const storedHash = (): string => {
    const handle = new BetterSqlite3(path, { readonly: true });
    try {
      return String(handle.prepare("SELECT passwordHash FROM user WHERE id = ?").pluck().get(user.id));
    } finally {
      handle.close();
    }
  };

  const login = (password = PASSWORD, more = {}): Promise<SignedIn> =>
    loginUser(gateway.graphql, { userid: user.username, password, ...more });

  const refusal = async (password: string): Promise<string | undefined> => {
    const query = "mutation ($input: LoginInput) { login(input: $input) { token } }";
    return (await send(gateway.graphql, query, { input: { userid: user.username, password } })).reason;
  };

  beforeAll(async () => {
    gateway = await startGateway({ DATABASE_URL: `sqlite:${path}`, PASSWORD_HASH: "bcrypt" });
    user = await registerUser(gateway.graphql, { password: PASSWORD });
  });

  afterAll(async () => {
    await gateway.stop();
    folder.remove();
  });

  it("is a bcrypt hash of all its 100 characters, which no login changes", async () => {
    const hash = storedHash();
    expect(PASSWORD).toHaveLength(100);
    expect(hash).toMatch(/^lk1\$[\da-f]{8}\$2b\$10\$/);
    expect(await refusal(PASSWORD.slice(0, 99))).toBe("BAD_LOGIN");
    expect(await refusal(`${PASSWORD.slice(0, 99)}!`)).toBe("BAD_LOGIN");
    expect((await login()).id).toBe(user.id);
    expect(storedHash()).toBe(hash);
  });

  it("becomes an argon2id hash at the next login after the scheme was changed, not at a failed one", async () => {
    const old = storedHash();
    await restart({ PASSWORD_HASH: "argon2id" });
    expect(await refusal(`${PASSWORD}!`)).toBe("BAD_LOGIN");
    expect(storedHash()).toBe(old);
    // All of them find the old hash, and only one can replace it.
    const racing = await Promise.all(Array.from({ length: 4 }, () => login()));
    expect(racing.map(({ id }) => id)).toEqual(Array(4).fill(user.id));
    fingerprinted = await login(PASSWORD, { clientFingerprint: FINGERPRINT });
    const renewed = storedHash();
    expect(renewed).toMatch(/^lk1\$[\da-f]{8}\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await login()).id).toBe(user.id);
    expect(storedHash()).toBe(renewed);
    expect(await refusal(PASSWORD.slice(0, 99))).toBe("BAD_LOGIN");
  });

  it("is renewed under the new secret at the next login, while every token stays valid", async () => {
    const [, oldId] = storedHash().split("$");
    await restart({ LATCHKEY_SECRET: `${NEW_SECRET},${TEST_SECRET}` });
    expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
    expect(await refusal(`${PASSWORD}!`)).toBe("BAD_LOGIN");
    const { token } = await login();
    const [, newId] = storedHash().split("$");
    expect(newId).toMatch(/^[\da-f]{8}$/);
    expect(newId).not.toBe(oldId);
    expect(await tokenStatusOf(gateway.graphql, bearer(token))).toBe("ok");
    const query = `mutation { logout(input: {clientFingerprint: "${FINGERPRINT}"}) { success } }`;
    expect((await send(gateway.graphql, query, {}, bearer(fingerprinted.token))).data.logout.success).toBe(
      true,
    );
  });

  it("needs the old secret no longer, once it was renewed", async () => {
    await restart({ LATCHKEY_SECRET: NEW_SECRET });
    expect((await login()).id).toBe(user.id);
    expect(await tokenStatusOf(gateway.graphql, bearer(user.token))).toBe("ok");
  });
});

import type { DialectName } from "../../../src/config/dialect-schemas.js";
import { startOwnGateway, type OwnGateway } from "../../support/own-gateway.js";
import { basic, bearer, loginUser, PASSWORD, registerUser, tokenStatusOf } from "../../support/client.js";
import { call, jwt, xAuth } from "../../support/rest/call.js";
import { documentOf, isServed, LINES, linesIn, NAMES, probe } from "../../support/rest/requests.js";
import {
  BASIC_CHALLENGE,
  USERTOKEN_ERROR,
  USERID_JWT_ERROR,
  USERID_JWT_LOGIN_ERROR,
} from "../../support/rest/shapes.js";

const ALL_LINES = [...new Set(Object.values(LINES).flat())];

/** With every dialect switched on. */
let reference: Record<DialectName, unknown[]>;

beforeAll(async () => {
  const gateway = await startOwnGateway();
  reference = await probeAll(gateway, NAMES);
  await gateway.close();
});

async function probeAll({ url }: OwnGateway, names: readonly DialectName[]) {
  const found = {} as Record<DialectName, unknown[]>;
  for (const name of names) found[name] = await probe(url, name);
  return found;
}

/** Starts a gateway, asks it, and ends it. */
async function withGateway<T>(dialects: string, ask: (gateway: OwnGateway) => Promise<T>): Promise<T> {
  const gateway = await startOwnGateway({ DIALECTS: dialects });
  try {
    return await ask(gateway);
  } finally {
    await gateway.close();
  }
}

/** The dialects that are on answer as they always do; what belongs to the others alone is gone. */
async function expectOnly(gateway: OwnGateway, on: readonly DialectName[]): Promise<void> {
  const { url, graphql } = gateway;
  const lines = new Set(on.flatMap((name) => LINES[name]));
  for (const line of ALL_LINES) expect([line, await isServed(url, line)]).toEqual([line, lines.has(line)]);
  for (const name of NAMES) {
    const document = await documentOf(url, name);
    const listed = document && linesIn(document).sort();
    expect([name, listed]).toEqual([name, on.includes(name) ? [...LINES[name]].sort() : null]);
  }
  expect(await probeAll(gateway, on)).toEqual(Object.fromEntries(on.map((name) => [name, reference[name]])));
  const { username, token } = await registerUser(graphql);
  expect(await tokenStatusOf(graphql, bearer(token))).toBe("ok");
  await loginUser(graphql, { userid: username, password: PASSWORD });
}

describe("the dialects that are switched on", () => {
  it.each(NAMES)("without %s: its own paths are 404, and the others answer as before", async (off) => {
    const on = NAMES.filter((name) => name !== off);
    await withGateway(on.join(","), (gateway) => expectOnly(gateway, on));
  });

  it.each(NAMES)("%s alone answers as before", async (name) => {
    await withGateway(name, (gateway) => expectOnly(gateway, [name]));
  });

  it("without all three that share paths, none of these is there", async () => {
    await withGateway("webitel,ctoregistry", (gateway) => expectOnly(gateway, ["ctoregistry", "webitel"]));
  });

  it("none at all: GraphQL is served alone", async () => {
    await withGateway("none", (gateway) => expectOnly(gateway, []));
  });

  it("the order in which they are named does not matter", async () => {
    await withGateway([...NAMES].reverse().join(","), (gateway) => expectOnly(gateway, NAMES));
  });
});

describe("a shared path whose dialect is off", () => {
  const signIn = async ({ url, graphql }: OwnGateway) => {
    const user = await registerUser(graphql);
    const { username: userid } = user;
    return {
      user,
      byJson: await call(url, "POST /auth/login", {}, { userid, password: PASSWORD }),
      byBasic: await call(url, "POST /auth/login", basic(userid, PASSWORD)),
      malformed: await call(url, "POST /auth/login", {}, "{"),
    };
  };

  it("without userid-jwt, a JSON login is asked for Basic, and every error is of usertoken-bearer's shape", async () => {
    await withGateway("usertoken-bearer,usertoken-xauth", async (gateway) => {
      const { user, byJson, byBasic, malformed } = await signIn(gateway);
      expect([byJson.status, byJson.body]).toEqual([401, USERTOKEN_ERROR]);
      expect(byJson.headers.get("www-authenticate")).toBe(BASIC_CHALLENGE);
      expect(byBasic.status).toBe(200);
      expect([malformed.status, malformed.body]).toEqual([400, USERTOKEN_ERROR]);
      for (const headers of [{}, jwt("a.b.c")]) {
        const out = await call(gateway.url, "POST /auth/logout", headers);
        expect([out.status, out.body]).toEqual([401, USERTOKEN_ERROR]);
      }
      expect((await call(gateway.url, "POST /auth/logout", jwt(user.token))).body).toEqual({ success: true });
    });
  });

  it("without the Basic logins, nobody signs in by Basic, and every error is of userid-jwt's shape", async () => {
    await withGateway("userid-jwt", async (gateway) => {
      const { user, byJson, byBasic, malformed } = await signIn(gateway);
      expect(byJson.status).toBe(200);
      for (const { status, body } of [byBasic, malformed])
        expect([status, body]).toEqual([400, USERID_JWT_LOGIN_ERROR]);
      const bad = await call(gateway.url, "POST /auth/logout", bearer("a.b.c"));
      expect([bad.status, bad.body]).toEqual([401, USERID_JWT_ERROR]);
      const pair = xAuth(user.username, user.token);
      const out = await call(gateway.url, "POST /auth/logout", pair);
      expect(out.body).toEqual({ status: "success", message: "logout successfully" });
    });
  });

  it("the one of two twins that is on answers for both", async () => {
    for (const name of ["usertoken-bearer", "usertoken-xauth"] as const) {
      await withGateway(name, async ({ url, graphql }) => {
        const { username, token } = await registerUser(graphql);
        const headers = name === "usertoken-bearer" ? xAuth(username, token) : bearer(token);
        expect((await call(url, "POST /auth/bump", headers)).status).toBe(200);
        expect((await call(url, "POST /auth/logout", headers)).body).toEqual({ success: true });
      });
    }
  });
});

import type { ApolloClient, TypedDocumentNode } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { Client, fetchExchange } from "@urql/core";
import { buildSchema, isObjectType, NoUnusedFragmentsRule, parse, specifiedRules, validate } from "graphql";
import { ClientError, type GraphQLClient } from "graphql-request";
import { UNAUTHENTICATED_REASONS } from "../../packages/wire/src/error-codes.js";
import { startOwnGateway, type OwnGateway } from "../support/own-gateway.js";
import { bearer, PASSWORD, registerUser, send, type GraphqlError, type SignedIn } from "../support/client.js";
import { startHoldingProxy, type HoldingProxy } from "../support/holding-proxy.js";
import { until } from "../support/until.js";
import { blockOf, readPage } from "./session.js";
import { writeSnippets, type Snippets } from "./snippets.js";

const PAGE = readPage("docs/clients.md");
const NAMES = ["apollo-client", "urql", "graphql-request"] as const;
type Name = (typeof NAMES)[number];

type Data = Record<string, unknown>;

/** What each module exports, and how its users ask. */
interface Module {
  signIn(userid: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  client: unknown;
}

const isMutation = (document: string) => document.startsWith("mutation");

const ASK: Record<Name, (client: unknown, document: string) => Promise<Data>> = {
  "apollo-client": async (client, document) => {
    const apollo = client as ApolloClient;
    const parsed = parse(document) as TypedDocumentNode<Data>;
    const { data } = isMutation(document)
      ? await apollo.mutate({ mutation: parsed })
      : await apollo.query({ query: parsed });
    return data ?? {};
  },
  urql: async (client, document) => {
    const urql = client as Client;
    const { data, error } = await (isMutation(document)
      ? urql.mutation<Data>(document, {})
      : urql.query<Data>(document, {}));
    if (error) throw error;
    return data ?? {};
  },
  "graphql-request": (client, document) => (client as GraphQLClient).request<Data>(document),
};

/** The errors of the gateway's answer, out of what a library throws. */
function errorsOf(thrown: unknown): GraphqlError["extensions"][] {
  if (CombinedGraphQLErrors.is(thrown)) return thrown.errors.map(({ extensions }) => extensions as never);
  if (thrown instanceof ClientError)
    return (thrown.response.errors ?? []).map(({ extensions }) => extensions as never);
  const { graphQLErrors = [] } = thrown as { graphQLErrors?: { extensions: unknown }[] };
  return graphQLErrors.map(({ extensions }) => extensions as never);
}

/** `ok`, or the reason or code that a promise was refused with, or its text when no gateway said it. */
async function outcomeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return "ok";
  } catch (thrown) {
    const [first] = errorsOf(thrown);
    return first?.reason ?? first?.code ?? String(thrown);
  }
}

let gateway: OwnGateway;
let proxy: HoldingProxy & { close: () => Promise<void> };
let snippets: Snippets;

beforeAll(async () => {
  gateway = await startOwnGateway();
  proxy = await startHoldingProxy(gateway.url);
  const pasted = NAMES.map((name) => [
    name,
    blockOf(PAGE, name).replaceAll("http://localhost:4000", proxy.url),
  ]);
  snippets = writeSnippets(Object.fromEntries(pasted) as Record<Name, string>);
});

afterAll(async () => {
  snippets.remove();
  await proxy.close();
  await gateway.close();
});

describe("the modules of docs/clients.md", () => {
  it("compile as they stand, by the strict settings of the repository", () => {
    expect(snippets.faults()).toEqual([]);
  });

  it.each(NAMES)("%s: takes for a refused token every reason but those that speak of none", (name) => {
    const [, list = ""] = /const REFUSED = \[(.*)\];/.exec(blockOf(PAGE, name)) ?? [];
    const others = Object.keys(UNAUTHENTICATED_REASONS).filter(
      (reason) => !["BAD_LOGIN", "NO_CREDENTIAL"].includes(reason),
    );
    expect(list.split(", ").map((quoted) => quoted.slice(1, -1))).toEqual(others);
  });
});

describe("what the page says of the schema", () => {
  const schema = buildSchema(readPage("schema.graphql"));

  it("the fragment for code generators is of the schema, and has all of the type", () => {
    const text = blockOf(PAGE, "auth-error");
    const rules = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);
    expect(validate(schema, parse(text), rules)).toEqual([]);
    const types = ["AuthErrorExtensions", "AuthFieldError"].map((name) => schema.getType(name));
    const fields = types.flatMap((type) => (isObjectType(type) ? Object.keys(type.getFields()) : []));
    expect(
      text
        .match(/\w+(?=\s*\{?\n)/g)
        ?.slice(1)
        .sort(),
    ).toEqual(fields.sort());
  });

  it("the types without an identity are those that operations answer with and that have no id", () => {
    const [, listed = ""] = /keys: \{\n([\s\S]*?)\n {2}\},/.exec(PAGE) ?? [];
    const without = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter((type) => !type.name.startsWith("__") && !("id" in type.getFields()))
      .map(({ name }) => name)
      .filter((name) => !["Query", "Mutation", "AuthErrorExtensions", "AuthFieldError"].includes(name));
    expect([...listed.matchAll(/(\w+): nobody/g)].map(([, name]) => name)).toEqual(without.sort());
  });
});

describe.each(NAMES)("%s, run as it stands", (name) => {
  let module: Module;
  let ann: SignedIn;
  let bob: SignedIn;

  beforeAll(async () => {
    module = (await snippets.load(name)) as Module;
    [ann, bob] = [await registerUser(gateway.graphql), await registerUser(gateway.graphql)];
  });

  afterEach(() => module.signOut());

  const ask = (query: string) => ASK[name](module.client, query);
  /** Asked as a page does: what is cached is not asked for again. */
  const me = async () => ((await ask("{ me { id username } }")).me as { username: string } | null)?.username;
  const signIn = (user: SignedIn) => module.signIn(user.username, PASSWORD);
  const liveTokens = async (user: SignedIn) =>
    (await send(gateway.graphql, "{ userTokens { totalCount } }", {}, bearer(user.token))).data.userTokens
      .totalCount as number;
  /** Ends every token of the account but the one that it was registered with. */
  const revokeAll = (user: SignedIn) =>
    send(gateway.graphql, "mutation { revokeAllUserTokens }", {}, bearer(user.token));

  it("is nobody's at first, somebody's after signIn and nobody's after signOut, which ends the token", async () => {
    const before = await liveTokens(ann);
    expect(await me()).toBeUndefined();
    await signIn(ann);
    expect([await me(), await liveTokens(ann)]).toEqual([ann.username, before + 1]);
    await module.signOut();
    expect([await me(), await liveTokens(ann)]).toEqual([undefined, before]);
  });

  it("throws BAD_LOGIN, and keeps the token in hand", async () => {
    expect(await outcomeOf(module.signIn(ann.username, "a wrong password"))).toBe("BAD_LOGIN");
    expect(await me()).toBeUndefined();
    await signIn(ann);
    expect(await outcomeOf(module.signIn(bob.username, "a wrong password"))).toBe("BAD_LOGIN");
    expect((await ask("{ userTokens { totalCount } }")).userTokens).toBeDefined();
    expect(await me()).toBe(ann.username);
  });

  it("keeps the token when the refusal is about something else", async () => {
    await signIn(ann);
    expect(await outcomeOf(ask('{ privilegeToken(audience: "nobody") { privilege } }'))).toBe(
      "BAD_USER_INPUT",
    );
    expect(await outcomeOf(ask("{ nothing }"))).toBe("GRAPHQL_VALIDATION_FAILED");
    expect((await ask("{ userTokens { totalCount } }")).userTokens).toBeDefined();
  });

  it("shows nothing of the account before to the next one", async () => {
    await signIn(ann);
    expect(await me()).toBe(ann.username);
    await signIn(bob);
    expect(await me()).toBe(bob.username);
  });

  it("forgets a token that was revoked elsewhere, and what was cached with it", async () => {
    await signIn(ann);
    expect(await me()).toBe(ann.username);
    await revokeAll(ann);
    expect(await outcomeOf(ask("{ userTokens { totalCount } }"))).toMatch(
      /^(?:TOKEN_REVOKED|NO_CREDENTIAL)$/,
    );
    expect(await me()).toBeUndefined();
    await signIn(ann);
    expect(await me()).toBe(ann.username);
  });

  it("forgets a token that was disabled", async () => {
    await signIn(ann);
    expect(await me()).toBe(ann.username);
    const disable = "mutation ($key: ID!) { updateUserToken(key: $key, input: {enabled: false}) { id } }";
    const nodes = (await ask("{ userTokens { nodes { id current } } }")).userTokens as {
      nodes: { id: string; current: boolean }[];
    };
    const key = nodes.nodes.find(({ current }) => current)?.id;
    await send(gateway.graphql, disable, { key }, bearer(ann.token));
    expect(await outcomeOf(ask("{ privilegeToken { privilege } }"))).toMatch(
      /^(?:TOKEN_DISABLED|NO_CREDENTIAL)$/,
    );
    expect(await me()).toBeUndefined();
  });

  it("signs out although the token is dead already", async () => {
    await signIn(ann);
    await revokeAll(ann);
    expect(await outcomeOf(module.signOut())).toBe("ok");
    expect(await me()).toBeUndefined();
  });

  it("a late refusal of the token before does not end the session that came after it", async () => {
    await signIn(ann);
    const late = proxy.hold("request", "LateRefusal");
    const asked = outcomeOf(ask("mutation LateRefusal { bumpLogin { lastLoginTime } }"));
    await late.arrived;
    await revokeAll(ann);
    await signIn(bob);
    late.release();
    expect(await asked).not.toBe("ok");
    expect((await ask("{ userTokens { totalCount } }")).userTokens).toBeDefined();
    expect(await me()).toBe(bob.username);
  });

  it("a late answer of the account before is not cached for the next one", async () => {
    await signIn(ann);
    const late = proxy.hold("answer", "LateAnswer");
    const asked = outcomeOf(ask("query LateAnswer { me { id username } }"));
    await late.arrived;
    await signIn(bob);
    late.release();
    await asked;
    expect(await me()).toBe(bob.username);
  });

  it("a late refusal of a login does not sign anybody out", async () => {
    await signIn(ann);
    const late = proxy.hold("answer", "a wrong password");
    const refused = outcomeOf(module.signIn(bob.username, "a wrong password"));
    await late.arrived;
    expect(await me()).toBe(ann.username);
    late.release();
    expect(await refused).toBe("BAD_LOGIN");
    expect(await me()).toBe(ann.username);
  });

  it("sends everything by POST", () => {
    expect([...new Set(proxy.methods)]).toEqual(["POST"]);
  });
});

interface Noted {
  userTokens: { nodes: { note: string | null }[] };
}

describe("Apollo's cache", () => {
  let module: Module & { client: ApolloClient };
  let user: SignedIn;

  beforeAll(async () => {
    module = (await snippets.load("apollo-client")) as Module & { client: ApolloClient };
    user = await registerUser(gateway.graphql);
  });

  beforeEach(() => module.signIn(user.username, PASSWORD));
  afterEach(() => module.signOut());

  it("finds a token again by its id: a list shows what a mutation changed", async () => {
    const { client } = module;
    const query = parse("{ userTokens { nodes { id note } } }") as TypedDocumentNode<Noted>;
    const notes = async () => {
      const { data } = await client.query({ query });
      return data?.userTokens.nodes.map(({ note }) => note);
    };
    expect(await notes()).toEqual([null, null]);
    const rename = `mutation { updateUserToken(key: "${user.key}", input: {note: "renamed"}) { id note } }`;
    await client.mutate({ mutation: parse(rename) });
    expect(await notes()).toEqual(expect.arrayContaining(["renamed", null]));
  });

  it("tells what a page shows when the token was refused, and when somebody signs in", async () => {
    const { client } = module;
    const shown: unknown[] = [];
    const query = parse("{ me { id username } }");
    const watched = client
      .watchQuery<{ me: { username: string } | null }>({ query })
      .subscribe(({ data, loading }) => {
        if (!loading)
          shown.push((data as { me: { username: string } | null } | undefined)?.me?.username ?? null);
      });
    await until(() => shown.at(-1) === user.username, "the account on the page");
    await send(gateway.graphql, "mutation { revokeAllUserTokens }", {}, bearer(user.token));
    await outcomeOf(client.query({ query: parse("{ userTokens { totalCount } }") }));
    await until(() => shown.at(-1) === null, "nobody on the page");
    await module.signIn(user.username, PASSWORD);
    await until(() => shown.at(-1) === user.username, "the account on the page again");
    watched.unsubscribe();
  });
});

describe.each(["urql", "graphql-request"] as const)("the clients of %s", (name) => {
  it("follow one another, and subscribe tells of each", async () => {
    const module = (await snippets.load(name)) as Module & { subscribe(listener: () => void): () => void };
    const user = await registerUser(gateway.graphql);
    const seen: unknown[] = [module.client];
    const end = module.subscribe(() => seen.push(module.client));
    await module.signIn(user.username, PASSWORD);
    await send(gateway.graphql, "mutation { revokeAllUserTokens }", {}, bearer(user.token));
    await outcomeOf(ASK[name](module.client, "{ userTokens { totalCount } }"));
    expect([seen.length, new Set(seen).size, seen.at(-1)]).toEqual([3, 3, module.client]);
    end();
    await module.signIn(user.username, PASSWORD);
    expect(seen).toHaveLength(3);
    await module.signOut();
  });
});

describe("urql without the option", () => {
  it("is told by the gateway which option it is", async () => {
    const client = new Client({ url: gateway.graphql, exchanges: [fetchExchange] });
    const { error } = await client.query("{ me { id } }", {});
    expect(error?.message).toContain("preferGetMethod: false");
  });
});

import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import {
  buildClientSchema,
  getIntrospectionQuery,
  Kind,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
  visit,
  type DocumentNode,
  type IntrospectionObjectType,
  type IntrospectionQuery,
} from "graphql";
import { sharedGateway } from "../../support/with-gateway.js";
import { bearer, registerUser, send } from "../../support/client.js";
import { runCommand } from "../../support/gateway.js";
import { resolveReferences } from "../../support/references.js";

const CONTRACT = readFileSync("schema.graphql", "utf8");
const SECURITY = ["authenticated", "requiresScopes"];

const printed = async (directives: string) => {
  const { code, stdout } = await runCommand(["schema", "print", "--federation"], {
    FEDERATION_DIRECTIVES: directives,
  });
  expect(code).toBe(0);
  return stdout;
};

const gateway = sharedGateway();
let sdl: string;
let withoutSecurity: string;

beforeAll(async () => {
  [sdl, withoutSecurity] = [await printed("on"), await printed("off")];
});

/** `Type.field @directive(…)` of every directive in a document, but the link itself. */
function directivesOf(document: DocumentNode): string[] {
  const found: string[] = [];
  visit(document, {
    ObjectTypeDefinition: ({ name: { value: type }, directives = [], fields = [] }) => {
      found.push(...directives.map((directive) => `${type} ${print(directive)}`));
      for (const field of fields) {
        found.push(...(field.directives ?? []).map((each) => `${type}.${field.name.value} ${print(each)}`));
      }
    },
  });
  return found;
}

/** Another team's subgraph, whose posts have authors. It pages as Relay does, too. */
const POSTS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
  type Query { posts: [Post!]! }
  type Post { title: String! author: User }
  type User @key(fields: "id") { id: ID! posts(first: Int): PostConnection! }
  type PostConnection { nodes: [Post!]! pageInfo: PageInfo! }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }`;

const compose = (latchkey: string) =>
  composeServices([
    { name: "latchkey", url: "http://latchkey/graphql", typeDefs: parse(latchkey) },
    { name: "posts", url: "http://posts/graphql", typeDefs: parse(POSTS) },
  ]);

describe("the subgraph's SDL", () => {
  it("is the contract with federation's directives, and without words for what all subgraphs share", () => {
    const contract = visit(parse(CONTRACT), {
      ObjectTypeDefinition: (node) =>
        ["Query", "Mutation"].includes(node.name.value) ? { ...node, description: undefined } : undefined,
    });
    for (const text of [sdl, withoutSecurity]) {
      const bare = visit(parse(text), {
        SchemaExtension: () => null,
        Directive: ({ name }) => (name.value === "specifiedBy" ? undefined : null),
      });
      expect(print(bare)).toBe(print(contract));
    }
  });

  it("links federation 2.9 and imports exactly the directives that it uses", () => {
    for (const text of [sdl, withoutSecurity]) {
      const document = parse(text);
      const [link] = document.definitions.flatMap((definition) =>
        definition.kind === Kind.SCHEMA_EXTENSION ? (definition.directives ?? []).map(print) : [],
      );
      const used = new Set(directivesOf(document).map((each) => /@\w+/.exec(each)?.[0]));
      const imports = [...used].sort().map((name) => `"${name ?? ""}"`);
      expect(link).toBe(
        `@link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports.join(", ")}])`,
      );
    }
  });

  it("makes a router refuse early what needs a token, and by its scopes what needs tokens:manage", () => {
    const secured = directivesOf(parse(sdl)).filter((each) =>
      SECURITY.some((name) => each.includes(`@${name}`)),
    );
    const scoped = '@requiresScopes(scopes: [["tokens:manage"]])';
    expect(secured.sort()).toEqual([
      "Mutation.bumpLogin @authenticated",
      `Mutation.createUserToken ${scoped}`,
      "Mutation.logout @authenticated",
      `Mutation.revokeAllUserTokens ${scoped}`,
      `Mutation.revokeUserToken ${scoped}`,
      "Mutation.rotateUserToken @authenticated",
      `Mutation.updateUserToken ${scoped}`,
      "Query.privilegeToken @authenticated",
      `Query.userTokens ${scoped}`,
    ]);
  });

  it("names these scopes as the operations themselves ask for them", async () => {
    const { username } = await registerUser(gateway.graphql, { password: "a token without any scope" });
    const login = `mutation { login(input: {userid: "${username}", password: "a token without any scope", scopes: []}) { token } }`;
    const { token } = (await send(gateway.graphql, login)).data.login;
    const [key, input] = ['key: "00000000-0000-4000-8000-000000000000"', "input"];
    // Logging out comes last: it ends the token.
    const operations: Record<string, string> = {
      "Mutation.bumpLogin": "mutation { bumpLogin { lastLoginTime } }",
      "Mutation.createUserToken": `mutation { createUserToken(${input}: {note: "CI"}) { token } }`,
      "Mutation.revokeAllUserTokens": "mutation { revokeAllUserTokens }",
      "Mutation.revokeUserToken": `mutation { revokeUserToken(${key}) { key } }`,
      "Mutation.updateUserToken": `mutation { updateUserToken(${key}, ${input}: {note: "CI"}) { key } }`,
      "Query.privilegeToken": "{ privilegeToken { privilege } }",
      "Query.userTokens": "{ userTokens { totalCount } }",
      "Mutation.rotateUserToken": "mutation { rotateUserToken { token } }",
      "Mutation.logout": "mutation { logout { success } }",
    };
    const needScope: string[] = [];
    for (const [name, query] of Object.entries(operations)) {
      const { code } = await send(gateway.graphql, query, {}, bearer(token));
      if (code === "FORBIDDEN") needScope.push(name);
      else expect([name, code]).toEqual([name, undefined]);
    }
    const scoped = directivesOf(parse(sdl)).filter((each) => each.includes("@requiresScopes"));
    expect(scoped.map((each) => each.split(" ")[0]).sort()).toEqual(needScope.sort());
  });

  it("without the security directives has none of them, and all others", () => {
    const all = directivesOf(parse(sdl));
    const rest = all.filter((each) => !SECURITY.some((name) => each.includes(`@${name}`)));
    expect(directivesOf(parse(withoutSecurity))).toEqual(rest);
    expect(rest).toEqual(["PageInfo @shareable", 'User @key(fields: "id")']);
  });
});

describe("a supergraph of it", () => {
  it("composes with a subgraph that refers to accounts and adds fields to them, without a hint", () => {
    const { errors, hints, schema } = compose(sdl);
    expect([errors, hints]).toEqual([undefined, []]);
    const fields = (schema?.type("User") as { fields(): { name: string }[] })
      .fields()
      .map(({ name }) => name);
    expect(fields).toEqual(expect.arrayContaining(["id", "username", "email", "posts"]));
  });

  it("has the types of errors too, for clients that generate theirs from it", () => {
    const { schema } = compose(sdl);
    const names = ["AuthErrorExtensions", "AuthErrorCode", "UnauthenticatedReason", "AuthFieldErrorCode"];
    expect(names.filter((name) => schema?.toAPISchema().type(name) === undefined)).toEqual([]);
  });

  it("keeps login, register, me and all that they answer with open to callers without a token", () => {
    const { supergraphSdl } = compose(sdl);
    const secured = directivesOf(parse(supergraphSdl!)).filter((each) =>
      /@(?:authenticated|requiresScopes)/.test(each),
    );
    expect(secured).toHaveLength(9);
    expect(secured.filter((each) => !/^(?:Query|Mutation)\./.test(each))).toEqual([]);
    expect(secured.filter((each) => /^\w+\.(?:login|register|me) /.test(each))).toEqual([]);
  });

  it("asks a router for no security feature when the directives are off: @apollo/gateway has none", () => {
    expect(compose(sdl).supergraphSdl).toContain("for: SECURITY");
    const { errors, supergraphSdl } = compose(withoutSecurity);
    expect(errors).toBeUndefined();
    expect(supergraphSdl).not.toContain("for: SECURITY");
  });
});

describe("the subgraph that is served", () => {
  it("is the contract and the two fields by which routers reach it", async () => {
    const { data } = await send(gateway.graphql, getIntrospectionQuery({ specifiedByUrl: true }));
    const { __schema } = data as IntrospectionQuery;
    const added = ["_Any", "_Entity", "_Service"];
    const names = __schema.types.map(({ name }) => name);
    expect(names.filter((name) => /^_[^_]/.test(name)).sort()).toEqual(added);
    const types = __schema.types
      .filter(({ name }) => !added.includes(name))
      .map((type) => {
        if (type.name !== "Query") return type;
        const { fields, ...rest } = type as IntrospectionObjectType;
        const own = fields.filter(({ name }) => !["_entities", "_service"].includes(name));
        expect(own).toHaveLength(fields.length - 2);
        return { ...rest, fields: own };
      });
    const served = buildClientSchema({ __schema: { ...__schema, types } });
    expect(`${printSchema(lexicographicSortSchema(served))}\n`).toBe(CONTRACT);
  });

  it("has them as the specification of subgraphs wants them, described", async () => {
    const query = `{ __type(name: "Query") { fields { name description args { name description type { ...T } } type { ...T } } }
      entity: __type(name: "_Entity") { kind possibleTypes { name } } any: __type(name: "_Any") { kind }
      service: __type(name: "_Service") { fields { name type { ...T } } } }
      fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;
    interface TypeRef {
      kind: string;
      name: string | null;
      ofType: TypeRef | null;
    }
    const write = ({ kind, name, ofType }: TypeRef): string =>
      ofType ? { NON_NULL: `${write(ofType)}!`, LIST: `[${write(ofType)}]` }[kind]! : name!;
    const { data } = await send(gateway.graphql, query);
    const fields = data.__type.fields.filter(({ name }: { name: string }) => name.startsWith("_"));
    const text = fields.map(
      ({ name, args, type }: { name: string; args: { name: string; type: TypeRef }[]; type: TypeRef }) => {
        const list = args.map((arg) => `${arg.name}: ${write(arg.type)}`).join(", ");
        return `${name}(${list}): ${write(type)}`;
      },
    );
    expect(text).toEqual(["_entities(representations: [_Any!]!): [_Entity]!", "_service(): _Service!"]);
    expect(data.entity).toEqual({ kind: "UNION", possibleTypes: [{ name: "User" }] });
    expect([data.any.kind, data.service.fields.map(({ type }: { type: TypeRef }) => write(type))]).toEqual([
      "SCALAR",
      ["String"],
    ]);
    expect(fields.filter(({ description }: { description: string | null }) => !description)).toEqual([]);
  });

  it("tells the SDL that the command line prints", async () => {
    const { status, data } = await send(gateway.graphql, "query SDL { _service { sdl } }");
    expect([status, data._service.sdl]).toEqual([200, sdl]);
  });

  it("tells nobody how it works: a router's wish for traces is not heard", async () => {
    const { token, id } = await registerUser(gateway.graphql);
    const headers = { "apollo-federation-include-trace": "ftv1" };
    for (const query of [
      "{ me { id } }",
      "{ _service { sdl } }",
      "{ userTokens { totalCount } }",
      "{ nothing }",
    ]) {
      for (const credential of [{}, bearer(token)]) {
        const { text } = await send(gateway.graphql, query, {}, { ...headers, ...credential });
        const answer = JSON.parse(text) as object;
        expect(Object.keys(answer).filter((key) => !["data", "errors"].includes(key))).toEqual([]);
        expect(text).not.toContain("ftv1");
      }
    }
    const entities = await resolveReferences(gateway.graphql, [{ __typename: "User", id }], {
      ...headers,
      ...bearer(token),
    });
    expect(Object.keys(JSON.parse(entities.text) as object)).toEqual(["data"]);
  });
});

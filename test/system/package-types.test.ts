import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { temporaryFolder } from "../support/gateway.js";

const ROOT = join(import.meta.dirname, "../..");

describe("@latchkey/verify", () => {
  it.each([
    ["those who use it", () => SERVICE],
    [
      "those who use it by its earlier name",
      () => SERVICE.replaceAll("@latchkey/verify/graphql", "latchkey/verify"),
    ],
    ["services without GraphQL", () => PLAIN_SERVICE],
    ["the sample of its documentation", documentedSample],
  ])("has strict types for %s", (_name, textOf) => {
    expect(faultsOf(textOf())).toEqual([]);
  });
});

/** The sample of docs/verifier.md for GraphQL servers, as its readers copy it. */
function documentedSample(): string {
  const page = readFileSync(join(ROOT, "docs/verifier.md"), "utf8");
  const sample = /## In GraphQL servers.*?```ts\n(.*?)```/s.exec(page)?.[1];
  if (sample === undefined) throw new Error("docs/verifier.md has no sample");
  return sample;
}

/** What the compiler says of a service in a folder of its own. */
function faultsOf(text: string): string[] {
  const { path: folder, remove } = temporaryFolder();
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["@apollo", "@latchkey", "@types", "graphql"])
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  symlinkSync(ROOT, join(folder, "node_modules/latchkey"));
  const file = join(folder, "service.ts");
  writeFileSync(file, text);
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules/@types")],
  });
  const faults = ts.getPreEmitDiagnostics(program);
  remove();
  return faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

const PLAIN_SERVICE = `
  import { createVerifier, REFUSALS, type RefusalCode, type Verifier } from "@latchkey/verify";
  export const verifier: Verifier = createVerifier({
    issuer: "https://auth.example", client: { id: "orders", secret: "secret" }, audience: "supergraph",
  });
  export const textOf = (code: RefusalCode): string => REFUSALS[code];
  // @ts-expect-error the guards are for GraphQL servers
  import { requireViewer } from "@latchkey/verify";
`;

const SERVICE = `
  import type { IncomingMessage } from "node:http";
  import { ApolloServer } from "@apollo/server";
  import { startStandaloneServer } from "@apollo/server/standalone";
  import { apolloContext, createVerifier, requireScopes, requireViewer, yogaContext } from "@latchkey/verify/graphql";
  import type {
    AuthContext, Credential, FetchHeaders, HeaderList, HeaderMap, NodeHeaders, PrivilegeViewer, RequestHeaders, UserViewer, Verification,
  } from "@latchkey/verify/graphql";
  import type { AuthErrorExtensions, AuthFieldErrorCode, UnauthenticatedReason } from "@latchkey/verify/graphql";

  const common = { issuer: "https://auth.example", client: { id: "orders", secret: "secret" } };
  const verifier = createVerifier({ ...common, audience: "supergraph" });
  const users = createVerifier({ ...common, tokens: "user" });

  export function read(request: IncomingMessage, fetched: Request): [Verification<PrivilegeViewer>, Verification<UserViewer>] {
    return [verifier.verify(request.headers), users.verify(fetched.headers)];
  }
  export const context: (start: { request: Request }) => Promise<AuthContext<PrivilegeViewer>> = yogaContext(verifier);

  const server = new ApolloServer<AuthContext<PrivilegeViewer>>({
    typeDefs: "type Query { me: String }",
    resolvers: { Query: { me: (_: unknown, __: unknown, { auth }: AuthContext<PrivilegeViewer>) => requireViewer(auth).username } },
  });
  await startStandaloneServer(server, { context: apolloContext(verifier) });

  const event: { headers: Record<string, string | undefined>; multiValueHeaders: Record<string, string[] | undefined> } =
    { headers: {}, multiValueHeaders: {} };
  export function readAll(request: IncomingMessage): Verification<PrivilegeViewer>[] {
    const forms: RequestHeaders[] = [
      event.headers, event.multiValueHeaders, request.headersDistinct, request.rawHeaders,
      Object.entries(request.headers), new Map(Object.entries(event.headers)), new Headers(),
    ];
    const named: [NodeHeaders, HeaderMap, HeaderList, FetchHeaders] = [{}, new Map(), [], new Headers()];
    return [...forms, ...named, null].map((form: Credential | null) => verifier.verify(form));
  }
  // @ts-expect-error what may be undefined is looked at first, or given as null
  verifier.verify(undefined);
  export const told = ({ code, reason, fields = [] }: AuthErrorExtensions): [boolean, UnauthenticatedReason | undefined, AuthFieldErrorCode[]] =>
    [code === "GRAPHQL_PARSE_FAILED", reason, fields.map((fault) => fault.code)];
  // @ts-expect-error there is no such code
  export const isNone = ({ code }: AuthErrorExtensions): boolean => code === "UNAUTHORIZED";

  const found = users.verify("token");
  export const version: number = found.ok ? found.viewer.version : -1;
  if (!found.ok && found.code === "FEED_STALE") console.log(found.detail);
  // @ts-expect-error a user token has no scopes
  requireScopes(found, "account:read");
  // @ts-expect-error privilege tokens are for an audience
  createVerifier(common);
  // @ts-expect-error there is no such code
  if (!found.ok && found.code === "STALE") process.exit();
`;

import { DIALECT_NAMES } from "../../src/config/dialect-schemas.js";
import { blockOf, linesOf, readPage, shellsAtHand, startAsNewcomer, type Newcomer } from "./session.js";

const PAGE = readPage("docs/rest.md");

/** `METHOD path dialect` for each row of the page's table of paths. */
function documentedPaths(): string[] {
  const rows = PAGE.matchAll(/^\| `([A-Z]+ \/\S+)` \| ([^|]+) \|/gm);
  return [...rows].flatMap(([, request = "", dialects = ""]) =>
    [...dialects.matchAll(/`([\w-]+)`/g)].map(([, dialect = ""]) => `${request} ${dialect}`),
  );
}

async function servedPaths(gateway: string, dialect: string): Promise<string[]> {
  const answer = await fetch(`${gateway}/openapi/${dialect}.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path} ${dialect}`),
  );
}

describe.each(shellsAtHand)("docs/rest.md in %s", (shell) => {
  let newcomer: Newcomer;

  beforeEach(async () => {
    newcomer = await startAsNewcomer(shell);
  });

  afterEach(async () => {
    await newcomer.stop();
  });

  it.each(DIALECT_NAMES)("the session with %s prints what the page says, run as it stands", async (name) => {
    const lines = await newcomer.paste(blockOf(PAGE, "session account"), blockOf(PAGE, `session ${name}`));
    expect(lines).toEqual(linesOf(blockOf(PAGE, "printed account"), blockOf(PAGE, `printed ${name}`)));
  });

  it("all sessions, one after the other in one shell, print what the page says", async () => {
    const names = [...PAGE.matchAll(/<!-- session (\S+) -->/g)].map(([, name = ""]) => name);
    expect(names.toSorted()).toEqual(["account", ...DIALECT_NAMES].toSorted());
    const lines = await newcomer.paste(...names.map((name) => blockOf(PAGE, `session ${name}`)));
    expect(lines).toEqual(linesOf(...names.map((name) => blockOf(PAGE, `printed ${name}`))));
  });

  it("the table of paths has those that are served, and no other", async () => {
    const served = await Promise.all(DIALECT_NAMES.map((name) => servedPaths(newcomer.url, name)));
    expect(documentedPaths().toSorted()).toEqual(served.flat().toSorted());
  });
});

import { blockOf, readPage, shellsAtHand, startAsNewcomer, type Newcomer } from "./session.js";

const README = readPage("README.md");
const ENDPOINTS = readPage("docs/service-endpoints.md");
const FEED = readPage("docs/revocation-feed.md");

/** What the command line says on standard error is of interest only when it fails. */
const quiet = `npm() { local said; said=$(mktemp); command npm "$@" 2>"$said" || cat "$said" >&2; rm "$said"; }`;

/** What blocks of a page print, after the one that makes a client. */
const pasted = (newcomer: Newcomer, page: string, ...names: string[]) =>
  newcomer.paste(quiet, ...["session client", ...names].map((name) => blockOf(page, name)));

const parsed = (line: string | undefined) => JSON.parse(line ?? "") as Record<string, unknown>;

describe.each(shellsAtHand)(
  "the commands of the service endpoints' pages in %s, pasted as they stand",
  (shell) => {
    let newcomer: Newcomer;

    beforeAll(async () => {
      newcomer = await startAsNewcomer(shell);
      await newcomer.paste(blockOf(README, "session"));
    });

    afterAll(async () => {
      await newcomer.stop();
    });

    it("introspection prints what the page says, but for what is of the moment", async () => {
      const [printed] = await pasted(newcomer, ENDPOINTS, "session introspection");
      // The issuer is named after PORT, which is 0 here: any that is free.
      const shown = parsed(blockOf(ENDPOINTS, "printed introspection").replaceAll(":4000", ":0"));
      const ofTheMoment = { sub: shown.sub, sid: shown.sid, iat: shown.iat, exp: shown.exp };
      expect({ ...parsed(printed), ...ofTheMoment }).toEqual(shown);
      expect(Object.keys(parsed(printed))).toEqual(Object.keys(shown));
    });

    it("what was revoked is active no more", async () => {
      const lines = await pasted(newcomer, ENDPOINTS, "session revocation", "session introspection");
      expect(lines).toEqual(['{"active":false}']);
    });

    it("forward-auth answers with a status and all the headers that the page lists", async () => {
      const answer = await pasted(newcomer, ENDPOINTS, "session verify");
      const listed = [...ENDPOINTS.matchAll(/^\| `(X-[\w-]+)` \|/gm)].map(([, name = ""]) => name.toLowerCase());
      const sent = answer.map((line) => line.split(":")[0]?.toLowerCase());
      expect(answer[0]).toMatch(/^HTTP\/1\.1 200 /);
      expect(listed).toHaveLength(5);
      expect(sent).toEqual(expect.arrayContaining(listed));
    });

    it("the feed answers a page, and a stream that stays open", async () => {
      // As somebody who has seen enough: ended after a while.
      const patience = `curl() { command curl --max-time 2 "$@" || [ $? = 28 ]; }`;
      const blocks = ["session client", "session feed"].map((name) => blockOf(FEED, name));
      const lines = await newcomer.paste(quiet, patience, ...blocks);
      const streamed = lines.join("\n").replace(/^\{"batch":"[^"]+"\}/, "");
      expect(streamed).not.toBe(lines.join("\n"));
      expect(streamed).toMatch(/^id: \d+\nevent: batch\ndata: [\w.-]+$/m);
    });
  },
);

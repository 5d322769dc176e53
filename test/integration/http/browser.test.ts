import { hasChromium, openBrowser, type Browser } from "../../support/chromium.js";
import { startOwnGateway, type OwnGateway } from "../../support/own-gateway.js";

let browser: Browser;
let gateway: OwnGateway;

(hasChromium ? describe : describe.skip)("a page of an allowed origin, in Chromium", () => {
  beforeAll(async () => {
    browser = await openBrowser();
    gateway = await startOwnGateway({ ALLOWED_ORIGINS: browser.origin });
  });

  afterAll(async () => {
    await gateway.close();
    await browser.close();
  });

  it("is told why a body is refused that is far too large, or of another type, or nobody's", async () => {
    const ask = (path: string, type: string) =>
      `const answer = await fetch("${gateway.url}${path}", {
         method: "POST", headers: { "content-type": "${type}" }, body: "a".repeat(16 * 1024 * 1024) });
       answers.push([answer.status, typeof (await answer.json())]);`;
    const script = [
      ask("/graphql", "application/json"),
      ask("/auth/login", "application/json"),
      ask("/graphql", "text/plain"),
      ask("/introspect", "application/x-www-form-urlencoded"),
    ];
    const answers = await browser.run(
      `const answers = []; ${script.map((each) => `{ ${each} }`).join("\n")} return answers;`,
    );
    expect(answers).toEqual([413, 413, 415, 401].map((status) => [status, "object"]));
  });
});

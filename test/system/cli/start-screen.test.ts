import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort } from "../../support/free-port.js";
import { spawnGateway, temporaryFolder, type GatewayProcess, type Settings } from "../../support/gateway.js";

/** Runs one gateway to look at what its start shows. */
async function withStart(
  settings: Settings,
  look: (gateway: GatewayProcess, port: number) => Promise<void> | void,
) {
  const home = temporaryFolder();
  const port = await freePort();
  const gateway = await spawnGateway({ cwd: home.path, PORT: String(port), ...settings });
  try {
    await look(gateway, port);
  } finally {
    await gateway.stop();
    home.remove();
  }
}

const urlsOf = (text: string) => [...new Set([...text.matchAll(/https?:\/\/[^\s/]+/g)].map(([url]) => url))];

describe("what the start shows", () => {
  it("is one URL, the issuer's, where the issuer is this process, and the database", async () => {
    await withStart(
      { ISSUER: undefined, DATABSE_URL: "mysql://app:hunter2@db/app" },
      async ({ output }, port) => {
        expect(urlsOf(output.errors)).toEqual([`http://localhost:${port}`]);
        expect(output.errors).toMatch(/^Database {2}.*data\/latchkey\.sqlite$/m);
        const query = /^ +(curl .*)$/m.exec(output.errors)?.[1];
        const { stdout } = await promisify(execFile)("sh", ["-c", query ?? ""]);
        expect(JSON.parse(stdout)).toEqual({ data: { me: null } });
        // A misspelt setting is told to the person, and to those who collect the log; its value to nobody.
        expect(output.errors).toMatch(/^latchkey: warning: DATABSE_URL .*DATABASE_URL\?$/m);
        expect(output.log).toMatch(/"level":"warn".*DATABSE_URL/);
        expect(output.errors + output.log).not.toContain("hunter2");
      },
    );
  });

  it("says which is which where the issuer is another URL, and asks the one that answers here", async () => {
    await withStart({ ISSUER: "https://auth.example.com", HOST: "0.0.0.0" }, ({ output }, port) => {
      expect(urlsOf(output.errors)).toEqual([`http://localhost:${port}`, "https://auth.example.com"]);
      expect(output.errors).toMatch(/^Issuer {4}https:\/\/auth\.example\.com$/m);
      expect(output.errors).toContain("ISSUER");
      expect(output.errors).toContain(`curl -s http://localhost:${port}/graphql`);
    });
  });
});

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { migrations } from "../../../src/db/migrations/index.js";
import { runCli, temporaryFolder } from "../../support/gateway.js";

const ROOT = join(import.meta.dirname, "../../..");

describe("TypeORM's own command line", () => {
  const folder = temporaryFolder();
  const url = `sqlite:${join(folder.path, "latchkey.sqlite")}`;

  afterAll(() => {
    folder.remove();
  });

  /** `npm run typeorm -- migration:show` */
  const show = async () => {
    const environment = { PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: url };
    const options = { cwd: ROOT, env: environment };
    const { stdout } = await promisify(execFile)(
      "npm",
      ["run", "-s", "typeorm", "--", "migration:show"],
      options,
    );
    return stdout;
  };

  it("works on the configured database, and sees what the gateway has done", async () => {
    await runCli(["migrate"], { DATABASE_URL: url });
    const shown = await show();
    for (const { name } of migrations) expect(shown).toMatch(new RegExp(`\\[X\\] \\d+ ${name}`));
  });
});

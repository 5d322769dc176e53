import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../../../src/config/config-error.js";
import { readInstalledDefaults } from "../../../src/config/installed-defaults.js";
import { DOCKERFILE, IMAGE, imageDefaults } from "../../support/image.js";
import { faultsOf, load, SERVER } from "./faults-of.js";

const folder = mkdtempSync(join(tmpdir(), "latchkey-"));
const file = pathToFileURL(join(folder, "defaults.json"));
afterAll(() => rmSync(folder, { recursive: true }));

const deps = { readDefaults: () => ({ HOST: "0.0.0.0", DATABASE_URL: "sqlite:/data/x.sqlite" }) };

describe("the image", () => {
  it("stands on a line of Node that the tests run on, and that the README names", () => {
    const read = (path: string) => readFileSync(join(import.meta.dirname, "../../..", path), "utf8");
    const stages = [...DOCKERFILE.matchAll(/^FROM node:(\d+)-/gm)].map(([, line]) => line ?? "");
    const tested = /^NODE_LINES="(.*)"$/m.exec(read(".ci/run"))?.[1]?.split(" ");
    expect(stages).toHaveLength(2);
    expect(new Set(stages).size).toBe(1);
    expect(tested).toEqual(expect.arrayContaining(stages));
    expect(read("README.md")).toContain(
      "Latchkey is tested on Node 20.19, 22 and 24. The container image uses Node 24",
    );
    expect(tested).toEqual(["20.19", "22", "24"]);
  });
});

describe("the defaults of an installation", () => {
  it("are none without a file", () => {
    expect(readInstalledDefaults(file)).toEqual({});
  });

  it("hold where a variable is unset or empty", () => {
    for (const env of [{}, { HOST: "", DATABASE_URL: "", DATABASE_URL_FILE: "" }]) {
      const { server, database } = load(env, deps);
      expect([server.host, database]).toEqual(["0.0.0.0", { kind: "sqlite", path: "/data/x.sqlite" }]);
    }
  });

  it("yield to what is set, by a file of a secret too", () => {
    expect(load({ HOST: "::1" }, deps).server.host).toBe("::1");
    const env = { DATABASE_URL_FILE: "x", LATCHKEY_SECRET: "s".repeat(32) };
    expect(load(env, { ...deps, readFile: () => SERVER }).database.kind).toBe("mysql");
  });

  it("must be values that the settings take", () => {
    expect(faultsOf({}, { readDefaults: () => ({ PORT: "4000x" }) })).toEqual(["PORT"]);
  });

  it.each(["", "[]", "null", "{", '"HOST"', '{"HOTS":"0.0.0.0"}', '{"PORT":4000}', '{"HOST":""}'])(
    "are refused when the file holds %j",
    (content) => {
      writeFileSync(file, content);
      expect(() => readInstalledDefaults(file)).toThrow(ConfigError);
    },
  );

  it("of the image are HOST and DATABASE_URL, and its environment holds neither", () => {
    expect(readInstalledDefaults(pathToFileURL(IMAGE.defaultsFile))).toEqual({
      HOST: "0.0.0.0",
      DATABASE_URL: "sqlite:/data/latchkey.sqlite",
    });
    expect(imageDefaults().DATABASE_URL).toContain(/^VOLUME (\S+)$/m.exec(DOCKERFILE)?.[1]);
    expect(Object.keys(IMAGE.environment)).toEqual(["NODE_ENV"]);
  });
});

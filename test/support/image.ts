import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export const DOCKERFILE = readFileSync(join(ROOT, "Dockerfile"), "utf8");

/** The last stage of the Dockerfile, a line for each instruction. */
const instructions = (DOCKERFILE.split(/^FROM /m).at(-1) ?? "").replaceAll(/\\\n\s*/g, " ").split("\n");

const valueOf = (start: RegExp) => instructions.find((line) => start.test(line))?.replace(start, "") ?? "";

/** The image's variables, and the commands that it runs. */
export const IMAGE = {
  environment: Object.fromEntries(
    valueOf(/^ENV /)
      .split(/\s+/)
      .map((pair) => pair.split("=") as [string, string]),
  ),
  command: JSON.parse(valueOf(/^CMD /)) as string[],
  healthCheck: JSON.parse(valueOf(/^HEALTHCHECK .*?CMD /)) as string[],
  /** The file of the repository that holds the image's defaults. */
  defaultsFile: join(ROOT, /^COPY (\S+) \.\/defaults\.json$/m.exec(DOCKERFILE)?.[1] ?? ""),
};

export const imageDefaults = () =>
  JSON.parse(readFileSync(IMAGE.defaultsFile, "utf8")) as Record<string, string>;

/** What the image has in /app, with defaults that suit a test. */
export function layOutImage(app: string, defaults: Record<string, string>): void {
  mkdirSync(app);
  cpSync(join(ROOT, "dist"), join(app, "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(app, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(app, "node_modules"));
  writeFileSync(join(app, "defaults.json"), JSON.stringify(defaults));
}

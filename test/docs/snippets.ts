import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

const ROOT = join(import.meta.dirname, "../..");

export interface Snippets {
  /** What the compiler says against them, by the settings of the repository. */
  faults(): string[];
  /** Runs one, and answers what it exports. */
  load(name: string): Promise<unknown>;
  remove(): void;
}

/** TypeScript modules of the documentation, as files of a program that has the packages of the repository. */
export function writeSnippets(modules: Record<string, string>): Snippets {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-snippets-"));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const files = Object.entries(modules).map(([name, text]) => {
    const file = join(folder, `${name}.ts`);
    writeFileSync(file, text);
    return file;
  });
  return {
    faults: () => faultsOf(files),
    load: (name) => {
      const file = join(folder, `${name}.mjs`);
      const compilerOptions = { ...settings(), module: ts.ModuleKind.ESNext };
      const { outputText } = ts.transpileModule(modules[name] ?? "", { compilerOptions });
      writeFileSync(file, outputText);
      return import(pathToFileURL(file).href);
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

function settings(): ts.CompilerOptions {
  const read = ts.readConfigFile(join(ROOT, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT, undefined, undefined);
  return { ...options, typeRoots: [join(ROOT, "node_modules/@types")] };
}

function faultsOf(files: string[]): string[] {
  return ts.getPreEmitDiagnostics(ts.createProgram(files, settings())).map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName ?? ""}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

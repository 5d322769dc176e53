import ts from "typescript";

export interface File {
  /** With forward slashes, from the root of the repository. */
  path: string;
  text: string;
}

/** The one module of the repository that reads the clock of the machine. */
const CLOCK = "packages/wire/src/clock.ts";

const isNamed = (node: ts.Node, name: string) => ts.isIdentifier(node) && node.text === name;

/** `owner.member`, `owner["member"]`, `globalThis.owner.member` and `const { member } = owner`. */
function reads(node: ts.Node, owner: string, member: string): boolean {
  const isOwner = (it: ts.Node | undefined): boolean =>
    it !== undefined &&
    (isNamed(it, owner) || (ts.isPropertyAccessExpression(it) && isNamed(it.name, owner)));
  if (ts.isPropertyAccessExpression(node)) return isNamed(node.name, member) && isOwner(node.expression);
  if (ts.isElementAccessExpression(node)) {
    const { argumentExpression: key } = node;
    return ts.isStringLiteralLike(key) && key.text === member && isOwner(node.expression);
  }
  if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return false;
  return (
    isOwner(node.initializer) && node.name.elements.some((it) => isNamed(it.propertyName ?? it.name, member))
  );
}

const importsEnv = (node: ts.Node) =>
  ts.isImportDeclaration(node) &&
  /^"(node:)?process"$/.test(node.moduleSpecifier.getText()) &&
  /\benv\b/.test(node.importClause?.namedBindings?.getText() ?? "");

const makesNow = (node: ts.Node) =>
  (ts.isNewExpression(node) && isNamed(node.expression, "Date") && (node.arguments?.length ?? 0) === 0) ||
  (ts.isCallExpression(node) && isNamed(node.expression, "Date"));

const isDefaultExport = (node: ts.Node) =>
  ts.isExportAssignment(node) ||
  (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) ||
  (ts.isExportSpecifier(node) && isNamed(node.name, "default"));

const NODE_RULES: {
  fault: string;
  allowed: (path: string) => boolean;
  matches: (node: ts.Node) => boolean;
}[] = [
  {
    fault: "reads the environment",
    allowed: (path) => path.startsWith("src/config/"),
    matches: (node) => reads(node, "process", "env") || importsEnv(node),
  },
  {
    fault: "reads the time",
    allowed: (path) => path === CLOCK,
    matches: (node) => reads(node, "Date", "now") || makesNow(node),
  },
  {
    // Measuring how long something took is the business of the edge, where it becomes a metric.
    fault: "measures time",
    allowed: (path) => path === CLOCK || path.startsWith("src/http/"),
    matches: (node) => reads(node, "performance", "now") || reads(node, "process", "hrtime"),
  },
  { fault: "has a default export", allowed: () => false, matches: isDefaultExport },
];

/** The rules that a file breaks by what it says, one line each. */
export function nodeFaults(file: File): string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const rules = NODE_RULES.filter(({ allowed }) => !allowed(file.path));
  const faults = new Set<string>();
  const walk = (node: ts.Node) => {
    for (const { fault, matches } of rules) if (matches(node)) faults.add(`${file.path}: ${fault}`);
    node.getChildren(source).forEach(walk);
  };
  walk(source);
  return [...faults];
}

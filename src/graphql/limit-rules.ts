import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";

/** Lexical tokens of a document; counted before it is parsed. */
export const MAX_TOKENS = 1_000;

const MAX_DEPTH = 8;
const MAX_ALIASES = 15;
const MAX_ROOT_FIELDS = 10;
const MAX_DIRECTIVES = 20;
/** Fields once every fragment is spread out: 22 small fragments can stand for millions. */
const MAX_SELECTIONS = 1_000;
/** Each costs a password hash: more than one a request is guessing. */
const MAX_SIGN_INS = 1;
const SIGN_INS = new Set(["login", "register"]);
/** Each answers up to a hundred rows. */
const MAX_LISTS = 2;
const LISTS = new Set(["userTokens"]);

/** How much work a part of a document causes. */
interface Weight {
  fields: number;
  depth: number;
  aliases: number;
  directives: number;
}

const NOTHING: Weight = { fields: 0, depth: 0, aliases: 0, directives: 0 };

/**
 * Refuses operations that stand for more work than a client needs (OWASP
 * GraphQL cheat sheet). Every fragment is weighed once, however often it is
 * spread, so the rule itself is linear. Introspection's own fields are exempt
 * from the depth: they read nothing but the schema.
 */
function workLimit(context: ValidationContext): ASTVisitor {
  const weigh = createScales(context);
  return {
    OperationDefinition: (operation) => {
      const roots = rootFields(context, operation.selectionSet);
      const total = weigh(operation.selectionSet);
      const count = (names: ReadonlySet<string>) =>
        roots.filter((field) => names.has(field.name.value)).length;
      const faults = [
        roots.length > MAX_ROOT_FIELDS && `at most ${MAX_ROOT_FIELDS} root fields`,
        count(SIGN_INS) > MAX_SIGN_INS && "one login or register",
        count(LISTS) > MAX_LISTS && `at most ${MAX_LISTS} lists`,
        total.depth > MAX_DEPTH && `a depth of at most ${MAX_DEPTH}`,
        total.aliases > MAX_ALIASES && `at most ${MAX_ALIASES} aliases`,
        total.directives > MAX_DIRECTIVES && `at most ${MAX_DIRECTIVES} directives`,
        total.fields > MAX_SELECTIONS && `at most ${MAX_SELECTIONS} fields`,
      ].filter(Boolean);
      for (const fault of faults) {
        context.reportError(new GraphQLError(`An operation has ${String(fault)}.`, { nodes: operation }));
      }
      return false;
    },
    FragmentDefinition: () => false,
  };
}

export const limitRules = [workLimit];

/** Weighs selection sets, each fragment once. A fragment inside itself weighs nothing here: another rule refuses it. */
function createScales(context: ValidationContext) {
  const weighed = new Map<FragmentDefinitionNode, Weight>();

  function weigh(set: SelectionSetNode): Weight {
    return set.selections.map(weighSelection).reduce(add, NOTHING);
  }

  function weighSelection(selection: SelectionSetNode["selections"][number]): Weight {
    const directives = selection.directives?.length ?? 0;
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = context.getFragment(selection.name.value);
      return add(fragment ? weighFragment(fragment) : NOTHING, { ...NOTHING, directives });
    }
    const inner = selection.selectionSet ? weigh(selection.selectionSet) : NOTHING;
    if (selection.kind === Kind.INLINE_FRAGMENT) return add(inner, { ...NOTHING, directives });
    const introspective = selection.name.value.startsWith("__");
    return {
      fields: Math.min(inner.fields + 1, MAX_SELECTIONS + 1),
      depth: introspective ? 0 : inner.depth + 1,
      aliases: inner.aliases + (selection.alias ? 1 : 0),
      directives: inner.directives + directives,
    };
  }

  function weighFragment(fragment: FragmentDefinitionNode): Weight {
    const known = weighed.get(fragment);
    if (known) return known;
    weighed.set(fragment, NOTHING);
    const weight = weigh(fragment.selectionSet);
    weighed.set(fragment, weight);
    return weight;
  }

  return weigh;
}

function add(one: Weight, other: Weight): Weight {
  return {
    fields: one.fields + other.fields,
    depth: Math.max(one.depth, other.depth),
    aliases: one.aliases + other.aliases,
    directives: one.directives + other.directives,
  };
}

/** The fields at the top of an operation, fragments opened; at most one more than is allowed. */
function rootFields(context: ValidationContext, set: SelectionSetNode): FieldNode[] {
  const fields: FieldNode[] = [];
  const opened = new Set<string>();
  const visit = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else visitFragment(selection.name.value);
    }
  };
  const visitFragment = (name: string) => {
    if (opened.has(name)) return;
    opened.add(name);
    const fragment = context.getFragment(name);
    if (fragment) visit(fragment.selectionSet);
  };
  visit(set);
  return fields;
}

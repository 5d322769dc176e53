import type { FieldFault } from "../errors/latchkey-error.js";

/** What a refused operation is told: never a value that it sent. */
export interface Refusal {
  message: string;
  fields?: FieldFault[];
}

/**
 * Says why graphql-js or Apollo refused an operation before it was executed.
 *
 * Their texts quote what they cannot use: a literal, a variable's value, half a
 * password around a lost quotation mark. So only messages on an allow-list are forwarded, and only the parts that
 * cannot contain input. Any other message is replaced by a generic text for its code.
 *
 * @param code Apollo's code of the error.
 */
export function describeRefusal(message: string, code: string): Refusal {
  if (code === "BAD_USER_INPUT") return describeVariable(message);
  if (message.startsWith(APOLLO_CSRF)) return { message: CSRF_REFUSAL };
  // Apollo puts these together from its own words alone.
  if (code === "BAD_REQUEST" || code === "PERSISTED_QUERY_NOT_SUPPORTED") return { message };
  for (const [shape, words] of SHAPES) {
    if (shape.test(message)) return { message: message.replace(shape, words) };
  }
  return { message: UNKNOWN[code] ?? "The operation was refused." };
}

/** How Apollo begins its refusal of what any web page can send. It names headers, and no client's option. */
const APOLLO_CSRF = "This operation has been blocked as a potential Cross-Site Request Forgery";
const CSRF_REFUSAL =
  "Any web page can send such a request (CSRF). Send queries by POST with content-type: application/json " +
  "(urql: preferGetMethod: false; Apollo Client: useGETForQueries: false), " +
  "or add the header apollo-require-preflight: true.";

const UNKNOWN: Record<string, string> = {
  GRAPHQL_PARSE_FAILED: "Syntax Error: This is not a GraphQL document.",
  GRAPHQL_VALIDATION_FAILED: "The document does not fit the schema.",
  OPERATION_RESOLUTION_FAILURE: "The document has no such operation.",
};

/** The whole text: it holds no value. */
const AS_IS = "$&";

/** Names of the caller's are bounded: no answer is to grow with the question. */
const PARTS: Record<string, string> = {
  NAME: "\\w{1,64}",
  TYPE: "[\\w![\\]]{1,80}",
  HINT: '(?: Did you mean [\\w" ,.{}]{1,300}\\?)?',
  PUNCTUATION: '"[^\\w\\s"]{1,3}"',
};

/** A pattern whose words in capitals stand for the parts above; dots are dots. */
function shape(pattern: string): RegExp {
  const source = pattern
    .replace(/\./g, "\\.")
    .replace(/NAME|TYPE|HINT|PUNCTUATION/g, (part) => PARTS[part] ?? part);
  return new RegExp(`^${source}$`);
}

const KEPT = [
  'Cannot query field "NAME" on type "NAME".HINT',
  'Field "NAME" must not have a selection since type "TYPE" has no subfields.',
  'Field "NAME" of type "TYPE" must have a selection of subfields.HINT',
  'Field "NAME" argument "NAME" of type "TYPE" is required, but it was not provided.',
  'Field "NAME.NAME" of required type "TYPE" was not provided.',
  'Directive "@NAME" argument "NAME" of type "TYPE" is required, but it was not provided.',
  'Directive "@NAME" may not be used on NAME.',
  'The directive "@NAME" can only be used once at this location.',
  'Unknown (?:type|fragment|directive) "@?NAME".HINT',
  'Variable "\\$NAME" is (?:not defined|never used)(?: (?:by|in) operation "NAME")?.',
  'Variable "\\$NAME" of type "TYPE" used in position expecting type "TYPE".',
  'Variable "\\$NAME" cannot be non-input type "TYPE".',
  'There can be only one (?:operation|variable|fragment) named "\\$?NAME".',
  'Fragment "NAME" is never used.',
  'Fragment "NAME" cannot condition on non composite type "NAME".',
  'Fragment (?:"NAME" )?cannot be spread here as objects of type "NAME" can never be of type "NAME".',
  "This anonymous operation must be the only defined operation.",
  "Maximum introspection depth exceeded",
  "Must provide (?:an operation.|operation name if query contains multiple operations.)",
  "Too many validation errors, error limit reached. Validation aborted.",
  "An operation has (?:at most \\d+ NAME(?: NAME)?|one login or register|a depth of at most \\d+).",
  "Syntax Error: Unexpected (?:PUNCTUATION|<EOF>).",
];

/** Arguments, input fields and enum values stand next to values: even their names are not repeated. */
const REWORDED: [RegExp, string][] = [
  [
    /^Syntax Error: Expected (Name|String|Int|Float|<EOF>|"[^"\s]{1,16}"), found .*$/s,
    "Syntax Error: Expected $1.",
  ],
  [/^Syntax Error: Unexpected (Name|String|BlockString|Int|Float) .*$/s, "Syntax Error: Unexpected $1."],
  [/^Syntax Error: Unexpected variable .*$/s, "Syntax Error: Unexpected variable in constant value."],
  [
    /^Syntax Error: (Unterminated string|Invalid number|Unexpected (?:description|character|single quote character)|Invalid (?:character|Unicode)(?: within String| escape sequence)?)\b.*$/s,
    "Syntax Error: $1.",
  ],
  [
    /^Syntax Error: Document contains more tha[nt] (\d+) (tokens|comments)\..*$/s,
    "Syntax Error: More than $1 $2.",
  ],
  [
    shape('Unknown argument "NAME" on ((?:field|directive) "@?NAME(?:.NAME)?").(HINT)'),
    "Unknown argument on $1.$2",
  ],
  [shape('Field "NAME" is not defined by type "(NAME)".(HINT)'), 'The type "$1" has no such field.$2'],
  [
    shape('There can be only one (argument|input field) named "NAME".'),
    "There can be only one $1 of a name.",
  ],
  [/^Value "\w+" does not exist in "(\w+)" enum\..*$/s, 'Expected value of type "$1".'],
  [/^Expected value of type "([\w![\]]{1,80})", found .*$/s, 'Expected value of type "$1".'],
  [/^(?:Enum ")?(\w{1,64})"? cannot represent .*$/s, 'Expected value of type "$1".'],
  [
    /^Fields "(\w{1,64})" conflict because .*$/s,
    'Fields "$1" conflict. Use different aliases to fetch both.',
  ],
  [/^Cannot spread fragment "(\w{1,64})" within itself\b.*$/s, 'Cannot spread fragment "$1" within itself.'],
  [/^The .* definition is not executable\.$/s, "Only operations and fragments are executable."],
  [/^GraphQL introspection is not allowed .*$/s, "Introspection is switched off."],
];

const SHAPES: readonly (readonly [RegExp, string])[] = [
  ...KEPT.map((pattern) => [shape(pattern), AS_IS] as const),
  ...REWORDED,
];

/**
 * A variable that is missing or not of its type. What is told is its name, the
 * place in it and what kind of fault it is; these stand before and behind the value that is quoted between.
 */
function describeVariable(message: string): Refusal {
  const name = /^Variable "\$(\w{1,64})" /.exec(message)?.[1];
  if (name === undefined) return { message: "Too many variables have values that are not of their types." };
  // A value may itself hold what looks like a place: a true one starts with the variable's name.
  const place = new RegExp(` at "${name}((?:\\.\\w+|\\[\\d+\\])*)"; `).exec(message)?.[1] ?? "";
  const path = [name, ...place.split(/[.[\]]+/).filter(Boolean)];
  return {
    message: `Variable "$${name}" has a value that is missing or not of its type.`,
    fields: [faultAt(path, message)],
  };
}

function faultAt(path: string[], message: string): FieldFault {
  const field = /; Field "(\w{1,64})" of required type "[\w![\]]+" was not provided\.$/.exec(message)?.[1];
  const missing =
    field !== undefined || /(?: was not provided| must not be null| not to be null)\.$/.test(message);
  if (missing) {
    return {
      path: field === undefined ? path : [...path, field],
      code: "REQUIRED",
      message: "A value is needed.",
    };
  }
  return { path, code: "INVALID_FORMAT", message: "The value is not of the type asked for." };
}

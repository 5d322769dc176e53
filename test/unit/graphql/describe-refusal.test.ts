import { describeRefusal } from "../../../src/graphql/describe-refusal.js";

describe("the text of a refusal", () => {
  it.each([
    ["GRAPHQL_PARSE_FAILED", 'Syntax Error: A new kind of fault at "hunter2".'],
    ["GRAPHQL_VALIDATION_FAILED", 'Value "hunter2" is of a new kind.'],
    ["OPERATION_RESOLUTION_FAILURE", 'Unknown operation named "hunter2".'],
    ["BAD_USER_INPUT", 'The value "hunter2" is of a new kind.'],
    ["SOMETHING_NEW", "hunter2"],
  ])("of the code %s that is not known is replaced by one of ours", (code, message) => {
    const { message: told } = describeRefusal(message, code);
    expect(told).toMatch(/^\w.*\.$/);
    expect(told).not.toContain("hunter2");
  });

  it.each([
    ['Cannot query field "mee" on type "Query". Did you mean "me"?'],
    ['Variable "$a" is never used in operation "A".'],
    ['Field "UserToken.key" of required type "[ID!]!" was not provided.'],
    ["Syntax Error: Unexpected <EOF>."],
  ])("that only names what stands in the document's code stays: %s", (message) => {
    expect(describeRefusal(message, "GRAPHQL_VALIDATION_FAILED")).toEqual({ message });
  });

  it.each([
    ['Cannot query field "me" on type "Query".\nhunter2'],
    ['Cannot query field "me" on type "Query". hunter2'],
    ['hunter2: Cannot query field "me" on type "Query".'],
    [`Cannot query field "${"a".repeat(65)}" on type "Query".`],
  ])("that only resembles a known one does not: %s", (message) => {
    expect(describeRefusal(message, "GRAPHQL_VALIDATION_FAILED")).toEqual({
      message: "The document does not fit the schema.",
    });
  });

  it("a variable's fault is placed by its own name, whatever its value resembles", () => {
    const message =
      'Variable "$input" got invalid value { at "a.b"; : 1 } at "input.scopes[2]"; String cannot represent this: 1';
    expect(describeRefusal(message, "BAD_USER_INPUT").fields).toMatchObject([
      { path: ["input", "scopes", "2"], code: "INVALID_FORMAT" },
    ]);
  });
});

import { GraphQLScalarType } from "graphql";
import { GraphQLISODateTime } from "type-graphql";

/** An instant in GraphQL: what type-graphql brings, with the specification that its answers keep to. */
export const DateTimeISO = new GraphQLScalarType({
  ...GraphQLISODateTime.toConfig(),
  description:
    "An instant. Answers are in UTC with three digits for milliseconds, such as 2007-12-03T10:15:30.000Z, as the specification has it. Inputs may have any offset, and more or fewer digits or none (RFC 3339); without an offset they are refused.",
  specifiedByURL: "https://scalars.graphql.org/andimarek/date-time.html",
});

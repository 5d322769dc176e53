import { GraphQLScalarType } from "graphql";
import { GraphQLISODateTime } from "type-graphql";

/** The scalar for an instant: the one of type-graphql, with a link to the specification that our answers follow. */
export const DateTimeISO = new GraphQLScalarType({
  ...GraphQLISODateTime.toConfig(),
  description:
    "An instant. Answers are in UTC with three digits for milliseconds, such as 2007-12-03T10:15:30.000Z, as the specification has it. Inputs may have any offset, and more or fewer digits or none (RFC 3339); without an offset they are refused.",
  specifiedByURL: "https://scalars.graphql.org/andimarek/date-time.html",
});

import { ArrayMaxSize, MaxLength } from "class-validator";
import { Field, InputType } from "type-graphql";
import { DateTimeISO } from "../../entities/date-time.js";

@InputType({ description: "A personal token to make." })
export class CreateUserTokenInput {
  @Field(() => String, { description: "A name to know the token by, 1 to 255 characters." })
  note!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "What the token may be used for: some of the scopes of the token in use. Left out: all of them.",
  })
  @ArrayMaxSize(50)
  @MaxLength(100, { each: true })
  scopes?: string[] | null;

  @Field(() => DateTimeISO, {
    nullable: true,
    description: "When the token ends. Left out: after the lifetime that the gateway is set to.",
  })
  expirationTime?: Date | null;
}

@InputType({ description: "What to change of a token; what is left out stays." })
export class UpdateUserTokenInput {
  @Field(() => String, { nullable: true, description: "Another name; null removes it." })
  note?: string | null;

  @Field(() => Boolean, { nullable: true, description: "False refuses the token until it is enabled again." })
  enabled?: boolean | null;

  @Field(() => DateTimeISO, {
    nullable: true,
    description: "Another end. A nearer one works at once; a later one from the next rotation on.",
  })
  expirationTime?: Date | null;
}

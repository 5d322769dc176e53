import { ArrayMaxSize, MaxLength } from "class-validator";
import { Field, InputType } from "type-graphql";
import { DateTimeISO } from "../../entities/date-time.js";

@InputType({ description: "Who signs in, and what the new token is like." })
export class LoginInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Username, e-mail address or telephone number. Left out with an Authorization: Basic header.",
  })
  @MaxLength(512)
  userid?: string | null;

  @Field(() => String, { nullable: true, description: "Left out with an Authorization: Basic header." })
  @MaxLength(1024)
  password?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A name to know the token by, at most 255 characters.",
  })
  note?: string | null;

  @Field(() => DateTimeISO, {
    nullable: true,
    description: "When the token ends. Left out: after the lifetime that the gateway is set to.",
  })
  expirationTime?: Date | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "What the token may be used for. Left out: all that the role allows; an empty list: nothing.",
  })
  @ArrayMaxSize(50)
  @MaxLength(100, { each: true })
  scopes?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Names the client program; a logout that names another one is refused. Only a digest is kept.",
  })
  @MaxLength(512)
  clientFingerprint?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      "Also set an HttpOnly session cookie, for browsers. Refused for a page of another site, whose browser would drop it.",
  })
  session?: boolean | null;
}

@InputType({ description: "A new account." })
export class RegisterInput {
  @Field(() => String, {
    description:
      "1 to 128 characters, without a colon. Compared without regard to case; unique among all sign-in names.",
  })
  username!: string;

  @Field(() => String, { nullable: true, description: "An e-mail address, which will also sign in." })
  email?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "A telephone number of 6 to 15 digits, which will also sign in.",
  })
  phone?: string | null;

  @Field(() => String, { description: "At least 8 characters by default, and not one of the common ones." })
  password!: string;

  @Field(() => String, { nullable: true, description: "The language preferred (BCP 47). Left out: en." })
  locale?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      "Also set an HttpOnly session cookie, for browsers. Refused for a page of another site, whose browser would drop it.",
  })
  session?: boolean | null;
}

@InputType({ description: "How to log out." })
export class LogoutInput {
  @Field(() => String, {
    nullable: true,
    description: "The client's name as given at login. Another one than the token's is refused.",
  })
  @MaxLength(512)
  clientFingerprint?: string | null;
}

import { Field, ObjectType } from "type-graphql";
import { DateTimeISO } from "../../entities/date-time.js";
import { User } from "../../entities/user.js";
import { UserToken } from "../../entities/user-token.js";

@ObjectType({ description: "A sign-in that succeeded." })
export class AuthPayload {
  @Field(() => String, {
    description: "The JWT to present from now on. Shown once; keep it as you would a password.",
  })
  token!: string;

  @Field(() => UserToken, { description: "The token as its owner sees it later." })
  userToken!: UserToken;

  @Field(() => User, { description: "Who signed in." })
  user!: User;

  @Field(() => String, {
    description: "A privilege token for the default audience, as `privilegeToken` answers.",
  })
  privilege!: string;
}

@ObjectType({ description: "A token that was made or rotated." })
export class IssuedTokenPayload {
  @Field(() => String, { description: "The JWT to present. Shown once; keep it as you would a password." })
  token!: string;

  @Field(() => UserToken, { description: "The token as its owner sees it later." })
  userToken!: UserToken;
}

@ObjectType({ description: "A logout that succeeded." })
export class LogoutPayload {
  @Field(() => Boolean, { description: "Always true: a logout that fails is an error." })
  success!: boolean;

  @Field(() => UserToken, { description: "The token that ended." })
  userToken!: UserToken;
}

@ObjectType({ description: "A bump that succeeded." })
export class BumpLoginPayload {
  @Field(() => DateTimeISO, { description: "The account's last login time from now on." })
  lastLoginTime!: Date;
}

@ObjectType({ description: "What tells a downstream service who calls." })
export class PrivilegeToken {
  @Field(() => String, { description: "A signed JWT, verified with the keys at /.well-known/jwks.json." })
  privilege!: string;

  @Field(() => DateTimeISO, { description: "When it ends." })
  expirationTime!: Date;
}

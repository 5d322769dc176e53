import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { requireUser } from "../../credentials/viewer.js";
import { UserToken } from "../../entities/user-token.js";
import { createPersonalToken } from "../../tokens/create-personal-token.js";
import type { TokenDeps } from "../../tokens/token-store.js";
import type { IssuePrivilege } from "../../tokens/issue-privilege.js";
import { cursorOf, listTokens } from "../../tokens/list-tokens.js";
import { logout } from "../../tokens/logout.js";
import { revokeAllTokens, revokeToken } from "../../tokens/revoke-token.js";
import { rotateToken } from "../../tokens/rotate-token.js";
import { updateToken } from "../../tokens/update-token.js";
import { atInput } from "../at-input.js";
import type { GraphqlContext } from "../context.js";
import { requireScope } from "../guards.js";
import { LogoutInput } from "../inputs/sign-in.input.js";
import { CreateUserTokenInput, UpdateUserTokenInput } from "../inputs/token.input.js";
import { IssuedTokenPayload, LogoutPayload, PrivilegeToken } from "../payloads/sign-in.payload.js";
import { Authenticated, RequiresScope } from "../references/security-directives.js";
import { UserTokenConnection } from "../payloads/user-token-connection.payload.js";

@Resolver(() => UserToken)
export class UserTokenResolver {
  constructor(
    private readonly tokens: TokenDeps,
    private readonly issuePrivilege: IssuePrivilege,
  ) {}

  @Authenticated()
  @Query(() => PrivilegeToken, {
    description: "A short-lived signed token that tells downstream services who the caller is.",
  })
  privilegeToken(
    @Ctx() context: GraphqlContext,
    @Arg("audience", () => String, {
      nullable: true,
      description:
        "Whom it is for: one of the audiences that the gateway lists. Left out: the first of them.",
    })
    audience: string | null,
  ): PrivilegeToken {
    return this.issuePrivilege(requireUser(context.viewer).record, audience);
  }

  @RequiresScope("tokens:manage")
  @Query(() => UserTokenConnection, {
    description: "The caller's tokens, newest first. Needs the scope tokens:manage.",
  })
  async userTokens(
    @Ctx() context: GraphqlContext,
    @Arg("first", () => Int, { nullable: true, defaultValue: 50, description: "How many at most, 0 to 100." })
    first: number | null,
    @Arg("after", () => String, { nullable: true, description: "The cursor of the entry before the page." })
    after: string | null,
    @Arg("includeEnded", () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: "Also tokens that were revoked or have expired.",
    })
    includeEnded: boolean | null,
  ): Promise<UserTokenConnection> {
    const caller = requireScope(context, "tokens:manage");
    const wanted = { first: first ?? 50, after: after ?? null, includeEnded: includeEnded ?? false };
    const { tokens, hasNextPage, totalCount } = await listTokens(this.tokens, caller, wanted);
    const edges = tokens.map((node) => ({ cursor: cursorOf(node), node }));
    const pageInfo = {
      hasNextPage,
      hasPreviousPage: wanted.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    };
    return { edges, nodes: tokens, pageInfo, totalCount };
  }

  @Authenticated()
  @Mutation(() => LogoutPayload, {
    description:
      "Ends the token in use. From then on every node refuses it, in every form it can be presented.",
  })
  async logout(
    @Ctx() context: GraphqlContext,
    @Arg("input", () => LogoutInput, { nullable: true, description: "How to log out." })
    input: LogoutInput | null,
  ): Promise<LogoutPayload> {
    const { record, mechanism } = requireUser(context.viewer);
    const userToken = await logout(this.tokens, record, input?.clientFingerprint ?? null);
    if (mechanism === "cookie") context.cookie.change = "clear";
    return { success: true, userToken };
  }

  @RequiresScope("tokens:manage")
  @Mutation(() => IssuedTokenPayload, {
    description: "Makes a personal token, for a program. Needs the scope tokens:manage.",
  })
  createUserToken(
    @Ctx() context: GraphqlContext,
    @Arg("input", () => CreateUserTokenInput, { description: "The token to make." })
    input: CreateUserTokenInput,
  ): Promise<IssuedTokenPayload> {
    const caller = requireScope(context, "tokens:manage");
    return atInput(() => createPersonalToken(this.tokens, caller, input, context.from));
  }

  @RequiresScope("tokens:manage")
  @Mutation(() => UserToken, {
    description: "Changes one of the caller's live tokens. Needs the scope tokens:manage.",
  })
  updateUserToken(
    @Ctx() context: GraphqlContext,
    @Arg("key", () => ID, { description: "Which token." }) key: string,
    @Arg("input", () => UpdateUserTokenInput, { description: "What to change." }) input: UpdateUserTokenInput,
  ): Promise<UserToken> {
    const caller = requireScope(context, "tokens:manage");
    return atInput(() => updateToken(this.tokens, caller, key, input));
  }

  @Authenticated()
  @Mutation(() => IssuedTokenPayload, {
    description:
      "Issues the next version of the token in use; the version before it is accepted for a short grace.",
  })
  async rotateUserToken(@Ctx() context: GraphqlContext): Promise<IssuedTokenPayload> {
    const { record, version, mechanism } = requireUser(context.viewer);
    const issued = await rotateToken(this.tokens, record, version);
    if (mechanism === "cookie") {
      context.cookie.change = { token: issued.token, expires: issued.userToken.expirationTime };
    }
    return issued;
  }

  @RequiresScope("tokens:manage")
  @Mutation(() => UserToken, {
    description: "Ends one of the caller's tokens for good. Needs the scope tokens:manage.",
  })
  revokeUserToken(
    @Ctx() context: GraphqlContext,
    @Arg("key", () => ID, { description: "Which token." }) key: string,
  ): Promise<UserToken> {
    return revokeToken(this.tokens, requireScope(context, "tokens:manage"), key);
  }

  @RequiresScope("tokens:manage")
  @Mutation(() => Int, {
    description: "Ends all of the caller's tokens, and answers how many. Needs the scope tokens:manage.",
  })
  revokeAllUserTokens(
    @Ctx() context: GraphqlContext,
    @Arg("keepCurrent", () => Boolean, {
      nullable: true,
      defaultValue: true,
      description: "Whether the token in use lives on.",
    })
    keepCurrent: boolean | null,
  ): Promise<number> {
    return revokeAllTokens(this.tokens, requireScope(context, "tokens:manage"), keepCurrent ?? true);
  }

  @FieldResolver(() => ID, {
    description: "The same as `key`, under the name that caches of clients look for.",
  })
  id(@Root() token: UserToken): string {
    return token.key;
  }

  @FieldResolver(() => Boolean, {
    description: "Whether this is the token in use, or the one that this login issued.",
  })
  current(@Root() token: UserToken, @Ctx() context: GraphqlContext): boolean {
    return token.key === context.current.key;
  }
}

import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import type { AccountDeps } from "../../accounts/account-store.js";
import { bumpLogin } from "../../accounts/bump-login.js";
import { register, type SignedIn } from "../../accounts/register.js";
import { signIn } from "../../accounts/sign-in.js";
import { requireUser } from "../../credentials/viewer.js";
import { User } from "../../entities/user.js";
import type { IssuePrivilege } from "../../tokens/issue-privilege.js";
import { privilegeLevelOf } from "../../tokens/scopes.js";
import { atInput } from "../at-input.js";
import type { GraphqlContext } from "../context.js";
import { requireReader } from "../guards.js";
import { LoginInput, RegisterInput } from "../inputs/sign-in.input.js";
import { readLogin, refuseDroppedSession } from "../sign-in-request.js";
import { Authenticated } from "../references/security-directives.js";
import { AuthPayload, BumpLoginPayload } from "../payloads/sign-in.payload.js";

@Resolver(() => User)
export class AccountResolver {
  constructor(
    private readonly accounts: AccountDeps,
    private readonly issuePrivilege: IssuePrivilege,
  ) {}

  @Query(() => User, {
    nullable: true,
    description: "The signed-in user; null when no credential was presented.",
  })
  me(@Ctx() context: GraphqlContext): User | null {
    return requireReader(context)?.user ?? null;
  }

  @Mutation(() => AuthPayload, {
    description:
      "Signs in by userid and password, or by an Authorization: Basic header when both are left out.",
  })
  async login(
    @Ctx() context: GraphqlContext,
    @Arg("input", () => LoginInput, {
      nullable: true,
      description: "Who signs in, and what the token is like.",
    })
    input: LoginInput | null,
  ): Promise<AuthPayload> {
    refuseDroppedSession(context.cookie, input?.session === true);
    const request = {
      ...readLogin(input, context.basic),
      note: input?.note,
      expirationTime: input?.expirationTime,
      scopes: input?.scopes,
      clientFingerprint: input?.clientFingerprint,
    };
    const signedIn = await atInput(() => signIn(this.accounts, request, context.from));
    return this.answer(signedIn, context, input?.session === true);
  }

  @Mutation(() => AuthPayload, { description: "Makes an account, with the role VIEWER, and signs it in." })
  async register(
    @Ctx() context: GraphqlContext,
    @Arg("input", () => RegisterInput, { description: "The new account." }) input: RegisterInput,
  ): Promise<AuthPayload> {
    refuseDroppedSession(context.cookie, input.session === true);
    const signedIn = await atInput(() => register(this.accounts, input, context.from));
    return this.answer(signedIn, context, input.session === true);
  }

  @Authenticated()
  @Mutation(() => BumpLoginPayload, { description: "Records that the caller is here now, as a login would." })
  async bumpLogin(@Ctx() context: GraphqlContext): Promise<BumpLoginPayload> {
    return { lastLoginTime: await bumpLogin(this.accounts, requireUser(context.viewer).record) };
  }

  @FieldResolver(() => Int, { description: "How strong the role is: VIEWER 0, USER 1, ADMIN 2, ROOT 3." })
  privilegeLevel(@Root() user: User): number {
    return privilegeLevelOf(user.role);
  }

  private answer(
    { token, userToken, user }: SignedIn,
    context: GraphqlContext,
    session: boolean,
  ): AuthPayload {
    context.current.key = userToken.key;
    if (session) context.cookie.change = { token, expires: userToken.expirationTime };
    const { privilege } = this.issuePrivilege({ token: userToken, user });
    return { token, userToken, user, privilege };
  }
}

import { Directive, Field, Int, ObjectType } from "type-graphql";
import { UserToken } from "../../entities/user-token.js";

// Every subgraph with a Relay connection has it.
@Directive("@shareable")
@ObjectType({ description: "Where a page of a list stands (Relay)." })
export class PageInfo {
  @Field(() => Boolean, { description: "Whether there is more after this page." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether the page was asked for by `after`." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "The cursor of the first entry." })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The cursor of the last entry: the `after` of the next page.",
  })
  endCursor!: string | null;
}

@ObjectType({ description: "One entry of a list of tokens." })
export class UserTokenEdge {
  @Field(() => String, { description: "Where this entry stands in the list." })
  cursor!: string;

  @Field(() => UserToken, { description: "The token." })
  node!: UserToken;
}

@ObjectType({ description: "A page of tokens (Relay)." })
export class UserTokenConnection {
  @Field(() => [UserTokenEdge], { description: "The entries with their cursors." })
  edges!: UserTokenEdge[];

  @Field(() => [UserToken], { description: "The tokens alone." })
  nodes!: UserToken[];

  @Field(() => PageInfo, { description: "Where the page stands." })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: "How many there are on all pages." })
  totalCount!: number;
}

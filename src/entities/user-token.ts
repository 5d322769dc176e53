import { Field, ID, Int, ObjectType } from "type-graphql";
import { Column, Entity, PrimaryColumn, type ValueTransformer } from "typeorm";
import { DateTimeISO } from "./date-time.js";
import { instantColumn } from "./instant.js";

/** How a token was created. At the limit, a new login revokes the oldest login tokens, but never a personal token. */
export type TokenOrigin = "login" | "personal";

/** The form of a scope list in OAuth (RFC 6749 section 3.3): names separated by one space. */
const scopesColumn: ValueTransformer = {
  to: (value: string[] | undefined) => value?.join(" "),
  from: (value: string) => value.split(" ").filter(Boolean),
};

@ObjectType({ description: "What a sign-in issues and a logout revokes. It holds no secret." })
@Entity("user_token")
export class UserToken {
  @Field(() => ID, { description: "Names the token; the `sid` claim of its JWT. Not a secret." })
  @PrimaryColumn("varchar", { length: 36 })
  key!: string;

  @Column("varchar", { length: 36 })
  userId!: string;

  @Column("varchar", { length: 16 })
  origin!: TokenOrigin;

  @Field(() => String, { nullable: true, description: "What its owner calls it." })
  @Column("varchar", { length: 255, nullable: true })
  note!: string | null;

  @Field(() => [String], {
    description: "What the token may be used for; never more than its owner's role allows.",
  })
  @Column("text", { transformer: scopesColumn })
  scopes!: string[];

  @Field(() => Boolean, { description: "A disabled token is refused until it is enabled again." })
  @Column("boolean")
  enabled!: boolean;

  @Field(() => Int, {
    description: "Starts at 0 and rises when the token is rotated; a JWT of another version is refused.",
  })
  @Column("int")
  version!: number;

  @Field(() => DateTimeISO, { description: "When the token was issued." })
  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  @Field(() => DateTimeISO, {
    nullable: true,
    description: "From when on the token is refused; null for never.",
  })
  @Column("bigint", { nullable: true, transformer: instantColumn })
  expirationTime!: Date | null;

  @Field(() => DateTimeISO, { nullable: true, description: "The latest use, a few seconds behind." })
  @Column("bigint", { nullable: true, transformer: instantColumn })
  lastUsageTime!: Date | null;

  /** Set by a logout or a revocation, and never cleared. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  revocationTime!: Date | null;

  /** Until when the JWT of the previous version is still accepted after a rotation. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  previousVersionUntil!: Date | null;

  @Column("varchar", { length: 64, nullable: true })
  clientFingerprintHash!: string | null;

  @Column("varchar", { length: 255, nullable: true })
  userAgent!: string | null;

  @Column("varchar", { length: 45, nullable: true })
  ip!: string | null;
}

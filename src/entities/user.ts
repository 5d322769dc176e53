import { Directive, Field, ID, ObjectType } from "type-graphql";
import { Column, Entity, PrimaryColumn } from "typeorm";
import { DateTimeISO } from "./date-time.js";
import { instantColumn } from "./instant.js";
import { Role } from "./role.js";

@ObjectType({ description: "An account." })
@Directive('@key(fields: "id")')
@Entity("user")
export class User {
  @Field(() => ID, { description: "Never changes and is never given to another account." })
  @PrimaryColumn("varchar", { length: 36 })
  id!: string;

  @Field(() => String, { description: "As its owner wrote it; compared without regard to case." })
  @Column("varchar", { length: 128 })
  username!: string;

  @Field(() => String, { nullable: true, description: "The e-mail address, which also signs in." })
  @Column("varchar", { length: 254, nullable: true })
  email!: string | null;

  @Field(() => String, { nullable: true, description: "The telephone number, which also signs in." })
  @Column("varchar", { length: 32, nullable: true })
  phone!: string | null;

  /** Names its scheme, its cost and its pepper. A query returns it only when it selects it explicitly. */
  @Column("varchar", { length: 255, select: false })
  passwordHash?: string;

  @Field(() => String, { description: "The language the account prefers (BCP 47), such as en or pt-BR." })
  @Column("varchar", { length: 35 })
  locale!: string;

  @Field(() => Role, { description: "What the account may do." })
  @Column("varchar", { length: 16 })
  role!: Role;

  @Field(() => Boolean, {
    description: "A disabled account cannot sign in, and none of its tokens is accepted.",
  })
  @Column("boolean")
  enabled!: boolean;

  @Field(() => DateTimeISO, { description: "When the account was made." })
  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  @Field(() => DateTimeISO, {
    nullable: true,
    description: "The latest sign-in, or bump, of the account.",
  })
  @Column("bigint", { nullable: true, transformer: instantColumn })
  lastLoginTime!: Date | null;

  /** Tokens created before this instant are refused. So one write ends all tokens. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  tokensValidFrom!: Date | null;

  /** Privilege tokens issued before this instant may state an earlier role. Those issued later state the current role. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  privilegesValidFrom!: Date | null;
}

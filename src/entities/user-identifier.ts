import { Column, Entity, Index, PrimaryColumn } from "typeorm";

export type IdentifierKind = "username" | "email" | "phone";

/**
 * Anything an account can sign in with, in one namespace: the primary key
 * makes twins impossible and keeps a username from shadowing another's e-mail address.
 */
@Entity("user_identifier")
export class UserIdentifier {
  /** Normalised by accounts/normalise-identifier; compared byte by byte. */
  @PrimaryColumn("varchar", { length: 254 })
  value!: string;

  @Column("varchar", { length: 16 })
  kind!: IdentifierKind;

  @Index("user_identifier_user")
  @Column("varchar", { length: 36 })
  userId!: string;
}

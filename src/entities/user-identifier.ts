import { Column, Entity, Index, PrimaryColumn } from "typeorm";

export type IdentifierKind = "username" | "email" | "phone";

/**
 * A name that an account can sign in with. All kinds share one namespace: the primary key prevents duplicates, and prevents
 * a username that equals the e-mail address of another account.
 */
@Entity("user_identifier")
export class UserIdentifier {
  /** Normalised by accounts/normalise-identifier, and compared byte by byte. */
  @PrimaryColumn("varchar", { length: 254 })
  value!: string;

  @Column("varchar", { length: 16 })
  kind!: IdentifierKind;

  @Index("user_identifier_user")
  @Column("varchar", { length: 36 })
  userId!: string;
}

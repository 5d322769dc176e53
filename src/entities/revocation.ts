import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** What an entry of the revocation feed says; docs/revocation-feed.md has each in words. */
export type RevocationKind = "token" | "disabled" | "enabled" | "expiry" | "version" | "user" | "role";

/**
 * One entry of the revocation feed. It is written in the transaction that ends something, without a
 * position: that is given once the entry can be seen by everybody, so that positions rise in the order in which
 * entries become visible, and nobody who follows them steps over one that was committed late.
 */
@Entity("revocation")
export class Revocation {
  @PrimaryColumn("varchar", { length: 36 })
  id!: string;

  /** Its place in the feed; null until it has one, and never changed after. */
  @Column("bigint", { nullable: true })
  position!: number | null;

  @Column("varchar", { length: 16 })
  kind!: RevocationKind;

  /** The token's key, or the user's id for the kinds `user` and `role`. */
  @Column("varchar", { length: 36 })
  subject!: string;

  /** The instant that the kind speaks of (`at`, `from`, `before`). */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  instant!: Date | null;

  /** Of the kind `version`: the oldest version that stays. */
  @Column("int", { nullable: true })
  version!: number | null;

  /** Orders the entries that wait for a position. Later entries of a token have a later one, whatever the clocks say. */
  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  /** When the last JWT that the entry concerns has expired; null for never. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  expirationTime!: Date | null;
}

/** The one row that says how far positions have been given. */
@Entity("revocation_head")
export class RevocationHead {
  @PrimaryColumn("int")
  id!: number;

  @Column("bigint")
  position!: number;
}

import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** The kinds of feed entries. docs/revocation-feed.md describes each. */
export type RevocationKind = "token" | "disabled" | "enabled" | "expiry" | "version" | "user" | "role";

/**
 * One entry of the revocation feed. The transaction that ends something writes it, without a position. The entry gets its
 * position later, when it is committed and visible. So positions rise in the order in which entries become visible, and a
 * follower never skips an entry that was committed late.
 */
@Entity("revocation")
export class Revocation {
  @PrimaryColumn("varchar", { length: 36 })
  id!: string;

  /** Its place in the feed; null until it gets one. It never changes after that. */
  @Column("bigint", { nullable: true })
  position!: number | null;

  @Column("varchar", { length: 16 })
  kind!: RevocationKind;

  /** The token's key, or the user's id for the kinds `user` and `role`. */
  @Column("varchar", { length: 36 })
  subject!: string;

  /** The instant that the kind needs (`at`, `from`, `before`). */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  instant!: Date | null;

  /** For the kind `version`: the oldest version that remains valid. */
  @Column("int", { nullable: true })
  version!: number | null;

  /** The order in which entries get positions. A later entry of a token always has a later time, also if clocks differ. */
  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  /** When the last JWT that the entry concerns expires; null for never. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  expirationTime!: Date | null;
}

/** The one row that holds the highest position given so far. */
@Entity("revocation_head")
export class RevocationHead {
  @PrimaryColumn("int")
  id!: number;

  @Column("bigint")
  position!: number;
}

import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** A service that may ask the gateway about other people's tokens. */
@Entity("client")
export class Client {
  /** A UUID. Not a secret. */
  @PrimaryColumn("varchar", { length: 36 })
  id!: string;

  /** What its operator calls it. Two clients may share a name while one takes the other's place. */
  @Column("varchar", { length: 128 })
  name!: string;

  /** A keyed digest that names its key; the secret itself is kept nowhere. */
  @Column("varchar", { length: 64 })
  secretHash!: string;

  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  /** Set once and never cleared. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  revocationTime!: Date | null;

  /** The latest use, a few seconds behind. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  lastUsageTime!: Date | null;
}

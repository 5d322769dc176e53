import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** A service that may ask the gateway about tokens of all users. */
@Entity("client")
export class Client {
  /** A UUID. Not a secret. */
  @PrimaryColumn("varchar", { length: 36 })
  id!: string;

  /** The name that the operator chose. Two clients may have the same name, for example while one replaces the other. */
  @Column("varchar", { length: 128 })
  name!: string;

  /** A keyed digest of the secret, with the id of its key. The secret itself is not stored. */
  @Column("varchar", { length: 64 })
  secretHash!: string;

  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  /** Set when the client is revoked, and never cleared. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  revocationTime!: Date | null;

  /** The latest use, a few seconds behind. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  lastUsageTime!: Date | null;
}

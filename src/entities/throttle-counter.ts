import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** Counts recent attempts. Its name is a keyed digest, so neither identifiers nor addresses are stored. */
@Entity("throttle")
export class ThrottleCounter {
  @PrimaryColumn("varchar", { length: 64 })
  name!: string;

  @Column("int")
  amount!: number;

  /** Attempts before it are refused. */
  @Column("bigint", { transformer: instantColumn })
  blockedUntil!: Date;

  /** When the counter no longer counts. */
  @Column("bigint", { transformer: instantColumn })
  expirationTime!: Date;
}

import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** How often something was tried of late. Its name is a keyed digest: neither what was typed nor an address is kept. */
@Entity("throttle")
export class ThrottleCounter {
  @PrimaryColumn("varchar", { length: 64 })
  name!: string;

  @Column("int")
  amount!: number;

  /** Attempts before it are refused. */
  @Column("bigint", { transformer: instantColumn })
  blockedUntil!: Date;

  /** From when on nothing of it counts any more. */
  @Column("bigint", { transformer: instantColumn })
  expirationTime!: Date;
}

import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** A key pair that signs tokens. What a key signed whose row is dropped, or gone, is refused. */
@Entity("signing_key")
export class SigningKey {
  /** The RFC 7638 thumbprint of the public half: the id cannot be given to another key. */
  @PrimaryColumn("varchar", { length: 64 })
  kid!: string;

  @Column("varchar", { length: 16 })
  algorithm!: string;

  /** JSON text. */
  @Column("text")
  publicJwk!: string;

  /** PKCS #8, sealed by keys/secret-box with the kid as its context; empty once the key is dropped. */
  @Column("text")
  privateKey!: string;

  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  /** From when on it signs. It is published and verifies before, so that every verifier knows it in time. */
  @Column("bigint", { transformer: instantColumn })
  activationTime!: Date;

  /** Until when user tokens that it signed may be good; raised before a token is signed, never lowered. */
  @Column("bigint", { transformer: instantColumn })
  tokensUntil!: Date;

  /** Set once: from then on the key is unpublished and refused. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  dropTime!: Date | null;
}

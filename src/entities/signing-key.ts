import { Column, Entity, PrimaryColumn } from "typeorm";
import { instantColumn } from "./instant.js";

/** A key pair that signs tokens. Tokens of a key that is dropped or deleted are refused. */
@Entity("signing_key")
export class SigningKey {
  /** The RFC 7638 thumbprint of the public key. So two keys never have the same id. */
  @PrimaryColumn("varchar", { length: 64 })
  kid!: string;

  @Column("varchar", { length: 16 })
  algorithm!: string;

  /** JSON text. */
  @Column("text")
  publicJwk!: string;

  /** PKCS #8, sealed by keys/envelope with the kid as its context. Empty when the key is dropped. */
  @Column("text")
  privateKey!: string;

  @Column("bigint", { transformer: instantColumn })
  creationTime!: Date;

  /** When the key starts to sign. It is published earlier, so that every verifier knows it in time. */
  @Column("bigint", { transformer: instantColumn })
  activationTime!: Date;

  /** The latest time at which a user token that it signed may be valid. Raised before a token is signed, never lowered. */
  @Column("bigint", { transformer: instantColumn })
  tokensUntil!: Date;

  /** Set when the key is dropped, and never cleared. A dropped key is not published, and its tokens are refused. */
  @Column("bigint", { nullable: true, transformer: instantColumn })
  dropTime!: Date | null;
}

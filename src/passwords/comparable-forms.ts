/**
 * The form in which a password is hashed and compared: every space is U+0020, then NFC (RFC 8265 section 4.2.2,
 * OpaqueString). Keyboards differ in which space they type, and nobody sees the difference.
 */
export function opaqueForm(password: string): string {
  return password.replace(/\p{Zs}/gu, " ").normalize("NFC");
}

/**
 * The forms in which a stored hash may hold this password. Earlier versions kept spaces as they were typed, so a
 * password with another space than U+0020 has two. How many there are depends on what was typed alone: the work
 * tells nothing of the account.
 */
export function comparableForms(password: string): readonly [opaque: string, ...earlier: string[]] {
  const opaque = opaqueForm(password);
  const earlier = password.normalize("NFC");
  return earlier === opaque ? [opaque] : [opaque, earlier];
}

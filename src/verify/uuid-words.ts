/** A UUID as four 32-bit integers, the first characters in the first: a third of the text's memory, and quick to compare. */
export type UuidWords = readonly [number, number, number, number];

const HYPHEN = 45;
const NINE = 57;
/** What lies between the code of `a` and its value as a digit. */
const LETTER_OFFSET = 87;
const DIGIT_OFFSET = 48;

/** Takes a UUID in lower case (`isUuid`) apart; of anything else it makes something useless. */
export function uuidWords(uuid: string): UuidWords {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  let digits = 0;
  for (let at = 0; at < uuid.length; at += 1) {
    const code = uuid.charCodeAt(at);
    if (code === HYPHEN) continue;
    const word = (digits >> 3) & 3;
    words[word] = ((words[word] ?? 0) << 4) | (code - (code > NINE ? LETTER_OFFSET : DIGIT_OFFSET));
    digits += 1;
  }
  return words;
}

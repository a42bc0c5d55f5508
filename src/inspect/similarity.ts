import { stretches, textPart, type ParsedMessage } from '../mail/message.ts';

/** Fewer of the sender's own words say too little: "Thanks, Bert" is no mailing. */
const ENOUGH_WORDS = 12;
/** Read of the sender's own words; a mailing shows itself long before. */
const MAX_WORDS = 4000;
/** What is attached weighs as much as so many pairs of words. */
const ATTACHMENT_WEIGHT = 8;
const BITS = 64;

/**
 * A salted similarity hash (Charikar's simhash over pairs of words, and over the attachments' own
 * hashes) as 64 binary digits: near-identical messages differ in few of them, unrelated ones in
 * half. Only its distance to another says anything; without the salt nothing can be tried out on
 * it. `null` where the sender wrote too little and attached nothing.
 */
export function fingerprintOf(message: ParsedMessage, salt: Buffer): string | null {
  const body = textPart(message, 'body');
  const own = body ? stretches(body, ['own']).map(({ text }) => text) : [];
  const words =
    own
      .join(' ')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length < ENOUGH_WORDS && message.attachments.length === 0) return null;
  const sums = new Int32Array(BITS);
  const seed = [salt.readUInt32LE(0), salt.readUInt32LE(4)] as const;
  for (let at = 0; at + 1 < Math.min(words.length, MAX_WORDS); at++) {
    add(sums, `${words[at]} ${words[at + 1]}`, 1, seed);
  }
  for (const { sha256 } of message.attachments) add(sums, sha256, ATTACHMENT_WEIGHT, seed);
  return Array.from(sums, (sum) => (sum > 0 ? '1' : '0')).join('');
}

function add(
  sums: Int32Array,
  feature: string,
  weight: number,
  seed: readonly [number, number],
): void {
  const halves = [hash(feature, seed[0]), hash(feature, seed[1])];
  for (let bit = 0; bit < BITS; bit++) {
    const isSet = ((halves[bit >> 5] ?? 0) >>> (bit & 31)) & 1;
    sums[bit] = (sums[bit] ?? 0) + (isSet ? weight : -weight);
  }
}

/** FNV-1a from a seed, with the finishing of MurmurHash3 so that every bit counts alike. */
function hash(text: string, seed: number): number {
  let state = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

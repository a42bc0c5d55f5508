// Crockford's base 32: no I, L, O or U, so that an id survives being read out over the telephone.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A queue id: ten characters of time (ms since 1970), eight of chance. Ids sort by time.
 * @param random eight bytes at least
 */
export function queueId(at: Date, random: Uint8Array): string {
  if (random.length < 8) {
    throw new RangeError(`Queue id needs 8 random bytes, got ${random.length}`);
  }
  let time = at.getTime();
  let head = '';
  for (let digit = 0; digit < 10; digit += 1) {
    head = ALPHABET.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  return head + Array.from(random.subarray(0, 8), (byte) => ALPHABET.charAt(byte % 32)).join('');
}

/** True for anything that this gateway could have issued as a queue id. */
export function isQueueId(text: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]{18}$/.test(text);
}

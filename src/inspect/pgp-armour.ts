/** One OpenPGP armour of a text: where it stands, and the tags of the packets it begins with. */
export interface Armour {
  start: number;
  end: number;
  packets: number[];
}

const BEGIN = '-----BEGIN PGP MESSAGE-----';
const END = '-----END PGP MESSAGE-----';
/** Armour of more than this is decoded only so far: the first packets say what it is. */
const HEAD_CHARACTERS = 64 * 1024;
/** Talk about armour quotes its first line now and then; a text that is full of them is hostile. */
const MAX_BEGINNINGS = 16;

/**
 * Public-key and symmetric-key encrypted session keys, and the encrypted data packets (RFC 9580
 * §5).
 */
const SESSION_KEYS = [1, 3];
const ENCRYPTED_DATA = [9, 18, 20];

/** The first `PGP MESSAGE` armour (RFC 9580 §6.2) of a text that holds valid base64, or `null`. */
export function findArmour(text: string): Armour | null {
  let start = text.indexOf(BEGIN);
  for (let tries = 0; start >= 0 && tries < MAX_BEGINNINGS; tries += 1) {
    const close = text.indexOf(END, start);
    if (close < 0) return null;
    const bytes = decode(
      text.slice(start + BEGIN.length, Math.min(close, start + HEAD_CHARACTERS)),
    );
    if (bytes !== null) return { start, end: close + END.length, packets: packetTags(bytes) };
    start = text.indexOf(BEGIN, start + 1);
  }
  return null;
}

/** Whether packets begin as an encrypted message does: session keys, then encrypted data. */
export function holdsEncryption(packets: readonly number[]): boolean {
  const data = packets.findIndex((tag) => !SESSION_KEYS.includes(tag));
  if (data < 0) return packets.length > 0;
  return ENCRYPTED_DATA.includes(packets[data] ?? -1);
}

function decode(armoured: string): Buffer | null {
  const lines = armoured.split('\n').map((line) => line.trim());
  const blank = lines.indexOf('');
  const headers = lines.slice(1, blank < 0 ? 1 : blank);
  // Some programs leave the blank line out where there are no headers.
  const hasHeaders = headers.every((line) => /^[\w-]+: ?/.test(line));
  const data = (hasHeaders && blank >= 0 ? lines.slice(blank) : lines).filter(
    (line) => line !== '' && !/^=[A-Za-z0-9+/]{4}$/.test(line),
  );
  const joined = data.join('');
  if (joined.length < 24 || !/^[A-Za-z0-9+/]+={0,2}$/.test(joined)) return null;
  return Buffer.from(joined, 'base64');
}

/** Tags of the leading packets, at most eight. Stops where a length runs beyond what is there. */
function packetTags(bytes: Buffer): number[] {
  const tags: number[] = [];
  let at = 0;
  while (at < bytes.length && tags.length < 8) {
    const header = packetAt(bytes, at);
    if (header === null) break;
    tags.push(header.tag);
    if (header.next === null) break;
    at = header.next;
  }
  return tags;
}

/** RFC 9580 §4.2: tag and length. `next` is `null` for a partial or indeterminate length. */
function packetAt(bytes: Buffer, at: number): { tag: number; next: number | null } | null {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return null;
  const octet = bytes[at + 1] ?? 0;
  if ((first & 0x40) === 0) {
    const tag = (first >> 2) & 0x0f;
    const width = [1, 2, 4][first & 3];
    if (width === undefined || at + 1 + width > bytes.length) return { tag, next: null };
    return { tag, next: at + 1 + width + bytes.readUIntBE(at + 1, width) };
  }
  const tag = first & 0x3f;
  if (octet < 192) return { tag, next: at + 2 + octet };
  if (octet < 224) return { tag, next: at + 3 + ((octet - 192) << 8) + (bytes[at + 2] ?? 0) + 192 };
  if (octet < 255 || at + 6 > bytes.length) return { tag, next: null };
  return { tag, next: at + 6 + bytes.readUInt32BE(at + 2) };
}

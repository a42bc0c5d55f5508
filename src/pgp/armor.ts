const BEGIN = '-----BEGIN PGP MESSAGE-----';
const END = '-----END PGP MESSAGE-----';
/** They make one line of 76 characters. */
const LINE_OCTETS = 57;

const LINE_CHARACTERS = 76;
const ROW = LINE_CHARACTERS + 2;
/** So much is turned at once, in two places that serve every message: large ones leave no waste. */
const ROWS_AT_ONCE = 8192;
const characters = Buffer.allocUnsafe(ROWS_AT_ONCE * LINE_CHARACTERS);
const rows = Buffer.allocUnsafe(ROWS_AT_ONCE * ROW);

/** What stands around the armour, and how many octets of packets are expected. */
export interface ArmorFrame {
  head: Buffer;
  foot: Buffer;
  expectedOctets: number;
}

/**
 * OpenPGP packets as ASCII armour (RFC 9580 §6) with CRLF line ends, between `head` and `foot`. It
 * is written where it stays: a large message must not stand in memory twice.
 * @returns all of it, and the armour alone as a part of that
 */
export async function armor(
  packets: AsyncIterable<Uint8Array>,
  { head, foot, expectedOctets }: ArmorFrame,
): Promise<{ output: Buffer; armored: Buffer }> {
  const begin = Buffer.from(`${BEGIN}\r\n\r\n`);
  let output: Buffer = Buffer.allocUnsafe(head.length + linesSize(expectedOctets) + SPARE);
  let size = head.copy(output);
  size += begin.copy(output, size);
  let crc = CRC24_START;
  // What does not fill a line yet.
  let rest: Buffer = Buffer.alloc(0);
  const write = (octets: Uint8Array): void => {
    for (let at = 0; at < octets.length; at += ROWS_AT_ONCE * LINE_OCTETS) {
      const block = octets.subarray(at, at + ROWS_AT_ONCE * LINE_OCTETS);
      output = roomFor(output, size, linesSize(block.length) + foot.length + SPARE);
      size += writeRows(block, output, size);
    }
  };
  for await (const chunk of packets) {
    crc = crc24(crc, chunk);
    const start = Math.min(chunk.length, (LINE_OCTETS - rest.length) % LINE_OCTETS);
    rest = Buffer.concat([rest, chunk.subarray(0, start)]);
    if (rest.length > 0 && rest.length < LINE_OCTETS) continue;
    write(rest);
    const end = chunk.length - ((chunk.length - start) % LINE_OCTETS);
    write(chunk.subarray(start, end));
    rest = Buffer.from(chunk.subarray(end));
  }
  write(rest);
  const checksum = Buffer.from([crc >> 16, crc >> 8, crc]).toString('base64');
  output = roomFor(output, size, foot.length + SPARE);
  size += output.write(`=${checksum}\r\n${END}\r\n`, size);
  const armored = output.subarray(head.length, size);
  size += foot.copy(output, size);
  return { output: output.subarray(0, size), armored };
}

/** For the lines that do not come from the packets. */
const SPARE = 256;

/** Of so many octets as lines, at most. */
function linesSize(octets: number): number {
  return Math.ceil(octets / LINE_OCTETS) * ROW;
}

/** The buffer itself, or a larger one that begins alike. */
function roomFor(buffer: Buffer, size: number, more: number): Buffer {
  if (size + more <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafe(Math.ceil((size + more) * 1.25));
  buffer.copy(larger, 0, 0, size);
  return larger;
}

/** At most `ROWS_AT_ONCE` lines. Row by row: a pattern over all of it takes ten times as long. */
function writeRows(octets: Uint8Array, into: Buffer, start: number): number {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const length = characters.write(bytes.toString('base64'), 'latin1');
  let to = start;
  for (let from = 0; from < length; from += LINE_CHARACTERS) {
    to += characters.copy(into, to, from, Math.min(from + LINE_CHARACTERS, length));
    into[to++] = 0x0d;
    into[to++] = 0x0a;
  }
  return to - start;
}

/**
 * The packets of an armoured message exactly as `armor` writes it; `null` for anything else,
 * so that nothing can stand between its lines. The checksum is not compared.
 */
export function dearmor(armored: Buffer): Buffer | null {
  const head = Buffer.from(`${BEGIN}\r\n\r\n`);
  const tail = /\r\n=[A-Za-z0-9+/]{4}\r\n-----END PGP MESSAGE-----$/.exec(
    armored.toString('latin1', Math.max(0, armored.length - 60)),
  );
  if (!armored.subarray(0, head.length).equals(head) || !tail) return null;
  const lines = armored.subarray(head.length, armored.length - tail[0].length + 2);
  const packets = Buffer.allocUnsafe(Math.ceil(lines.length / ROW) * LINE_OCTETS);
  let size = 0;
  for (let at = 0; at < lines.length; at += ROWS_AT_ONCE * ROW) {
    const piece = lines.subarray(at, at + ROWS_AT_ONCE * ROW);
    const octets = packets.subarray(
      size,
      size + packets.write(piece.toString('latin1'), size, 'base64'),
    );
    if (!rows.subarray(0, writeRows(octets, rows, 0)).equals(piece)) return null;
    size += octets.length;
  }
  return packets.subarray(0, size);
}

const CRC24_POLYNOMIAL = 0x864cfb;
const CRC24_START = 0xb704ce;
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = ((crc << 1) ^ (crc & 0x800000 ? CRC24_POLYNOMIAL : 0)) & 0xffffff;
  }
  return crc;
});

const TABLE_2 = TABLE.map(afterByte);
const TABLE_3 = TABLE_2.map(afterByte);

function afterByte(crc: number): number {
  return ((crc << 8) & 0xffffff) ^ (TABLE[crc >> 16] ?? 0);
}

/** CRC-24 of RFC 9580 §6.1.1: newer programs pass over it, older ones want it. */
function crc24(start: number, octets: Uint8Array): number {
  let crc = start;
  let at = 0;
  // Three octets at a time and by index: a message may have 25 MiB.
  for (; at + 2 < octets.length; at += 3) {
    crc ^= ((octets[at] ?? 0) << 16) | ((octets[at + 1] ?? 0) << 8) | (octets[at + 2] ?? 0);
    crc = (TABLE_3[crc >> 16] ?? 0) ^ (TABLE_2[(crc >> 8) & 0xff] ?? 0) ^ (TABLE[crc & 0xff] ?? 0);
  }
  for (; at < octets.length; at += 1) crc = afterByte(crc ^ ((octets[at] ?? 0) << 16));
  return crc;
}

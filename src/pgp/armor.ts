const BEGIN = '-----BEGIN PGP MESSAGE-----';
const END = '-----END PGP MESSAGE-----';
/** They make one line of 76 characters. */
const LINE_OCTETS = 57;

const LINE_CHARACTERS = 76;
const ROW = LINE_CHARACTERS + 2;
/** So much is turned at once. The two places for it serve every message: large ones leave no waste. */
const ROWS_AT_ONCE = 8192;
const characters = Buffer.allocUnsafe(ROWS_AT_ONCE * LINE_CHARACTERS);
const rows = Buffer.allocUnsafe(ROWS_AT_ONCE * ROW);

/**
 * OpenPGP packets as ASCII armour (RFC 9580 §6) with CRLF line ends, in pieces: a large message
 * must not stand in memory several times.
 */
export async function armorPieces(packets: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const pieces: Buffer[] = [Buffer.from(`${BEGIN}\r\n\r\n`)];
  let crc = CRC24_START;
  // What does not fill a line yet.
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of packets) {
    crc = crc24(crc, chunk);
    const start = Math.min(chunk.length, (LINE_OCTETS - rest.length) % LINE_OCTETS);
    rest = Buffer.concat([rest, chunk.subarray(0, start)]);
    if (rest.length === LINE_OCTETS || start === chunk.length) {
      if (rest.length < LINE_OCTETS) continue;
      pieces.push(linesOf(rest));
      rest = Buffer.alloc(0);
    }
    const end = chunk.length - ((chunk.length - start) % LINE_OCTETS);
    if (end > start) pieces.push(linesOf(chunk.subarray(start, end)));
    if (end < chunk.length) rest = Buffer.from(chunk.subarray(end));
  }
  const checksum = Buffer.from([crc >> 16, crc >> 8, crc]).toString('base64');
  pieces.push(linesOf(rest), Buffer.from(`=${checksum}\r\n${END}\r\n`));
  return pieces;
}

function linesOf(octets: Uint8Array): Buffer {
  const last = octets.length % LINE_OCTETS;
  const whole = ((octets.length - last) / LINE_OCTETS) * ROW;
  const lines = Buffer.allocUnsafe(whole + (last === 0 ? 0 : Math.ceil(last / 3) * 4 + 2));
  let size = 0;
  for (let at = 0; at < octets.length; at += ROWS_AT_ONCE * LINE_OCTETS) {
    size += writeRows(octets.subarray(at, at + ROWS_AT_ONCE * LINE_OCTETS), lines, size);
  }
  return lines;
}

/** At most `ROWS_AT_ONCE` lines. Row by row: a pattern over a large message takes ten times as long. */
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
 * The packets of an armoured message exactly as `armorPieces` writes it; `null` for anything else,
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

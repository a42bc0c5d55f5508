const BEGIN = '-----BEGIN PGP MESSAGE-----';
const END = '-----END PGP MESSAGE-----';
/** They make one line of 76 characters. */
const LINE_OCTETS = 57;

/**
 * OpenPGP packets as ASCII armour (RFC 9580 §6) with CRLF line ends, in pieces: a large message
 * must not stand in memory several times.
 */
export async function armorPieces(packets: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const pieces: Buffer[] = [Buffer.from(`${BEGIN}\r\n\r\n`)];
  let crc = CRC24_START;
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of packets) {
    crc = crc24(crc, chunk);
    const block = Buffer.concat([rest, chunk]);
    const whole = block.length - (block.length % LINE_OCTETS);
    pieces.push(linesOf(block.subarray(0, whole)));
    rest = block.subarray(whole);
  }
  const checksum = Buffer.from([crc >> 16, crc >> 8, crc]).toString('base64');
  pieces.push(linesOf(Buffer.from(rest)), Buffer.from(`=${checksum}\r\n${END}\r\n`));
  return pieces;
}

const LINE_CHARACTERS = 76;

/** Row by row: a pattern over a large message takes ten times as long. */
function linesOf(octets: Buffer): Buffer {
  const characters = Buffer.from(octets.toString('base64'), 'latin1');
  const rows = Math.ceil(characters.length / LINE_CHARACTERS);
  const lines = Buffer.allocUnsafe(characters.length + 2 * rows);
  let to = 0;
  for (let from = 0; from < characters.length; from += LINE_CHARACTERS) {
    to += characters.copy(lines, to, from, Math.min(from + LINE_CHARACTERS, characters.length));
    lines[to++] = 0x0d;
    lines[to++] = 0x0a;
  }
  return lines;
}

const ROWS_AT_ONCE = 8192;

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
  const packets: Buffer[] = [];
  const step = ROWS_AT_ONCE * (LINE_CHARACTERS + 2);
  for (let at = 0; at < lines.length; at += step) {
    const piece = lines.subarray(at, at + step);
    const octets = Buffer.from(piece.toString('latin1'), 'base64');
    if (!linesOf(octets).equals(piece)) return null;
    packets.push(octets);
  }
  return Buffer.concat(packets);
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

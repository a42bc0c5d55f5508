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

function linesOf(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('base64').replace(/.{1,76}/g, '$&\r\n'), 'latin1');
}

/**
 * The packets of an armoured message as `armorPieces` writes it; `null` for anything else. The
 * checksum is not compared.
 */
export function dearmor(armored: string): Buffer | null {
  const head = `${BEGIN}\r\n\r\n`;
  const tail = /\r\n=[A-Za-z0-9+/]{4}\r\n-----END PGP MESSAGE-----$/.exec(armored.slice(-60));
  if (!armored.startsWith(head) || !tail) return null;
  const lines = armored.slice(head.length, -tail[0].length);
  return /[^A-Za-z0-9+/=\r\n]/.test(lines) ? null : Buffer.from(lines, 'base64');
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

/** CRC-24 of RFC 9580 §6.1.1: newer programs pass over it, older ones want it. */
function crc24(start: number, octets: Uint8Array): number {
  let crc = start;
  // By index: an iterator takes many times as long, and a message may have 25 MiB.
  for (let at = 0; at < octets.length; at += 1) {
    crc = ((crc << 8) & 0xffffff) ^ (TABLE[(crc >> 16) ^ (octets[at] ?? 0)] ?? 0);
  }
  return crc;
}

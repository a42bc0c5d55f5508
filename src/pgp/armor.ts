const BEGIN = '-----BEGIN PGP MESSAGE-----';
const END = '-----END PGP MESSAGE-----';
/** 57 octets make one line of 76 characters; so many lines are written at once. */
const BLOCK_OCTETS = 57 * 8192;

/**
 * OpenPGP packets as ASCII armour (RFC 9580 §6) with CRLF line ends, in pieces: a large message
 * must not stand in memory several times.
 */
export function armorPieces(packets: Buffer): Buffer[] {
  const pieces = [Buffer.from(`${BEGIN}\r\n\r\n`)];
  for (let at = 0; at < packets.length; at += BLOCK_OCTETS) {
    const block = packets.subarray(at, at + BLOCK_OCTETS).toString('base64');
    pieces.push(Buffer.from(block.replace(/.{1,76}/g, '$&\r\n'), 'latin1'));
  }
  pieces.push(Buffer.from(`=${checksum(packets)}\r\n${END}\r\n`));
  return pieces;
}

/** The packets of an armoured message as `armorPieces` writes it; `null` for anything else. */
export function dearmor(armored: string): Buffer | null {
  const head = `${BEGIN}\r\n\r\n`;
  const tail = /\r\n=([A-Za-z0-9+/]{4})\r\n-----END PGP MESSAGE-----$/.exec(armored.slice(-60));
  if (!armored.startsWith(head) || !tail) return null;
  const lines = armored.slice(head.length, -tail[0].length);
  if (/[^A-Za-z0-9+/=\r\n]/.test(lines)) return null;
  const packets = Buffer.from(lines, 'base64');
  return checksum(packets) === tail[1] ? packets : null;
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
function checksum(packets: Buffer): string {
  let crc = CRC24_START;
  // By index: an iterator takes many times as long, and a message may have 25 MiB.
  for (let at = 0; at < packets.length; at += 1) {
    crc = ((crc << 8) & 0xffffff) ^ (TABLE[(crc >> 16) ^ (packets[at] ?? 0)] ?? 0);
  }
  return Buffer.from([crc >> 16, crc >> 8, crc]).toString('base64');
}

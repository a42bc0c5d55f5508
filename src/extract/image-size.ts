export interface ImageSize {
  width: number;
  height: number;
}

/**
 * The dimensions that an image claims in its header, `null` where it says none or is none we know.
 */
export function imageSize(bytes: Buffer, type: string): ImageSize | null {
  try {
    if (type === 'image/png')
      return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    if (type === 'image/gif')
      return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
    if (type === 'image/bmp') {
      return { width: bytes.readInt32LE(18), height: Math.abs(bytes.readInt32LE(22)) };
    }
    if (type === 'image/jpeg') return jpegSize(bytes);
    if (type === 'image/webp') return webpSize(bytes);
    if (type === 'image/tiff') return tiffSize(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** ITU-T T.81 B.2.2: the frame header, which a chain of marked segments leads to. */
function jpegSize(bytes: Buffer): ImageSize | null {
  for (let at = 2; bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    while (bytes[at + 1] === 0xff) at += 1;
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
  }
  return null;
}

/** RFC 9649: the three kinds of first chunk. */
function webpSize(bytes: Buffer): ImageSize | null {
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8X') {
    return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
  }
  if (kind === 'VP8 ') {
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  }
  if (kind !== 'VP8L') return null;
  const bits = bytes.readUInt32LE(21);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

/** Whether a TIFF goes on after its first picture. */
export function hasMorePages(bytes: Buffer): boolean {
  const isLittle = bytes[0] === 0x49;
  const read = (at: number, length: number): number =>
    at + length > bytes.length
      ? 0
      : isLittle
        ? bytes.readUIntLE(at, length)
        : bytes.readUIntBE(at, length);
  const directory = read(4, 4);
  return read(directory + 2 + read(directory, 2) * 12, 4) !== 0;
}

const TIFF_WIDTH = 256;
const TIFF_HEIGHT = 257;
const SHORT = 3;

/** TIFF 6.0: fields of the first directory, in either byte order. */
function tiffSize(bytes: Buffer): ImageSize | null {
  const isLittle = bytes[0] === 0x49;
  const u16 = (at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const fields = new Map<number, number>();
  const start = u32(4);
  for (let index = 0; index < u16(start); index++) {
    const at = start + 2 + index * 12;
    fields.set(u16(at), u16(at + 2) === SHORT ? u16(at + 8) : u32(at + 8));
  }
  const width = fields.get(TIFF_WIDTH);
  const height = fields.get(TIFF_HEIGHT);
  return width === undefined || height === undefined ? null : { width, height };
}

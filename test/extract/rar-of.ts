import { crc32 } from 'node:zlib';

export interface RarEntry {
  name: string;
  content: string;
  /** Each character of the content stands for a byte. */
  isLatin1?: boolean;
  /** Says that the content is encrypted. */
  locked?: boolean;
  /** What the header claims, where it is not the truth. */
  claimedBytes?: number;
}

const u16 = (value: number) => Buffer.from([value & 0xff, value >> 8]);
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A RAR 4 archive (technote.txt of RAR 4.20) whose files are stored. */
export function rar4Of(entries: readonly RarEntry[], lockedNames = false): Buffer {
  const block = (type: number, flags: number, body: Buffer) => {
    const head = Buffer.concat([Buffer.from([type]), u16(flags), u16(7 + body.length), body]);
    return Buffer.concat([u16(crc32(head) & 0xffff), head]);
  };
  const files = entries.flatMap(({ name, content, isLatin1, locked = false, claimedBytes }) => {
    const data = Buffer.from(content, isLatin1 ? 'latin1' : 'utf8');
    const sizes = [u32(data.length), u32(claimedBytes ?? data.length), Buffer.from([2])];
    const packing = [
      u32(crc32(data)),
      u32(0),
      Buffer.from([20, 0x30]),
      u16(Buffer.byteLength(name)),
    ];
    const body = Buffer.concat([...sizes, ...packing, u32(0x20), Buffer.from(name)]);
    return [block(0x74, 0x8000 | (locked ? 4 : 0), body), data];
  });
  return Buffer.concat([
    Buffer.from('Rar!\x1A\x07\x00', 'latin1'),
    block(0x73, lockedNames ? 0x80 : 0, Buffer.alloc(6)),
    ...files,
    block(0x7b, 0x4000, Buffer.alloc(0)),
  ]);
}

const vint = (value: number): Buffer =>
  value < 0x80
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 0x7f) | 0x80]), vint(value >>> 7)]);

const HAS_EXTRA = 1;
const HAS_DATA = 2;
// Version, flags, rounds, salt, vector.
const LOCK = Buffer.concat([Buffer.from([1, 0, 0, 15]), Buffer.alloc(32, 7)]);

/** A RAR 5 archive ("RAR 5.0 archive format") whose files are stored. */
export function rar5Of(entries: readonly RarEntry[], lockedNames = false): Buffer {
  const block = (...fields: readonly Buffer[]) => {
    const body = Buffer.concat(fields);
    const head = Buffer.concat([vint(body.length), body]);
    return Buffer.concat([u32(crc32(head)), head]);
  };
  const files = entries.flatMap(({ name, content, isLatin1, locked = false, claimedBytes }) => {
    const data = Buffer.from(content, isLatin1 ? 'latin1' : 'utf8');
    const extra = locked ? Buffer.concat([vint(LOCK.length), LOCK]) : Buffer.alloc(0);
    const names = Buffer.from(name);
    const head = block(
      vint(2),
      vint(HAS_DATA | (locked ? HAS_EXTRA : 0)),
      ...(locked ? [vint(extra.length)] : []),
      vint(data.length),
      vint(4),
      vint(claimedBytes ?? data.length),
      vint(0x20),
      u32(crc32(data)),
      vint(0),
      vint(0),
      vint(names.length),
      names,
      extra,
    );
    return [head, data];
  });
  const locked = block(vint(4), vint(0), vint(0), vint(0), Buffer.from([15]), Buffer.alloc(16, 7));
  return Buffer.concat([
    Buffer.from('Rar!\x1A\x07\x01\x00', 'latin1'),
    ...(lockedNames ? [locked, Buffer.alloc(64, 9)] : [block(vint(1), vint(0), vint(0))]),
    ...files,
    block(vint(5), vint(0), vint(0)),
  ]);
}

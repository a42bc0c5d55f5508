import { Unreadable } from './extraction.ts';

/** A stream in a compound file; `path` holds the names of its storages and its own, `/` between. */
export interface CompoundStream {
  path: string;
  read(): Buffer;
}

const HEADER = 512;
const ENTRY = 128;
const LAST_SECTOR = 0xfffffffa;
const MINI_SECTOR = 64;
const MAX_ENTRIES = 20_000;
const MAX_DEPTH = 32;

/**
 * The streams of a compound file ([MS-CFB]), in the order of its directory. Chains that loop or
 * leave the file are cut, so that a broken file is read as far as it goes.
 * @throws {Unreadable} `corrupt-file` where header or directory make no sense
 */
export function openCompoundFile(bytes: Buffer): CompoundStream[] {
  if (bytes.length < HEADER) throw new Unreadable('corrupt-file');
  const sectorBytes = 2 ** bytes.readUInt16LE(30);
  if (sectorBytes !== 512 && sectorBytes !== 4096) throw new Unreadable('corrupt-file');
  const fat = readFat(bytes, sectorBytes);
  const chained = (start: number, length: number): Buffer =>
    follow(start, length, fat, (sector) =>
      // The header takes the place of the first sector, whatever the size of one.
      bytes.subarray((sector + 1) * sectorBytes, (sector + 2) * sectorBytes),
    );
  const entries = entriesOf(chained(bytes.readUInt32LE(48), bytes.length));
  const root = entries[0];
  if (root === undefined) throw new Unreadable('corrupt-file');
  const miniFat = numbersOf(chained(bytes.readUInt32LE(60), bytes.length));
  const miniStream = chained(root.start, root.size);
  const miniCutoff = bytes.readUInt32LE(56);
  const readEntry = ({ start, size }: Entry): Buffer =>
    size >= miniCutoff
      ? chained(start, size)
      : follow(start, size, miniFat, (sector) =>
          miniStream.subarray(sector * MINI_SECTOR, (sector + 1) * MINI_SECTOR),
        );
  return pathsOf(entries).map(({ path, entry }) => ({ path, read: () => readEntry(entry) }));
}

function readFat(bytes: Buffer, sectorBytes: number): number[] {
  const sectorAt = (sector: number): Buffer =>
    bytes.subarray((sector + 1) * sectorBytes, (sector + 2) * sectorBytes);
  // 109 places of the table stand in the header, more in sectors of their own.
  const places = numbersOf(bytes.subarray(76, HEADER));
  let next = bytes.readUInt32LE(68);
  for (let seen = 0; next < LAST_SECTOR && seen * sectorBytes < bytes.length; seen++) {
    const more = numbersOf(sectorAt(next));
    next = more.pop() ?? LAST_SECTOR;
    places.push(...more);
  }
  const inFile = places.filter((place) => (place + 1) * sectorBytes < bytes.length);
  // A table longer than the file needs can only name the same sectors again.
  const needed = Math.ceil(bytes.length / sectorBytes / (sectorBytes / 4)) + 1;
  return inFile.slice(0, needed).flatMap((place) => numbersOf(sectorAt(place)));
}

function numbersOf(bytes: Buffer): number[] {
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) =>
    bytes.readUInt32LE(index * 4),
  );
}

function follow(
  start: number,
  length: number,
  table: readonly number[],
  sectorAt: (sector: number) => Buffer,
): Buffer {
  const pieces: Buffer[] = [];
  let total = 0;
  let sector = start;
  for (let steps = 0; steps <= table.length && total < length; steps++) {
    if (sector >= LAST_SECTOR) break;
    const piece = sectorAt(sector);
    if (piece.length === 0) break;
    pieces.push(piece);
    total += piece.length;
    sector = table[sector] ?? LAST_SECTOR;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

interface Entry {
  name: string;
  type: number;
  left: number;
  right: number;
  child: number;
  start: number;
  size: number;
}

function entriesOf(directory: Buffer): Entry[] {
  const count = Math.min(MAX_ENTRIES, Math.floor(directory.length / ENTRY));
  return Array.from({ length: count }, (_, index) => {
    const at = directory.subarray(index * ENTRY, (index + 1) * ENTRY);
    const nameBytes = Math.min(64, at.readUInt16LE(64));
    return {
      name: at.toString('utf16le', 0, Math.max(0, nameBytes - 2)),
      type: at[66] ?? 0,
      left: at.readUInt32LE(68),
      right: at.readUInt32LE(72),
      child: at.readUInt32LE(76),
      start: at.readUInt32LE(116),
      size: at.readUInt32LE(120),
    };
  });
}

const STORAGE = 1;
const STREAM = 2;

/** Walks the trees of siblings; an entry named twice is taken once. */
function pathsOf(entries: readonly Entry[]): { path: string; entry: Entry }[] {
  const found: { path: string; entry: Entry }[] = [];
  const seen = new Set<number>([0]);
  const pending = [{ id: entries[0]?.child ?? -1, prefix: '', depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { id, prefix, depth } = next;
    const entry = entries[id];
    if (entry === undefined || seen.has(id)) continue;
    seen.add(id);
    const path = `${prefix}${entry.name}`;
    if (entry.type === STREAM) found.push({ path, entry });
    if (entry.type === STORAGE && depth < MAX_DEPTH) {
      pending.push({ id: entry.child, prefix: `${path}/`, depth: depth + 1 });
    }
    pending.push({ id: entry.left, prefix, depth }, { id: entry.right, prefix, depth });
  }
  return found.toSorted((a, b) => a.path.localeCompare(b.path, 'en'));
}

const SECTOR = 512;
const END = 0xfffffffe;
const FREE = 0xffffffff;

/**
 * A compound file ([MS-CFB]) of these streams; `/` in a name makes storages. Its siblings form a
 * list instead of a balanced tree, and no stream is a small one.
 */
export function compoundOf(streams: Readonly<Record<string, Buffer>>): Buffer {
  const entries: { name: string; type: number; data: Buffer; children: number[] }[] = [];
  const add = (name: string, type: number, data: Buffer = Buffer.alloc(0)): number =>
    entries.push({ name, type, data, children: [] }) - 1;
  add('Root Entry', 5);
  const storages = new Map([['', 0]]);
  for (const [path, data] of Object.entries(streams)) {
    const names = path.split('/');
    let parent = 0;
    names.forEach((name, depth) => {
      const key = names.slice(0, depth + 1).join('/');
      let id = storages.get(key);
      if (id === undefined) {
        const isStream = depth === names.length - 1;
        id = isStream ? add(name, 2, data) : add(name, 1);
        entries[parent]?.children.push(id);
        if (!isStream) storages.set(key, id);
      }
      parent = id;
    });
  }
  const sectors: Buffer[] = [];
  const fat: number[] = [];
  const place = (data: Buffer): number => {
    const count = Math.ceil(data.length / SECTOR);
    if (count === 0) return END;
    const first = sectors.length;
    const padded = Buffer.concat([data, Buffer.alloc(count * SECTOR - data.length)]);
    for (let index = 0; index < count; index++) {
      sectors.push(padded.subarray(index * SECTOR, (index + 1) * SECTOR));
      fat.push(index === count - 1 ? END : first + index + 1);
    }
    return first;
  };
  const starts = entries.map(({ data }) => place(data));
  const directory = Buffer.alloc(Math.ceil(entries.length / 4) * SECTOR);
  const siblings = new Map<number, number>();
  for (const { children } of entries) {
    children.forEach((id, index) => siblings.set(id, children[index + 1] ?? FREE));
  }
  entries.forEach(({ name, type, data, children }, id) => {
    const at = id * 128;
    directory.write(name, at, 'utf16le');
    directory.writeUInt16LE(name.length * 2 + 2, at + 64);
    directory[at + 66] = type;
    directory.writeUInt32LE(FREE, at + 68);
    directory.writeUInt32LE(siblings.get(id) ?? FREE, at + 72);
    directory.writeUInt32LE(children[0] ?? FREE, at + 76);
    directory.writeUInt32LE(starts[id] ?? END, at + 116);
    directory.writeUInt32LE(data.length, at + 120);
  });
  const directoryStart = place(directory);
  const fatSectors = Math.ceil((fat.length + 2) / 126);
  const fatStart = sectors.length;
  for (let index = 0; index < fatSectors; index++) fat.push(0xfffffffd);
  const table = Buffer.alloc(fatSectors * SECTOR, 0xff);
  fat.forEach((next, index) => table.writeUInt32LE(next, index * 4));
  const header = Buffer.alloc(SECTOR, 0xff);
  Buffer.from('D0CF11E0A1B11AE1', 'hex').copy(header);
  header.fill(0, 8, 76);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(fatSectors, 44);
  header.writeUInt32LE(directoryStart, 48);
  // A cut-off of nothing: every stream stands in sectors of its own.
  header.writeUInt32LE(0, 56);
  header.writeUInt32LE(END, 60);
  header.writeUInt32LE(END, 68);
  for (let index = 0; index < fatSectors; index++) {
    header.writeUInt32LE(fatStart + index, 76 + index * 4);
  }
  return Buffer.concat([header, ...sectors, table]);
}

const BLOCK = 512;

/**
 * The files in a tar archive (POSIX.1-2024 pax, ustar and GNU names). A broken header ends the
 * list.
 */
export function* tarMembers(bytes: Buffer): Generator<{ name: string; bytes: Buffer }> {
  let longName: string | null = null;
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    const size = sizeOf(header);
    if (header[0] === 0 || size === null) return;
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = field(content, 0, content.length);
    else if (type === 'x')
      longName = /^\d+ path=(.*)$/m.exec(content.toString('utf8'))?.[1] ?? null;
    else {
      // Old archives leave the type of a plain file empty.
      if (type === '0' || type === '\0') yield { name: longName ?? nameOf(header), bytes: content };
      longName = null;
    }
  }
}

function nameOf(header: Buffer): string {
  const prefix = field(header, 345, 155);
  return `${prefix === '' ? '' : `${prefix}/`}${field(header, 0, 100)}`;
}

function field(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

function sizeOf(header: Buffer): number | null {
  // GNU writes sizes beyond eight GiB in binary; nothing that long reaches us.
  const digits = /^ *([0-7]+)/.exec(field(header, 124, 12))?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 8);
}

const LF = 0x0a;
const CR = 0x0d;

/** A message cut at its first empty line. */
export interface Head {
  /** The header block with that line, at most `limit` bytes. */
  header: Buffer;
  /** The block was longer than the limit. */
  isCut: boolean;
  body: AsyncIterable<Buffer>;
}

/** Reads the header block into memory as far as the limit, and skips the rest of it unkept. */
export async function splitHead(source: AsyncIterable<Buffer>, limit: number): Promise<Head> {
  const iterator = source[Symbol.asyncIterator]();
  const kept: Buffer[] = [];
  let length = 0;
  // Whatever stands before the first byte ends a line: a message may begin with its empty line.
  let tail: Buffer = Buffer.from('\n');
  for (;;) {
    const { value, done } = await iterator.next();
    if (done === true) {
      return { header: Buffer.concat(kept), isCut: length > limit, body: chain(null, iterator) };
    }
    const window = Buffer.concat([tail, value]);
    const end = behindEmptyLine(window);
    const taken = end < 0 ? value.length : end - tail.length;
    if (length < limit) kept.push(value.subarray(0, Math.min(taken, limit - length)));
    length += taken;
    if (end >= 0) {
      const body = chain(value.subarray(taken), iterator);
      return { header: Buffer.concat(kept), isCut: length > limit, body };
    }
    tail = Buffer.from(window.subarray(-2));
  }
}

function behindEmptyLine(window: Buffer): number {
  for (let at = window.indexOf(LF); at >= 0; at = window.indexOf(LF, at + 1)) {
    if (window[at + 1] === LF) return at + 2;
    if (window[at + 1] === CR && window[at + 2] === LF) return at + 3;
  }
  return -1;
}

async function* chain(first: Buffer | null, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first && first.length > 0) yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

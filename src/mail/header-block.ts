import { decodeBytes } from './charset.ts';

/** One header field as it stands in the message. */
export interface RawField {
  /** Lower case. */
  name: string;
  /**
   * Unfolded and trimmed, RFC 2047 words still encoded; 8-bit read as UTF-8, else as Windows-1252.
   */
  value: string;
  /** The bytes of the field with its line ends. */
  raw: Buffer;
}

/** A block longer than this is cut here and reported; no listener takes a longer one. */
export const MAX_HEADER_BYTES = 512 * 1024;

const LF = 0x0a;
// RFC 5322 §2.2 printable names; §4.5 still allows white space before the colon.
const FIELD = /^([!-9;-~]+)[ \t]*:/;

/**
 * Reads a header block (up to its blank line, if it has one) into fields, in order. It never
 * throws: a line that is neither a field nor a continuation is left out and named in `problem`,
 * which holds the first such complaint, without content.
 */
export function readHeaderBlock(block: Buffer): { fields: RawField[]; problem: string | null } {
  const fields: RawField[] = [];
  let problem: string | null = null;
  const size = Math.min(block.length, MAX_HEADER_BYTES);
  let start = 0;
  for (let line = 1; start < size; line++) {
    let end = lineEnd(block, start, size);
    if (isBlank(block, start, end)) break;
    const first = line;
    while (end < size && isContinuation(block, end, size)) {
      end = lineEnd(block, end, size);
      line++;
    }
    const raw = block.subarray(start, end);
    const field = readField(raw);
    if (field) fields.push(field);
    else problem ??= `Line ${first} of the header is not a header field`;
    start = end;
  }
  if (start >= MAX_HEADER_BYTES) problem ??= `The header is longer than ${MAX_HEADER_BYTES} bytes`;
  return { fields, problem };
}

function readField(raw: Buffer): RawField | null {
  const name = FIELD.exec(raw.subarray(0, 1000).toString('latin1'));
  if (!name?.[1]) return null;
  const value = decodeBytes(raw.subarray(name[0].length))
    .replace(/\r?\n(?=[ \t])/g, '')
    .replace(/[\r\n]+/g, ' ')
    .trim();
  return { name: name[1].toLowerCase(), value, raw };
}

/** Offset behind the line feed that ends the line at `start`. */
function lineEnd(block: Buffer, start: number, size: number): number {
  const lf = block.indexOf(LF, start);
  return lf < 0 || lf >= size ? size : lf + 1;
}

function isBlank(block: Buffer, start: number, end: number): boolean {
  const length = end - start;
  return (
    (length === 1 && block[start] === LF) ||
    (length === 2 && block[start] === 0x0d && block[start + 1] === LF)
  );
}

/** A line that starts with white space continues the field, also where nothing else is on it. */
function isContinuation(block: Buffer, start: number, size: number): boolean {
  return start < size && (block[start] === 0x20 || block[start] === 0x09);
}

import iconv from 'iconv-lite';
import { Unreadable } from './extraction.ts';

// [MS-DOC] 2.5.1: the places in the file information block.
const FLAGS = 10;
const IS_ENCRYPTED = 0x0100;
const TABLE_IS_1 = 0x0200;
const TEXT_START = 0x18;
const TEXT_END = 0x1c;
const CLX_OFFSET = 0x01a2;
const FIRST_WITH_PIECES = 105;

/**
 * The text of a Word 97 to 2003 file ([MS-DOC] 2.4.1): body, footnotes, headers, comments, text
 * boxes, in that order. Word 6 and 95 kept their text in one run.
 * @param table Reads the stream `0Table` or `1Table`.
 * @throws {Unreadable} `encrypted-office-file`, `corrupt-file`
 */
export function wordText(document: Buffer, table: (name: string) => Buffer | null): string {
  try {
    const flags = document.readUInt16LE(FLAGS);
    if (flags & IS_ENCRYPTED) throw new Unreadable('encrypted-office-file');
    if (document.readUInt16LE(2) < FIRST_WITH_PIECES) {
      const end = document.readUInt32LE(TEXT_END);
      return readable(western(document.subarray(document.readUInt32LE(TEXT_START), end)));
    }
    const pieces = table(flags & TABLE_IS_1 ? '1Table' : '0Table');
    if (pieces === null) throw new Unreadable('corrupt-file');
    const at = document.readUInt32LE(CLX_OFFSET);
    const clx = pieces.subarray(at, at + document.readUInt32LE(CLX_OFFSET + 4));
    return readable(pieceTexts(document, pieceTable(clx)).join(''));
  } catch (error) {
    if (error instanceof RangeError) throw new Unreadable('corrupt-file', error);
    throw error;
  }
}

/** [MS-DOC] 2.9.38: formatting (1) may stand before the piece table (2). */
function pieceTable(clx: Buffer): Buffer {
  let at = 0;
  while (clx[at] === 1) at += 3 + clx.readUInt16LE(at + 1);
  if (clx[at] !== 2) throw new Unreadable('corrupt-file');
  return clx.subarray(at + 5, at + 5 + clx.readUInt32LE(at + 1));
}

const COMPRESSED = 0x40000000;

/** [MS-DOC] 2.8.35: character positions, one more than there are pieces, then where each stands. */
function pieceTexts(document: Buffer, table: Buffer): string[] {
  const count = Math.floor((table.length - 4) / 12);
  let left = document.length;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const length = table.readUInt32LE(index * 4 + 4) - table.readUInt32LE(index * 4);
    const place = table.readUInt32LE((count + 1) * 4 + index * 8 + 2);
    const isWestern = (place & COMPRESSED) !== 0;
    const start = isWestern ? (place & ~COMPRESSED) / 2 : place;
    const bytes = Math.max(0, Math.min(isWestern ? length : length * 2, document.length - start));
    // Pieces that name the same bytes again and again would make a long text of a short file.
    left -= bytes;
    if (left < 0) throw new Unreadable('corrupt-file');
    const piece = document.subarray(start, start + bytes);
    return isWestern ? western(piece) : piece.toString('utf16le');
  });
}

function western(bytes: Buffer): string {
  return iconv.decode(bytes, 'windows-1252');
}

// [MS-DOC] 2.4.1: Word's marks as the white space that they show as.
const MARKS: Readonly<Record<string, string>> = {
  '\t': '\t',
  '\n': '\n',
  '\r': '\n',
  '\v': '\n',
  '\f': '\n',
  '\x07': '\t',
  '\x0E': '\n',
  '\x13': ' ',
  '\x14': ' ',
  '\x15': ' ',
  '\x1E': '-',
};

function readable(text: string): string {
  // A row ends with a mark like that of its last cell.
  return text.replaceAll('\x07\x07', '\n').replace(/\p{Cc}/gu, (mark) => MARKS[mark] ?? '');
}

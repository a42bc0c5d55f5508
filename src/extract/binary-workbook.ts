import type { Extraction } from './extraction.ts';
import { rk } from './excel-binary.ts';
import { pageHeadersText } from './page-header.ts';
import { isDateFormat, spreadsheetDate } from './spreadsheet-date.ts';
import type { ZipMember } from './zip-file.ts';

// [MS-XLSB] 2.3.2: the records that hold what a reader sees. Those of cells from 13 on leave out
// the column.
const RECORD = {
  row: 0,
  rk: 2,
  bool: 4,
  real: 5,
  string: 6,
  shared: 7,
  formulaString: 8,
  formulaNumber: 9,
  formulaBool: 10,
  shortRk: 13,
  shortShared: 18,
  sharedItem: 19,
  definedName: 39,
  format: 44,
  cellFormat: 47,
  richString: 62,
  workbook: 153,
  sheet: 156,
  headerFooter: 479,
  hyperlink: 494,
  beginCellFormats: 617,
  endCellFormats: 618,
  commentAuthor: 632,
  commentText: 637,
} as const;
const SHORTER = RECORD.shortRk - RECORD.rk;

interface Workbook {
  strings: string[];
  formats: Map<number, string>;
  /** Number format of each cell format. */
  cellFormats: number[];
  inCellFormats: boolean;
  from1904: boolean;
  lines: string[];
  line: string[];
  headers: string[];
}

/**
 * The text of an XLSB workbook, as that of an XLSX: names of sheets, then a line a row with its
 * cells between tabs, comments, headers and footers. `''` where it is none.
 */
export async function binaryWorkbookText(
  members: readonly ZipMember[],
  extraction: Extraction,
): Promise<string> {
  if (!members.some(({ name }) => name === 'xl/workbook.bin')) return '';
  const book: Workbook = {
    strings: [],
    formats: new Map(),
    cellFormats: [],
    inCellFormats: false,
    from1904: false,
    lines: [],
    line: [],
    headers: [],
  };
  // What cells refer to comes before the cells.
  const parts = [/^xl\/workbook\.bin$/, /^xl\/(?:sharedStrings|styles)\.bin$/, SHEETS, COMMENTS];
  for (const part of parts) {
    for (const member of inOrder(members.filter(({ name }) => part.test(name)))) {
      readPart(await member.read(), book);
    }
  }
  if (members.some(({ name }) => /^xl\/(?:pivotCache|externalLinks)\/[^/]+\.bin$/.test(name))) {
    // Copies of cells, also of those of other workbooks, in a form of their own.
    extraction.note('unknown-type');
  }
  return [...book.lines, pageHeadersText(book.headers)].join('\n');
}

const SHEETS = /^xl\/(?:work|chart|dialog|macro)sheets\/[^/]+\.bin$/;
const COMMENTS = /^xl\/(?:comments|threadedComments)[^/]*\.bin$/;

function inOrder(members: readonly ZipMember[]): ZipMember[] {
  return members.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function readPart(bytes: Buffer, book: Workbook): void {
  for (const { type, data } of recordsOf(bytes)) {
    try {
      readRecord(type, data, book);
    } catch (error) {
      // A record that is too short is passed over, the others stand.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  endRow(book);
}

/** [MS-XLSB] 2.1.4: a number and a size of seven bits a byte, then the data. */
function* recordsOf(bytes: Buffer): Generator<{ type: number; data: Buffer }> {
  let at = 0;
  const number = (mostBytes: number): number => {
    let value = 0;
    for (let index = 0; index < mostBytes; index++) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const type = number(2);
    const size = number(4);
    yield { type, data: bytes.subarray(at, at + size) };
    at += size;
  }
}

function readRecord(type: number, data: Buffer, book: Workbook): void {
  switch (type) {
    case RECORD.workbook:
      book.from1904 = (data.readUInt32LE(0) & 1) === 1;
      break;
    case RECORD.sheet:
      book.lines.push(strings(data, 8, 2)[1] ?? '');
      break;
    case RECORD.definedName:
      book.lines.push(strings(data, 9, 1)[0] ?? '');
      break;
    case RECORD.sharedItem:
      book.strings.push(strings(data, 1, 1)[0] ?? '');
      break;
    case RECORD.format:
      book.formats.set(data.readUInt16LE(0), strings(data, 2, 1)[0] ?? '');
      break;
    case RECORD.beginCellFormats:
    case RECORD.endCellFormats:
      book.inCellFormats = type === RECORD.beginCellFormats;
      break;
    case RECORD.cellFormat:
      if (book.inCellFormats) book.cellFormats.push(data.readUInt16LE(2));
      break;
    case RECORD.row:
      endRow(book);
      break;
    case RECORD.headerFooter:
      book.headers.push(...strings(data, 2, 6));
      break;
    case RECORD.hyperlink:
      book.lines.push(strings(data, 16, 2)[1] ?? '');
      break;
    case RECORD.commentAuthor:
      book.lines.push(strings(data, 0, 1)[0] ?? '');
      break;
    case RECORD.commentText:
      book.lines.push(strings(data, 1, 1)[0] ?? '');
      break;
    default:
      readCell(type, data, book);
  }
}

function readCell(type: number, data: Buffer, book: Workbook): void {
  const isShort = type >= RECORD.shortRk && type <= RECORD.shortShared;
  const at = isShort ? 4 : 8;
  const style = data.length < at ? 0 : data.readUIntLE(at - 4, 3);
  switch (isShort ? type - SHORTER : type) {
    case RECORD.rk:
      book.line.push(shownNumber(rk(data, at), style, book));
      break;
    case RECORD.real:
    case RECORD.formulaNumber:
      book.line.push(shownNumber(data.readDoubleLE(at), style, book));
      break;
    case RECORD.string:
    case RECORD.formulaString:
      book.line.push(strings(data, at, 1)[0] ?? '');
      break;
    case RECORD.richString:
      book.line.push(strings(data, at + 1, 1)[0] ?? '');
      break;
    case RECORD.shared:
      book.line.push(book.strings[data.readUInt32LE(at)] ?? '');
      break;
    case RECORD.bool:
    case RECORD.formulaBool:
      book.line.push(data[at] === 0 ? 'FALSE' : 'TRUE');
      break;
    default:
  }
}

function endRow(book: Workbook): void {
  if (book.line.length > 0) book.lines.push(book.line.join('\t'));
  book.line = [];
}

function shownNumber(value: number, cellFormat: number, book: Workbook): string {
  const id = book.cellFormats[cellFormat] ?? 0;
  const isDate = isDateFormat(id, book.formats.get(id) ?? '');
  return isDate ? spreadsheetDate(value, book.from1904) : String(value);
}

const NULL_STRING = 0xffffffff;

/** [MS-XLSB] 2.5.168: texts in a row, each behind the count of its UTF-16 units. */
function strings(data: Buffer, start: number, count: number): string[] {
  let at = start;
  return Array.from({ length: count }, () => {
    if (at + 4 > data.length) return '';
    const units = data.readUInt32LE(at);
    const bytes = units === NULL_STRING ? 0 : units * 2;
    at += 4 + bytes;
    return data.toString('utf16le', at - bytes, at);
  });
}

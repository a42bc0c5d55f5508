import iconv from 'iconv-lite';
import { createRecordReader, unicodeString } from './excel-strings.ts';
import { Unreadable } from './extraction.ts';
import { pageHeadersText } from './page-header.ts';
import { isDateFormat, spreadsheetDate } from './spreadsheet-date.ts';

// [MS-XLS] 2.3: the records that hold what a reader sees.
const RECORD = {
  formula: 0x06,
  header: 0x14,
  footer: 0x15,
  date1904: 0x22,
  filePass: 0x2f,
  continued: 0x3c,
  boundSheet: 0x85,
  multipleRk: 0xbd,
  richString: 0xd6,
  xf: 0xe0,
  sharedStrings: 0xfc,
  labelShared: 0xfd,
  textObject: 0x1b6,
  number: 0x203,
  label: 0x204,
  string: 0x207,
  rk: 0x27e,
  format: 0x41e,
  bof: 0x809,
} as const;
const BIFF8 = 0x600;

interface Sheet {
  isBiff8: boolean;
  from1904: boolean;
  strings: string[];
  formats: Map<number, string>;
  /** Number format of each cell format. */
  cellFormats: number[];
  lines: string[];
  /** Codes of headers and footers. */
  headers: string[];
  row: number;
  line: string[];
}

interface BinaryRecord {
  type: number;
  /** Its bytes, and those of the records that continue it. */
  pieces: Buffer[];
}

/**
 * The text of an Excel 5 to 2003 workbook: names of sheets, headers, footers, comments, and a line
 * a row with its cells between tabs, dates as dates.
 * @param workbook The stream `Workbook` or `Book`.
 * @throws {Unreadable} `encrypted-office-file`
 */
export function excelText(workbook: Buffer): string {
  const sheet: Sheet = {
    isBiff8: true,
    from1904: false,
    strings: [],
    formats: new Map(),
    cellFormats: [],
    lines: [],
    headers: [],
    row: -1,
    line: [],
  };
  for (const record of recordsOf(workbook)) {
    try {
      readRecord(record, sheet);
    } catch (error) {
      // A record that is too short is passed over, the others stand.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  endRow(sheet);
  return [...sheet.lines, pageHeadersText(sheet.headers)].join('\n').trimEnd();
}

function* recordsOf(stream: Buffer): Generator<BinaryRecord> {
  let record: BinaryRecord | null = null;
  for (let at = 0; at + 4 <= stream.length;) {
    const type = stream.readUInt16LE(at);
    const length = stream.readUInt16LE(at + 2);
    const bytes = stream.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    if (type === RECORD.continued) {
      record?.pieces.push(bytes);
      continue;
    }
    if (record !== null) yield record;
    record = { type, pieces: [bytes] };
  }
  if (record !== null) yield record;
}

function readRecord({ type, pieces }: BinaryRecord, sheet: Sheet): void {
  const bytes = pieces[0] ?? Buffer.alloc(0);
  switch (type) {
    case RECORD.filePass:
      throw new Unreadable('encrypted-office-file');
    case RECORD.bof:
      sheet.isBiff8 = bytes.readUInt16LE(0) === BIFF8;
      endRow(sheet);
      break;
    case RECORD.date1904:
      sheet.from1904 = bytes.readUInt16LE(0) === 1;
      break;
    case RECORD.boundSheet:
      sheet.lines.push(shortString(bytes.subarray(6), sheet));
      break;
    case RECORD.header:
    case RECORD.footer:
      if (bytes.length > 2) sheet.headers.push(headerCode(bytes, sheet));
      break;
    case RECORD.format:
      sheet.formats.set(bytes.readUInt16LE(0), longString(bytes.subarray(2), sheet));
      break;
    case RECORD.xf:
      sheet.cellFormats.push(bytes.readUInt16LE(2));
      break;
    case RECORD.sharedStrings:
      readSharedStrings(pieces, sheet);
      break;
    case RECORD.textObject:
      readTextObject(pieces, sheet);
      break;
    default:
      readCell(type, bytes, sheet);
  }
}

function readCell(type: number, bytes: Buffer, sheet: Sheet): void {
  switch (type) {
    case RECORD.labelShared:
      return addCell(sheet, bytes, sheet.strings[bytes.readUInt32LE(6)] ?? '');
    case RECORD.label:
    case RECORD.richString:
      return addCell(sheet, bytes, longString(bytes.subarray(6), sheet));
    case RECORD.number:
      return addCell(
        sheet,
        bytes,
        shownNumber(bytes.readDoubleLE(6), bytes.readUInt16LE(4), sheet),
      );
    case RECORD.rk:
      return addCell(sheet, bytes, shownNumber(rk(bytes, 6), bytes.readUInt16LE(4), sheet));
    case RECORD.multipleRk:
      for (let at = 4; at + 8 <= bytes.length; at += 6) {
        addCell(sheet, bytes, shownNumber(rk(bytes, at + 2), bytes.readUInt16LE(at), sheet));
      }
      return;
    case RECORD.formula:
      // [MS-XLS] 2.5.133: 0xFFFF says that the value is no number; a string follows by itself.
      if (bytes.readUInt16LE(12) === 0xffff) return;
      return addCell(
        sheet,
        bytes,
        shownNumber(bytes.readDoubleLE(6), bytes.readUInt16LE(4), sheet),
      );
    case RECORD.string:
      sheet.line.push(longString(bytes, sheet));
      return;
    default:
  }
}

function addCell(sheet: Sheet, bytes: Buffer, text: string): void {
  const row = bytes.readUInt16LE(0);
  if (row !== sheet.row) endRow(sheet);
  sheet.row = row;
  sheet.line.push(text);
}

function endRow(sheet: Sheet): void {
  if (sheet.line.length > 0) sheet.lines.push(sheet.line.join('\t'));
  sheet.line = [];
  sheet.row = -1;
}

function shownNumber(value: number, cellFormat: number, sheet: Sheet): string {
  const id = sheet.cellFormats[cellFormat] ?? 0;
  const isDate = isDateFormat(id, sheet.formats.get(id) ?? '');
  return isDate ? spreadsheetDate(value, sheet.from1904) : String(value);
}

/** [MS-XLS] 2.5.217: a number in 30 bits. */
export function rk(bytes: Buffer, at: number): number {
  const raw = bytes.readInt32LE(at);
  const wide = Buffer.alloc(8);
  wide.writeInt32LE(raw & ~3, 4);
  const value = raw & 2 ? raw >> 2 : wide.readDoubleLE(0);
  return raw & 1 ? value / 100 : value;
}

function readSharedStrings(pieces: readonly Buffer[], sheet: Sheet): void {
  const reader = createRecordReader(pieces);
  reader.u32();
  for (let left = reader.u32(); left > 0 && !reader.isAtEnd; left--) {
    sheet.strings.push(unicodeString(reader, reader.u16()));
  }
}

/** Text boxes and comments: the text stands in the first record that continues it. */
function readTextObject([bytes, text]: readonly Buffer[], sheet: Sheet): void {
  const count = bytes?.readUInt16LE(10) ?? 0;
  if (count === 0 || text === undefined) return;
  endRow(sheet);
  const encoding = (text[0] ?? 0) & 1 ? 'utf16le' : 'latin1';
  sheet.lines.push(text.toString(encoding, 1, 1 + count * (encoding === 'utf16le' ? 2 : 1)));
}

function shortString(bytes: Buffer, { isBiff8 }: Sheet): string {
  const count = bytes.readUInt8(0);
  if (!isBiff8) return iconv.decode(bytes.subarray(1, 1 + count), 'windows-1252');
  const isWide = (bytes.readUInt8(1) & 1) === 1;
  return bytes.toString(isWide ? 'utf16le' : 'latin1', 2, 2 + count * (isWide ? 2 : 1));
}

/** Older books count a header's letters in one byte. */
function headerCode(bytes: Buffer, sheet: Sheet): string {
  return sheet.isBiff8 ? longString(bytes, sheet) : shortString(bytes, sheet);
}

function longString(bytes: Buffer, { isBiff8 }: Sheet): string {
  const count = bytes.readUInt16LE(0);
  if (!isBiff8) return iconv.decode(bytes.subarray(2, 2 + count), 'windows-1252');
  return unicodeString(createRecordReader([bytes.subarray(2)]), count);
}

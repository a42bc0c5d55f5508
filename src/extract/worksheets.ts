import type { Extraction } from './extraction.ts';
import { pageHeadersText } from './page-header.ts';
import { isDateFormat, spreadsheetDate } from './spreadsheet-date.ts';
import { createTextLines } from './text-lines.ts';
import { walkXml } from './xml-walk.ts';
import type { ZipMember } from './zip-file.ts';

interface Workbook {
  strings: string[];
  /** Cell formats that show a date. */
  dateStyles: ReadonlySet<number>;
  from1904: boolean;
  /** Codes of headers and footers. */
  headers: string[];
}

/** The cells of an XLSX workbook: names of its sheets, then a line a row, cells between tabs. */
export async function worksheetsText(
  members: readonly ZipMember[],
  extraction: Extraction,
): Promise<string> {
  const read = async (name: string): Promise<Buffer | null> =>
    (await members.find((member) => member.name === name)?.read()) ?? null;
  const book = await read('xl/workbook.xml');
  if (book === null) return '';
  const sheets: string[] = [];
  let from1904 = false;
  walkXml(book, {
    open(name, attribute) {
      if (name === 'sheet' || name === 'definedName') sheets.push(attribute('name'));
      if (name === 'workbookPr') from1904 = /^(?:1|true)$/.test(attribute('date1904'));
    },
  });
  const workbook: Workbook = {
    strings: sharedStrings(await read('xl/sharedStrings.xml')),
    dateStyles: dateStyles(await read('xl/styles.xml')),
    from1904,
    headers: [],
  };
  const texts = [sheets.join('\n')];
  const parts = members
    .filter(({ name }) => /^xl\/worksheets\/[^/]+\.xml$/.test(name))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  for (const part of parts) texts.push(sheetText(await part.read(), workbook, extraction));
  texts.push(pageHeadersText(workbook.headers));
  return texts.join('\n');
}

function sharedStrings(bytes: Buffer | null): string[] {
  const strings: string[] = [];
  if (bytes === null) return strings;
  let current = '';
  let inText = false;
  let inPhonetic = false;
  walkXml(bytes, {
    open(name) {
      if (name === 't') inText = true;
      if (name === 'rPh') inPhonetic = true;
    },
    close(name) {
      if (name === 't') inText = false;
      if (name === 'rPh') inPhonetic = false;
      if (name === 'si') {
        strings.push(current);
        current = '';
      }
    },
    text(text) {
      if (inText && !inPhonetic) current += text;
    },
  });
  return strings;
}

function dateStyles(bytes: Buffer | null): Set<number> {
  const codes = new Map<number, string>();
  const dates = new Set<number>();
  if (bytes === null) return dates;
  let inCellFormats = false;
  let index = 0;
  walkXml(bytes, {
    open(name, attribute) {
      if (name === 'numFmt') codes.set(Number(attribute('numFmtId')), attribute('formatCode'));
      if (name === 'cellXfs') inCellFormats = true;
      if (name !== 'xf' || !inCellFormats) return;
      const id = Number(attribute('numFmtId'));
      if (isDateFormat(id, codes.get(id) ?? '')) dates.add(index);
      index += 1;
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false;
    },
  });
  return dates;
}

function sheetText(bytes: Buffer, workbook: Workbook, extraction: Extraction): string {
  const lines = createTextLines();
  let type = '';
  let style = 0;
  let value: string | null = null;
  const isWhole = walkXml(bytes, {
    open(name, attribute) {
      if (name === 'c') {
        type = attribute('t');
        style = Number(attribute('s'));
        lines.openCell();
      }
      if (/^(?:v|t|(?:odd|even|first)(?:Header|Footer))$/.test(name)) value = '';
    },
    text(text) {
      if (value !== null) value += text;
    },
    close(name) {
      if (name === 'v') lines.add(shown(value ?? '', type, style, workbook));
      else if (name === 't') lines.add(value ?? '');
      else if (/(?:Header|Footer)$/.test(name)) workbook.headers.push(value ?? '');
      if (name === 'c') lines.closeCell();
      if (name === 'row') lines.endRow();
      value = null;
    },
  });
  if (!isWhole) extraction.note('corrupt-file');
  return lines.result();
}

function shown(value: string, type: string, style: number, workbook: Workbook): string {
  if (type === 's') return workbook.strings[Number(value)] ?? '';
  const isDate = (type === '' || type === 'n') && workbook.dateStyles.has(style);
  return isDate ? spreadsheetDate(Number(value), workbook.from1904) : value;
}

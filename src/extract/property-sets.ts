import iconv from 'iconv-lite';

// [MS-OLEPS] 2.21, 2.22: where a set begins in its stream.
const FIRST_SET = 44;
const SECOND_SET = 64;

// [MS-OLEPS] 3.1.2 and [MS-OSHARED] 2.3.3.2.1, as the newer formats name them.
const SUMMARY: Readonly<Record<number, string>> = {
  2: 'title',
  3: 'subject',
  4: 'creator',
  5: 'keywords',
  6: 'description',
};
const DOCUMENT_SUMMARY: Readonly<Record<number, string>> = { 2: 'category' };

/**
 * Title, subject, keywords and custom properties, sensitivity labels among them, of a Word, Excel
 * or PowerPoint file of the years 97 to 2003, in the words that newer files get.
 * @param read Reads a stream of the file.
 */
export function propertySetsText(read: (name: string) => Buffer | null): string {
  const summary = read('\x05SummaryInformation');
  const document = read('\x05DocumentSummaryInformation');
  const lines = [
    ...(summary ? propertiesOf(summary, FIRST_SET, SUMMARY) : []),
    ...(document ? propertiesOf(document, FIRST_SET, DOCUMENT_SUMMARY) : []),
    ...(document && document.readUInt32LE(24) > 1 ? propertiesOf(document, SECOND_SET, null) : []),
  ];
  return lines.join('\n');
}

const MAX_PROPERTIES = 1000;
const DICTIONARY = 0;
const CODE_PAGE = 1;

/** @param names `null`: the set brings its own. */
function propertiesOf(
  stream: Buffer,
  place: number,
  names: Readonly<Record<number, string>> | null,
): string[] {
  const set = stream.subarray(stream.readUInt32LE(place));
  const count = Math.min(MAX_PROPERTIES, set.readUInt32LE(4));
  const places = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    places.set(set.readUInt32LE(8 + index * 8), set.readUInt32LE(12 + index * 8));
  }
  const codePageAt = places.get(CODE_PAGE);
  const codePage = codePageAt === undefined ? 1252 : set.readUInt16LE(codePageAt + 4);
  const dictionaryAt = places.get(DICTIONARY);
  const given =
    dictionaryAt === undefined ? {} : dictionaryOf(set.subarray(dictionaryAt), codePage);
  const lines: string[] = [];
  for (const [id, at] of places) {
    const name = (names ?? given)[id];
    const value = name === undefined || id <= CODE_PAGE ? '' : valueOf(set.subarray(at), codePage);
    if (value !== '') lines.push(`${name}: ${value}`);
  }
  return lines;
}

const UNICODE = 1200;

/** [MS-OLEPS] 2.17: names by number. */
function dictionaryOf(bytes: Buffer, codePage: number): Record<number, string> {
  const names: Record<number, string> = {};
  const count = Math.min(MAX_PROPERTIES, bytes.readUInt32LE(0));
  let at = 4;
  for (let index = 0; index < count; index++) {
    const units = bytes.readUInt32LE(at + 4);
    const length = codePage === UNICODE ? units * 2 : units;
    names[bytes.readUInt32LE(at)] = textOf(bytes.subarray(at + 8, at + 8 + length), codePage);
    at += 8 + (codePage === UNICODE ? Math.ceil(length / 4) * 4 : length);
  }
  return names;
}

const TYPE = { i2: 0x02, i4: 0x03, bool: 0x0b, text: 0x1e, wideText: 0x1f } as const;

/** [MS-OLEPS] 2.15: a typed value; of other types than these nobody reads words. */
function valueOf(bytes: Buffer, codePage: number): string {
  switch (bytes.readUInt16LE(0)) {
    case TYPE.text:
      return textOf(bytes.subarray(8, 8 + bytes.readUInt32LE(4)), codePage);
    case TYPE.wideText:
      return textOf(bytes.subarray(8, 8 + bytes.readUInt32LE(4) * 2), UNICODE);
    case TYPE.bool:
      return String(bytes.readUInt16LE(4) !== 0);
    case TYPE.i2:
      return String(bytes.readInt16LE(4));
    case TYPE.i4:
      return String(bytes.readInt32LE(4));
    default:
      return '';
  }
}

function textOf(bytes: Buffer, codePage: number): string {
  return decoded(bytes, codePage).replace(/\0.*$/s, '').replace(/\s+/g, ' ').trim();
}

function decoded(bytes: Buffer, codePage: number): string {
  if (codePage === UNICODE) return bytes.toString('utf16le');
  const name = codePage === 65001 ? 'utf8' : `windows-${codePage}`;
  return iconv.decode(bytes, iconv.encodingExists(name) ? name : 'windows-1252');
}

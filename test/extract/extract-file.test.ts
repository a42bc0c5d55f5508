import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_EXTRACT_LIMITS } from '../../src/extract/extraction.ts';
import { extractFile } from '../../src/extract/extract-file.ts';
import { detectType } from '../../src/mail/file-type.ts';
import { compoundOf } from './compound-of.ts';
import { mapiProperties, pdfOf, tarOf, tnefOf, wordBinary } from './files-of.ts';
import { packageOf, zipOf } from './zip-of.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/extract');
const fixture = (name: string) => readFileSync(path.join(FIXTURES, name));

function read(content: Buffer | string) {
  const bytes = Buffer.from(content);
  const type = detectType(bytes.subarray(0, 1024), 'application/octet-stream');
  return extractFile({ type, bytes }, { limits: DEFAULT_EXTRACT_LIMITS, ocr: null });
}

const textOf = async (content: Buffer | string): Promise<string> => {
  const { text, uninspectable } = await read(content);
  expect(uninspectable).toBeNull();
  return text;
};

const TYPES = { '[Content_Types].xml': '<Types/>' };
const w = (body: string) => `<w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`;
const p = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;

describe('extractFile() reads', () => {
  it('a Word file: words cut into runs, tables, headers, comments, deletions', async () => {
    const cell = (text: string) => `<w:tc>${p(text)}</w:tc>`;
    const text = await textOf(
      packageOf({
        ...TYPES,
        'word/styles.xml': w(p('Heading 1')),
        'word/header1.xml': w(p('the header')),
        'word/comments.xml': w(`<w:comment>${p('a comment')}</w:comment>`),
        'word/_rels/document.xml.rels':
          '<Relationships><Relationship Type="x/hyperlink" Target="https://a.test/x" ' +
          'TargetMode="External"/></Relationships>',
        'word/document.xml': w(
          `<w:p><w:r><w:t>OFFI</w:t></w:r><w:r><w:t>CIAL &amp; more</w:t></w:r></w:p>` +
            `<w:tbl><w:tr>${cell('Name')}${cell('Born')}</w:tr>` +
            `<w:tr>${cell('Ann')}${cell('1/2/2011')}</w:tr></w:tbl>` +
            `<w:p><w:del><w:r><w:delText>struck out</w:delText></w:r></w:del></w:p>`,
        ),
        'docProps/custom.xml':
          '<Properties><property name="MSIP_Label_x_Name"><vt:lpwstr xmlns:vt="v">OFFICIAL' +
          '</vt:lpwstr></property></Properties>',
      }),
    );
    expect(text).toContain('OFFICIAL & more\nName\tBorn\nAnn\t1/2/2011\nstruck out');
    expect(text.indexOf('OFFICIAL & more')).toBeLessThan(text.indexOf('the header'));
    for (const each of ['a comment', 'https://a.test/x', 'MSIP_Label_x_Name: OFFICIAL']) {
      expect(text).toContain(each);
    }
    expect(text).not.toContain('Heading 1');
  });

  it('a drawing of a Word file once, though it stands there in two forms', async () => {
    const body =
      `<mc:AlternateContent xmlns:mc="m"><mc:Choice>${p('in a box')}</mc:Choice>` +
      `<mc:Fallback>${p('in a box')}</mc:Fallback></mc:AlternateContent>`;
    const text = await textOf(packageOf({ ...TYPES, 'word/document.xml': w(body) }));
    expect(text.match(/in a box/g)).toHaveLength(1);
  });

  it('an Excel workbook: names of sheets, rows, dates as dates', async () => {
    const text = await textOf(fixture('list.xlsx'));
    expect(text).toContain('Children\n');
    expect(text).toContain('Name\tBorn\tNote\nZoë Café\t17/05/2011\tŁódź\nAnn\t02/01/2009\t12.5');
  });

  it('what a pivot table keeps of the rows behind it', async () => {
    const text = await textOf(
      packageOf({
        ...TYPES,
        'xl/workbook.xml': '<workbook><sheets><sheet name="Totals"/></sheets></workbook>',
        'xl/pivotCache/pivotCacheDefinition1.xml':
          '<x><sharedItems><s v="Ann Smith"/><s v="Bo Jones"/></sharedItems></x>',
      }),
    );
    expect(text).toContain('Ann Smith\tBo Jones');
  });

  it('slides in their order, with their notes', async () => {
    const slide = (text: string) =>
      `<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:sld>`;
    const text = await textOf(
      packageOf({
        ...TYPES,
        'ppt/slides/slide10.xml': slide('tenth'),
        'ppt/slides/slide2.xml': slide('second'),
        'ppt/notesSlides/notesSlide1.xml': slide('say this'),
      }),
    );
    expect(text).toMatch(/say this\s+second\s+tenth/);
  });

  it('a file embedded in another', async () => {
    const inner = packageOf({ ...TYPES, 'word/document.xml': w(p('inside')) });
    const text = await textOf(
      packageOf({
        ...TYPES,
        'word/document.xml': w(p('outside')),
        'word/embeddings/a.docx': inner,
      }),
    );
    expect(text).toMatch(/outside[^]*inside/);
  });

  it('an OpenDocument text and spreadsheet, with headers, spaces and comments', async () => {
    const text = await textOf(
      packageOf({
        mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
        'META-INF/manifest.xml': '<manifest/>',
        'styles.xml': '<o xmlns:text="t"><text:p>on every page</text:p></o>',
        'content.xml':
          '<o xmlns:text="t" xmlns:table="b" xmlns:x="x"><x:script>code</x:script>' +
          '<text:h>A<text:s text:c="2"/>B</text:h>' +
          '<table:table table:name="People"><table:table-row>' +
          '<table:table-cell><text:p>Name</text:p></table:table-cell><table:table-cell>' +
          '<text:p>Born<x:annotation><text:p>a note</text:p></x:annotation></text:p>' +
          '</table:table-cell></table:table-row></table:table></o>',
      }),
    );
    expect(text).toContain('A  B\nPeople\nName\tBorn');
    expect(text).toMatch(/a note[^]*on every page/);
    expect(text).not.toContain('code');
  });

  it('a Word 97 file as written by an office suite', async () => {
    expect(await textOf(fixture('table.doc'))).toContain(
      'Child\tBorn\tMedical\tIn care?\nAlfie Munn\t03/05/2017\tEpilepsy, buccal midazolam\tYes',
    );
  });

  it('a Word 97 file in pieces of both widths', async () => {
    const streams = wordBinary(['plain caf\xe9\r', 'wide Łódź\r']);
    expect(await textOf(compoundOf(streams))).toBe('plain café\nwide Łódź\n');
  });

  it('an Excel 97 workbook, with dates as dates', async () => {
    expect(await textOf(fixture('list.xls'))).toBe(
      'Children\nName\tBorn\tNote\nZoë Café\t17/05/2011\tŁódź\nAnn\t02/01/2009\t12.5',
    );
  });

  it('a binary workbook as an Excel workbook, with comments and properties', async () => {
    const text = await textOf(fixture('list.xlsb'));
    expect(text).toContain(
      'Children\nStaff\nName\tBorn\tNote\tScore\tYes\n' +
        'Zoë Café\t17/05/2011\tŁódź\t12.5\tTRUE\nAnn\t02/01/2009\tit leaks\t-3\tFALSE\n' +
        'a formula text\t24.5\nsecond sheet',
    );
    for (const each of ['a remark', 'title: The list', 'MSIP_Label_x_Enabled: true']) {
      expect(text).toContain(each);
    }
  });

  it('headers and footers of a binary workbook, behind its cells', async () => {
    const wide = (text: string) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(text.length);
      return Buffer.concat([bytes, Buffer.from(text, 'utf16le')]);
    };
    const none = Buffer.alloc(4, 0xff);
    const record = (type: number, ...fields: readonly Buffer[]) => {
      const data = Buffer.concat(fields);
      const ids = type < 0x80 ? [type] : [(type & 0x7f) | 0x80, type >> 7];
      const sizes =
        data.length < 0x80 ? [data.length] : [(data.length & 0x7f) | 0x80, data.length >> 7];
      return Buffer.concat([Buffer.from([...ids, ...sizes]), data]);
    };
    const header = wide('&L&"Arial,Bold"&14Roof && hall&C&KFF0000OFFICIAL-SENSITIVE&RPage &P');
    const cell = record(6, Buffer.alloc(8), wide('a cell'));
    const sheet = Buffer.concat([
      record(479, Buffer.alloc(2), header, none, none, none, none, none),
      record(0, Buffer.alloc(17)),
      cell,
    ]);
    const parts = { ...TYPES, 'xl/workbook.bin': 'x', 'xl/worksheets/sheet1.bin': sheet };
    expect(await textOf(packageOf(parts))).toBe('a cell\nRoof & hall\nOFFICIAL-SENSITIVE\nPage');
  });

  it('a PowerPoint 97 presentation', async () => {
    const record = (flags: number, type: number, data: Buffer) => {
      const head = Buffer.alloc(8);
      head.writeUInt16LE(flags, 0);
      head.writeUInt16LE(type, 2);
      head.writeUInt32LE(data.length, 4);
      return Buffer.concat([head, data]);
    };
    const inner = Buffer.concat([
      record(0, 0x0fa8, Buffer.from('Title\rline')),
      record(0, 0x0fa0, Buffer.from('Łódź', 'utf16le')),
    ]);
    const streams = { 'PowerPoint Document': record(0xf, 0x03ee, inner) };
    expect(await textOf(compoundOf(streams))).toBe('Title\nline\nŁódź');
  });

  it('an Outlook message with its attachments and the message within', async () => {
    const wide = (text: string) => Buffer.from(text, 'utf16le');
    const attached = '__attach_version1.0_#00000000';
    const nested = '__attach_version1.0_#00000001/__substg1.0_3701000D';
    const text = await textOf(
      compoundOf({
        '__properties_version1.0': Buffer.alloc(32),
        '__substg1.0_0037001F': wide('The subject'),
        '__substg1.0_1000001F': wide('The body'),
        [`${attached}/__substg1.0_3707001F`]: wide('notes.txt'),
        [`${attached}/__substg1.0_37010102`]: Buffer.from('attached words'),
        [`${nested}/__properties_version1.0`]: Buffer.alloc(24),
        [`${nested}/__substg1.0_1000001F`]: wide('the inner body'),
      }),
    );
    expect(text).toMatch(/The subject\s+The body\s+notes\.txt\s+attached words\s+the inner body/);
  });

  it('a winmail.dat with its body, and the files in it', async () => {
    // [MS-OXRTFCP] 4.1: the example of the specification.
    const rtf = Buffer.from(
      '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542' +
        '320af32068656c090020627705b06c647d0a800fa0',
      'hex',
    );
    const text = await textOf(
      tnefOf([
        [0x00018004, Buffer.from('The subject\0')],
        [0x00069003, mapiProperties([[0x10090102, rtf]])],
        [0x00069002, Buffer.alloc(14)],
        [0x00018010, Buffer.from('LIST~1.TXT\0')],
        [0x0006800f, Buffer.from('Ann, Bo')],
        [0x00069005, mapiProperties([[0x3707001f, Buffer.from('list of names.txt\0', 'utf16le')]])],
      ]),
    );
    expect(text).toMatch(/The subject\s+hello world\s+list of names\.txt\s+Ann, Bo/);
  });

  it('RTF: characters of all three kinds, tables, nothing of its fonts and pictures', async () => {
    const rtf =
      String.raw`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator Word;}` +
      String.raw`{\info{\title T}}` +
      String.raw`\pard caf\'e9 \u321?\u243\'f3d\u378z\par{\pict 89504e47}a\cell b\cell\row` +
      String.raw`{\field{\*\fldinst HYPERLINK "https://a.test"}{\fldrslt link}}\{x\}{\footnote f}}`;
    const text = await textOf(rtf);
    expect(text).toMatch(/café Łódź\na\tb\t\n/);
    expect(text).toContain('HYPERLINK "https://a.test"link{x}f');
    expect(text).not.toMatch(/Arial|Word;|89504e47/);
  });

  it('a PDF: pages, title, and text that stands in a form field', async () => {
    const text = await textOf(
      pdfOf('BT /F 12 Tf 72 700 Td (Vote on Thursday) Tj 0 -20 Td (for Ann) Tj ET'),
    );
    expect(text).toContain('Minutes of May');
    expect(text).toContain('Vote on Thursday\nfor Ann');
    expect(text).toContain('typed in a field');
  });

  it('every file of an archive, under its name, through archives within', async () => {
    const inner = zipOf([{ name: 'deep.txt', content: 'deep words' }]);
    const text = await textOf(
      zipOf([
        { name: 'Liste Łódź.csv', content: 'Name,Born\nAnn,1/2/2011' },
        { name: 'inner.zip', content: inner },
        { name: 'stored.txt', content: 'stored words', method: 0 },
        { name: '..\\up.html', content: '<html><p>shown</p></html>' },
      ]),
    );
    expect(text).toContain('Liste Łódź.csv\nName,Born\nAnn,1/2/2011');
    expect(text).toMatch(/inner\.zip\s+deep\.txt\s+deep words/);
    expect(text).toContain('stored words');
    expect(text).toMatch(/\.\.\/up\.html\s+shown/);
  });

  it('text in UTF-16, of either order', async () => {
    const text = Buffer.from('\ufeffName\tŁódź', 'utf16le');
    const files = { 'a.txt': text, 'b.txt': Buffer.from(text).swap16() };
    expect((await textOf(packageOf(files))).match(/Name\tŁódź/g)).toHaveLength(2);
  });

  it('a file dragged into a document', async () => {
    const size = (value: number) => Buffer.from([value, 0, 0, 0]);
    const data = Buffer.from('dragged words');
    const names = Buffer.from('\x02\0a.txt\0C:\\a.txt\0\0\0\x03\0');
    const third = Buffer.from('abc\0');
    const sizes = [size(0), names, size(third.length), third, size(data.length), data];
    const object = Buffer.concat(sizes);
    const embedded = compoundOf({ '\x01Ole10Native': object });
    const files = { ...TYPES, 'word/embeddings/oleObject1.bin': embedded };
    expect(await textOf(packageOf(files))).toContain('dragged words');
  });

  it('a tar in a Zstandard stream', async () => {
    const text = await textOf(zstdCompressSync(tarOf([['minutes.txt', 'The roof leaks.']])));
    expect(text).toContain('The roof leaks.');
  });

  it('a tar in a gzip, with long names', async () => {
    const long = `${'folder/'.repeat(20)}name.txt`;
    const tar = tarOf([
      ['a.txt', 'first words'],
      [long, 'more words'],
    ]);
    const text = await textOf(gzipSync(tar));
    expect(text).toContain('a.txt\nfirst words');
    expect(text).toContain(`${long}\nmore words`);
  });

  it('a mail file, calendar, card and drawing in an archive', async () => {
    const mail =
      'From: a@b.test\r\nTo: c@d.test\r\nSubject: =?utf-8?Q?inn=65r?=\r\n' +
      'Content-Transfer-Encoding: base64\r\n\r\naGVsbG8gdGhlcmU=\r\n';
    const text = await textOf(
      zipOf([
        { name: 'm.eml', content: mail },
        { name: 'c.ics', content: 'BEGIN:VCALENDAR\r\nSUMMARY:OFFICIAL-SENS\r\n ITIVE\r\n' },
        { name: 'c.vcf', content: 'BEGIN:VCARD\r\nFN:Ann Sm\r\n ith\r\n' },
        { name: 'd.svg', content: '<svg xmlns="s"><text>Vote <tspan>Ann</tspan></text></svg>' },
      ]),
    );
    expect(text).toMatch(/subject: inner\s+hello there/);
    expect(text).toContain('OFFICIAL-SENSITIVE');
    expect(text).toContain('FN:Ann Smith');
    expect(text).toContain('Vote Ann');
  });

  const MAIL = [
    'MIME-Version: 1.0',
    'Subject: The roof',
    'Content-Type: text/plain',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('It leaks over the stage.').toString('base64'),
    '',
    '',
  ].join('\r\n');

  it('what was signed in an archive, and that it cannot read what was encrypted', async () => {
    const content = '3080 06092a864886f70d010701 a080 2480 0409 0d0a766f746520666f 0401 72 0000';
    const signed = `3080 06092a864886f70d010702 a080 3080 020101 3100 ${content} 0000 0000 3100`;
    const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const zipped = (hex: string) => zipOf([{ name: 'a.p7m', content: bytes(hex) }]);
    expect(await textOf(zipped(signed))).toContain('vote for');
    const enveloped = '3080 06092a864886f70d010703 a080 3080 020100';
    expect((await read(zipped(enveloped))).uninspectable).toBe('encrypted-message');
  });

  it('a saved web page, which is a message whose fields are in another order', async () => {
    const saved = `Snapshot-Content-Location: https://a.test/\r\n${MAIL}`;
    expect(await textOf(saved)).toContain('It leaks over the stage.');
  });

  it('a mailbox, message by message', async () => {
    const line = 'From ann@b.test Thu Nov 26 09:00:00 2026\r\n';
    const text = await textOf(line + MAIL + line + MAIL);
    expect(text.match(/subject: The roof\s+It leaks over the stage\./g)).toHaveLength(2);
  });

  it('a book', async () => {
    const chapter =
      '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n' +
      '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>The ro<b>of</b> le&#97;ks</p></body></html>';
    const book = packageOf({ mimetype: 'application/epub+zip', 'OEBPS/1.xhtml': chapter });
    expect(await textOf(book)).toContain('The roof leaks');
  });

  it('nothing of a Pages file but its preview, and says so', async () => {
    const pages = packageOf({ 'Index/Document.iwa': '\0\x01\x02', 'preview.txt': 'first page' });
    const { text, uninspectable } = await read(pages);
    expect(text).toContain('first page');
    expect(uninspectable).toBe('unknown-type');
  });
});

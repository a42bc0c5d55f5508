import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_EXTRACT_LIMITS } from '../../src/extract/extraction.ts';
import { extractFile } from '../../src/extract/extract-file.ts';
import type { OcrEngine } from '../../src/extract/image-text.ts';
import { detectType } from '../../src/mail/file-type.ts';
import { compoundOf } from './compound-of.ts';
import { mapiProperties, pdfOf, tarOf, tnefOf, wordBinary } from './files-of.ts';
import { packageOf, zipOf } from './zip-of.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/extract');
const fixture = (name: string) => readFileSync(path.join(FIXTURES, name));

function read(bytes: Buffer, limits = {}, ocr: OcrEngine | null = null) {
  const type = detectType(bytes.subarray(0, 1024), 'application/octet-stream');
  return extractFile({ type, bytes }, { limits: { ...DEFAULT_EXTRACT_LIMITS, ...limits }, ocr });
}
const zipped = (content: Buffer, times: number): Buffer =>
  times === 0 ? content : zipped(zipOf([{ name: `${times}.zip`, content }]), times - 1);

const TYPES = { '[Content_Types].xml': '<Types/>' };
const CONTENT = `<w:document xmlns:w="w"><w:t>words</w:t></w:document>`;

describe('extractFile() names what the sender locked', () => {
  const locked = (at: number) => {
    const { WordDocument = Buffer.alloc(0), ...rest } = wordBinary(['x', 'y']);
    WordDocument.writeUInt16LE(0x0300, at);
    return compoundOf({ WordDocument, ...rest });
  };
  const token = Buffer.alloc(20);
  token.writeUInt32LE(0xf3d1c4df, 12);
  const filePass = Buffer.from('090804000006050 02f000200 0000'.replaceAll(' ', ''), 'hex');
  const key = '41'.repeat(32);
  const encryption = `/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<${key}>/U<${key}>>>/ID[<41><41>]`;
  it.each([
    ['a ZIP', zipOf([{ name: 'a.txt', content: 'x', locked: true }]), 'encrypted-archive'],
    ['a PDF that wants a password', pdfOf('', encryption), 'encrypted-pdf'],
    [
      'a DOCX',
      compoundOf({ EncryptionInfo: Buffer.alloc(8), EncryptedPackage: Buffer.alloc(8) }),
      'encrypted-office-file',
    ],
    [
      'an ODT',
      packageOf({
        'META-INF/manifest.xml': '<m><file-entry><encryption-data/></file-entry></m>',
        'content.xml': 'noise',
      }),
      'encrypted-office-file',
    ],
    ['a DOC', locked(10), 'encrypted-office-file'],
    ['an XLS', compoundOf({ Workbook: filePass }), 'encrypted-office-file'],
    [
      'a PPT',
      compoundOf({ 'Current User': token, 'PowerPoint Document': Buffer.alloc(8) }),
      'encrypted-office-file',
    ],
  ])('%s', async (_, bytes, reason) => {
    expect(await read(bytes)).toEqual(expect.objectContaining({ uninspectable: reason }));
  });

  it('one file of an archive, and reads the others', async () => {
    const bytes = zipOf([
      { name: 'locked.txt', content: 'secret', locked: true },
      { name: 'open.txt', content: 'open words' },
    ]);
    const { text, uninspectable } = await read(bytes);
    expect([uninspectable, text]).toEqual([
      'encrypted-archive',
      expect.stringMatching(/locked\.txt\s+open\.txt\s+open words/),
    ]);
  });
});

describe('extractFile() names what nobody here can read', () => {
  it.each([
    ['an LZ4 stream', Buffer.from('04224d186040820000', 'hex'), 'unsupported-archive'],
    [
      'a member packed by a method that nobody knows',
      zipOf([{ name: 'a', content: 'x', method: 90 }]),
      'unsupported-archive',
    ],
    ['a program in a ZIP', zipOf([{ name: 'a', content: 'MZ\x90\0\x03\0\0\0' }]), 'unknown-type'],
    [
      'the rows behind a pivot table of a binary workbook',
      packageOf({ ...TYPES, 'xl/workbook.bin': 'x', 'xl/pivotCache/records1.bin': 'x' }),
      'unknown-type',
    ],
    ['half a ZIP', packageOf({ a: 'words'.repeat(99) }).subarray(0, 60), 'corrupt-file'],
    ['half a PDF', pdfOf('BT ET').subarray(0, 30), 'corrupt-file'],
    [
      'half a Zstandard stream',
      zstdCompressSync('words'.repeat(999)).subarray(0, 15),
      'corrupt-file',
    ],
    ['half a gzip', gzipSync('words'.repeat(999)).subarray(0, 30), 'corrupt-file'],
    ['half a DOC', fixture('table.doc').subarray(0, 600), 'corrupt-file'],
    ['an XML that is none', packageOf({ ...TYPES, 'word/document.xml': '<a><b' }), 'corrupt-file'],
  ])('%s', async (_, bytes, reason) => {
    expect((await read(bytes)).uninspectable).toBe(reason);
  });

  it('and keeps what it read of a broken file', async () => {
    const broken = packageOf({ ...TYPES, 'word/document.xml': CONTENT.slice(0, -5) });
    expect(await read(broken)).toEqual({ text: 'words', uninspectable: 'corrupt-file' });
  });
});

describe('extractFile() keeps within its limits', () => {
  it('reads archives three deep and says where it stopped', async () => {
    const text = Buffer.from('deep words');
    expect(await read(zipped(text, 4))).toMatchObject({ uninspectable: null });
    expect((await read(zipped(text, 4))).text).toContain('deep words');
    const deeper = await read(zipped(text, 5));
    expect(deeper.uninspectable).toBe('limit-reached');
    expect(deeper.text).not.toContain('deep words');
  });

  it('stops at a bomb, whatever size it claims', async () => {
    const content = Buffer.alloc(40 * 1024 * 1024);
    for (const claimedBytes of [content.length, 10]) {
      const bomb = zipOf([{ name: 'a.txt', content, claimedBytes }]);
      expect(bomb.length).toBeLessThan(100_000);
      const { uninspectable } = await read(bomb);
      expect(['limit-reached', 'corrupt-file']).toContain(uninspectable);
    }
    expect((await read(gzipSync(content))).uninspectable).toBe('limit-reached');
    expect((await read(zstdCompressSync(content))).uninspectable).toBe('limit-reached');
  });

  it('spends the bytes of all members together', async () => {
    const entries = ['a', 'b', 'c'].map((name) => ({ name, content: Buffer.alloc(1000, name) }));
    const result = await read(zipOf(entries), { inflatedBytes: 2500 });
    expect(result.uninspectable).toBe('limit-reached');
    expect(result.text).toContain('bbb');
    expect(result.text).not.toContain('ccc');
  });

  it('counts members over archives within archives', async () => {
    const inner = zipOf(['x', 'y'].map((name) => ({ name, content: `${name}-words` })));
    const outer = zipOf(['1', '2', '3'].map((name) => ({ name, content: inner })));
    const { text, uninspectable } = await read(outer, { members: 6 });
    expect(uninspectable).toBe('limit-reached');
    expect(text.match(/-words/g)?.length).toBeLessThan(6);
    const many = tarOf(Array.from({ length: 20 }, (_, index) => [`${index}`, 'word']));
    expect((await read(many, { members: 10 })).uninspectable).toBe('limit-reached');
  });

  it('keeps so much text and no more', async () => {
    const { text, uninspectable } = await read(Buffer.from('{\\rtf1 many words}'), {
      textLength: 4,
    });
    expect([text, uninspectable]).toEqual(['many', 'limit-reached']);
  });

  it('does not follow a chain that bites its tail', async () => {
    const bytes = Buffer.from(fixture('list.xls'));
    const table = (bytes.readUInt32LE(76) + 1) * 512;
    for (let sector = 0; sector < 128; sector++) bytes.writeUInt32LE(sector, table + sector * 4);
    expect((await read(bytes)).text.length).toBeLessThan(10_000);
  });

  it('walks through XML of a hundred thousand elements in each other in linear time', async () => {
    const deep = packageOf({
      ...TYPES,
      'word/document.xml': `${'<a>'.repeat(100_000)}<t>core</t>${'</a>'.repeat(100_000)}`,
    });
    expect(await read(deep)).toEqual({ text: 'core', uninspectable: null });
  }, 10_000);

  it('does not expand the entities of a document type', async () => {
    const xml = '<!DOCTYPE a [<!ENTITY b "bang"><!ENTITY c "&b;&b;">]><a><t>x&c;y</t></a>';
    const { text } = await read(packageOf({ ...TYPES, 'word/document.xml': xml }));
    expect(text).not.toContain('bang');
  });

  it('reads pictures only where they may hold words, and only so many', async () => {
    const seen: number[] = [];
    const ocr: OcrEngine = {
      recognise: (bytes) => Promise.resolve(`picture ${seen.push(bytes.length)}`),
    };
    const gif = (width: number, height: number) => {
      const bytes = Buffer.from('GIF89a\0\0\0\0\x80\0\0\xff\xff\xff\0\0\0', 'latin1');
      bytes.writeUInt16LE(width, 6);
      bytes.writeUInt16LE(height, 8);
      return bytes;
    };
    expect(await read(gif(100, 40), {}, ocr)).toEqual({ text: '', uninspectable: null });
    expect((await read(gif(60_000, 60_000), {}, ocr)).uninspectable).toBe('limit-reached');
    expect(seen).toEqual([]);
    const album = zipOf([1, 2, 3].map((name) => ({ name: `${name}`, content: gif(640, 400) })));
    const { text, uninspectable } = await read(album, { images: 2 }, ocr);
    expect([text.match(/picture/g)?.length, uninspectable]).toEqual([2, 'limit-reached']);
    expect(await read(album)).toEqual({ text: '1\n\n\n2\n\n\n3\n\n', uninspectable: null });
  });

  it('decodes a telephone’s picture only within the limits, and says where it is broken', async () => {
    const seen: number[] = [];
    const ocr: OcrEngine = {
      recognise: (bytes) => Promise.resolve(`picture ${seen.push(bytes.length)}`),
    };
    const heic = fixture('card.heic');
    expect((await read(heic, { pixels: 100_000 }, ocr)).uninspectable).toBe('limit-reached');
    expect((await read(heic.subarray(0, 300), {}, ocr)).uninspectable).toBe('corrupt-file');
    expect(seen).toEqual([]);
    expect(await read(heic, {}, ocr)).toEqual({ text: 'picture 1', uninspectable: null });
    expect(seen).toEqual(['P6\n656 246\n255\n'.length + 656 * 246 * 3]);
  });

  it('says that only the first page of a fax is read', async () => {
    const ocr: OcrEngine = { recognise: () => Promise.resolve('first page') };
    const field = (tag: number, value: number) => {
      const bytes = Buffer.alloc(12);
      bytes.writeUInt16LE(tag, 0);
      bytes.writeUInt16LE(4, 2);
      bytes.writeUInt32LE(1, 4);
      bytes.writeUInt32LE(value, 8);
      return bytes;
    };
    const tiff = (next: number) => {
      const fields = [Buffer.from([2, 0]), field(256, 1700), field(257, 2200)];
      const end = Buffer.alloc(4);
      end.writeUInt32LE(next);
      return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), ...fields, end]);
    };
    expect(await read(tiff(0), {}, ocr)).toEqual({ text: 'first page', uninspectable: null });
    expect(await read(tiff(500), {}, ocr)).toEqual({
      text: 'first page',
      uninspectable: 'limit-reached',
    });
  });

  const mapi = mapiProperties([[0x1000001e, Buffer.from('words')]]);
  it.each([
    ['list.xls', fixture('list.xls')],
    ['list.xlsx', fixture('list.xlsx')],
    ['list.xlsb', fixture('list.xlsb')],
    ['table.doc', fixture('table.doc')],
    ['scanned.pdf', fixture('scanned.pdf')],
    ['a winmail.dat', tnefOf([[0x00069003, mapi]])],
    ['a tar', tarOf([['a', 'b']])],
    ['an RTF', Buffer.from("{\\rtf1\\ansi{\\fonttbl x}\\u243\\'f3{\\*\\x y}\\bin3 abc\\par z}")],
  ])(
    'never fails on %s with bytes changed',
    async (_, original) => {
      const change = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 20 }), async (changes) => {
          const bytes = Buffer.from(original);
          for (const [at, value] of changes) bytes[at] = value;
          const { text } = await read(bytes);
          expect(text.length).toBeLessThan(100_000);
        }),
        { numRuns: 150, seed: 7 },
      );
    },
    30_000,
  );
});

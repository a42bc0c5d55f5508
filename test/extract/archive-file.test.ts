import { readFileSync } from 'node:fs';
import path from 'node:path';
import { libarchiveWasm } from 'libarchive-wasm';
import { describe, expect, it } from 'vitest';
import { archiveText } from '../../src/extract/archive-file.ts';
import { DEFAULT_EXTRACT_LIMITS } from '../../src/extract/extraction.ts';
import { extractFile } from '../../src/extract/extract-file.ts';
import { detectType } from '../../src/mail/file-type.ts';
import { rar4Of, rar5Of } from './rar-of.ts';
import { zipOf } from './zip-of.ts';

// Made by Debian's 7z, gcab, genisoimage, cpio, tar, xz and bzip2.
const ARCHIVES = path.join(import.meta.dirname, '../fixtures/extract/archives');
const archive = (name: string) => readFileSync(path.join(ARCHIVES, name));

function read(bytes: Buffer, limits = {}) {
  // As of a file without a telling name.
  const type = detectType(bytes.subarray(0, 0x8006), 'application/octet-stream');
  const all = { limits: { ...DEFAULT_EXTRACT_LIMITS, ...limits }, ocr: null };
  return extractFile({ type, bytes }, all);
}

const WORDS = ['Ann Smith,1/2/2011', 'The roof of the hall leaks.'];
const RAR_FILES = [
  { name: 'list.csv', content: WORDS[0] ?? '' },
  { name: 'papers/minutes.txt', content: WORDS[1] ?? '' },
];

describe('an archive is read, whatever its name', () => {
  it.each([
    ['a 7z, all files packed as one', archive('papers.7z')],
    ['a RAR 4', rar4Of(RAR_FILES)],
    ['a RAR 5', rar5Of(RAR_FILES)],
    ['a cabinet', archive('papers.cab')],
    ['a cpio', archive('papers.cpio')],
    ['a disk image in an xz', archive('papers.iso.xz')],
    ['a tar in an xz', archive('papers.tar.xz')],
    ['a tar in a bzip2', archive('papers.tar.bz2')],
    ['a ZIP packed by bzip2, LZMA and PPMd', archive('methods.zip')],
  ])('%s', async (_, bytes) => {
    const { text, uninspectable } = await read(bytes);
    expect(uninspectable).toBeNull();
    for (const words of WORDS) expect(text).toContain(words);
    expect(text).toMatch(/list\.csv[^]*minutes\.txt/);
  });

  it('a 7z within a ZIP within a RAR', async () => {
    const zip = zipOf([{ name: 'inner.7z', content: archive('papers.7z') }]);
    const { text, uninspectable } = await read(
      rar5Of([{ name: 'outer.zip', content: zip.toString('latin1'), isLatin1: true }]),
    );
    expect(uninspectable).toBeNull();
    expect(text).toMatch(/outer\.zip\s+inner\.7z[^]*list\.csv/);
    expect(text).toContain(WORDS[1]);
  });

  it('as what its first bytes say, where it would pass for another kind as well', async () => {
    const zip = zipOf([{ name: 'decoy.txt', content: 'decoy' }]).toString('latin1');
    const files = [...RAR_FILES, { name: 'last.zip', content: zip, isLatin1: true }];
    for (const bytes of [rar4Of(files), rar5Of(files)]) {
      const { text, uninspectable } = await read(bytes);
      expect(uninspectable).toBeNull();
      expect(text).toContain(WORDS[0]);
      expect(text).toContain('decoy');
    }
  });

  it('several streams in a row, as parallel packers write them', async () => {
    for (const name of ['words.xz', 'words.bz2']) {
      const { text } = await read(Buffer.concat([archive(name), archive(name)]));
      expect(text.match(/The roof/g)).toHaveLength(2);
    }
  });

  it('files that lead out of the folder by name, for they are written nowhere', async () => {
    const files = [{ name: '../../etc/cron.d/x', content: 'up words' }];
    for (const bytes of [rar4Of(files), rar5Of(files)]) {
      expect(await read(bytes)).toMatchObject({
        text: expect.stringMatching(/\.\.\/\.\.\/etc\/cron\.d\/x\nup words/),
        uninspectable: null,
      });
    }
  });
});

describe('an archive that nobody can read says why', () => {
  const locked = [{ ...RAR_FILES[0]!, locked: true }, RAR_FILES[1]!];
  const short = [{ ...RAR_FILES[0]!, claimedBytes: 5000 }];
  const broken = archive('papers.7z').with(40, 0xff);
  it.each([
    ['a 7z with a password', archive('locked.7z'), 'encrypted-archive'],
    ['a 7z whose names are locked too', archive('locked-names.7z'), 'encrypted-archive'],
    ['a RAR 4 with a password', rar4Of(locked), 'encrypted-archive'],
    ['a RAR 4 whose names are locked too', rar4Of(RAR_FILES, true), 'encrypted-archive'],
    ['a RAR 5 with a password', rar5Of(locked), 'encrypted-archive'],
    ['a RAR 5 whose names are locked too', rar5Of(RAR_FILES, true), 'encrypted-archive'],
    ['a file that goes on in another volume', rar5Of(short), 'corrupt-file'],
    ['a 7z with a byte changed', Buffer.from(broken), 'corrupt-file'],
    ['half a 7z', archive('papers.7z').subarray(0, 100), 'corrupt-file'],
    ['the first bytes of a RAR', rar5Of(RAR_FILES).subarray(0, 12), 'corrupt-file'],
    ['half a bzip2', archive('papers.tar.bz2').subarray(0, 150), 'corrupt-file'],
    ['half an xz', archive('papers.tar.xz').subarray(0, 150), 'corrupt-file'],
    ['an xz with a check that we lack', archive('sha256.xz'), 'unsupported-archive'],
  ])('%s', async (_, bytes, reason) => {
    expect((await read(bytes)).uninspectable).toBe(reason);
  });

  it('and the open file beside a locked one is read', async () => {
    expect((await read(rar4Of(locked))).text).toContain(WORDS[1]);
  });
});

describe('an archive keeps within the limits', () => {
  // Each bzip2 stream holds 44 MiB of zeros, the xz 64.
  const zeros = Buffer.from(
    '425a68393141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a80971772453850900e09e2df',
    'hex',
  );
  const many = (bytes: Buffer, times: number): Buffer =>
    Buffer.concat(Array.from({ length: times }, () => bytes));
  it.each([
    ['a bzip2 of ten gigabytes', many(zeros, 220)],
    ['an xz of ten gigabytes', many(archive('zeros.xz'), 150)],
    ['a 7z of two gigabytes', archive('zeros.7z')],
  ])('%s', async (_, bytes) => {
    expect(await read(bytes)).toMatchObject({ uninspectable: 'limit-reached' });
  });

  it('in the number of its files', async () => {
    const files = Array.from({ length: 2000 }, (_, index) => ({ name: `${index}`, content: '' }));
    const { text, uninspectable } = await read(rar5Of(files));
    expect(uninspectable).toBe('limit-reached');
    expect(text).toContain('998\n');
    expect(text).not.toContain('1001\n');
  });

  it('in bytes, which all archives within share', async () => {
    const inner = rar5Of([{ name: 'b', content: 'b'.repeat(2000) }]).toString('latin1');
    const outer = rar5Of([
      { name: 'a', content: 'a'.repeat(1000) },
      { name: 'inner.rar', content: inner, isLatin1: true },
    ]);
    expect((await read(outer)).uninspectable).toBeNull();
    const { text, uninspectable } = await read(outer, { inflatedBytes: 4500 });
    expect(uninspectable).toBe('limit-reached');
    expect(text).toContain('aaa');
    expect(text).not.toContain('bbb');
  });

  it('in depth', async () => {
    const inside = (times: number): Buffer =>
      times === 0
        ? Buffer.from('deep words')
        : rar5Of([{ name: 'x', content: inside(times - 1).toString('latin1'), isLatin1: true }]);
    expect((await read(inside(4))).text).toContain('deep words');
    expect((await read(inside(5))).uninspectable).toBe('limit-reached');
  });
});

describe('archiveText()', () => {
  it('throws where libarchive crashes, so that the message waits', async () => {
    const { members, inflatedBytes, images } = DEFAULT_EXTRACT_LIMITS;
    const extraction = {
      limits: DEFAULT_EXTRACT_LIMITS,
      left: { members, inflatedBytes, images },
      note: () => {},
      member: () => Promise.resolve(''),
    };
    const crashing = async () => {
      const lib = await libarchiveWasm();
      // An address where there is no archive.
      return { ...lib, read_next_entry: () => lib.read_next_entry(0x7ffffff0) };
    };
    await expect(
      archiveText('application/vnd.rar', rar5Of(RAR_FILES), extraction, crashing),
    ).rejects.toThrow(/out of bounds/);
  });
});

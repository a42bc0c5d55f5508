import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWords } from '../../src/mail/encoded-words.ts';
import { MAX_HEADER_BYTES, readHeaderBlock } from '../../src/mail/header-block.ts';

const read = (block: string) => readHeaderBlock(Buffer.from(block, 'latin1'));

describe('readHeaderBlock()', () => {
  it('reads fields in order, unfolded, and keeps their bytes', () => {
    const { fields, problem } = read('A: 1\r\nSubject: two\r\n\tlines\r\n\r\nnot: read\r\n');
    expect(problem).toBeNull();
    expect(fields.map(({ name, value }) => [name, value])).toEqual([
      ['a', '1'],
      ['subject', 'two\tlines'],
    ]);
    expect(fields[1]?.raw.toString()).toBe('Subject: two\r\n\tlines\r\n');
  });

  it('reads UTF-8 and Windows-1252 that nobody declared', () => {
    const utf8 = readHeaderBlock(Buffer.from('Subject: café – x\r\n')).fields[0];
    expect(utf8?.value).toBe('café – x');
    expect(read('Subject: caf\xe9 \x96 x\r\n').fields[0]?.value).toBe('café – x');
  });

  it.each([
    ['a line without a colon', 'A: 1\r\nno colon here\r\nB: 2\r\n', 2],
    ['a continuation of nothing', ' A: 1\r\nB: 2\r\nA: 3\r\n', 2],
    ['an mbox line', 'From me Sat\r\nA: 1\r\nB: 2\r\n', 2],
  ])('goes on after %s and names its line', (_, block, count) => {
    const { fields, problem } = read(block);
    expect(fields).toHaveLength(count);
    expect(problem).toMatch(/^Line \d of the header is not a header field$/);
  });

  it('reads bare line feeds, no line end at all, and nothing', () => {
    expect(read('A: 1\nB: 2\n\nC: 3').fields).toHaveLength(2);
    expect(read('A: 1').fields).toMatchObject([{ name: 'a', value: '1' }]);
    expect(read('')).toEqual({ fields: [], problem: null });
    expect(read('\r\nA: 1\r\n').fields).toEqual([]);
  });

  it('cuts a block that is too long and says so', () => {
    const { fields, problem } = read(`A: ${'x'.repeat(2 * MAX_HEADER_BYTES)}\r\nB: 2\r\n`);
    expect(fields).toHaveLength(1);
    expect(fields[0]?.value.length).toBeLessThan(MAX_HEADER_BYTES);
    expect(problem).toBe(`The header is longer than ${MAX_HEADER_BYTES} bytes`);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { fields } = readHeaderBlock(Buffer.from(bytes));
        for (const { value } of fields) expect(value).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe('decodeWords()', () => {
  it.each([
    ['=?utf-8?Q?a=5Fb_c?= d', 'a_b c d'],
    ['=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=', 'café'],
    ['=?utf-8?B?Y2Fmw6k=?==?utf-8?Q?!?=', 'café!'],
    ['=?UTF-8*en?Q?hi?=', 'hi'],
    ['=?klingon?Q?hi?=', 'hi'],
    ['=?koi8-r?B?8NLJ18XU?=', 'Привет'],
    ['=?utf-8?X?hi?=', '=?utf-8?X?hi?='],
    ['=?utf-8?Q?no end', '=?utf-8?Q?no end'],
    ['=?hex?Q?OFFICIAL?=', 'OFFICIAL'],
    ['plain', 'plain'],
  ])('decodes %j to %j', (value, text) => {
    expect(decodeWords(value)).toBe(text);
  });

  it('decodes what was encoded, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        expect(decodeWords(`=?utf-8?B?${Buffer.from(text).toString('base64')}?=`)).toBe(text);
      }),
    );
  });
});

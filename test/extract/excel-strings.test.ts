import { describe, expect, it } from 'vitest';
import { createRecordReader, unicodeString } from '../../src/extract/excel-strings.ts';

describe('unicodeString()', () => {
  it('reads on in the next record, in the other width', () => {
    const first = Buffer.from('\x05\0\0abc', 'latin1');
    const second = Buffer.concat([Buffer.from([1]), Buffer.from('Łó', 'utf16le')]);
    const reader = createRecordReader([first, second]);
    expect(unicodeString(reader, reader.u16())).toBe('abcŁó');
    expect(reader.isAtEnd).toBe(true);
  });

  it('passes over formatting and phonetics, also across records', () => {
    const head = Buffer.from([2, 0, 0x0c, 1, 0, 3, 0, 0, 0, 0x61, 0x62, 9, 9]);
    const rest = Buffer.from([9, 9, 8, 8, 8, 1, 0, 0, 0x7a]);
    const reader = createRecordReader([head, rest]);
    expect(unicodeString(reader, reader.u16())).toBe('ab');
    expect(unicodeString(reader, reader.u16())).toBe('z');
  });

  it('says where the records end too early', () => {
    const reader = createRecordReader([Buffer.from([9, 0, 0, 0x61])]);
    expect(() => unicodeString(reader, reader.u16())).toThrow(RangeError);
  });
});

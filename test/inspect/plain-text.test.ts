import { describe, expect, it } from 'vitest';
import { plainText } from '../../src/inspect/passages.ts';

describe('plainText()', () => {
  it.each([
    ['one\ntwo', 'one two'],
    ['one\n\ntwo', 'one. two'],
    ['one\r\n \t\r\ntwo', 'one .    two'],
    ['one\n\n\ntwo', 'one.  two'],
    [`one\n${' '.repeat(21)}\ntwo`, `one${' '.repeat(23)}two`],
    ['one\u00a0\u2003two', 'one  two'],
    ['‘Ann’s’ “vote” – now', `'Ann's' "vote" - now`],
    ['Vоtе Lаbоur', 'Vote Labour'],
    ['V-o-t-e now', 'Vote    now'],
    ['tŷ 日本 😀\n\nend', 'tŷ 日本 😀. end'],
  ])('hears %j as %j, in the same length', (written, heard) => {
    expect(plainText(written)).toBe(heard);
    expect(plainText(written)).toHaveLength(written.length);
  });
});

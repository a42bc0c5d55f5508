import { describe, expect, it } from 'vitest';
import { identifiersIn } from '../../src/inspect/identifiers.ts';
import { plainText } from '../../src/inspect/passages.ts';
import { createRedactor } from '../../src/pipeline/redact.ts';

const redactor = () =>
  createRedactor({
    names: ['Vera Lamb', 'cllr.vera.lamb@merebrook.gov.uk', 'Maeve Quirke'],
    domains: ['merebrook.gov.uk'],
  });

const LETTER = `Dear Mrs Oduya,

Thank you for ringing me on 07700 900123 and 0161 496 0000. Maeve and Tom Barker of
14 Larkspur Lane, MB4 7QT, said that ref 20261188 was lost. See https://files.example/x?y=1
or write to maeve.quirke@gmail.com and owen@merebrook.gov.uk.

Kind regards
Vera Lamb
`;

describe('createRedactor()', () => {
  it('leaves no name, address, number or link of anybody', () => {
    const text = redactor().text(LETTER);
    for (const word of [
      'Oduya',
      '07700',
      '496',
      'Maeve',
      'Barker',
      'Larkspur',
      'MB4',
      '20261188',
      'files',
      'gmail',
      'owen',
      'Vera',
      'Lamb',
    ]) {
      expect(text).not.toContain(word);
    }
    expect(text).not.toMatch(/[\uE000\uE001]/);
    expect(text).toContain('Thank you for ringing me on 01632 960001');
    expect(text.split('\n')).toHaveLength(LETTER.split('\n').length);
  });

  it('gives equal people equal names, and keeps inside what is inside', () => {
    const { text, address } = redactor();
    expect(address('OWEN@merebrook.gov.uk')).toBe(address('owen@merebrook.gov.uk'));
    expect(address('owen@merebrook.gov.uk')).toMatch(/@council\.example$/);
    expect(text('Write to owen@merebrook.gov.uk')).toContain(address('owen@merebrook.gov.uk'));
    expect(address('a@x.test')).not.toBe(address('b@x.test'));
  });

  it.each([
    ['her NI number is AA 12 34 56 C today', 'ni-number'],
    ['her NI number is AA–12–34–56–C today', 'ni-number'],
    ['my own NI number is AA 12 34 56 C', 'ni-number'],
    ['his NHS number is 401 023 2137 at the hospital', 'nhs-number'],
    ['pay by card 5555 5555 5555 4444 now', 'payment-card'],
    ['pay into sort code 20-00-00 account 55779911 please', 'bank-account'],
    ['passport 533401372 was issued', 'passport'],
    ['date of birth: 3 March 1981', 'date-of-birth'],
  ])('replaces the number in "%s" by one of the same kind and validity', (text, type) => {
    const [before] = identifiersIn(plainText(text));
    const redacted = redactor().text(text);
    const [after] = identifiersIn(plainText(redacted));
    expect([before?.type, after?.type]).toEqual([type, type]);
    expect(after?.value).not.toBe(before?.value);
  });

  it('leaves the words of politics and of the language alone', () => {
    const text = 'Please vote Labour on Thursday. Will you Mark it? The Green Party will not.';
    expect(redactor().text(text)).toBe(text);
    expect(redactor().text('Dear all,')).toBe('Dear all,');
  });

  it('takes hostile text in reasonable time', () => {
    const began = performance.now();
    for (const piece of ['A ', 'Aa', '1 ', 'dear a', '@a', 'regards\n ']) {
      redactor().text(piece.repeat(20_000));
    }
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});

import { describe, expect, it } from 'vitest';
import { RECIPIENT_STATUSES } from '../../src/mail/disposition.ts';
import { FINDING_KINDS } from '../../src/mail/finding.ts';
import {
  clauseWords,
  findingWords,
  localWords,
  maskAddress,
  outcomeWords,
  statusWords,
  UNPROTECTED_CAUSES,
  unprotectedWords,
} from '../../src/mail/plain-words.ts';

describe('localWords()', () => {
  it.each([
    ['2026-11-22T14:41:00Z', 'Sunday 22 November 2026 at 2:41 pm'],
    ['2027-05-06T21:05:00Z', 'Thursday 6 May 2027 at 10:05 pm'],
    ['2027-03-28T00:59:59Z', 'Sunday 28 March 2027 at 12:59 am'],
    ['2027-03-28T01:00:00Z', 'Sunday 28 March 2027 at 2 am'],
    ['2026-12-31T12:00:00Z', 'Thursday 31 December 2026 at 12 noon'],
    ['2026-06-30T23:00:00Z', 'Wednesday 1 July 2026 at 12 midnight'],
  ])('says %s as %s', (at, words) => {
    expect(localWords(new Date(at))).toBe(words);
  });
});

describe('unprotectedWords()', () => {
  it.each(UNPROTECTED_CAUSES)('explains %s without a technical word', (cause) => {
    expect(unprotectedWords(cause)).not.toMatch(
      /TLS|DNS|STS|DANE|MX|certificate authority|[A-Z]{3}/,
    );
    expect(unprotectedWords(cause)).not.toBe(unprotectedWords('nobody-knows'));
  });

  it.each(['', 'constructor', '__proto__', 'ECONNRESET'])('has general words for "%s"', (cause) => {
    expect(unprotectedWords(cause)).toContain('could not set up safe encryption');
  });
});

describe('statusWords()', () => {
  it.each([
    ['5.1.1', /no mailbox/],
    ['5.1.10', /does not take e-mail/],
    ['4.2.2', /full/],
    ['5.3.4', /too large/],
    ['4.4.1', /did not answer/],
    ['5.7.10', /safe encryption/],
    ['5.7.1', /refused/],
    ['4.3.0', /later/],
    ['5.0.0', /did not take/],
    ['', /did not take/],
  ])('explains "%s"', (status, words) => {
    expect(statusWords(status)).toMatch(words);
  });
});

describe('findingWords()', () => {
  it.each(FINDING_KINDS)('speaks of %s in sentences and accuses nobody', (kind) => {
    const { reason, advice } = findingWords(kind, true);
    for (const sentence of [reason, ...advice]) expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(reason).not.toMatch(/you have|breach|broke/i);
  });

  it.each(FINDING_KINDS)('never asks to mark %s where the council does not want it', (kind) => {
    expect(findingWords(kind, false).advice.join(' ')).not.toContain('OFFICIAL-SENSITIVE');
  });

  it('asks to mark private information where the council wants it', () => {
    expect(findingWords('personal-data', true).advice.join(' ')).toContain('OFFICIAL-SENSITIVE');
  });
});

describe('other words', () => {
  it('outcomeWords() knows every status', () => {
    for (const status of RECIPIENT_STATUSES) expect(outcomeWords(status)).toMatch(/^[a-z ]+$/);
  });

  it('maskAddress() leaves the domain only', () => {
    expect(maskAddress('Rose.Ivory@GMail.com')).toBe('an address at gmail.com');
    expect(maskAddress('rose')).toBe('an outside address');
  });

  it('clauseWords() names numbered and unnumbered clauses', () => {
    const document = 'Members ICT Protocol';
    expect(clauseWords({ section: '6.2.3', document })).toBe(
      'clause 6.2.3 of the Members ICT Protocol',
    );
    expect(clauseWords({ section: 'Council business only', document })).toBe(
      'the part “Council business only” of the Members ICT Protocol',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { imprintIn } from '../../src/inspect/imprint.ts';
import { plainText } from '../../src/inspect/passages.ts';
import { createPoliticalInspector } from '../../src/inspect/political.ts';
import { pollDateIn } from '../../src/inspect/poll-date.ts';
import { inspectionOf, LISTS } from './inspection-of.ts';
import type { Draft } from './inspection-of.ts';

const inspector = createPoliticalInspector(LISTS);
const findings = (draft: Draft) => inspector.inspect(inspectionOf(draft));
const RANT = 'GREEN LUNATICS. Vote Tory on 6 May and vote Labour out. Vote Conservative!';

describe('createPoliticalInspector()', () => {
  it('passes a neutral reply above a quoted political rant', () => {
    const body = [
      ['own', 'Thank you, the drain is booked.\n\n'],
      ['quoted', RANT],
    ] as const;
    expect(findings({ subject: 'Re: Fuming', body, election: 'local' })).toEqual([]);
  });

  it('counts the forwarded text of a forward made by hand to the outside', () => {
    const body = [
      ['own', 'For tonight\n\n'],
      [
        'quoted',
        '-----Original Message-----\nPlease work the swing streets. Vote share needed: 44.',
      ],
    ] as const;
    expect(findings({ subject: 'FW: target list', body })).toHaveLength(1);
  });

  it('passes a rant that is forwarded to officers only', () => {
    const body = [['quoted', RANT]] as const;
    const to = ['streetscene@merebrook.gov.uk'];
    expect(findings({ subject: 'Fwd: bins', body, to })).toEqual([]);
  });

  it('reads attachments that the member added', () => {
    const attachments = ['Vote on Thursday 6 May. Your Liberal Democrat champion.'];
    const [finding] = findings({ subject: 'artwork', body: 'As agreed.', attachments });
    expect(finding?.evidence.every((evidence) => evidence.part === 'attachment:1')).toBe(true);
  });

  it('reads names that are spelt out, and points at them as written', () => {
    const body = 'Boards go up on Sunday: V o t e  L-a-b-o-u-r.';
    const [finding] = findings({ body });
    const evidence = finding?.evidence.find((one) => one.text.startsWith('V o t e'));
    expect(evidence && body.slice(evidence.start, evidence.end)).toContain('L-a-b-o-u-r');
  });

  it('takes an open election as a signal and never as a finding', () => {
    const body = 'Surgery on 6 May at ten. The Conservative councillors will come too.';
    expect(findings({ body, election: 'local' })).toEqual([]);
  });

  it('says which classes of signal it saw, without words of the message', () => {
    const [finding] = findings({ body: 'Vote for me on 6 May.' });
    expect(finding).toMatchObject({ kind: 'political', type: 'vote-ask', recipient: null });
    expect(finding?.summary).not.toContain('6 May');
  });

  it('stays within bounded time on a hostile megabyte', () => {
    const started = performance.now();
    findings({ body: 'vote for the Labour '.repeat(50_000) });
    findings({ body: ' '.repeat(1_000_000) });
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('imprintIn()', () => {
  it.each([
    ['Promoted by R. Finch on behalf of J. Adlam, both at 3 Mill Lane', 0.9],
    ['Printed, published and promoted by A Shah for Merebrook Greens', 0.9],
    ['The scheme, promoted by the NHS, will be delivered on behalf of residents', 0.3],
    ['Printed and published by the Returning Officer', undefined],
  ])('weighs "%s"', (text, weight) => {
    expect(imprintIn(text)?.weight).toBe(weight);
  });
});

describe('pollDateIn()', () => {
  const elections = inspectionOf({ election: 'local' }).facts.openElections;
  it.each([
    ['on 6 May', true],
    ['on the 6th', true],
    ['on May 6th', true],
    ['the 6th of May', true],
    ['on 7 May', false],
    ['6 of them', false],
    ['the 6th of June', false],
  ])('finds the poll in "%s": %s', (text, expected) => {
    expect(pollDateIn(text, elections) !== null).toBe(expected);
  });
  it('finds none where no election is open', () => {
    expect(pollDateIn('on 6 May', [])).toBeNull();
  });
});

describe('plainText()', () => {
  it.each([
    'l-a-b-o-u-r',
    'it’s “so”\r\n\r\nnext',
    'ѕсам',
    'a\n\nb',
    'F o d e n  4  c o u n c i l',
  ])('keeps the length of "%s"', (text) => {
    expect(plainText(text)).toHaveLength(text.length);
  });
});

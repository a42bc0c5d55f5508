import { describe, expect, it } from 'vitest';
import { imprintIn } from '../../src/inspect/imprint.ts';
import { plainText } from '../../src/inspect/passages.ts';
import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import { createInspectors, inspect, withMeaning } from '../../src/inspect/inspect.ts';
import { pollDateIn } from '../../src/inspect/poll-date.ts';
import { inspectionOf, LISTS } from './inspection-of.ts';
import type { Draft } from './inspection-of.ts';

const inspectors = createInspectors(LISTS);
/** By words alone, as where no sentence was read. */
const findings = (draft: Draft) =>
  inspect(inspectors, inspectionOf(draft)).filter(({ kind }) => kind === 'political');
const RANT = 'GREEN LUNATICS. Vote Tory on 6 May and vote Labour out. Vote Conservative!';

describe('political wording', () => {
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
        '-----Original Message-----\nCanvassing on Saturday: knock on every door in the swing ' +
          'streets for Labour, deliver the leaflets and get our vote out before polling day.',
      ],
    ] as const;
    expect(findings({ subject: 'FW: target list', body })).toHaveLength(1);
  });

  it('passes a rant that is forwarded to officers only', () => {
    const body = [['quoted', RANT]] as const;
    const to = ['streetscene@merebrook.gov.uk'];
    expect(findings({ subject: 'Fwd: bins', body, to })).toEqual([]);
  });

  it('finds the ask and the imprint behind many words that are none', () => {
    const contests = 'Please vote for us in the awards. '.repeat(60) + 'x '.repeat(200);
    expect(findings({ body: `${contests}Please vote for me on 6 May.` })).toMatchObject([
      { type: 'vote-ask' },
    ]);
    const schemes = 'The scheme is promoted by the NHS for all. '.repeat(60) + 'x '.repeat(200);
    const imprint = 'Promoted by J Smith on behalf of A Jones, both at 4 Mill Road.';
    expect(imprintIn(schemes)).toBeNull();
    expect(imprintIn(schemes + imprint)).not.toBeNull();
  });

  it('reads the ask that stands in a footer', () => {
    const body = [
      ['own', 'The drain is booked.\n'],
      ['disclaimer', 'This email is confidential. Please vote for me on 6 May.'],
    ] as const;
    expect(findings({ body })).toMatchObject([{ type: 'vote-ask' }]);
  });

  it('reads attachments that the member added', () => {
    const attachments = [
      'Your Liberal Democrat candidate for Heath, asking for your vote on Thursday 6 May. Only ' +
        'the Lib Dems can beat Labour here.',
    ];
    const [finding] = findings({ subject: 'artwork', body: 'As agreed.', attachments });
    expect(finding?.evidence[0]?.part).toBe('attachment:1');
  });

  it('reads names that are spelt out, and points at them as written', () => {
    const body = 'Boards go up on Sunday: V o t e  L-a-b-o-u-r.';
    const [finding] = findings({ body });
    const evidence = finding?.evidence.find((one) => one.text.startsWith('V o t e'));
    expect(evidence && body.slice(evidence.start, evidence.end)).toContain('L-a-b-o-u-r');
  });

  it('takes an open election as a signal and never as a finding', async () => {
    const body = 'Surgery on 6 May at ten. The Conservative councillors will come too.';
    const reader = createSentenceReader();
    const asked = await withMeaning(inspectors, inspectionOf({ body, election: 'local' }), reader);
    await reader.close();
    expect(inspect(inspectors, asked.input)).toEqual([]);
  });

  it('says what it saw without words of the message', () => {
    const [finding] = findings({ body: 'Vote for me on 6 May.', election: 'local' });
    expect(finding).toMatchObject({ kind: 'political', type: 'vote-ask', recipient: null });
    expect(finding?.summary).not.toContain('6 May');
  });

  it('takes an imprint for what it is, whatever stands around it', () => {
    const body = 'Lovely fete on Saturday. Promoted by R. Finch for J. Adlam, both at 3 Mill Lane.';
    expect(findings({ body })).toMatchObject([{ type: 'imprint', score: 1 }]);
  });

  it('finds a leaflet at the end of long minutes', () => {
    const minutes = 'The committee noted the report on drainage and thanked the officers. ';
    const leaflet =
      'Your Labour candidate is out canvassing every night and needs your vote on polling day. ' +
      'The Tories have failed you. Help us deliver leaflets, knock on doors and win the seat.';
    const body = `${minutes.repeat(800)}${leaflet}`;
    const [finding] = findings({ body, election: 'local' });
    expect(finding?.type).toBe('wording');
    expect(finding?.score).toBeGreaterThanOrEqual(0.8);
    for (const { start, end, text } of finding?.evidence ?? []) {
      expect(start).toBeGreaterThan(minutes.length * 799);
      expect(body.slice(start, end)).toBe(text);
    }
    expect(findings({ body: minutes.repeat(800), election: 'local' })).toEqual([]);
  });
});

describe('a plain ask for a vote', () => {
  const asked = (body: string): boolean =>
    findings({ body }).some(({ type }) => type === 'vote-ask');

  it.each([
    'Which is why you should vote for me on Thursday 7 May.',
    'The drain is booked. Please vote for us on the 6th!',
    'VOTE LABOUR',
    'Vote Liberal Democrat on Thursday',
    'The best for Heath: vote for me!',
    'Could you lend me your vote this once?',
    'Pleidleisiwch dros Blaid Cymru ar Fai y 6ed.',
    'Mae angen newid: pleidleisiwch drosta i!',
  ])('stands by itself: "%s"', (body) => {
    expect(asked(body)).toBe(true);
  });

  it.each([
    'People who vote for me have told me the same about the bus.',
    'They will not vote for us to have the extra money.',
    'He shouted "vote for me" across the square.',
    'Mere Park is up for an award: vote for us on the website!',
    'Some residents vote Labour and some do not; the bins are late for all.',
    'On item 4 please vote Labour amendment first, then the substantive motion.',
    'Will you vote for Green Lane as the site?',
    'I should be glad if you would vote for me as parent governor.',
    'The hall is in for the Aviva Community Fund. Please vote for us.',
    'I cannot use this council address to ask you to vote for me.',
    'In 1945 people were told: vote Labour. The exhibition opens in May.',
    'Mae rhai yn pleidleisio dros Lafur ac eraill ddim.',
    'Cofiwch bleidleisio dros eich hoff lyfr.',
  ])('is not "%s"', (body) => {
    expect(asked(body)).toBe(false);
  });
});

describe('imprintIn()', () => {
  it.each([
    ['Promoted by R. Finch on behalf of J. Adlam, both at 3 Mill Lane', true],
    ['Printed, published and promoted by A Shah for Merebrook Greens', true],
    ['The scheme, promoted by the NHS, will be delivered on behalf of residents', false],
    ['Printed and published by the Returning Officer', false],
    ['Promoted by J Hill for Sunita Rao, Labour candidate, both at 3 Mill Lane', true],
    ['a boxing night, promoted by Dave Hall for the Heath Hospice, is at 14 Market Street', false],
    ['Cycle Week is promoted by the council for greener travel. The independent survey', false],
    ['she was promoted by the director for her work as letting agent liaison', false],
    ['Does a card need "promoted by ... on behalf of ..." once the candidate has won?', false],
  ])('tells whether "%s" is one: %s', (text, expected) => {
    expect(imprintIn(text) !== null).toBe(expected);
  });

  it('looks behind words that only sound like one', () => {
    const scheme = 'A scheme promoted by the NHS for you. ';
    const text = `${scheme}${'More of the clinic. '.repeat(20)}Promoted by A Shah for the Greens.`;
    expect(imprintIn(text)?.start).toBeGreaterThan(300);
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

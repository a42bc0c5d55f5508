import { describe, expect, it } from 'vitest';
import { createCueInspectors } from '../../src/inspect/inspect.ts';
import { ownPassages, readPassages } from '../../src/inspect/passages.ts';
import { quotationOf } from '../../src/inspect/quotation.ts';
import { parseMessage } from '../../src/mail/parse.ts';
import { inspectionOf, LISTS } from './inspection-of.ts';

const LEAFLET = 'Please vote Labour on 6 May! You stupid bastards in the Tories are useless.';
const HQ =
  'From: Campaign HQ <hq@party.example>\nSent: 4 January 2027 10:00\nTo: Cllr Marsh\nSubject: Leaflet';
const NAMED = 'In-Reply-To: <7@party.example>\nReferences: <7@party.example>\n';

/** A message of a member's to Ann Jones, as it is parsed. */
async function written(subject: string, body: string, more = '') {
  const head = `From: Cllr Marsh <cllr.marsh@merebrook.gov.uk>\nTo: Ann Jones <ann@home.example>\n`;
  const raw = `${head}Subject: ${subject}\n${more}\n${body}\n`.replaceAll('\n', '\r\n');
  const input = inspectionOf({ subject });
  return { ...input, message: await parseMessage(Buffer.from(raw)) };
}

describe('quotationOf()', () => {
  it.each([
    ['Re: bins', `Noted.\n\n${HQ}\n\n${LEAFLET}`, ''],
    ['[EXTERNAL] RE: bins', `Noted.\n\n> ${LEAFLET}`, ''],
    ['Re: FW: bins', `Noted.\n\n${HQ}\n\n${LEAFLET}`, NAMED],
    ['Your bins', `Noted.\n\n> ${LEAFLET}`, NAMED],
    ['Your bins', `Noted.\n\nOn 4 Jan 2027, Ann Jones <ann@home.example> wrote:\n> ${LEAFLET}`, ''],
    ['Your bins', `Noted.\n\nFrom: Ann Jones\nSent: 4 January\nTo: X\n\n${LEAFLET}`, NAMED],
  ])('takes what %j quotes for answered: nothing of it is read', async (subject, body, more) => {
    const input = await written(subject, body, more);
    expect(quotationOf(input.message)).toBe('answered');
    const cues = createCueInspectors(LISTS);
    for (const kind of ['political', 'abusive', 'criticism'] as const) {
      expect(cues[kind]?.inspector.inspect(input)).toEqual([]);
    }
  });

  it.each([
    ['FW: leaflet', `FYI\n\n${HQ}\n\n${LEAFLET}`, NAMED],
    ['[EXTERNAL] FW: leaflet', `FYI\n\n${HQ}\n\n${LEAFLET}`, ''],
    ['Worth reading', `FYI\n\n${HQ}\n\n${LEAFLET}`, ''],
    ['Worth reading', `FYI\n\n${HQ}\n\n${LEAFLET}`, NAMED],
    ['Worth reading', `FYI\n\n---------- Forwarded message ---------\n${HQ}\n\n${LEAFLET}`, NAMED],
    ['Worth reading', `FYI\n\nOn 4 Jan 2027, HQ <hq@party.example> wrote:\n> ${LEAFLET}`, ''],
  ])('takes what %j quotes for forwarded: it is spread, not said', async (subject, body, more) => {
    const input = await written(subject, body, more);
    expect(quotationOf(input.message)).toBe('forwarded');
    const cues = createCueInspectors(LISTS);
    expect(cues.political?.inspector.inspect(input)).toMatchObject([{ type: 'vote-ask' }]);
    expect(cues.abusive?.inspector.inspect(input)).toEqual([]);
  });

  it.each([
    `From: Cllr Marsh, Heath ward\nTo: all residents\nDate: 4 January\n\n${LEAFLET}`,
    `Hello\n\n> ${LEAFLET}`,
    `Hello\n\n________________________________\n\n${LEAFLET}`,
    `Hello\n\n-----Original Message-----\n${LEAFLET}`,
  ])('takes %j, which answers and forwards nothing, for the own words', async (body) => {
    const input = await written('To residents', body);
    expect(quotationOf(input.message)).toBe('own');
    const cues = createCueInspectors(LISTS);
    expect(cues.political?.inspector.inspect(input)).toMatchObject([{ type: 'vote-ask' }]);
    expect(cues.abusive?.inspector.inspect(input)).not.toEqual([]);
  });

  it('takes an indented paragraph of a newsletter for the own words', async () => {
    const html = `<p>News</p><blockquote style="margin-left:40px">${LEAFLET}</blockquote>`;
    const input = await written('News', html, 'Content-Type: text/html\n');
    expect(readPassages(input).some(({ text }) => text.includes('vote Labour'))).toBe(true);
  });
});

describe('ownPassages()', () => {
  it('has what somebody is said to have written, where no day says that a program did', async () => {
    const body = `Hi\nOn Monday the Echo wrote:\n\n${LEAFLET}`;
    const { message } = await written('Re: the Echo', body);
    expect(ownPassages(message).some(({ text }) => text.includes('vote Labour'))).toBe(true);
  });

  it('has the whole of a file, under whatever heading', async () => {
    const part = (head: string, text: string) =>
      `--b\nContent-Type: text/plain${head}\n\n${text}\n`;
    const file = `From: Cllr Marsh\nSent: today\nTo: you\nSubject: Vote\n\n${LEAFLET}`;
    const body = `${part('', 'Attached.')}${part('; name=leaflet.txt', file)}--b--`;
    const { message } = await written('Re: x', body, 'Content-Type: multipart/mixed; boundary=b\n');
    const [attached] = ownPassages(message).filter(({ part: name }) => name === 'attachment:1');
    expect(attached?.text).toContain('vote Labour');
  });
});

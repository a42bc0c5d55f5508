import { describe, expect, it } from 'vitest';
import { findingsOf } from './mail-of.ts';

/** A message with one text file attached. */
const attached = (file: string, body = 'See attached.') => ({
  headers: ['Content-Type: multipart/mixed; boundary=b'],
  body: `--b\n\n${body}\n--b\nContent-Type: text/plain; name=report.txt\nContent-Disposition: attachment; filename=report.txt\n\n${file}\n--b--`,
});
const REPORT = 'Disposal of land at Mill Lane\n\nThe highest bid was received from the developer.';

const EXEMPT = [
  ['a banner at the head', `NOT FOR PUBLICATION\n\nCABINET\n\n${REPORT}`],
  ['a banner in signs', `*** Not for Publication ***\n${REPORT}`],
  ['confidential, members only', `CONFIDENTIAL – Members only\n${REPORT}`],
  ['restricted to members and officers', `Restricted: members and officers only\n${REPORT}`],
  ['Part 2', `Cabinet, 9 March\nPART II - EXEMPT\n${REPORT}`],
  ['an exempt appendix', `Appendix B\nEXEMPT APPENDIX\n${REPORT}`],
  [
    'the law’s own words below the title',
    `Report to Cabinet\n9 March 2027\nThis report is not for publication under paragraph 3 of Schedule 12A\n${REPORT}`,
  ],
] as const;

const PUBLIC = [
  [
    'an agenda that lists exempt items',
    `AGENDA\nCabinet, 9 March 2027\n1. Apologies\n2. Minutes\nPart 2 - Exempt items\n8. Disposal of land (exempt information, paragraph 3 of Schedule 12A)`,
  ],
  [
    'a resolution to exclude the public',
    `Minutes of Cabinet\nPresent: the Leader\n\nEXCLUSION OF THE PUBLIC\nRESOLVED that the public be excluded as exempt information within paragraph 3 of Schedule 12A may be disclosed.`,
  ],
  [
    'prose about exempt things',
    `${REPORT}\n\nThe appendix was exempt, so it is not published here.`,
  ],
  ['a confidentiality clause', `${REPORT}\n\nBids are confidential until they are opened.`],
  ['a part two of something', `Part 2 of the form asks for your address.\n${REPORT}`],
  ['a zero-rated supply', `VAT\nExempt supplies are not charged.\n${REPORT}`],
  ['the words far down', `${`A line of the report.\n`.repeat(60)}NOT FOR PUBLICATION`],
] as const;

const TALK = [
  'The report on the leisure centre is exempt under paragraph 3 so I cannot share it with you.',
  'The report is exempt under paragraph 3\nso we can not share it with you.',
  'The report is exempt under paragraph 3 of Schedule 12A.',
  'Not for publication, but I hear that the pool may close.',
  'Exempt information is kept from the public for good reason.',
  'I asked, and the answer was that it is\nnot for publication under paragraph 3.',
];
const EMBARGO = [
  'NOT FOR PUBLICATION before 6am on Friday\n\nThe library will reopen in March.',
  'Press release - not for publication until 00:01, 9 March\n\nThe library will reopen.',
];

describe('the exempt-content detector', () => {
  it.each(EXEMPT)('sees %s, in a file and in the words of a message', async (_, text) => {
    const [finding, ...more] = await findingsOf(attached(text), 'exempt-content');
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ type: 'banner', evidence: [{ part: 'attachment:1' }] });
    const [own] = await findingsOf({ body: text }, 'exempt-content');
    expect(own?.evidence[0]?.part).toBe('body');
  });

  it.each(PUBLIC)('passes %s', async (_, text) => {
    expect(await findingsOf(attached(text), 'exempt-content')).toEqual([]);
  });

  it.each([...TALK, ...EMBARGO])('passes talk about a paper and embargoes: %j', async (body) => {
    expect(await findingsOf({ body: `Dear Ann,\n\n${body}\n\nOrla` }, 'exempt-content')).toEqual(
      [],
    );
  });

  it.each(EMBARGO)('passes an embargo at the head of a file: %j', async (file) => {
    expect(await findingsOf(attached(file), 'exempt-content')).toEqual([]);
  });

  it('passes a letter in a file that says what may not be shared', async () => {
    expect(await findingsOf(attached(TALK[0] ?? ''), 'exempt-content')).toEqual([]);
  });

  it.each([
    'NOT FOR PUBLICATION by virtue of paragraph 3 of Part I of Schedule 12A',
    'The attached report is exempt under paragraph 3 of Schedule 12A.',
    'Appendix B is not for publication under paragraph 1 of Schedule 12A',
  ])('sees a heading in a message: %s', async (line) => {
    const body = `Dear Ann,\n\n${line}\n\nThe highest bid was 4 million.`;
    expect(await findingsOf({ body }, 'exempt-content')).toMatchObject([{ type: 'banner' }]);
  });

  it('sees what the sender says of it, and not what is quoted', async () => {
    const said = 'Dear Ann,\n\nAttached is the exempt report on Mill Lane. Keep it to yourself.';
    expect(await findingsOf({ body: said }, 'exempt-content')).toMatchObject([{ type: 'said' }]);
    const quoted = 'No idea.\n\nOn Monday Ann wrote:\n> NOT FOR PUBLICATION\n> is that a rule?\n';
    expect(await findingsOf({ body: quoted }, 'exempt-content')).toEqual([]);
  });
});

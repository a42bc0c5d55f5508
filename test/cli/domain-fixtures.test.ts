import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { examineBytes } from '../../src/cli/inspect-batch.ts';
import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import { createInspectors } from '../../src/inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS } from '../../src/mail/parse.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const shipped = loadPolicy(path.resolve(import.meta.dirname, '../../policies'));
/** The councils' policies once their members were told (domain H.4). */
const policy = {
  ...shipped,
  councils: new Map(
    [...shipped.councils].map(([id, council]) => {
      const settings = { ...council.settings, membersInformedOn: '2026-01-05' };
      return [id, { ...council, settings }];
    }),
  ),
};
const inspectors = createInspectors(policy.lists);
const meaningReader = createSentenceReader();
// The first question loads the encoder, which takes a busy machine seconds.
vi.setConfig({ testTimeout: 60_000 });
afterAll(() => meaningReader.close());

interface Letter {
  council?: string;
  subject: string;
  body: string;
  to?: string[];
  at?: string;
  headers?: string[];
}

/** The whole examination, with the reader of sentences, as the gateway has it. */
async function examined(letter: Letter) {
  const { council = 'merebrook', subject, body, headers = [] } = letter;
  const { to = ['p.hirst@gmail.com'], at = '2026-06-10T10:00:00+01:00' } = letter;
  const sender = `cllr.ann.hale@${policy.councils.get(council)?.domains[0]}`;
  const raw = [
    `From: Ann Hale <${sender}>`,
    `To: ${to.join(', ')}`,
    `Subject: ${subject}`,
    'Message-ID: <fixture@localhost>',
    ...headers,
    '',
    body,
    '',
  ];
  const request = { file: 'fixture', mailFrom: sender, rcptTo: to, at, authenticatedAs: sender };
  const { decision } = await examineBytes(
    Buffer.from(raw.join('\r\n')),
    { ...request, council },
    {
      policy,
      inspectors,
      parseLimits: DEFAULT_PARSE_LIMITS,
      people: null,
      council,
      baseDir: import.meta.dirname,
      meaningReader,
    },
  );
  const [recipient] = decision.recipients;
  return {
    gate: decision.gate,
    kinds: decision.findings.map(({ kind }) => kind),
    nudged: recipient?.hits.some(({ nudge }) => nudge) ?? false,
  };
}

const AGREES =
  'Dear Mrs Hirst,\r\n\r\nI quite agree, the service has been awful and I have told the Executive so.';
const ASKS = `${AGREES} Which is why you should vote for me on Thursday 7 May.`;

// Middlesbrough, appendix 2: a councillor who agrees with a resident must not be stopped.
describe('a councillor who agrees with a complaint (domain D.10)', () => {
  it.each([...policy.councils.keys()])('passes in %s', async (council) => {
    const { gate, kinds } = await examined({ council, subject: 'Re: missed bins', body: AGREES });
    expect({ gate, kinds }).toEqual({ gate: 'release', kinds: [] });
  });

  it.each([
    ['havering', 'hold'],
    ['middlesbrough', 'hold'],
    ['west-lancashire', 'hold'],
    ['st-helens', 'release'],
    ['redditch', 'release'],
  ])('who then asks for a vote, in %s: %s', async (council, gate) => {
    const seen = await examined({ council, subject: 'Re: missed bins', body: ASKS });
    expect(seen.kinds).toContain('political');
    expect(seen.gate).toBe(gate);
  });
});

describe('ward newsletters (domain D.10)', () => {
  const dates =
    'Ward newsletter, April\r\n\r\nSurgeries: Saturday 10th at ten in the library, Monday 19th at ' +
    'six in the church hall. Road works on Mill Lane from the 12th. The market moves to Friday.';
  const imprint = `${dates}\r\n\r\nPromoted by R. Ash on behalf of A. Hale, both at 3 Mill Lane, TS1 2AB.`;
  const to = Array.from({ length: 30 }, (_, n) => `r${n}@homes.example`);

  it('pass with surgery dates and are held with an imprint', async () => {
    const letter = { council: 'middlesbrough', subject: 'Ward newsletter', to };
    expect((await examined({ ...letter, body: dates })).gate).toBe('release');
    expect((await examined({ ...letter, body: imprint })).gate).toBe('hold');
  });

  it('are held in Havering with a vote ask in November', async () => {
    const body = `${dates}\r\n\r\nPlease vote for me and your Residents team when the time comes.`;
    const at = '2026-11-20T10:00:00+00:00';
    const seen = await examined({ council: 'havering', subject: 'Newsletter', to, body, at });
    expect(seen.gate).toBe('hold');
  });
});

// Domain D.9, a line of each group and more.
describe('what is not political (domain D.9)', () => {
  it.each([
    [
      'Ward surgery',
      'My next ward surgery is on Saturday at 10am at the library. No need to book.',
    ],
    ['Re: bins', 'I agree your bins should have been collected. I will chase it up on Monday.'],
    ['Re: extension', 'I will support your planning objection at committee on the 14th.'],
    ['Group meeting', 'Labour Group meeting Monday 6pm in Room 2. Apologies to the group whip.'],
    ['Balance', 'The political balance gives the Leader of the Opposition one more seat on Audit.'],
    ['Room 7', 'The Conservative Office is locked. Could facilities send a key for the cupboard?'],
    [
      'Minutes',
      'Motion carried by 22 votes to 20. Conservative amendment lost. Recorded vote at item 7.',
    ],
    ['Chair', 'It was a secret ballot for Chair, settled by the casting vote of the Mayor.'],
    ['Notice', 'The notice of election and statement of persons nominated are on the website.'],
    ['Count', 'The count is at the leisure centre. Election agents are briefed by the RO at four.'],
    ['Register', 'You can register to vote by 20 April, and apply for a postal vote by the 21st.'],
    [
      'Photo ID',
      'Bring photo ID. A Voter Authority Certificate is free. Polling stations open 7am to 10pm.',
    ],
    [
      'Site visit',
      'Meet at Green Lane, then Reform Street, past the Labour Exchange to the Liberal Club.',
    ],
    [
      'Costs',
      'On a conservative estimate the labour costs are £4,000 and the reform of waste saves two.',
    ],
    ['Panel', 'The Independent Remuneration Panel meets in the green room, then a garden party.'],
    ['Governors', 'The parent governor election closes on Friday. Two candidates, one vacancy.'],
    ['Referendum', 'The neighbourhood planning referendum is on the 9th and turnout is the worry.'],
    ['Complaint', 'I have complained to the Monitoring Officer and the Ombudsman about the lease.'],
  ])('passes "%s"', async (subject, body) => {
    expect(await examined({ subject, body, at: '2027-04-20T10:00:00+01:00' })).toMatchObject({
      gate: 'release',
      kinds: [],
    });
  });

  it('passes a neutral reply above a resident who shouts for a party', async () => {
    const body =
      'Dear Mr Pell, thank you. The drain is booked for Tuesday.\r\n\r\n' +
      'On 3 April 2027, Gary Pell wrote:\r\n> Vote Reform! Labour out! Vote Reform on 6 May!';
    const headers = ['In-Reply-To: <a@b.example>'];
    expect(await examined({ subject: 'Re: drain', body, headers })).toMatchObject({ kinds: [] });
  });
});

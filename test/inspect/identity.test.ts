import { describe, expect, it } from 'vitest';
import { findingsOf, kindsOf, type Mail, MARGARET } from './mail-of.ts';

const as = (name: string): Mail => ({ headers: [`From: ${name} <${MARGARET}>`] });
const from = (box: string, ...headers: string[]): Mail => ({
  headers: [`From: ${box}`, ...headers],
});

const OWN_NAMES = [
  'Margaret Ackroyd',
  'Cllr Margaret Ackroyd',
  'Councillor M. Ackroyd',
  'Ackroyd, Margaret (Cllr)',
  'Maggie Ackroyd',
  'Peggy',
  'Margaret Rose Ackroyd MBE',
  'Margaret Ackroyd - Leader of the Council',
  'Margaret Ackroyd (Chair, Planning Committee)',
  'Mrs Ackroyd',
  'MARGARET ACKROYD',
  'Margret Ackroyd',
  'MA',
  'Margaret',
  'cllr.margaret.ackroyd',
  `"${MARGARET}"`,
  'Cllr Margaret Ackroyd via iPhone',
  'Councillor for Priory Ward',
  'Wexbourne Councillor',
  'Madge Ackroyd',
  'Margaret Ackroyd | Priory Ward',
  'Margaret Ackroyd-Hill',
  'Councillor Ackroyd, Deputy Mayor',
  'Cllr',
  'Margaret A',
  // Offices that members hold: who holds them is not known, and doubt delivers.
  'The Mayor',
  'Mayor of Wexbourne',
  'Deputy Mayor of Wexbourne',
  'Leader of the Council',
  'Deputy Leader, Wexbourne Borough Council',
  'Leader of the Labour Group',
  'Chair of Planning Committee',
  'Cabinet Member for Housing',
  'Vice-Chair of Licensing',
  'Heath Ward Councillors',
  'Heath and Lower Mere Ward Members',
  'Your Priory Councillors',
];

const OTHER_NAMES = [
  'Wexbourne Planning Team',
  'Head of Highways',
  'Chief Executive',
  'Priory Civic Society',
  'Tom Varley',
  'Cllr Varley',
  'Ingrid Solberg',
  'Nigel Ackroyd',
  'Margaret Solberg',
  'A Concerned Resident',
  'Anonymous',
  'Well-wisher',
  'No Reply',
  '"chief.executive@wexbourne.gov.uk"',
  '"* * *"',
  'Disgusted of Priory',
  'Wexbourne Borough Council',
  "The Mayor's Office",
  'Office of the Leader of the Council',
  'Mayor Tom Varley',
  'Councillor Varley, Leader of the Council',
  'Ingrid Solberg, Chair of Planning',
  'Head of Planning',
  'Planning Committee',
  'Council Executive Director',
  'Wexbourne Council Housing Team',
  'Citizen Smith',
  'Thomas Varley',
  'X',
];

const OTHER_BOXES: [string, Mail][] = [
  ['a private account', from('Margaret Ackroyd <maggie.ackroyd@gmail.com>')],
  ["an officer's address", from('Ingrid Solberg <ingrid.solberg@wexbourne.gov.uk>')],
  ["another member's address", from('Tom Varley <cllr.thomas.varley@wexbourne.gov.uk>')],
  ['a civic society', from('Priory Civic Society <info@priorycivic.example>')],
  ['an anonymous mailbox', from('A Friend <wellwisher@anonmail.example>')],
  ['a look-alike domain', from(`Margaret Ackroyd <${MARGARET.replace('bourne', 'b0urne')}>`)],
  ['no address at all', from('Anonymous')],
  [
    'an outside organisation with her in Sender',
    from('Canal Trust <hello@canaltrust.example>', `Sender: ${MARGARET}`),
  ],
];

const ENTITLED: [string, Mail][] = [
  ['an alias', from('Margaret Ackroyd <m.ackroyd@wexbourne.gov.uk>')],
  ['an alias that nobody listed', from('Margaret Ackroyd <margaret.ackroyd@wexbourne.gov.uk>')],
  ['the address alone', from(MARGARET)],
  ['capitals', from('Margaret Ackroyd <Cllr.Margaret.ACKROYD@Wexbourne.GOV.UK>')],
  [
    'a mailbox she may use',
    from('Mayor of Wexbourne <mayor@wexbourne.gov.uk>', `Sender: <${MARGARET}>`),
  ],
  [
    'a shared mailbox with her in Sender',
    from('Members Office <members.office@wexbourne.gov.uk>', `Sender: <${MARGARET}>`),
  ],
  [
    "an organiser's invitation that she passes on",
    from(
      'Canal Trust <hello@canaltrust.example>',
      `Sender: ${MARGARET}`,
      'Content-Type: text/calendar',
    ),
  ],
  [
    'what she redirects by hand',
    from(
      'Bert Oakes <bert.oakes@sky.com>',
      `Resent-From: ${MARGARET}`,
      'Resent-To: parks@wexbourne.gov.uk',
      'Resent-Date: Tue, 09 Feb 2027 10:00:00 +0000',
    ),
  ],
  ['answers to her own other address', from(MARGARET, 'Reply-To: maggie.ackroyd@gmail.com')],
  ['answers to a colleague', from(MARGARET, 'Reply-To: clerk@wexbourne.gov.uk')],
  ['answers to a booking desk', from(MARGARET, 'Reply-To: Surgery <book@wexsurgery.example>')],
];

describe('the identity detector', () => {
  it.each(OWN_NAMES)('lets the member go by %s', async (name) => {
    expect(await kindsOf(as(name))).toEqual([]);
  });

  it.each(OTHER_NAMES)('sees the member pose as %s', async (name) => {
    const findings = await findingsOf(as(name), 'identity');
    expect(findings.map((each) => each.type)).toEqual(['display-name']);
  });

  it.each(OTHER_BOXES)('sees From with %s', async (_, mail) => {
    const findings = await findingsOf(mail, 'identity');
    expect(findings.map((each) => each.type)).toContain('from-not-entitled');
  });

  it.each(ENTITLED)('lets the member send with %s', async (_, mail) => {
    expect(await kindsOf(mail)).toEqual([]);
  });

  it.each([
    ['a Sender outside', `Sender: <ghost@writers.example>`, 'sender-mismatch'],
    ['answers to a copy of the council', 'Reply-To: <parks@wexbourne-gov.example>', 'reply-to'],
    ['answers to an anonymous service', 'Reply-To: <x1@anonmail.example>', 'reply-to'],
  ])('sees %s', async (_, header, type) => {
    const findings = await findingsOf(from(MARGARET, header), 'identity');
    expect(findings.map((each) => each.type)).toEqual([type]);
  });

  it.each(['Tariq Khan', 'Cllr Tariq', 'Mohammed Khan', 'M T Khan'])(
    'counts every forename as the person’s: %s',
    async (name) => {
      const khan = 'cllr.m.khan@wexbourne.gov.uk';
      const mail = { login: khan, headers: [`From: ${name} <${khan}>`] };
      expect(await findingsOf(mail, 'identity')).toEqual([]);
    },
  );

  it('knows names with marks, apostrophes and two barrels', async () => {
    const sian = 'cllr.sian.orourkepugh@wexbourne.gov.uk';
    for (const name of ["Sian O'Rourke-Pugh", 'Siân O’Rourke Pugh', 'Cllr Pugh', 'Sian']) {
      const box = `=?utf-8?B?${Buffer.from(name).toString('base64')}?=`;
      const mail = { login: sian, headers: [`From: ${box} <${sian}>`] };
      expect(await kindsOf(mail)).toEqual([]);
    }
  });

  it('holds the mailbox that a connector names to its own name', async () => {
    const mail: Mail = { login: null, mailFrom: MARGARET, ...as('Head of Highways') };
    expect(await kindsOf(mail)).toEqual(['identity']);
    const society = from('Priory Civic Society <info@priorycivic.example>');
    expect(await kindsOf({ login: null, mailFrom: MARGARET, ...society })).toEqual(['identity']);
  });

  it('says nothing about a sender whom nobody knows', async () => {
    const mail: Mail = {
      login: null,
      mailFrom: 'bert@sky.com',
      headers: ['From: Bert <bert@sky.com>'],
    };
    expect(await findingsOf(mail, 'identity')).toEqual([]);
  });
});

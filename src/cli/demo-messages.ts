/** One message of the demo, with what it shows. */
export interface DemoMessage {
  title: string;
  /** `login`: by SMTP AUTH as `sender`. `connector`: as Exchange would relay it. */
  via: 'login' | 'connector';
  sender: string;
  mailFrom: string;
  to: string[];
  /** Without line endings worked out: `\n` stands for CRLF. */
  raw: string;
}

const COUNCIL = 'merebrook.gov.uk';
const ASHDOWN = { name: 'Cllr Imogen Ashdown', address: `cllr.imogen.ashdown@${COUNCIL}` };
const PRYCE = { name: 'Cllr Gareth Pryce', address: `cllr.gareth.pryce@${COUNCIL}` };
const RAHMAN = { name: 'Cllr Nadia Rahman', address: `cllr.nadia.rahman@${COUNCIL}` };
const THORNE = { name: 'Cllr Walter Thorne', address: `cllr.walter.thorne@${COUNCIL}` };

/** The recipient whose server offers no TLS, and whose PGP key the demo's officer has trusted. */
export const DEMO_PGP_ADDRESS = 'jo@refuge.example';

interface Draft {
  from: { name: string; address: string };
  to: string[];
  subject: string;
  text: string;
}

function own(title: string, draft: Draft): DemoMessage {
  const { from, to } = draft;
  return {
    title,
    via: 'login',
    sender: from.address,
    mailFrom: from.address,
    to,
    raw: rawOf(draft, from),
  };
}

function rawOf({ to, subject, text }: Draft, from: { name: string; address: string }): string {
  return [
    `From: ${from.name} <${from.address}>`,
    `To: ${to.join(', ')}`,
    `Subject: ${subject}`,
    'Date: {{date}}',
    'Message-ID: <{{id}}@merebrook.gov.uk>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    text,
    '',
  ].join('\n');
}

/**
 * Nine messages as a council would see them in a week. Everybody and everything in them is
 * invented.
 */
export const DEMO_MESSAGES: readonly DemoMessage[] = [
  own('ordinary casework', {
    from: ASHDOWN,
    to: ['p.whitlock@resident.example'],
    subject: 'Your street light',
    text: `Dear Mr Whitlock,

I have reported the street light outside the chapel and was given the reference SL-20441.
They expect to mend it within ten days. Do tell me if it is still dark after that.

Yours,
Imogen Ashdown`,
  }),
  own('OFFICIAL-SENSITIVE to a host with verified TLS', {
    from: RAHMAN,
    to: ['ward.sister@merevalleynhs.example'],
    subject: 'OFFICIAL-SENSITIVE: discharge of a resident',
    text: `Dear Sister,

Mrs Dilys Kendrick tells me that she is to go home on Friday although nobody has looked at the
stairs. Her NHS number is 943 476 5919. Could somebody ring her daughter?

Nadia Rahman`,
  }),
  own('OFFICIAL-SENSITIVE to a host without TLS, trusted PGP key held', {
    from: RAHMAN,
    to: [DEMO_PGP_ADDRESS],
    subject: 'OFFICIAL-SENSITIVE PERSONAL: a place for Friday',
    text: `Dear Jo,

Is there a place from Friday for a mother and two children of four and nine? They must leave the
house before he is back on Saturday. Please ring me, not her.

Nadia Rahman`,
  }),
  own('OFFICIAL-SENSITIVE to a host without TLS, no key', {
    from: THORNE,
    to: ['trustee@almshouse.example'],
    subject: 'Official - Sensitive: the tenant in number four',
    text: `Dear Trustee,

The tenant in number four has told me about her diagnosis and does not want her neighbours to know.
Can the ground-floor flat be kept for her?

Walter Thorne`,
  }),
  {
    title: 'Exchange inbox rule redirects a resident’s mail to gmail.com',
    via: 'connector',
    sender: RAHMAN.address,
    mailFrom: 'm.oconnell@resident.example',
    to: ['nadia.rahman@gmail.com'],
    raw: [
      'Received: from mail.resident.example (203.0.113.9) by mail.merebrook.gov.uk with ESMTPS',
      ` for <${RAHMAN.address}>; {{date}}`,
      `X-MS-Exchange-Inbox-Rules-Loop: ${RAHMAN.address}`,
      'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent',
      'From: Maeve O’Connell <m.oconnell@resident.example>',
      `To: ${RAHMAN.address}`,
      'Subject: Damp in the riverside flats',
      'Date: {{date}}',
      'Message-ID: <{{id}}@resident.example>',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      'Dear Councillor, the damp is back on the third floor and the landlord does not answer.',
      '',
    ].join('\n'),
  },
  own('a leaflet in the election period', {
    from: PRYCE,
    to: ['friends@northgate-ward.example', 'list@northgate-ward.example'],
    subject: 'Northgate ward newsletter',
    text: `Dear neighbours,

Only the Local Conservatives can beat Labour in Northgate ward. Our candidate Rosalind Marsh needs
your support: please vote Conservative on polling day, and tell me if you can deliver leaflets on
Sunday.

Promoted by G. Pryce on behalf of Rosalind Marsh, both at 4 Mill Lane, Merebrook, MB1 2CD.`,
  }),
  own('a list of National Insurance numbers, unmarked', {
    from: THORNE,
    to: ['claims@almshouse.example'],
    subject: 'The families we spoke about',
    text: `Dear Sir,

These are the people whose claims stopped, with their National Insurance numbers:

${[
  'Agnes Porter, NI number JT 48 21 07 A',
  'Bashir Malik, NI number SC 20 55 31 B',
  'Carol Dunne, NI number WL 71 93 46 C',
  'Derek Ames, NI number PB 33 80 12 D',
  'Edna Frost, NI number HE 64 17 95 A',
  'Farah Aziz, NI number KA 09 42 68 B',
  'Glyn Hobbs, NI number RM 85 26 73 C',
  'Hettie Cole, NI number ZL 17 39 50 D',
  'Ivor Banks, NI number LJ 52 64 81 A',
  'Jean Rudd, NI number EB 96 08 24 B',
].join('\n')}

Walter Thorne`,
  }),
  {
    ...own('a forged From', {
      from: { name: 'Monitoring Officer', address: `monitoring.officer@${COUNCIL}` },
      to: ['editor@valleypost.example'],
      subject: 'Statement',
      text: `The council withdraws its objection to the quarry.

Helen Castle, Monitoring Officer`,
    }),
    sender: PRYCE.address,
    mailFrom: PRYCE.address,
  },
  own('a councillor agrees with a resident’s complaint', {
    from: ASHDOWN,
    to: ['p.whitlock@resident.example'],
    subject: 'Re: Missed bins again',
    text: `Dear Mr Whitlock,

I quite agree: the service has been awful since the new rounds, and I have told the Executive so.
I will not vote for another year of this contract unless it gets better.

Imogen Ashdown

> On Monday Mr Whitlock wrote:
> My green bin was missed for the third time. When will the council put this right?`,
  }),
];

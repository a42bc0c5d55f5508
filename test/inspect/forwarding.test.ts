import { describe, expect, it } from 'vitest';
import { findingsOf, kindsOf, type Mail, MARGARET } from './mail-of.ts';

const HOME = 'maggie.ackroyd@gmail.com';
const RESIDENT = 'From: Bert Oakes <bert.oakes@sky.com>';
const OFFICER = 'From: Parks <parks@wexbourne.gov.uk>';
const TO_HER = `To: Margaret Ackroyd <${MARGARET}>`;
const GUID = '7d1e7a52-40bb-4c27-9a68-0c6a2ab5a1de';
const RULE = `X-MS-Exchange-Inbox-Rules-Loop: ${MARGARET}`;

/** Arrives by the council's connector for her private account. */
function sentOn(headers: string[], extra: Partial<Mail> = {}): Mail {
  return { login: null, rcpt: [HOME], headers, ...extra };
}

const BLOCK = [
  '________________________________',
  'From: Parks <parks@wexbourne.gov.uk>',
  'Sent: 09 February 2027 09:58',
  'To: Margaret Ackroyd',
  'Subject: Bowling green',
  '',
  'The roller is broken again.',
].join('\n');

const AUTOMATIC: [string, Mail][] = [
  [
    'an Exchange redirect that shows nothing but a foreign author',
    sentOn([RESIDENT, TO_HER], { mailFrom: 'bert.oakes@sky.com' }),
  ],
  [
    "an Exchange redirect under the mailbox's own envelope sender",
    sentOn([RESIDENT, TO_HER], { mailFrom: MARGARET }),
  ],
  ['a redirect of an officer’s mail', sentOn([OFFICER, TO_HER], { mailFrom: MARGARET })],
  [
    'an inbox rule that redirects',
    sentOn([`Resent-From: <${MARGARET}>`, RULE, RESIDENT, TO_HER], { mailFrom: MARGARET }),
  ],
  [
    'an inbox rule that forwards, by login',
    {
      rcpt: [HOME],
      headers: [RULE, 'Subject: FW: Bowling green', 'Auto-Submitted: auto-generated'],
      body: BLOCK,
    },
  ],
  [
    'an inbox rule that forwards as an attachment',
    {
      rcpt: [HOME],
      headers: [
        RULE,
        'Subject: Bowling green',
        'Content-Type: multipart/mixed; boundary=b',
        'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent',
      ],
      body: [
        '--b',
        'Content-Type: message/rfc822',
        '',
        'From: parks@wexbourne.gov.uk',
        'Subject: Bowling green',
        '',
        'Broken.',
        '--b--',
      ].join('\n'),
    },
  ],
  [
    'a generated forward with its parent',
    {
      rcpt: [HOME],
      headers: [
        'Subject: FW: Bowling green',
        'Auto-Submitted: auto-generated',
        'X-MS-Exchange-Parent-Message-Id: <7@wexbourne.gov.uk>',
      ],
      body: BLOCK,
    },
  ],
  [
    'mailbox forwarding with an SRS sender',
    sentOn([`X-MS-Exchange-ForwardingLoop: ${MARGARET};${GUID}`, OFFICER, TO_HER], {
      mailFrom: 'cllr.margaret.ackroyd+SRS=Xy1=AB=sky.com=bert.oakes@wexbourne.gov.uk',
    }),
  ],
  [
    'the short SRS form',
    sentOn([RESIDENT, TO_HER], { mailFrom: 'bounces+SRS=Xy1Za=AB@wexbourne.gov.uk' }),
  ],
  [
    'SRS0 of a .forward file',
    sentOn([`Delivered-To: ${MARGARET}`, OFFICER, TO_HER], {
      mailFrom: 'SRS0=q1=AB=wexbourne.gov.uk=parks@wexbourne.gov.uk',
    }),
  ],
  ['Sieve', sentOn([`X-Sieve-Redirected-From: ${MARGARET}`, OFFICER, TO_HER])],
  [
    'procmail',
    sentOn([`X-Loop: ${MARGARET}`, RESIDENT, TO_HER], { mailFrom: 'bert.oakes@sky.com' }),
  ],
  [
    'Gmail forwarding of a hosted council',
    sentOn([`X-Forwarded-To: ${HOME}`, `X-Forwarded-For: ${MARGARET} ${HOME}`, RESIDENT, TO_HER], {
      mailFrom: 'cllr.margaret.ackroyd+caf_=maggie.ackroyd=gmail.com@wexbourne.gov.uk',
    }),
  ],
  [
    'the flag of a client-side rule',
    {
      rcpt: [HOME],
      headers: ['Subject: FW: Bowling green', 'X-MS-Exchange-Organization-AutoForwarded: true'],
      body: BLOCK,
    },
  ],
  [
    'a Power Automate flow that forwards',
    {
      rcpt: [HOME],
      headers: [
        'Subject: FW: Bowling green',
        'X-MS-Mail-Application: Microsoft Power Automate; User-Agent: azure-logic-apps/1.0',
        'X-MS-Mail-Operation-Type: Forward',
      ],
      body: BLOCK,
    },
  ],
  [
    "a rule that sends on a resident's automatic reply",
    sentOn(
      [
        `Delivered-To: ${MARGARET}`,
        RESIDENT,
        TO_HER,
        'Subject: Automatic reply: Towpath',
        'Auto-Submitted: auto-replied',
      ],
      { mailFrom: '' },
    ),
  ],
  [
    'a rule that sends on a newsletter of somebody else’s list',
    sentOn(
      [
        RULE,
        'From: Canal News <news@canalnews.example>',
        TO_HER,
        'List-Id: <news.canalnews.example>',
        'Precedence: bulk',
      ],
      { mailFrom: MARGARET },
    ),
  ],
  ...['List-Id: <all-members.wexbourne.gov.uk>', 'X-MS-Gcc-Journal-Report: 0'].map(
    (history): [string, Mail] => [
      `a rule that sends on, under a header that any message may bring: ${history}`,
      sentOn([RULE, history, RESIDENT, TO_HER], {
        mailFrom: 'cllr.margaret.ackroyd+SRS=Xy1=AB=sky.com=bert.oakes@wexbourne.gov.uk',
      }),
    ],
  ),
  ['a rule that sends on what a journal noted', sentOn([RULE, 'X-MS-Journal-Report: ', RESIDENT])],
  [
    'history of a journal elsewhere',
    sentOn(['X-MS-Gcc-Journal-Report: 0', RESIDENT, TO_HER], { mailFrom: MARGARET }),
  ],
  [
    'a rule that sends on what the council’s own list delivered',
    sentOn([
      RULE,
      'List-Post: <mailto:allotments@lists.wexbourne.gov.uk>',
      RESIDENT,
      'To: allotments@lists.wexbourne.gov.uk',
    ]),
  ],
  [
    'a bounce that was meant for her, by null sender',
    sentOn(
      [
        'From: Mail Delivery System <mailer-daemon@sky.com>',
        TO_HER,
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      ],
      { mailFrom: '', body: '--b\n\nNo such user.\n--b--' },
    ),
  ],
  [
    'traces of a delivery and of the inbound filter',
    sentOn(
      [
        'Received: from mx.sky.com by mx.wexbourne.gov.uk with ESMTPS',
        ` for <${MARGARET}>; Tue, 09 Feb 2027 09:59:58 +0000`,
        'Authentication-Results: mx.wexbourne.gov.uk; spf=pass smtp.mailfrom=sky.com; dkim=pass',
        RESIDENT,
        'To: undisclosed-recipients:;',
      ],
      { mailFrom: 'bert.oakes@sky.com' },
    ),
  ],
];

const NOT_AUTOMATIC: [string, Mail][] = [
  [
    'an out-of-office reply with the rule header',
    {
      rcpt: ['bert.oakes@sky.com'],
      headers: [
        RULE,
        'Subject: Automatic reply: Towpath',
        'Auto-Submitted: auto-generated',
        'X-Auto-Response-Suppress: All',
        'In-Reply-To: <4@sky.com>',
        'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent',
        'X-MS-Exchange-Parent-Message-Id: <4@sky.com>',
      ],
    },
  ],
  [
    'a server reply of a rule, with its own Subject',
    {
      rcpt: ['bert.oakes@sky.com'],
      headers: [RULE, 'Subject: Thank you for writing', 'In-Reply-To: <4@sky.com>'],
      mailFrom: '',
      login: null,
    },
  ],
  [
    'a Sieve vacation reply',
    {
      rcpt: ['bert.oakes@sky.com'],
      headers: ['Subject: Away until Monday', 'Auto-Submitted: auto-replied (vacation)'],
      mailFrom: '',
      login: null,
    },
  ],
  [
    'a calendar acceptance',
    {
      headers: ['Subject: Accepted: Lock visit', 'Content-Type: text/calendar; method=REPLY'],
      body: 'BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR',
    },
  ],
  [
    'a read receipt',
    {
      headers: [
        'Subject: Read: Towpath',
        'Content-Type: multipart/report; report-type=disposition-notification; boundary=b',
      ],
      body: '--b\n\nRead on Tuesday.\n--b--',
    },
  ],
  [
    'a bounce to an outside author',
    {
      rcpt: ['bert.oakes@sky.com'],
      login: null,
      mailFrom: '',
      headers: [
        'From: Mail Delivery System <postmaster@wexbourne.gov.uk>',
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
      ],
      body: '--b\n\nNo such user.\n--b--',
    },
  ],
  [
    'a forward by hand without a word of her own',
    { rcpt: [HOME], headers: ['Subject: FW: Bowling green'], body: BLOCK },
  ],
  [
    'history of another organisation in the header',
    {
      headers: [
        'X-MS-Exchange-Inbox-Rules-Loop: clerk@otherplace.gov.uk',
        'X-Forwarded-For: clerk@otherplace.gov.uk office@otherplace.gov.uk',
        'Delivered-To: clerk@otherplace.gov.uk',
        'X-MS-Exchange-ForwardingLoop: ForwardingHandled;8812',
        'Subject: Re: Towpath',
      ],
    },
  ],
  [
    'forwarding headers inside an attached message',
    {
      rcpt: ['report@phishing.example'],
      headers: ['Subject: is this a scam?', 'Content-Type: multipart/mixed; boundary=b'],
      body: [
        '--b',
        '',
        'Please look.',
        '--b',
        'Content-Type: message/rfc822',
        '',
        `Delivered-To: ${MARGARET}`,
        RULE,
        'From: prize@lottery.example',
        'Subject: You won',
        '',
        'Click.',
        '--b--',
      ].join('\n'),
    },
  ],
  [
    'a post to a list, as the council’s own list hands it on',
    {
      login: null,
      rcpt: ['member@allotments.example'],
      mailFrom: 'allotments-bounces@lists.wexbourne.gov.uk',
      headers: [
        RESIDENT,
        'To: allotments@lists.wexbourne.gov.uk',
        'Delivered-To: allotments@lists.wexbourne.gov.uk',
        'List-Id: Allotment holders <allotments.lists.wexbourne.gov.uk>',
        'Precedence: list',
      ],
    },
  ],
  [
    'a post to a list whose server guards itself against loops and rewrites the envelope',
    {
      login: null,
      rcpt: ['member@allotments.example'],
      mailFrom: 'allotments-bounces+SRS=Xy1=AB=sky.com=bert.oakes@lists.wexbourne.gov.uk',
      headers: [
        RESIDENT,
        'To: allotments@lists.wexbourne.gov.uk',
        'X-Loop: allotments@lists.wexbourne.gov.uk',
        'List-Id: Allotment holders <allotments.lists.wexbourne.gov.uk>',
      ],
    },
  ],
  [
    'a post to a group by an envelope sender that names nobody',
    {
      login: null,
      rcpt: ['member@allotments.example'],
      mailFrom: 'bounces+SRS=Xy1Za=AB@wexbourne.gov.uk',
      headers: [
        RESIDENT,
        'To: allotments@wexbourne.gov.uk',
        'List-Post: <mailto:allotments@wexbourne.gov.uk>',
      ],
    },
  ],
  [
    'a delegate who sends from a shared mailbox',
    {
      headers: [`Sender: <${MARGARET}>`, 'From: Mayor of Wexbourne <mayor@wexbourne.gov.uk>'],
    },
  ],
  [
    'a ticket system that marks its own mail',
    {
      login: null,
      mailFrom: 'helpdesk@wexbourne.gov.uk',
      headers: [
        'From: Help desk <helpdesk@wexbourne.gov.uk>',
        'X-Loop: helpdesk@wexbourne.gov.uk',
        'Subject: [#4412] Towpath lamp',
      ],
    },
  ],
  [
    'a journal copy',
    {
      login: null,
      rcpt: ['journal@archive.example'],
      headers: [RESIDENT, TO_HER, 'X-MS-Journal-Report: '],
      mailFrom: 'bert.oakes@sky.com',
    },
  ],
  [
    'a rule that sends on to a colleague inside',
    {
      rcpt: ['cllr.thomas.varley@wexbourne.gov.uk'],
      headers: [RULE, 'Subject: FW: Bowling green', 'Auto-Submitted: auto-generated'],
      body: BLOCK,
    },
  ],
  [
    'a Thunderbird forward, which names the original in a header',
    {
      rcpt: ['clerk@priorypc.example'],
      headers: ['Subject: Fwd: Green', 'X-Forwarded-Message-Id: <9@wexbourne.gov.uk>'],
      body: `-------- Forwarded Message --------\nSubject: Green\nDate: today\nFrom: Parks\n\nhello`,
    },
  ],
  [
    'a flow that answers a form',
    {
      headers: [
        'Subject: Your report was received',
        'X-MS-Mail-Application: Microsoft Power Automate',
        'X-MS-Mail-Operation-Type: Send',
      ],
    },
  ],
  [
    'a question about automatic forwarding',
    {
      rcpt: [HOME],
      headers: ['Subject: auto-forward rule'],
      body: 'Did you set up X-Forwarded-To or an inbox rule? I get FW: mails twice.',
    },
  ],
];

describe('the auto-forward detector', () => {
  it.each(AUTOMATIC)('sees %s', async (_, mail) => {
    expect(await kindsOf(mail)).toEqual(['auto-forward']);
  });

  it.each(NOT_AUTOMATIC)('passes %s', async (_, mail) => {
    const kinds = await kindsOf(mail);
    expect(kinds).not.toContain('auto-forward');
    expect(kinds).not.toContain('auto-forward-external');
  });

  it('tells a partner council from a private account', async () => {
    const partner = 'cllr.m.ackroyd@mereshire.gov.uk';
    const mail = sentOn([RULE, RESIDENT, TO_HER], { rcpt: [partner], mailFrom: MARGARET });
    expect(await kindsOf(mail)).toEqual(['auto-forward-external']);
  });

  it('takes an unknown private domain for personal and a firm for external', async () => {
    const to = (address: string) => sentOn([RULE, RESIDENT, TO_HER], { rcpt: [address] });
    expect(await kindsOf(to('jk@oldmill.example'))).toEqual(['auto-forward']);
    expect(await kindsOf(to('intake@wex-solicitors.example'))).toEqual(['auto-forward-external']);
  });

  it('finds each outside recipient by itself and says what it saw', async () => {
    const mail = sentOn([RULE, RESIDENT, TO_HER], {
      rcpt: [HOME, 'parks@wexbourne.gov.uk', 'maggie@ackroyds.example'],
      mailFrom: MARGARET,
    });
    const findings = await findingsOf(mail, 'auto-forward');
    expect(findings.map((each) => each.recipient)).toEqual([HOME, 'maggie@ackroyds.example']);
    expect(findings[0]?.type).toBe('exchange-inbox-rule-redirect');
    expect(findings[0]?.score).toBeGreaterThan(0.97);
    expect(findings[0]?.evidence[0]).toMatchObject({
      part: 'header:x-ms-exchange-inbox-rules-loop',
      text: MARGARET,
    });
  });
});

const BY_HAND: [string, Mail][] = [
  ['Outlook, to her own account', { headers: ['Subject: FW: Bowling green'], body: BLOCK }],
  [
    'Gmail on the council account',
    {
      headers: ['Subject: Fwd: Bowling green'],
      body: `for tonight\n\n---------- Forwarded message ---------\n${BLOCK.slice(33)}`,
    },
  ],
  [
    'Apple Mail without addresses',
    {
      headers: ['Subject: Fwd: Green'],
      body: 'Begin forwarded message:\n\nFrom: Parks Team\nSubject: Green\nDate: 9 February 2027\n\nRoller.',
    },
  ],
  [
    'a forward block without the prefix',
    { headers: ['Subject: have a look'], body: `can you print this\n\n${BLOCK}` },
  ],
  [
    "to her partner, somebody else's account",
    { rcpt: ['nobby77@btinternet.com'], headers: ['Subject: FW: Bowling green'], body: BLOCK },
  ],
  [
    "a resident's letter, to a friend",
    {
      rcpt: ['nobby77@btinternet.com'],
      headers: ['Subject: FW: Towpath'],
      body: `what a cheek\n\nFrom: Bert Oakes <bert.oakes@sky.com>\nSent: Monday\nTo: ${MARGARET}\nSubject: Towpath\n\nIt floods.`,
    },
  ],
  [
    'as an attached message',
    {
      headers: ['Subject: print please', 'Content-Type: multipart/mixed; boundary=b'],
      body: `--b\n\nthanks\n--b\nContent-Type: message/rfc822\n\nFrom: parks@wexbourne.gov.uk\nTo: ${MARGARET}\nSubject: Green\n\nRoller.\n--b--`,
    },
  ],
  [
    'the Redirect command of a mail program',
    {
      headers: [
        `Resent-From: Margaret Ackroyd <${MARGARET}>`,
        `Resent-To: ${HOME}`,
        'Resent-Date: Tue, 09 Feb 2027 10:00:00 +0000',
        'Resent-Message-Id: <5@wexbourne.gov.uk>',
        OFFICER,
        TO_HER,
        `Delivered-To: ${MARGARET}`,
      ],
    },
  ],
  [
    'SmartForward of a telephone, to an address she registered',
    { rcpt: ['allotment.42@plot.example'], headers: ['Subject: Fwd: Green'], body: 'Roller.' },
  ],
  [
    'council mail quoted below a new subject',
    {
      headers: ['Subject: Shared: pre-brief'],
      body: 'Read before 9\n\n> On 2 Dec 2026, at 20:14, Parks <parks@wexbourne.gov.uk> wrote:\n>\n> Mown.',
    },
  ],
  [
    'a separator without the word message',
    {
      headers: ['Subject: fw mowing'],
      body: 'look\n\n----- Forwarded -----\nFrom: Parks <parks@wexbourne.gov.uk>\nSubject: mowing\nMown.',
    },
  ],
];

const NOT_BY_HAND: [string, Mail][] = [
  [
    "a resident's own words back to the resident",
    {
      rcpt: ['bert.oakes@sky.com'],
      headers: ['Subject: FW: Towpath'],
      body: `did you mean this one?\n\nFrom: Bert Oakes <bert.oakes@sky.com>\nSent: Monday\nTo: ${MARGARET}\nSubject: Towpath\n\nIt floods.`,
    },
  ],
  [
    'the same without addresses in the block',
    {
      rcpt: ['bert.oakes@sky.com'],
      headers: ['Subject: FW: Towpath'],
      body: 'this?\n\nFrom: Bert Oakes\nSent: Monday\nTo: Margaret Ackroyd\nSubject: Towpath\n\nIt floods.',
    },
  ],
  [
    'a forward to an officer',
    { rcpt: ['parks@wexbourne.gov.uk'], headers: ['Subject: Fwd: Mattress'], body: BLOCK },
  ],
  [
    'a forward to a partner body',
    { rcpt: ['pcso.hill@wexshire.police.uk'], headers: ['Subject: FW: Mattress'], body: BLOCK },
  ],
  [
    'a reply that quotes',
    {
      rcpt: ['bert.oakes@sky.com'],
      headers: ['Subject: Re: Towpath', 'In-Reply-To: <4@sky.com>'],
      body: `On Thursday.\n\n-----Original Message-----\nFrom: Bert Oakes <bert.oakes@sky.com>\nSent: Monday\nTo: ${MARGARET}\nSubject: Towpath\n\nWhen?`,
    },
  ],
  [
    'a new message to her own account',
    { headers: ['Subject: milk'], body: 'Two pints and the paper.' },
  ],
  [
    'something else that came round, to a friend',
    {
      rcpt: ['nobby77@btinternet.com'],
      headers: ['Subject: Fwd: recipe'],
      body: 'Eggs and flour.',
    },
  ],
  [
    'a reply to an officer that a resident gets a copy of',
    {
      rcpt: ['parks@wexbourne.gov.uk', 'bert.oakes@sky.com'],
      headers: ['Subject: Re: Bowling green'],
      body: 'Thanks both.\n\nOn 2 Dec 2026, at 20:14, Parks <parks@wexbourne.gov.uk> wrote:\n> Mown.',
    },
  ],
];

describe('the manual-forward detector', () => {
  it.each(BY_HAND)('sees %s', async (_, mail) => {
    expect(await kindsOf({ rcpt: [HOME], ...mail })).toEqual(['manual-forward-personal']);
  });

  it.each(NOT_BY_HAND)('passes %s', async (_, mail) => {
    expect(await kindsOf({ rcpt: [HOME], ...mail })).not.toContain('manual-forward-personal');
  });

  it('says which account, and whether it is her own', async () => {
    const mail = {
      rcpt: [HOME, 'parks@wexbourne.gov.uk'],
      headers: ['Subject: FW: x'],
      body: BLOCK,
    };
    const [finding, ...others] = await findingsOf(mail, 'manual-forward-personal');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ recipient: HOME, details: { own: true }, type: 'inline' });
    expect(finding?.evidence[0]?.text).toBe('From: Parks <parks@wexbourne.gov.uk>');
  });
});

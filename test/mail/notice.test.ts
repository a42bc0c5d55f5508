import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import type { DsnInput, DsnRecipient } from '../../src/mail/dsn.ts';
import { checkTemplate } from '../../src/mail/notice-template.ts';
import { NOTICE_SHAPE } from '../../src/mail/notice-variables.ts';
import {
  composeNotice,
  NOTICE_KINDS,
  type NoticeData,
  type NoticeInput,
  type NoticeKind,
} from '../../src/mail/notice.ts';

const template = (kind: NoticeKind) =>
  readFileSync(new URL(`../../policies/notices/${kind}.md`, import.meta.url), 'utf8');

const data: NoticeData = {
  queueId: '01JD7Q4RZ8K2M5N9PX',
  recipientName: 'Councillor Ivory',
  sentAt: 'Sunday 22 November 2026 at 2:41 pm',
  reason: 'It may contain party political or election material.',
  clauses: [
    {
      section: '6.2.3',
      document: 'Members ICT Protocol',
      quote: 'You will need to include OFFICIAL-SENSITIVE in the subject field.',
    },
  ],
  recipients: [
    {
      address: 'jo@charity.example',
      outcome: 'not sent yet',
      reason: "the recipient's mail server does not offer encryption",
    },
  ],
  notAffected: ['sam@school.example'],
  protected: true,
  waitingHelps: false,
  pgp: 'auto',
  keyHeld: false,
  markingAdvised: true,
  redirectAllowed: false,
  ictDesk: 'the ICT desk',
  waitsForOfficer: 'the Monitoring Officer',
  dueBy: 'Monday 23 November 2026 at 5 pm',
  retryUntil: 'Monday 23 November 2026 at 2:41 pm',
  officerReason: 'It asks people to vote.',
  advice: ['Leave the political part out.'],
  mayResend: true,
  statusLink: null,
  forIct: null,
  isDraft: true,
};

function input(kind: NoticeKind, changes: Partial<NoticeInput> = {}): NoticeInput {
  return {
    kind,
    council: {
      name: 'Merebrook Council',
      noticeFrom: 'notices@merebrook.gov.uk',
      contacts: [
        { role: 'democratic-services', text: 'Democratic Services Manager, extension 3219' },
      ],
    },
    to: { name: 'Cllr Ivory', address: 'cllr.ivory@merebrook.gov.uk' },
    template: template(kind),
    data,
    messageId: '<n1@gw.merebrook.gov.uk>',
    at: new Date('2026-11-22T15:11:00Z'),
    original: { messageId: '<m1@merebrook.gov.uk>', date: null, subject: 'OFFICIAL-SENSITIVE: x' },
    includeDsn: null,
    token: '01JD7Q4RZ8K2M5N9PX abc123',
    ...changes,
  };
}

function report(changes: Partial<DsnRecipient>[]): DsnInput {
  const recipient: DsnRecipient = {
    address: 'jo@charity.example',
    orcpt: null,
    notify: [],
    action: 'delayed',
    status: '4.7.10',
    remoteMta: null,
    diagnostic: null,
    lastAttempt: null,
    willRetryUntil: null,
  };
  return {
    reportingMta: 'gw.merebrook.gov.uk',
    arrivedAt: new Date('2026-11-22T14:41:05Z'),
    envid: null,
    recipients: changes.map((change) => ({ ...recipient, ...change })),
  };
}

async function read(notice: NoticeInput) {
  const { raw, mailFrom } = composeNotice(notice);
  const mail = await simpleParser(raw);
  const html = mail.html === false ? '' : mail.html;
  return { raw: raw.toString('latin1'), mailFrom, mail, text: mail.text ?? '', html };
}
/** Prose without its line breaks. */
const flat = (text: string) => text.replace(/\s+/g, ' ');

describe('every notice', () => {
  it.each(NOTICE_KINDS)('%s uses only documented variables, however they come', (kind) => {
    expect(checkTemplate(kind, template(kind), NOTICE_SHAPE)).toEqual([]);
  });

  it.each(NOTICE_KINDS)('%s is accessible automatic mail with a text part first', async (kind) => {
    const { raw, mailFrom, mail, text, html } = await read(input(kind));
    expect(mailFrom).toBe('notices@merebrook.gov.uk');
    expect(raw).toMatch(/^Content-Type: multipart\/alternative;/m);
    expect(raw.indexOf('Content-Type: text/plain')).toBeLessThan(raw.indexOf('text/html'));
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.headers.get('x-auto-response-suppress')).toBe('All');
    expect(mail.headers.get('x-portreeve-notice')).toBe('01JD7Q4RZ8K2M5N9PX abc123');
    expect(mail.from?.value).toEqual([
      { name: 'Merebrook Council e-mail service', address: 'notices@merebrook.gov.uk' },
    ]);
    expect([mail.messageId, mail.inReplyTo, mail.date?.toISOString()]).toEqual([
      '<n1@gw.merebrook.gov.uk>',
      '<m1@merebrook.gov.uk>',
      '2026-11-22T15:11:00.000Z',
    ]);
    expect(html).toMatch(/^<!DOCTYPE html>\s*<html lang="en">/);
    expect(html).toMatch(/<h1[^>]*>[\s\S]+<h2>If in doubt, ask<\/h2>/);
    expect(html).not.toMatch(/<(?:img|script|style|link)\b/);
    for (const part of [text, html]) {
      expect(part).toContain('Dear Councillor Ivory,');
      expect(part).toContain('Democratic Services Manager, extension 3219');
      expect(part).toContain('01JD7Q4RZ8K2M5N9PX');
    }
  });

  it.each(NOTICE_KINDS)('%s reads well as plain text', async (kind) => {
    const { raw, text } = await read(input(kind));
    expect(raw).toMatch(/^[\x20-\x7e\r\n]*$/);
    expect(raw.split('\r\n').every((line) => line.length <= 78)).toBe(true);
    expect(text.split('\n').filter((line) => line.length > 76)).toEqual([]);
    expect(text).not.toMatch(/\*\*|^#|\{[{%]|\\|&[a-z]+;|\n{3}|(?:\n\n|[.!?] )the /m);
    expect(text.split(/\s+/).length).toBeLessThan(380);
  });

  it.each(NOTICE_KINDS)('%s says nothing of the message in its subject line', async (kind) => {
    const { mail } = await read(input(kind));
    expect(mail.subject).not.toMatch(/OFFICIAL|political|charity|@|6\.2/);
  });

  it.each(NOTICE_KINDS.filter((kind) => kind !== 'released'))(
    '%s names the clause before the first heading and accuses nobody',
    async (kind) => {
      const { html, text } = await read(input(kind));
      const opening = html.slice(0, html.indexOf('<h2>'));
      expect(flat(opening)).toContain('clause 6.2.3 of the Members ICT Protocol');
      expect(text).not.toMatch(/breach/i);
      expect(text).toContain('\n> You will need to include OFFICIAL-SENSITIVE');
    },
  );

  it('shows hostile values as text, in every part and in the header', async () => {
    const hostile = [
      'a_b*c@x.test',
      '<img src=x onerror=alert(1)>',
      '[click](https://evil.test)',
      '{{ 7 * 7 }}{% include "x" %}',
      '&lt;b&gt;',
      'https://evil.test',
      '`code` ~~del~~ \\ # | end',
    ];
    const lines = hostile.map((address) => ({ address, outcome: 'not sent', reason: null }));
    const { text, html, raw } = await read(
      input('refused', {
        data: { ...data, recipients: lines, officerReason: 'No.\r\n\r\n# Look\r\n<b>1</b>' },
        to: { name: 'Cllr "Ivy"\r\nBcc: x@y.test', address: 'cllr.ivory@merebrook.gov.uk' },
      }),
    );
    for (const address of hostile) expect(text).toContain(`\n - ${address}: not sent\n`);
    expect(text).toContain('> No. # Look <b>1</b>\n');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toMatch(/<(?:img|a|b|code)\b/);
    expect(raw).not.toMatch(/^Bcc:/m);
  });

  it('counts the recipients beyond the first forty', async () => {
    const lines = Array.from({ length: 500 }, (_, index) => ({
      address: `r${index}@x.test`,
      outcome: 'not sent yet',
      reason: null,
    }));
    const { text } = await read(input('held', { data: { ...data, recipients: lines } }));
    expect(text).toContain('r39@x.test');
    expect(text).not.toContain('r40@x.test');
    expect(text).toContain(' - 460 more addresses: not listed here');
  });

  it('is the same bytes each time it is written', () => {
    expect(composeNotice(input('held')).raw.equals(composeNotice(input('held')).raw)).toBe(true);
  });

  it('refuses a status link that is not https', () => {
    const changed = { ...data, statusLink: 'javascript:alert(1)' };
    expect(() => composeNotice(input('held', { data: changed }))).toThrow(/link must begin/);
  });
});

describe('a diverted notice', () => {
  it('never shows the private address', async () => {
    const recipients = [{ address: 'rose.ivory@gmail.com', outcome: 'not sent on', reason: null }];
    const { text, html, raw } = await read(
      input('diverted', { data: { ...data, recipients, notAffected: ['rose.ivory@aol.com'] } }),
    );
    expect(text).toContain(' - an address at gmail.com\n');
    for (const part of [text, html, raw]) expect(part).not.toContain('rose.ivory');
  });
});

describe('a delayed notice', () => {
  it('says that nothing left unencrypted, who waits, until when, and how PGP helps', async () => {
    const text = flat((await read(input('delayed'))).text);
    expect(text).toContain('We did not send it without encryption.');
    expect(text).toContain(
      "jo@charity.example: not sent yet, because the recipient's mail server does not offer",
    );
    expect(text).toContain('We keep trying until Monday 23 November 2026 at 2:41 pm.');
    expect(text).toContain('Waiting alone will probably not help');
    expect(text).toContain('it goes by itself as soon as the key is ready');
    expect(text).not.toContain('[PGP]');
  });

  it.each([
    ['auto', true, /We hold a key for these people \(a PGP key\)/, /\[PGP\]|public key/],
    ['on_resend', false, /public key.*Start the subject line with \[PGP\]/, /by itself/],
    ['on_resend', true, /already hold the key.*Write the message again/, /public key/],
    ['off', false, /If it cannot wait, use another way/, /PGP/],
  ] as const)(
    'with PGP %s and key held %s gives the right steps',
    async (pgp, keyHeld, has, not) => {
      const text = flat((await read(input('delayed', { data: { ...data, pgp, keyHeld } }))).text);
      expect(text).toMatch(has);
      expect(text).not.toMatch(not);
    },
  );

  it('asks for patience alone where nothing had to be encrypted', async () => {
    const text = flat((await read(input('delayed', { data: { ...data, protected: false } }))).text);
    expect(text).toContain('You do not have to do anything.');
    expect(text).not.toMatch(/PGP|must be encrypted/);
  });

  it('does not tell a council that keeps confidential things off e-mail to mark them', async () => {
    const changed = { ...data, markingAdvised: false, clauses: [] };
    const text = flat((await read(input('delayed', { data: changed }))).text);
    expect(text).toContain('rules ask you not to send confidential things by e-mail');
    expect(text).not.toContain('OFFICIAL-SENSITIVE');
  });
});

describe('a held notice', () => {
  it('offers no second try where the message must not be sent again', async () => {
    const changed = { ...data, mayResend: false, advice: ['Ring the ICT desk.'] };
    const { text } = await read(input('held', { data: changed }));
    expect(text).toContain(' - Ring the ICT desk.');
    expect(text).not.toMatch(/quicker|Send it as a new message/);
  });
});

describe('composeNotice() as a DSN', () => {
  const failed = { action: 'failed', status: '5.1.1' } as const;

  it.each([
    ['delayed', report([{}])],
    ['undelivered', report([failed])],
    ['expired', report([failed])],
  ] as const)('reports %s with the null sender and the same words', async (kind, includeDsn) => {
    const { raw, mailFrom, mail, text } = await read(input(kind, { includeDsn }));
    expect(mailFrom).toBe('');
    expect(raw).toContain('multipart/report; report-type=delivery-status');
    expect(mail.headers.get('auto-submitted')).toBe('auto-replied');
    expect(text).toContain('Dear Councillor Ivory,');
    expect(raw).toContain('\r\nFinal-Recipient: rfc822; jo@charity.example\r\n');
  });

  it.each([
    ['delayed', [{ notify: ['failure'] }]],
    ['delayed', [{ notify: ['never'] }]],
    ['undelivered', [{ ...failed, notify: ['success', 'delay'] }]],
    ['undelivered', [{}]],
    ['held', [{}]],
  ] as const)(
    'sends an ordinary notice for %s where NOTIFY or the kind forbids',
    (kind, changes) => {
      const includeDsn = report(changes as unknown as Partial<DsnRecipient>[]);
      const { raw, mailFrom } = composeNotice(input(kind, { includeDsn }));
      expect(mailFrom).toBe('notices@merebrook.gov.uk');
      expect(raw.includes('delivery-status')).toBe(false);
    },
  );

  it('reports only on the recipients that allow it', () => {
    const includeDsn = report([{ notify: ['never'], address: 'quiet@x.test' }, {}]);
    const raw = composeNotice(input('delayed', { includeDsn })).raw.toString();
    expect(raw.match(/^Final-Recipient: .*/gm)).toEqual([
      'Final-Recipient: rfc822; jo@charity.example',
    ]);
  });
});

describe('checkTemplate()', () => {
  const good =
    'Subject: Hello\n\n{{ councilName }} {{ recipientName }} {{ reference }}\n' +
    '{% for c in contacts %}{{ c.role }}{% endfor %}\n';

  it('accepts the least that a notice needs', () => {
    expect(checkTemplate('held', good, NOTICE_SHAPE)).toEqual([]);
  });

  it.each([
    [
      'an unknown variable, with its line',
      `${good}\n{{ nobody }}`,
      'Line 6: unknown variable "nobody"',
    ],
    ['an unknown one in a condition', `${good}{% if nobody %}x{% endif %}`, '"nobody"'],
    ['an unknown field', `${good}{% for c in contacts %}{{ c.phone }}{% endfor %}`, '"phone"'],
    ['a way out of the template', `${good}{{ reason.constructor }}`, '"constructor"'],
    ['a call', `${good}{{ reason.trim() }}`, '"FunCall" is not allowed'],
    ['a filter', `${good}{{ reason | safe }}`, '"Filter" is not allowed'],
    ['an include', `${good}{% include "/etc/passwd" %}`, '"Include" is not allowed'],
    ['an assignment', `${good}{% set a = 1 %}`, '"Set" is not allowed'],
    ['a loop over text', `${good}{% for c in reason %}x{% endfor %}`, 'a loop must be'],
    ['a tag left open', `${good}{% if protected %}`, 'From line 2 on'],
    ['a value that may be missing', `${good}{{ dueBy }}`, 'where "dueBy" is null'],
    ['HTML', `${good}\n<b>x</b>`, 'HTML is not allowed'],
    ['a picture', `${good}![x](https://x.test/p.png)`, 'pictures are not allowed'],
    ['an odd link', `${good}[x](javascript:y)`, 'a link must begin'],
    ['a verdict', `${good}\nYou have breached it.`, 'write "may"'],
    [
      'a heading over nothing',
      `${good}\n## A\n{% if dueBy %}x{% endif %}\n`,
      'heading stands alone',
    ],
    ['no subject', good.slice(9), 'Line 1 must be'],
    [
      'an address in the subject',
      good.replace('Hello', '{{ reason }}'),
      'Line 1: unknown variable',
    ],
    ['nobody to ask', good.replaceAll('contacts', 'advice').replace('c.role', 'c'), '"contacts"'],
  ])('refuses %s', (_, text, problem) => {
    const problems = checkTemplate('held', text, NOTICE_SHAPE);
    expect(problems.join('\n')).toContain(problem);
    expect(problems[0]).toMatch(/^Notice "held": /);
  });

  it('is what composeNotice() holds a template to', () => {
    const changed = input('held', { template: `${good}{{ reason.constructor }}` });
    expect(() => composeNotice(changed)).toThrow(/unknown variable "constructor"/);
  });
});

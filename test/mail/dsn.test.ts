import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeDsn, decodeXtext, dsnAllowed, type DsnRecipient } from '../../src/mail/dsn.ts';

const header = {
  from: { name: 'Merebrook Council e-mail service', address: 'notices@merebrook.gov.uk' },
  to: { name: 'Cllr Ivory', address: 'cllr.ivory@merebrook.gov.uk' },
  subject: 'Message delayed',
  at: new Date('2026-11-22T15:11:00Z'),
  messageId: '<n1@gw.merebrook.gov.uk>',
  token: 'Q1 abc123',
};
const original = {
  messageId: '<m1@merebrook.gov.uk>',
  date: 'Sun, 22 Nov 2026 14:41:00 +0000',
  subject: 'OFFICIAL-SENSITIVE: visit',
};
const delayed: DsnRecipient = {
  address: 'jo@charity.example',
  orcpt: 'rfc822;jo+2Bx@charity.example',
  notify: [],
  action: 'delayed',
  status: '4.7.10',
  remoteMta: 'mx.charity.example',
  diagnostic: '454 4.7.0 TLS not available',
  lastAttempt: new Date('2026-11-22T15:10:00Z'),
  willRetryUntil: new Date('2026-11-23T14:41:00Z'),
};
const failed: DsnRecipient = { ...delayed, action: 'failed', status: '5.7.10' };

function compose(recipients: DsnRecipient[], changes: object = {}, envid: string | null = null) {
  const report = {
    reportingMta: 'gw.merebrook.gov.uk',
    arrivedAt: new Date('2026-11-22T14:41:05Z'),
    envid,
    recipients,
  };
  return composeDsn({ header, text: 'Dear Councillor,\n', report, original, ...changes });
}

/** Header and parts of a multipart message, by the boundary that it names itself. */
function split(raw: string) {
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.slice(0, end);
  const boundary = /boundary="([^"]+)"/.exec(head)?.[1] ?? 'none';
  const [preamble, ...parts] = raw.slice(end + 4).split(`--${boundary}`);
  return { head, preamble, closing: parts.pop(), parts: parts.map((part) => part.slice(2, -2)) };
}

function fieldNames(block: string): string[] {
  return block
    .split('\r\n')
    .filter((line) => line !== '' && !/^[ \t]/.test(line))
    .map((line) => line.slice(0, line.indexOf(':')));
}

const TOP_FIELDS =
  'From To Subject Date Message-ID In-Reply-To References Auto-Submitted X-Auto-Response-Suppress ' +
  'X-Portreeve-Notice MIME-Version Content-Type';

describe('composeDsn()', () => {
  it('composes the three parts of RFC 3464 in order', () => {
    const { head, preamble, parts, closing } = split(compose([delayed], {}, 'QQ+2B7'));
    expect(fieldNames(head).join(' ')).toBe(TOP_FIELDS);
    expect(head).toContain('From: "Merebrook Council e-mail service" <notices@merebrook.gov.uk>');
    expect(head).toContain('Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n');
    expect(head).toContain('In-Reply-To: <m1@merebrook.gov.uk>');
    expect(head).toContain('X-Portreeve-Notice: Q1 abc123');
    expect(head).toContain('multipart/report; report-type=delivery-status;\r\n boundary="');
    expect([preamble, closing]).toEqual(['', '--\r\n']);
    expect(parts).toEqual([
      'Content-Type: text/plain; charset=utf-8\r\n' +
        'Content-Transfer-Encoding: quoted-printable\r\n\r\nDear Councillor,\r\n',
      [
        'Content-Type: message/delivery-status',
        '',
        'Original-Envelope-Id: QQ+7',
        'Reporting-MTA: dns; gw.merebrook.gov.uk',
        'Arrival-Date: Sun, 22 Nov 2026 14:41:05 +0000',
        '',
        'Original-Recipient: rfc822; jo+x@charity.example',
        'Final-Recipient: rfc822; jo@charity.example',
        'Action: delayed',
        'Status: 4.7.10',
        'Remote-MTA: dns; mx.charity.example',
        'Diagnostic-Code: smtp; 454 4.7.0 TLS not available',
        'Last-Attempt-Date: Sun, 22 Nov 2026 15:10:00 +0000',
        'Will-Retry-Until: Mon, 23 Nov 2026 14:41:00 +0000',
        '',
      ].join('\r\n'),
      [
        'Content-Type: text/rfc822-headers',
        '',
        'Date: Sun, 22 Nov 2026 14:41:00 +0000',
        'Message-ID: <m1@merebrook.gov.uk>',
        'Subject: OFFICIAL-SENSITIVE: visit',
        '',
      ].join('\r\n'),
    ]);
  });

  it('says until when it tries only of delayed mail', () => {
    const raw = compose([failed]);
    expect(raw).toContain('Action: failed\r\nStatus: 5.7.10\r\n');
    expect(raw).not.toContain('Will-Retry-Until');
  });

  it('leaves out what is not known', () => {
    const bare = {
      ...failed,
      orcpt: null,
      remoteMta: null,
      diagnostic: null,
      lastAttempt: null,
      willRetryUntil: null,
    };
    const { head, parts } = split(
      compose([bare], { original: { messageId: '', date: null, subject: null } }),
    );
    expect(head).not.toMatch(/In-Reply-To|References/);
    expect(parts[1]).toMatch(
      /\r\n\r\nFinal-Recipient: rfc822; jo@charity\.example\r\nAction: failed\r\nStatus: 5\.7\.10\r\n$/,
    );
    expect(parts[2]).toBe('Content-Type: text/rfc822-headers\r\n\r\n');
  });

  it('reports addresses that are not ASCII by RFC 6533, still in seven bits', () => {
    const jose = {
      ...failed,
      address: 'josé@exämple.test',
      orcpt: 'utf-8;jos\\x{E9}@example.test',
    };
    const raw = compose([jose, failed]);
    expect(raw).toMatch(/^\p{ASCII}*$/u);
    const status = split(raw).parts[1] ?? '';
    expect(status).toContain('Content-Type: message/global-delivery-status\r\n');
    expect(status).toContain('Final-Recipient: utf-8; jos=C3=A9@ex=C3=A4mple.test');
    expect(status).toContain('Original-Recipient: utf-8; jos=C3=A9@example.test');
    expect(status).toContain('Final-Recipient: rfc822; jo@charity.example');
  });

  it('keeps a reply with line breaks and foreign letters inside its field', () => {
    const diagnostic = '550 5.1.1 Grüße\r\nAction: delivered\r\n\r\nFinal-Recipient: rfc822; x@y';
    const status = split(compose([{ ...failed, diagnostic }])).parts[1] ?? '';
    expect(status.match(/^Action:/gm)).toHaveLength(1);
    expect(status).toContain('Diagnostic-Code: smtp; 550 5.1.1 Gr??e Action: delivered');
  });

  it('writes a subject in encoded words where it must, none longer than 75 characters', () => {
    const subject = `Ymholiad ynghylch ${'ŵ'.repeat(60)}`;
    const { head } = split(compose([failed], { header: { ...header, subject } }));
    const words = head.match(/=\?utf-8\?B\?[^?]+\?=/g) ?? [];
    expect(words.every((word) => word.length <= 75)).toBe(true);
    const decoded = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString());
    expect(decoded.join('')).toBe(subject);
  });

  it('is one well-formed report whatever strangers wrote', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('\r\n\r\nX: y', 'a\nBcc: b@c', '\0', 'x'.repeat(5000), '\u2028Bcc: x', ''),
    );
    fc.assert(
      fc.property(fc.tuple(nasty, nasty, nasty, nasty, nasty), ([a, b, c, d, e]) => {
        const recipient = { ...failed, address: a, orcpt: `rfc822;${b}`, diagnostic: c };
        const raw = compose(
          [{ ...recipient, remoteMta: d }],
          {
            header: { ...header, subject: e, to: { ...header.to, name: d } },
            original: { messageId: a, date: b, subject: c },
          },
          e,
        );
        expect(raw).toMatch(/^[\x20-\x7e\r\n]*$/);
        expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        expect(raw.split('\r\n').every((line) => line.length <= 998)).toBe(true);
        const { head, parts } = split(raw);
        const expected = TOP_FIELDS.split(' ').filter((name) => !/In-Rep|Ref/.test(name));
        expect(fieldNames(head).filter((name) => !/In-Rep|Ref/.test(name))).toEqual(expected);
        expect(parts).toHaveLength(3);
        expect(raw.match(/^(?:Bcc|X):/m)).toBeNull();
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it.each([
    ['a status of the wrong class', [{ ...delayed, status: '5.7.10' }]],
    ['a status that is none', [{ ...failed, status: '5.7.10\r\nX: y' }]],
    ['no recipient', []],
  ])('refuses %s', (_, recipients) => {
    expect(() => compose(recipients)).toThrow(RangeError);
  });

  it.each(['a@b>\r\nBcc: <c@d', 'a@b, c@d', 'nobody', '', 'a b@c', 'josé@c.test'])(
    'refuses to write to "%s"',
    (address) => {
      const changed = { ...header, to: { name: '', address } };
      expect(() => compose([failed], { header: changed })).toThrow(/is not a plain mailbox/);
    },
  );

  it('writes to an internationalised domain by its A-labels', () => {
    const changed = { ...header, to: { name: '', address: 'ivory@cyngor-môn.test' } };
    expect(compose([failed], { header: changed })).toContain('To: <ivory@xn--cyngor-mn-n7a.test>');
  });

  it('refuses a Message-ID of its own that is not one', () => {
    const changed = { ...header, messageId: '<a@b>\r\nX: y' };
    expect(() => compose([failed], { header: changed })).toThrow(/Message-ID/);
  });

  it('gives the same bytes for the same input', () => {
    expect(compose([delayed])).toBe(compose([delayed]));
  });
});

describe('dsnAllowed()', () => {
  it.each([
    [[], 'failed', true],
    [[], 'delayed', true],
    [[], 'delivered', false],
    [[], 'relayed', false],
    [['never'], 'failed', false],
    [['never'], 'delayed', false],
    [['failure'], 'delayed', false],
    [['failure'], 'failed', true],
    [['delay'], 'failed', false],
    [['success', 'delay'], 'delayed', true],
    [['success'], 'relayed', true],
  ] as const)('with NOTIFY %j and action %s answers %s', (notify, action, allowed) => {
    expect(dsnAllowed(notify, action)).toBe(allowed);
  });
});

describe('decodeXtext()', () => {
  it.each([
    ['a+2Bb', 'a+b'],
    ['a+3Db+40', 'a=b@'],
    ['a+zz+2', 'a+zz+2'],
    ['+0D+0A', '\r\n'],
  ])('reads %s', (xtext, text) => {
    expect(decodeXtext(xtext)).toBe(text);
  });
});

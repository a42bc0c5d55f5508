import { describe, expect, it } from 'vitest';
import { createInspectors, inspect, type Inspector } from '../../src/inspect/inspect.ts';
import { findingsOf, inspectionOfMail, kindsOf, LISTS, MARGARET } from './mail-of.ts';

const many = (count: number) => Array.from({ length: count }, (_, n) => `r${n}@homes.example`);

describe('inspect()', () => {
  it('turns a detector that throws into a finding, and the others go on', async () => {
    const broken: Inspector = {
      name: 'broken',
      inspect: () => {
        throw new Error('Secret words of the message');
      },
    };
    const causes: unknown[] = [];
    const input = await inspectionOfMail({ headers: ['Subject: SECRET - berth plan'] });
    const findings = inspect([broken, ...createInspectors(LISTS)], input, (_, cause) =>
      causes.push(cause),
    );
    expect(findings[0]).toMatchObject({ kind: 'inspection-failed', type: 'broken', score: 1 });
    expect(JSON.stringify(findings[0])).not.toContain('Secret words');
    expect(findings.map((each) => each.kind)).toContain('secret-or-above');
    expect(causes).toHaveLength(1);
  });

  it('finds nothing in ordinary mail', async () => {
    expect(await findingsOf({})).toEqual([]);
  });

  it('gives the same findings for the same input', async () => {
    const mail = { rcpt: many(45), headers: ['Subject: FW: OFFICIAL-SENSITIVE rota'] };
    expect(await findingsOf(mail)).toEqual(await findingsOf(mail));
  });
});

describe('the marking detector', () => {
  it.each([
    ['TOP SECRET - berth plan', 'secret-or-above', 'top-secret'],
    ['Re: [SECRET] timings', 'secret-or-above', 'secret'],
    ['OFFICIAL-SENSITIVE: rota', 'marking', 'official-sensitive'],
    ['OFFICIAL: rota', 'marking', 'official'],
    ['[encrypt] rota', 'marking', 'encrypt-requested'],
  ])('reads %s', async (subject, kind, type) => {
    const [finding, ...others] = await findingsOf(
      { headers: [`Subject: ${subject}`] },
      'marking',
      'secret-or-above',
    );
    expect(finding).toMatchObject({ kind, type });
    expect(others).toEqual([]);
  });

  it.each(['Secret Santa', 'secret ballot for captain', 'Unofficial: sensitive plants'])(
    'passes %s',
    async (subject) => {
      expect(await findingsOf({ headers: [`Subject: ${subject}`] }, 'secret-or-above')).toEqual([]);
    },
  );

  it('points at the words in the Subject', async () => {
    const [finding] = await findingsOf({ headers: ['Subject: Re: SECRET - x'] }, 'secret-or-above');
    expect(finding?.evidence).toEqual([{ part: 'subject', text: 'SECRET', start: 4, end: 10 }]);
  });
});

describe('the mass-mailing detector', () => {
  it('counts the envelope, where blind copies stand', async () => {
    const headers = ['To: undisclosed-recipients:;'];
    expect(await kindsOf({ headers, rcpt: many(40) })).toEqual(['mass-mailing']);
    const [finding] = await findingsOf({ headers, rcpt: many(40) }, 'mass-mailing');
    expect(finding?.details).toMatchObject({ recipients: 40, hidden: 40 });
  });

  it('counts the header where Exchange split one sending', async () => {
    const headers = [`To: ${many(45).join(', ')}`];
    expect(await kindsOf({ headers, rcpt: ['r1@homes.example'] })).toEqual(['mass-mailing']);
  });

  it('counts several sendings of a day', async () => {
    expect(await kindsOf({ rcpt: many(1), similarRecipients24h: 50 })).toEqual(['mass-mailing']);
  });

  it('counts nobody inside: a group of members, a whole council', async () => {
    const members = Array.from({ length: 60 }, (_, n) => `cllr.m${n}@wexbourne.gov.uk`);
    const headers = [`To: ${members.join(', ')}`];
    const mixed = { headers, rcpt: [...members, ...many(20)], similarRecipients24h: 20 };
    expect(await kindsOf(mixed)).toEqual([]);
    expect(await kindsOf({ rcpt: [...members, ...many(40)] })).toEqual(['mass-mailing']);
    const [finding] = await findingsOf({ rcpt: [...members, ...many(40)] }, 'mass-mailing');
    expect(finding?.summary).toBe('One message to 40 recipients outside');
  });

  it('passes a committee, a list address, a busy day and one person many times', async () => {
    expect(await kindsOf({ rcpt: many(25) })).toEqual([]);
    expect(await kindsOf({ rcpt: ['everybody@lists.homes.example'] })).toEqual([]);
    expect(await kindsOf({ rcpt: many(20), outsideRecipients24h: 90 })).toEqual([]);
    expect(await kindsOf({ rcpt: Array.from({ length: 60 }, () => 'b@homes.example') })).toEqual(
      [],
    );
  });

  it('does not blame a mailbox that sends on what came to many', async () => {
    const headers = [
      `X-MS-Exchange-Inbox-Rules-Loop: ${MARGARET}`,
      'From: Bert <bert@sky.com>',
      `To: ${MARGARET}, ${many(60).join(', ')}`,
    ];
    const mail = { login: null, headers, rcpt: ['m.ackroyd@gmail.com'], mailFrom: MARGARET };
    expect(await kindsOf(mail)).toEqual(['auto-forward']);
  });
});

describe('the uninspectable detector', () => {
  const zip = Buffer.from('504b0304140001000000000000000000000000000000000000000000', 'hex');
  const locked = [
    '--b',
    'Content-Type: application/zip; name=a.zip',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename=a.zip',
    '',
    zip.toString('base64'),
    '--b--',
  ].join('\n');

  it('reports a locked archive and no content of it', async () => {
    const headers = ['Content-Type: multipart/mixed; boundary=b'];
    const findings = await findingsOf({ headers, body: locked }, 'uninspectable');
    expect(findings).toMatchObject([{ type: 'encrypted-archive', score: 1 }]);
  });

  it('reports a limit that was reached', async () => {
    const input = await inspectionOfMail({});
    input.message.limitsReached.push('parts');
    const findings = inspect(createInspectors(LISTS), input);
    expect(findings).toMatchObject([{ kind: 'uninspectable', type: 'limit' }]);
  });
});

import { NO_LABELS } from '../../src/mail/marking-labels.ts';
import { describe, expect, it } from 'vitest';
import type { Arrival, Envelope } from '../../src/mail/envelope.ts';
import type { Person } from '../../src/mail/person.ts';
import { screen, tenantPinned, type ScreenInput } from '../../src/mail/screen.ts';
import { replyLine } from '../../src/mail/smtp-reply.ts';

const arrival: Arrival = {
  via: 'login',
  name: 'cllr.a@merebrook.gov.uk',
  council: 'merebrook',
  authenticatedAs: 'cllr.a@merebrook.gov.uk',
  remoteAddress: '192.0.2.7',
  helo: 'client',
  tls: null,
};
const envelope: Envelope = {
  mailFrom: 'Cllr.A@Merebrook.gov.uk',
  rcptTo: [{ address: 'x@y.test', notify: [], orcpt: null }],
  ret: null,
  envid: null,
  requireTls: false,
  smtpUtf8: false,
  body: '7BIT',
};
const person: Person = {
  id: '1',
  council: 'merebrook',
  name: 'Ann',
  class: 'member',
  addresses: ['cllr.a@merebrook.gov.uk', 'ann@merebrook.gov.uk'],
  delegateOf: ['mayor@merebrook.gov.uk'],
  personalAddresses: ['ann@home.test'],
  ward: null,
  group: null,
  officeFrom: null,
  officeUntil: null,
  suspended: null,
};
const from = { name: 'from', value: 'Ann <cllr.a@merebrook.gov.uk>' };
const input: ScreenInput = {
  arrival,
  envelope,
  fields: [from, { name: 'subject', value: 'hello' }],
  hostname: 'gate.merebrook.gov.uk',
  person,
  council: {
    settings: {
      contacts: [{ role: 'ict', text: 'ICT desk, 01234\r\n567890 ☎' }],
      sensitivityLabels: NO_LABELS,
    },
  },
  at: new Date('2027-05-06T22:30:00Z'),
};
const connector: Partial<ScreenInput> = {
  arrival: { ...arrival, via: 'connector', name: 'exchange', authenticatedAs: null },
  person: null,
};

const answer = (change: Partial<ScreenInput>) => {
  const reply = screen({ ...input, ...change });
  return reply && replyLine(reply);
};
const withFields = (...fields: [name: string, value: string][]) =>
  answer({ fields: fields.map(([name, value]) => ({ name, value })) });

describe('screen()', () => {
  it('lets ordinary mail of a login and of a connector go on', () => {
    expect(answer({})).toBeNull();
    expect(answer(connector)).toBeNull();
    expect(
      answer({ ...connector, envelope: { ...envelope, mailFrom: 'resident@home.test' } }),
    ).toBeNull();
  });

  it.each([
    ['none', []],
    ['two', [from, from]],
  ])('refuses %s From', (_, fields) => {
    expect(answer({ fields })).toMatch(/^550 5\.6\.0 /);
  });

  it.each(['', '<>', 'Nobody', 'undisclosed:;', '@x', 'a@'])('refuses the From %j', (value) => {
    expect(withFields(['from', value])).toMatch(/^550 5\.6\.0 /);
  });

  it('lets several authors go on only with one Sender', () => {
    const two = 'a@merebrook.gov.uk, "B, C" <b@merebrook.gov.uk>';
    expect(withFields(['from', two])).toMatch(/^550 5\.6\.0 /);
    expect(withFields(['from', two], ['sender', ''])).toMatch(/^550 5\.6\.0 /);
    expect(withFields(['from', two], ['sender', 'a@merebrook.gov.uk'])).toBeNull();
  });

  it('takes a comma inside an encoded name for part of the name', () => {
    expect(withFields(['from', '=?utf-8?Q?Smith=2C_Ann?= <ann@merebrook.gov.uk>'])).toBeNull();
  });

  it.each([
    ['cllr.a@merebrook.gov.uk', null],
    ['ANN@merebrook.gov.uk', null],
    ['mayor@merebrook.gov.uk', null],
    ['', null],
    ['ann@home.test', 553],
    ['cllr.b@merebrook.gov.uk', 553],
  ])('answers MAIL FROM %j of a login', (mailFrom, expected) => {
    const reply = screen({ ...input, envelope: { ...envelope, mailFrom } });
    expect(reply?.code ?? null).toBe(expected);
  });

  it('refuses a suspended account with the words of the service desk, without the reason', () => {
    expect(answer({ person: { ...person, suspended: 'case 12, fraud' } })).toBe(
      '550 5.7.1 Sending from this account is suspended, contact: ICT desk, 01234 567890',
    );
  });

  it('counts days of office in London', () => {
    const until = (officeUntil: string) => answer({ person: { ...person, officeUntil } });
    expect(until('2027-05-06')).toBeNull();
    expect(until('2027-05-05')).toMatch(/^550 5\.7\.1 /);
    // 23:30 in London on the 6th is still that day; an hour later is not.
    const later = new Date('2027-05-06T23:30:00Z');
    expect(answer({ person: { ...person, officeUntil: '2027-05-06' }, at: later })).toMatch(/^550/);
  });

  it('refuses a login that is nobody', () => {
    expect(answer({ person: null })).toMatch(/^550 5\.7\.1 /);
  });

  it.each(['SECRET: x', 'TOP SECRET', '=?utf-8?Q?SECRET_=E2=80=93_x?='])(
    'refuses the subject %j, whoever sends it',
    (subject) => {
      const fields = [from, { name: 'subject', value: subject }];
      expect(answer({ fields })).toMatch(/^550 5\.7\.1 /);
      expect(answer({ ...connector, fields })).toMatch(/^550 5\.7\.1 /);
    },
  );

  it('refuses a SECRET label, and lets OFFICIAL-SENSITIVE and Secret Santa go on', () => {
    const label = 'MSIP_Label_a_Enabled=true; MSIP_Label_a_Name=SECRET';
    expect(withFields(['from', 'a@b.test'], ['msip_labels', label])).toMatch(/^550 5\.7\.1 /);
    expect(withFields(['from', 'a@b.test'], ['subject', 'OFFICIAL-SENSITIVE'])).toBeNull();
    expect(withFields(['from', 'a@b.test'], ['subject', 'SECRET SANTA'])).toBeNull();
  });

  it('stops a loop at the third pass of our own, or beyond a hundred in all', () => {
    const received = (count: number, host: string): [string, string][] =>
      Array.from({ length: count }, () => ['received', `from x by ${host} with ESMTP; now`]);
    const author: [string, string] = ['from', 'a@b.test'];
    expect(withFields(author, ...received(2, 'gate.merebrook.gov.uk'))).toBeNull();
    expect(withFields(author, ...received(3, 'gate.merebrook.gov.uk'))).toMatch(/^554 5\.4\.6 /);
    expect(withFields(author, ...received(100, 'mx.test'))).toBeNull();
    expect(withFields(author, ...received(101, 'mx.test'))).toMatch(/^554 5\.4\.6 /);
  });
});

describe('tenantPinned()', () => {
  const pin = { header: 'X-MS-Exchange-CrossTenant-Id', value: 'AAAA-01' };
  const field = (value: string) => ({ name: 'x-ms-exchange-crosstenant-id', value });

  it('wants exactly one field with exactly the value', () => {
    expect(tenantPinned([from, field(' aaaa-01 ')], pin)).toBe(true);
    expect(tenantPinned([from], pin)).toBe(false);
    expect(tenantPinned([field('bbbb-02')], pin)).toBe(false);
    expect(tenantPinned([field('aaaa-01x')], pin)).toBe(false);
    expect(tenantPinned([field('aaaa-01'), field('bbbb-02')], pin)).toBe(false);
    expect(tenantPinned([field('aaaa-01'), field('aaaa-01')], pin)).toBe(false);
  });
});

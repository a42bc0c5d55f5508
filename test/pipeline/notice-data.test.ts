import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Decision, RuleHit } from '../../src/mail/decision.ts';
import type { Actor } from '../../src/mail/facts.ts';
import type { SealingFlaw, UnprotectedCause } from '../../src/delivery/delivery-job.ts';
import { unprotectedWords } from '../../src/mail/plain-words.ts';
import { dsnInput, noticeData, type NoticeSource } from '../../src/pipeline/notice-data.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import type { StoredMessage, StoredRecipient } from '../../src/store/messages.ts';
import { newMessage } from '../store/fixtures.ts';

const POLICY = loadPolicy(fileURLToPath(new URL('../../policies', import.meta.url)));
const council = POLICY.councils.get('merebrook')!;
const AT = new Date('2026-11-22T10:00:00Z');
const ACTOR: Actor = {
  address: 'vera@merebrook.gov.uk',
  name: 'Cllr Vera Lamb',
  class: 'member',
  ward: null,
  personalAddresses: [],
  basis: 'login',
};

function recipient(position: number, change: Partial<StoredRecipient> = {}): StoredRecipient {
  return {
    id: position + 1,
    queueId: 'ID1',
    position,
    address: `r${position}@plain.example`,
    domain: 'plain.example',
    internal: false,
    orcpt: null,
    notify: [],
    status: 'held',
    gate: 'hold',
    protection: 'none',
    route: 'outward',
    nextAttemptAt: null,
    giveUpAt: null,
    attemptCount: 1,
    leasedUntil: null,
    leaseToken: null,
    lastResult: null,
    delayNoticeDue: null,
    protectedBy: null,
    statusAt: AT,
    ...change,
  };
}

function hit(section: string, change: Partial<RuleHit> = {}): RuleHit {
  return {
    rule: `rule-${section}`,
    clause: { council: 'Merebrook', document: 'Protocol', section, quote: `Words of ${section}` },
    outcome: 'match',
    gate: 'hold',
    protection: 'none',
    nudge: false,
    tag: false,
    notify: [],
    inert: null,
    findings: [],
    ...change,
  };
}

function source(
  recipients: StoredRecipient[],
  hits: RuleHit[][],
  change: Partial<NoticeSource> = {},
): NoticeSource {
  const decision: Decision = {
    gate: 'hold',
    protection: 'none',
    marking: null,
    recipients: hits.map((each, position) => ({
      address: `r${position}@plain.example`,
      gate: 'hold',
      protection: 'none',
      hits: each,
    })),
    findings: [],
    policyVersion: 'v',
    inputsHash: 'h',
    faults: [],
  };
  const message: StoredMessage = {
    ...newMessage({ queueId: 'ID1', receivedAt: AT }),
    inspectionStarts: 1,
    decidedAt: AT,
    policyVersion: 'v',
    inputsHash: 'h',
    fingerprint: null,
    facts: null,
    readings: null,
    decision,
    erasedAt: null,
    recipients,
  };
  return {
    kind: 'held',
    message,
    council,
    decision,
    actor: ACTOR,
    positions: null,
    officerReason: null,
    dueAt: null,
    keyHeld: new Set(),
    statusLink: null,
    ...change,
  };
}

describe('noticeData()', () => {
  it('names the recipients that it is about, and the clauses that acted on them, once', () => {
    const recipients = [recipient(0), recipient(1), recipient(2, { status: 'delivered' })];
    const hits = [
      [hit('4.1'), hit('4.1')],
      [hit('4.1'), hit('5.2'), hit('6.3', { inert: 'shadow' })],
      [hit('7.4', { gate: 'release' })],
    ];
    const data = noticeData(source(recipients, hits, { positions: [0, 1] }));
    expect(data.recipients.map(({ address }) => address)).toEqual([
      'r0@plain.example',
      'r1@plain.example',
    ]);
    expect(data.clauses.map(({ section }) => section)).toEqual(['4.1', '5.2']);
    expect(data.notAffected).toEqual(['r2@plain.example']);
  });

  it.each([
    ['Cllr Vera Lamb', 'member', 'Councillor Lamb'],
    ['councillor Vera van der Lamb', 'member', 'Councillor Lamb'],
    ['Helen Castle', 'officer', 'Helen Castle'],
    ['', 'officer', 'colleague'],
  ] as const)('greets "%s", %s, as %s', (name, personClass, greeting) => {
    const actor = { ...ACTOR, name, class: personClass };
    expect(noticeData(source([recipient(0)], [[]], { actor })).recipientName).toBe(greeting);
  });

  it.each([
    ['monitoring-officer', 'the Monitoring Officer'],
    ['ict', 'the ICT service desk'],
    ['beadle', 'an officer of the council'],
  ])('says that a held message waits for %s as %s', (role, words) => {
    const held = source([recipient(0)], [[hit('4.1', { notify: [role] })]], { positions: [0] });
    expect(noticeData(held).waitsForOfficer).toBe(words);
    expect(noticeData({ ...held, kind: 'nudge' }).waitsForOfficer).toBeNull();
  });

  it('tells of a failure who failed by now, why, and until when we try', () => {
    const giveUpAt = new Date('2026-11-23T10:00:00Z');
    const waiting = { status: 'deferred', protection: 'required', giveUpAt } as const;
    const recipients = [
      recipient(0, { ...waiting, lastResult: 'starttls-not-offered' }),
      recipient(1, { ...waiting, lastResult: '451 4.7.1 Later' }),
      recipient(2, { status: 'delivered' }),
    ];
    const data = noticeData(source(recipients, [[], [], []], { kind: 'delayed' }));
    expect(data.recipients).toHaveLength(2);
    expect(data.recipients.every(({ reason }) => reason !== null)).toBe(true);
    expect(data.protected).toBe(true);
    expect(data.waitingHelps).toBe(true);
    expect(data.retryUntil).toContain('23 November 2026');
    const hopeless = source(recipients.slice(0, 1), [[]], { kind: 'delayed' });
    expect(noticeData(hopeless).waitingHelps).toBe(false);
  });

  // Every cause that delivery can record: the compiler says so where one is missing here.
  const CAUSES: Record<UnprotectedCause | SealingFlaw, true> = {
    'starttls-not-offered': true,
    'starttls-refused': true,
    'tls-too-old': true,
    'tls-handshake': true,
    'certificate-name': true,
    'certificate-expired': true,
    'certificate-untrusted': true,
    'dane-mismatch': true,
    'sts-mx-mismatch': true,
    'no-proof': true,
    'requiretls-not-offered': true,
    'dns-failure': true,
    'sts-store': true,
    'sts-lookup': true,
    'sts-fetch': true,
    'route-not-protected': true,
    'pgp-key-expired': true,
    'pgp-key-unusable': true,
    'pgp-failed': true,
  };
  const reasonFor = (lastResult: string) =>
    noticeData(
      source([recipient(0, { status: 'deferred', protection: 'required', lastResult })], [[]], {
        kind: 'delayed',
      }),
    ).recipients[0]?.reason;

  it.each(Object.keys(CAUSES))('has words of its own for the cause %s', (cause) => {
    expect(reasonFor(cause)).toBe(unprotectedWords(cause));
  });

  it('tells silence of the other side from a fault of ours', () => {
    expect(reasonFor('connection-refused')).toBe("the recipient's mail server did not answer");
    expect(reasonFor('no-outcome')).toBe('something on our own side did not work');
  });

  it('tells the desk its ways out of a protected failure, and nothing of other mail', () => {
    const told = (protection: 'required' | 'none', kind: 'expired' | 'nudge' = 'expired') =>
      noticeData(source([recipient(0, { status: 'expired', protection })], [[]], { kind })).forIct;
    expect(told('required')).toMatch(/readiness.*key trust.*portreeve export --message ID1/);
    expect(told('none')).toBeNull();
    expect(told('required', 'nudge')).toBeNull();
  });

  it('promises nothing of a key that failed', () => {
    const failed = recipient(0, { status: 'deferred', lastResult: 'pgp-failed' });
    const keyHeld = new Set([0]);
    expect(noticeData(source([failed], [[]], { kind: 'delayed', keyHeld })).keyHeld).toBe(false);
    const waiting = recipient(0, { status: 'deferred', lastResult: 'timeout' });
    expect(noticeData(source([waiting], [[]], { kind: 'delayed', keyHeld })).keyHeld).toBe(true);
  });

  it('never counts the council’s own copy of a diverted message as a recipient', () => {
    const copy = recipient(1, { status: 'delivered', address: 'vera@merebrook.gov.uk' });
    const data = noticeData(source([recipient(0, { status: 'diverted' }), copy], [[hit('3.3')]]));
    expect(data.notAffected).toEqual([]);
  });
});

describe('dsnInput()', () => {
  const failed = (change: Partial<StoredRecipient>) =>
    dsnInput(
      source([recipient(0, { status: 'bounced', ...change })], [[]], { kind: 'undelivered' }),
      'gate.test',
    )?.recipients[0];

  it('is nothing for notices that are no delivery reports', () => {
    for (const kind of ['held', 'diverted', 'refused', 'nudge', 'released'] as const) {
      expect(dsnInput(source([recipient(0)], [[]], { kind }), 'gate.test')).toBeNull();
    }
  });

  it.each([
    ['550 5.1.1 Unknown', 'none', '5.1.1', '550 5.1.1 Unknown'],
    ['451 4.7.1 Later', 'none', '5.7.1', '451 4.7.1 Later'],
    ['timeout', 'none', '5.4.7', null],
    ['starttls-not-offered', 'required', '5.7.10', null],
    ['pgp-key-expired', 'required', '5.7.5', null],
    ['pgp-failed', 'required', '5.7.5', null],
    [null, 'none', '5.4.7', null],
  ] as const)('says of "%s" under protection %s: %s', (lastResult, protection, status, told) => {
    expect(failed({ lastResult, protection })).toMatchObject({
      action: 'failed',
      status,
      diagnostic: told,
      willRetryUntil: null,
    });
  });

  it('says of a delay that it is one, and until when we try', () => {
    const giveUpAt = new Date('2026-11-27T10:00:00Z');
    const late = recipient(0, { status: 'deferred', lastResult: '451 4.2.1 Busy', giveUpAt });
    const input = dsnInput(source([late], [[]], { kind: 'delayed' }), 'gate.test');
    expect(input?.recipients).toEqual([
      expect.objectContaining({ action: 'delayed', status: '4.2.1', willRetryUntil: giveUpAt }),
    ]);
  });
});

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Decision, RecipientDecision, RuleHit } from '../../src/mail/decision.ts';
import type { Gate, Protection } from '../../src/mail/disposition.ts';
import type { Actor } from '../../src/mail/facts.ts';
import { departure, planActions, type ActInput } from '../../src/pipeline/act.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const POLICY = loadPolicy(fileURLToPath(new URL('../../policies', import.meta.url)));
const settings = POLICY.councils.get('merebrook')!.settings;
const AT = new Date('2026-11-22T10:00:00Z');
const MEMBER: Actor = {
  address: 'vera@merebrook.gov.uk',
  name: 'Vera Lamb',
  class: 'member',
  ward: null,
  personalAddresses: [],
  basis: 'login',
};

function hit(gate: Gate, more: Partial<RuleHit> = {}): RuleHit {
  const clause = { council: 'Merebrook', document: 'Protocol', section: '4.1', quote: 'No' };
  return {
    rule: `rule-${gate}`,
    clause,
    outcome: 'match',
    gate,
    protection: 'none',
    nudge: false,
    tag: false,
    notify: [],
    inert: null,
    findings: [],
    ...more,
  };
}

function to(
  gate: Gate,
  hits: RuleHit[] = [hit(gate)],
  protection: Protection = 'none',
): RecipientDecision {
  return { address: `${gate}@plain.example`, gate, protection, hits };
}

function plan(recipients: RecipientDecision[], changes: Partial<ActInput> = {}) {
  const decision: Decision = {
    gate: 'release',
    protection: 'none',
    marking: null,
    recipients,
    findings: [],
    policyVersion: 'v',
    inputsHash: 'h',
    faults: [],
  };
  return planActions({
    decision,
    actor: MEMBER,
    settings,
    at: AT,
    ordinaryDelayNoticeMinutes: 240,
    returning: false,
    ...changes,
  });
}

describe('planActions()', () => {
  it('lets only released recipients have a next attempt', () => {
    const { recipients } = plan([to('release'), to('hold'), to('divert'), to('reject')]);
    expect(recipients.map(({ status, nextAttemptAt }) => [status, nextAttemptAt])).toEqual([
      ['queued', AT],
      ['held', null],
      ['diverted', null],
      ['rejected', null],
    ]);
  });

  it('opens one case for all that is held, with the role of the clause and no content', () => {
    const held = hit('hold', { notify: ['monitoring-officer'] });
    expect(plan([to('hold', [held]), to('hold')]).cases).toEqual([
      { kind: 'hold', role: 'monitoring-officer', reason: 'rule-hold (Protocol 4.1)' },
    ]);
  });

  it('gives what no rule explains to ICT as a failed inspection', () => {
    const shadow = hit('hold', { inert: 'shadow' });
    expect(plan([to('hold', [shadow])]).cases).toEqual([
      { kind: 'hold', role: 'ict', reason: 'inspection-failed' },
    ]);
  });

  const kinds = (recipients: RecipientDecision[], changes: Partial<ActInput> = {}) =>
    plan(recipients, changes).notices.map(({ kind, positions }) => [kind, positions]);

  it('tells the sender once of each thing that happened, with who is concerned', () => {
    expect(kinds([to('hold'), to('release'), to('reject'), to('divert'), to('hold')])).toEqual([
      ['held', [0, 4]],
      ['refused', [2]],
      ['diverted', [3]],
    ]);
    expect(kinds([to('release')])).toEqual([]);
  });

  it('nudges only where nothing heavier is said, and never for a rule that does not act', () => {
    const nudging = hit('release', { nudge: true });
    expect(kinds([to('release'), to('release', [nudging])])).toEqual([['nudge', [1]]]);
    expect(kinds([to('release', [nudging]), to('hold')])).toEqual([['held', [1]]]);
    expect(kinds([to('release', [{ ...nudging, inert: 'members-not-informed' }])])).toEqual([]);
  });

  it('writes to nobody and offers nothing inward where the sender is unknown', () => {
    const actor: Actor = { ...MEMBER, address: '', class: 'unknown', basis: 'unknown' };
    const { notices, deliverInwardAt, cases } = plan([to('hold'), to('divert')], { actor });
    expect(notices).toEqual([]);
    expect(deliverInwardAt).toBeNull();
    expect(cases).toHaveLength(2);
  });

  it('offers a diverted message inward after the council’s hours', () => {
    const hours = settings.diverted.deliverInwardAfterHours;
    expect(plan([to('divert')]).deliverInwardAt).toEqual(
      new Date(AT.getTime() + hours * 3_600_000),
    );
    expect(plan([to('release')]).deliverInwardAt).toBeNull();
  });

  it('diverts a message that comes round again without another copy, case or notice', () => {
    const again = plan([to('divert')], { returning: true });
    expect(again.recipients[0]?.status).toBe('diverted');
    expect([again.cases, again.notices, again.deliverInwardAt]).toEqual([[], [], null]);
  });

  it('tells of diverted mail once a London day for the same rule, sender and target', () => {
    const key = (changes: Partial<ActInput>, hits = [hit('divert')]) =>
      plan([to('divert', hits)], changes).notices[0]?.dedupeKey;
    const today = key({});
    expect(today).toMatch(/^[0-9a-f]{64}$/);
    expect(key({ at: new Date('2026-11-22T23:59:00Z') })).toBe(today);
    expect(key({ at: new Date('2026-11-23T00:01:00Z') })).not.toBe(today);
    expect(key({ actor: { ...MEMBER, address: 'other@merebrook.gov.uk' } })).not.toBe(today);
    expect(key({}, [hit('divert', { rule: 'other' })])).not.toBe(today);
    // In July the day in London begins an hour before that of UTC.
    expect(key({ at: new Date('2026-07-01T23:30:00Z') })).toBe(
      key({ at: new Date('2026-07-02T10:00:00Z') }),
    );
  });
});

describe('departure()', () => {
  const hours = (from: Date, until: Date): number => (until.getTime() - from.getTime()) / 3_600_000;

  it('gives marked mail the council’s shorter clocks', () => {
    const marked = departure(AT, 'required', settings, 240);
    expect(marked.nextAttemptAt).toBe(AT);
    expect(hours(AT, marked.giveUpAt)).toBe(settings.giveUpAfterHours.marked);
    expect(hours(AT, marked.delayNoticeDue) * 60).toBe(settings.delayNoticeAfterMinutes);
  });

  it('gives other mail five days, and reports it late after the configured time', () => {
    const other = departure(AT, 'none', settings, 240);
    expect(hours(AT, other.giveUpAt)).toBe(settings.giveUpAfterHours.other);
    expect(hours(AT, other.delayNoticeDue)).toBe(4);
  });
});

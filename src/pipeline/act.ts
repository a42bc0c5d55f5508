import { createHash } from 'node:crypto';
import { addressKey } from '../mail/address.ts';
import type { Decision, RecipientDecision, RuleHit } from '../mail/decision.ts';
import type { Gate, Protection, RecipientStatus } from '../mail/disposition.ts';
import type { Actor } from '../mail/facts.ts';
import type { CouncilSettings } from '../policy/policy.ts';

/** What one recipient of a decided message becomes. */
export interface RecipientPlan {
  position: number;
  status: RecipientStatus;
  gate: Gate;
  protection: Protection;
  nextAttemptAt: Date | null;
  giveUpAt: Date | null;
  delayNoticeDue: Date | null;
}

export interface CasePlan {
  kind: 'hold' | 'divert';
  role: string;
  /** One sentence, without content. */
  reason: string;
}

export interface NoticePlan {
  kind: 'held' | 'diverted' | 'refused' | 'nudge' | 'released';
  positions: number[];
  /** Equal keys make one notice. */
  dedupeKey: string | null;
}

export interface ActionPlan {
  recipients: RecipientPlan[];
  cases: CasePlan[];
  notices: NoticePlan[];
  /** When the diverted message goes to the member's own council mailbox; `null` for never. */
  deliverInwardAt: Date | null;
}

export interface ActInput {
  decision: Decision;
  actor: Actor;
  settings: CouncilSettings;
  at: Date;
  ordinaryDelayNoticeMinutes: number;
  /** A diverted message that a mailbox rule sent round again: it is kept, not offered twice. */
  returning: boolean;
  /** Positions of the preflight address with what becomes of it: it is answered, never served. */
  preflight?: { positions: ReadonlySet<number>; status: RecipientStatus } | null;
}

/**
 * Turns a decision into what is to be done, as data. Pure: `process` carries it out in one
 * transaction. Nothing that is held, diverted or refused has a next attempt, so nothing can deliver
 * it by accident.
 */
export function planActions(input: ActInput): ActionPlan {
  const { decision, at, settings } = input;
  const recipients = decision.recipients.map((recipient, position) =>
    planRecipient(recipient, position, input),
  );
  const positions = (gate: Gate): number[] =>
    recipients
      .filter((plan) => plan.gate === gate && !input.preflight?.positions.has(plan.position))
      .map((plan) => plan.position);
  const diverted = positions('divert');
  return {
    recipients,
    cases: [
      ...casesFor(decision, 'hold', positions('hold')),
      ...casesFor(decision, 'divert', input.returning ? [] : diverted),
    ],
    notices: planNotices(input, positions),
    deliverInwardAt:
      diverted.length > 0 && !input.returning && input.actor.address
        ? hoursAfter(at, settings.diverted.deliverInwardAfterHours)
        : null,
  };
}

function planRecipient(
  recipient: RecipientDecision,
  position: number,
  { at, settings, ordinaryDelayNoticeMinutes, preflight }: ActInput,
): RecipientPlan {
  const { gate, protection } = recipient;
  const waiting = { position, gate, protection, nextAttemptAt: null, giveUpAt: null };
  if (preflight?.positions.has(position)) {
    return { ...waiting, gate: 'release', status: preflight.status, delayNoticeDue: null };
  }
  switch (gate) {
    case 'release':
      return {
        ...waiting,
        status: 'queued',
        ...departure(at, protection, settings, ordinaryDelayNoticeMinutes),
      };
    case 'hold':
      return { ...waiting, status: 'held', delayNoticeDue: null };
    case 'divert':
      return { ...waiting, status: 'diverted', delayNoticeDue: null };
    case 'reject':
      return { ...waiting, status: 'rejected', delayNoticeDue: null };
  }
}

/** The clocks of a recipient that is free to leave from `at` on. */
export function departure(
  at: Date,
  protection: Protection,
  settings: CouncilSettings,
  ordinaryDelayNoticeMinutes: number,
): { nextAttemptAt: Date; giveUpAt: Date; delayNoticeDue: Date } {
  const marked = protection === 'required';
  const giveUp = marked ? settings.giveUpAfterHours.marked : settings.giveUpAfterHours.other;
  const notice = marked ? settings.delayNoticeAfterMinutes : ordinaryDelayNoticeMinutes;
  return {
    nextAttemptAt: at,
    giveUpAt: hoursAfter(at, giveUp),
    delayNoticeDue: new Date(at.getTime() + notice * 60_000),
  };
}

function casesFor(decision: Decision, gate: 'hold' | 'divert', positions: number[]): CasePlan[] {
  if (positions.length === 0) return [];
  const hit = decisiveHit(decision, gate);
  return [
    {
      kind: gate,
      role: hit?.notify[0] ?? 'ict',
      reason: hit
        ? `${hit.rule} (${hit.clause.document} ${hit.clause.section})`
        : 'inspection-failed',
    },
  ];
}

/** The first acting hit that brought a recipient to this gate. */
export function decisiveHit(decision: Decision, gate: Gate): RuleHit | null {
  for (const recipient of decision.recipients) {
    const hit = recipient.hits.find((each) => each.gate === gate && each.inert === null);
    if (hit) return hit;
  }
  return null;
}

function planNotices(input: ActInput, positions: (gate: Gate) => number[]): NoticePlan[] {
  const { decision, actor, at, returning } = input;
  // Nobody to tell: an unknown sender's mail waits with ICT, and strangers are never written to.
  if (!actor.address) return [];
  const notices: NoticePlan[] = [];
  const held = positions('hold');
  if (held.length > 0) notices.push({ kind: 'held', positions: held, dedupeKey: null });
  const rejected = positions('reject');
  if (rejected.length > 0) notices.push({ kind: 'refused', positions: rejected, dedupeKey: null });
  const diverted = positions('divert');
  if (diverted.length > 0 && !returning) {
    notices.push({
      kind: 'diverted',
      positions: diverted,
      dedupeKey: digestKey(decision, actor, at),
    });
  }
  // One notice a message says enough: a nudge stands back behind a heavier one.
  const nudged = decision.recipients.flatMap((recipient, position) =>
    !input.preflight?.positions.has(position) &&
    recipient.hits.some((hit) => hit.nudge && hit.inert === null)
      ? [position]
      : [],
  );
  if (nudged.length > 0 && notices.length === 0) {
    notices.push({ kind: 'nudge', positions: nudged, dedupeKey: null });
  }
  return notices;
}

/**
 * Once per rule per day (domain C.5 point 3): a redirected mailbox diverts every message it gets.
 */
function digestKey(decision: Decision, actor: Actor, at: Date): string {
  const rule = decisiveHit(decision, 'divert')?.rule ?? 'divert';
  const targets = decision.recipients
    .filter(({ gate }) => gate === 'divert')
    .map(({ address }) => addressKey(address))
    .sort();
  const day = at.toLocaleDateString('en-CA', { timeZone: 'Europe/London' });
  // A hash: the key outlives erasure, the addresses must not.
  const key = ['diverted', actor.address, rule, targets.join(','), day].join('|');
  return createHash('sha256').update(key).digest('hex');
}

function hoursAfter(at: Date, hours: number): Date {
  return new Date(at.getTime() + hours * 3_600_000);
}

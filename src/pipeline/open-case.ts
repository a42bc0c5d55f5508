import { addressKey, domainOf } from '../mail/address.ts';
import type { Decision, RuleHit } from '../mail/decision.ts';
import { isPrivileged } from '../policy/casework.ts';
import { openElections } from '../policy/elections.ts';
import { holdCauses } from '../policy/hold-causes.ts';
import { folded } from '../policy/permissions.ts';
import type { CouncilPolicy, Policy } from '../policy/policy.ts';
import {
  dueTimes,
  holdReasonOf,
  type DueTimes,
  type HoldReason,
  type ServiceLevel,
} from '../policy/service-level.ts';
import { decisiveHit, type CasePlan } from './act.ts';
import type { Examination } from './examine.ts';
import type { NewCase } from '../store/cases.ts';

export interface CaseInput {
  id: string;
  queueId: string;
  plan: CasePlan;
  policy: Policy;
  council: CouncilPolicy;
  verdict: Examination;
  at: Date;
}

/** Whatever the council's file says, these wait for a person (domain H.5). */
const NEVER_BY_ITSELF: readonly HoldReason[] = [
  'personal-data',
  'identity',
  'security',
  'our-fault',
  'divert',
];

/**
 * What the record keeps of a case from its first moment: who may see it, by when it is to be looked
 * at and decided, and what happens when nobody does. Pure.
 */
export function newCase({ id, queueId, plan, policy, council, verdict, at }: CaseInput): NewCase {
  const { decision, actor, facts } = verdict;
  const { kind } = plan;
  const hits = hitsOf(decision, kind);
  const decisive = decisiveHit(decision, kind);
  const reasons = holdCauses(policy, decision, kind);
  const waiting = decision.recipients.filter(({ gate }) => gate === kind);
  const domains = [...new Set(waiting.map(({ address }) => domainOf(address)))];
  // Whoever else receives it makes it no less privileged.
  const allDomains = decision.recipients.map(({ address }) => domainOf(address));
  const due = dueOf(policy, council, decision, hits, kind, at);
  return {
    id,
    queueId,
    council: council.id,
    ...plan,
    rule: decisive?.rule ?? null,
    document: decisive?.clause.document ?? null,
    section: decisive?.clause.section ?? null,
    marking: decision.marking,
    areas: [...new Set(reasons.flatMap(({ area }) => area ?? []))],
    queues: [...new Set([plan.role, ...reasons.map(({ queue }) => queue)])],
    returningOfficers: actor.class === 'returning-officer',
    privileged: isPrivileged(council.settings.casework, allDomains),
    parties: partiesOf(verdict),
    domains,
    actorAddress: actor.address || null,
    fourEyes: hits.some((hit) => asksForTwo(council, hit)),
    at,
    firstLookDue: due.firstLookAt,
    dueAt: due.decideAt,
    escalateTo: levelOf(policy, council, facts.openElections.length > 0, decisive, kind).escalateTo,
    senderMayReleaseAt: due.senderMayReleaseAt,
    endsAt: due.releaseAt,
  };
}

function hitsOf(decision: Decision, kind: 'hold' | 'divert'): RuleHit[] {
  return decision.recipients
    .flatMap(({ hits }) => hits)
    .filter(({ gate, inert }) => gate === kind && inert === null);
}

function asksForTwo(council: CouncilPolicy, hit: RuleHit): boolean {
  return council.clauses.some(
    ({ section, enforcement }) =>
      enforcement.kind === 'rule' &&
      enforcement.fourEyes &&
      !enforcement.shadow &&
      enforcement.rule.id === hit.rule &&
      section === hit.clause.section,
  );
}

/** Address keys, and folded names, of everybody whom the message is from, to or about. */
function partiesOf({ message, actor, facts }: Examination): string[] {
  const addresses = [
    actor.address,
    facts.envelope.mailFrom,
    ...(message?.from ?? []).map(({ address }) => address),
    ...facts.recipients.map(({ address }) => address),
    ...facts.namedPeople.flatMap((person) => person.addresses),
  ];
  const names = facts.namedPeople.map(({ name }) => folded(name));
  return [...new Set([...addresses.filter((each) => each !== '').map(addressKey), ...names])];
}

/** The service level of one rule's hold; of our own failure where no rule is behind it. */
function levelOf(
  policy: Policy,
  council: CouncilPolicy,
  electionOpen: boolean,
  hit: RuleHit | null,
  kind: 'hold' | 'divert',
): ServiceLevel & { reason: HoldReason } {
  const rule = hit && policy.rules.get(hit.rule);
  const failed = { id: 'inspection-failed', area: 'security' } as const;
  const reason = holdReasonOf(rule ?? failed, kind, electionOpen);
  return { ...council.settings.serviceLevels[reason], reason };
}

/**
 * A message that waits for several reasons is due by the earliest, and goes by itself only when
 * each of them lets it, at the latest of their times.
 */
function dueOf(
  policy: Policy,
  council: CouncilPolicy,
  decision: Decision,
  hits: RuleHit[],
  kind: 'hold' | 'divert',
  at: Date,
): DueTimes {
  const open = openElections(policy, council.id, at).map(({ id }) => id);
  const polls = policy.elections.filter(({ id }) => open.includes(id)).map(({ poll }) => poll);
  const hours = council.settings.supportHours;
  const all = (hits.length > 0 ? hits : [null]).map((hit) => {
    const level = levelOf(policy, council, open.length > 0, hit, kind);
    const times = dueTimes(level, { openedAt: at, hours, calendar: policy.calendar, polls });
    const stays = NEVER_BY_ITSELF.includes(level.reason) || isTooSure(decision, hit, level);
    return { ...times, releaseAt: stays ? null : times.releaseAt };
  });
  return {
    firstLookAt: earliest(all.map(({ firstLookAt }) => firstLookAt)),
    decideAt: earliest(all.map(({ decideAt }) => decideAt)),
    senderMayReleaseAt: latestOfAll(all.map(({ senderMayReleaseAt }) => senderMayReleaseAt)),
    releaseAt: latestOfAll(all.map(({ releaseAt }) => releaseAt)),
  };
}

function isTooSure(decision: Decision, hit: RuleHit | null, level: ServiceLevel): boolean {
  const limit = level.neverReleaseAtScore;
  // A condition that could not be evaluated is nothing that time settles.
  if (hit === null || hit.outcome === 'unknown') return true;
  if (limit === null) return false;
  return hit.findings.some((index) => (decision.findings[index]?.score ?? 1) >= limit);
}

function earliest(times: (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : new Date(Math.min(...known.map(Number)));
}

function latestOfAll(times: (Date | null)[]): Date | null {
  const known = times.filter((time) => time !== null);
  return known.length < times.length ? null : new Date(Math.max(...known.map(Number)));
}

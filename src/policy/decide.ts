import { addressKey } from '../mail/address.ts';
import type { ClauseRef, Decision, RecipientDecision, RuleHit } from '../mail/decision.ts';
import { GATES, strictestGate, strictestProtection } from '../mail/disposition.ts';
import type { RecipientFacts } from '../mail/facts.ts';
import type { Finding, FindingKind } from '../mail/finding.ts';
import { canonicalHash } from './canonical-json.ts';
import { concerns } from './condition.ts';
import { londonDate } from './elections.ts';
import { floorHits, OWN_DOCUMENT } from './floors.ts';
import { exceptionFor } from './exceptions.ts';
import type { Clause, CouncilPolicy, Enforcement, Policy, Rule } from './policy.ts';
import type { DecisionInput, View } from './variables.ts';
import { viewsOf } from './views.ts';

export type { DecisionInput };

/**
 * The verdict on one message: for each recipient every clause of the council is evaluated, the
 * strictest gate wins, protection is an axis of its own, obligations add up; order means nothing.
 * Pure, and never throws: whatever goes wrong here holds the message for ICT and asks for
 * encryption.
 */
export function decide(policy: Policy, input: DecisionInput): Decision {
  try {
    return decideByClauses(policy, input);
  } catch (error) {
    // A bug's name is for ICT; its message may quote the mail.
    const fault = `Deciding failed (${error instanceof Error ? error.name : typeof error})`;
    return holdEverything(policy, input, fault);
  }
}

function decideByClauses(policy: Policy, input: DecisionInput): Decision {
  const { facts } = input;
  const council = policy.councils.get(facts.council.id);
  if (!council) return holdEverything(policy, input, 'No active policy for this council');
  // One decision for each RCPT TO, in its order: the record goes by position.
  const complete = facts.envelope.rcptTo.every(
    ({ address }, index) =>
      addressKey(facts.recipients[index]?.address ?? '') === addressKey(address),
  );
  if (!complete || facts.recipients.length !== facts.envelope.rcptTo.length) {
    return holdEverything(policy, input, 'Facts and envelope differ in their recipients');
  }
  const faults: string[] = [];
  const recipients = viewsOf(input, policy.lists).map((view) =>
    decideRecipient(council, view, faults),
  );
  return assemble(policy, input, recipients, faults);
}

function decideRecipient(council: CouncilPolicy, view: View, faults: string[]): RecipientDecision {
  const hits = council.clauses.flatMap((clause) => evaluateClause(council, clause, view, faults));
  hits.push(...floorHits(council.name, view, hits));
  hits.sort(byWeight);
  return { address: view.recipient.address, ...outcomeOf(hits), hits };
}

/**
 * The strictest over the hits that act. Protection waits for nobody to be informed (domain H.4).
 */
function outcomeOf(hits: readonly RuleHit[]): Pick<RecipientDecision, 'gate' | 'protection'> {
  const acting = hits.filter(({ inert }) => inert === null);
  const protecting = hits.filter(({ inert }) => inert !== 'shadow');
  return {
    gate: strictestGate(acting.map(({ gate }) => gate)),
    protection: strictestProtection(protecting.map(({ protection }) => protection)),
  };
}

// The first acting hit of a gate names the queue: our own failures go to ICT before anybody is
// asked to judge content, personal data before conduct.
const QUEUES = ['data-protection-officer', 'monitoring-officer', 'democratic-services', 'ict'];

function byWeight(a: RuleHit, b: RuleHit): number {
  const failed = (hit: RuleHit): number => (hit.rule === 'inspection-failed' ? 0 : 1);
  const queue = (hit: RuleHit): number =>
    hit.gate === 'hold' ? QUEUES.indexOf(hit.notify[0] ?? 'ict') : 0;
  return (
    GATES.indexOf(b.gate) - GATES.indexOf(a.gate) || failed(a) - failed(b) || queue(a) - queue(b)
  );
}

/** Whose mail a rule looks at: conduct, politics and forwarding are matters of members only. */
export function looksAt(rule: Rule, senderClass: string): boolean {
  return !['conduct', 'political', 'forwarding'].includes(rule.area) || senderClass === 'member';
}

function evaluateClause(
  council: CouncilPolicy,
  clause: Clause,
  view: View,
  faults: string[],
): RuleHit[] {
  const { enforcement } = clause;
  if (enforcement.kind !== 'rule') return [];
  const { rule, parameters } = enforcement;
  if (!looksAt(rule, view.facts.actor.class)) return [];
  const verdict = rule.condition.evaluate(view, parameters);
  if (verdict === false) return [];
  const hit = hitOf(council, clause, enforcement, view);
  if (verdict === true) return [hit];
  const where = `Rule "${rule.id}" under "${hit.clause.document}, ${hit.clause.section}"`;
  faults.push(`${where} could not be evaluated (${verdict.unknown})`);
  const { gate, protection } = enforcement;
  if (gate === 'release' && protection === 'none') return [];
  // Unknown holds where the clause gates: to divert or refuse on a guess could not be taken back.
  return [
    {
      ...hit,
      outcome: 'unknown',
      gate: gate === 'release' ? 'release' : 'hold',
      protection,
      nudge: false,
      notify: gate === 'release' ? [] : ['ict'],
    },
  ];
}

function hitOf(
  council: CouncilPolicy,
  clause: Clause,
  enforcement: Enforcement,
  view: View,
): RuleHit {
  const { rule, gate, protection, nudge, tag, notify } = enforcement;
  const hit: RuleHit = {
    rule: rule.id,
    clause: clauseRef(council, clause),
    outcome: 'match',
    gate,
    protection,
    nudge,
    tag,
    notify: [...notify],
    inert: inertness(council, enforcement, view),
    findings: restsOn(view.findings, rule.condition.kinds, view.recipient),
  };
  const exception = exceptionFor(council, rule, view);
  if (!exception) return hit;
  if (exception.permits === 'rule-off') {
    return { ...hit, inert: hit.inert ?? 'exception', exception: exception.id };
  }
  // WL 1.4: what is approved still goes over an encrypted channel only.
  const passes = { gate: 'release', protection: 'required', nudge: false, tag: true } as const;
  return { ...hit, ...passes, notify: [], exception: exception.id };
}

/** How a clause is cited. Our own choices say so. */
export function clauseRef(council: CouncilPolicy, clause: Clause): ClauseRef {
  return {
    council: clause.document?.council ?? council.name,
    document: clause.document?.title ?? OWN_DOCUMENT,
    section: clause.section,
    quote: clause.quote,
  };
}

function inertness(
  council: CouncilPolicy,
  { rule, shadow }: Enforcement,
  { facts }: View,
): RuleHit['inert'] {
  if (shadow) return 'shadow';
  if (rule.area !== 'conduct' && rule.area !== 'political') return null;
  const informed = council.settings.membersInformedOn;
  const today = londonDate(new Date(facts.receivedAt));
  return informed !== null && informed <= today ? null : 'members-not-informed';
}

function restsOn(
  findings: readonly Finding[],
  kinds: readonly FindingKind[],
  recipient: RecipientFacts,
): number[] {
  return findings.flatMap((finding, index) =>
    kinds.includes(finding.kind) && concerns(finding, recipient.address) ? [index] : [],
  );
}

/**
 * What is done when nothing can be decided: everybody waits for ICT, and as nobody can say whether
 * it must be encrypted, it must be. Uses as little of the input as it can.
 */
function holdEverything(policy: Policy, input: DecisionInput, fault: string): Decision {
  const inside = input.facts.recipients.filter(({ internal }) => internal);
  const recipients = input.facts.envelope.rcptTo.map(({ address }): RecipientDecision => {
    const internal = inside.some((recipient) => recipient.address === address);
    const protection = internal ? 'none' : 'required';
    const hit: RuleHit = {
      rule: 'undecided',
      clause: {
        council: input.facts.council.name,
        document: OWN_DOCUMENT,
        section: 'What cannot be decided waits',
        quote: null,
      },
      outcome: 'unknown',
      gate: 'hold',
      protection,
      nudge: false,
      tag: false,
      notify: ['ict'],
      inert: null,
      findings: [],
    };
    return { address, gate: 'hold', protection, hits: [hit] };
  });
  return assemble(policy, input, recipients, [fault]);
}

function assemble(
  policy: Policy,
  { marking, findings, facts, sha256 }: DecisionInput,
  recipients: RecipientDecision[],
  faults: string[],
): Decision {
  return {
    gate: strictestGate(recipients.map(({ gate }) => gate)),
    protection: strictestProtection(recipients.map(({ protection }) => protection)),
    marking: marking.level === 'NONE' ? null : marking.level,
    recipients,
    findings: [...findings],
    policyVersion: policy.version,
    inputsHash: canonicalHash({ sha256, facts, policyVersion: policy.version }),
    faults: [...new Set(faults)],
  };
}

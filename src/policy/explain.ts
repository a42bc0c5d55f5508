import type { ClauseRef, Decision, RuleHit } from '../mail/decision.ts';
import type { Gate, Protection } from '../mail/disposition.ts';
import { clip, type Finding } from '../mail/finding.ts';
import type { PartValue } from './condition.ts';
import { clauseRef, decide, looksAt, type DecisionInput } from './decide.ts';
import type { Clause, CouncilPolicy, Policy } from './policy.ts';
import { isComplete, viewsOf } from './views.ts';
import type { View } from './variables.ts';

/** Why a message was decided as it was. Holds addresses, so it is for those who may see it. */
export interface Explanation {
  policyVersion: string;
  inputsHash: string;
  faults: string[];
  /** `false`: the values that the conditions read were not recorded. */
  hasValues: boolean;
  recipients: ExplainedRecipient[];
  findings: Finding[];
}

export interface ExplainedRecipient {
  address: string;
  gate: Gate;
  protection: Protection;
  clauses: ExplainedClause[];
}

/** What one clause did for one recipient. */
export interface ExplainedClause {
  rule: string;
  clause: ClauseRef;
  /** `null` where the rule did not fire. */
  hit: RuleHit | null;
  /** Why it did not fire, where that is no matter of its condition. */
  reason: string | null;
  terms: ExplainedTerm[];
}

export interface ExplainedTerm {
  source: string;
  /** `null`: it could not be evaluated. */
  holds: boolean | null;
  values: PartValue[];
}

/**
 * For each recipient what was decided, and for every clause why it fired or did not, with the
 * values of its condition's parts. Without a message and without complete readings only what was
 * recorded is told.
 */
export function explain(
  policy: Policy,
  input: DecisionInput,
  decision: Decision = decide(policy, input),
): Explanation {
  const council = policy.councils.get(input.facts.council.id);
  const hasValues = input.message !== null || (!!input.readings && isComplete(input.readings));
  const views = hasValues ? viewsOf(input, policy.lists) : [];
  const recipients = decision.recipients.map(({ address, gate, protection, hits }, index) => ({
    address,
    gate,
    protection,
    clauses: [
      ...hits.map((hit) => ofHit(council, hit, views[index])),
      ...(council && views[index] ? silent(council, hits, views[index]) : []),
    ],
  }));
  const { policyVersion, inputsHash, faults, findings } = decision;
  return { policyVersion, inputsHash, faults, hasValues, recipients, findings };
}

function ofHit(council: CouncilPolicy | undefined, hit: RuleHit, view?: View): ExplainedClause {
  const own = council?.clauses.find((clause) => isOf(council, clause, hit));
  const terms = own && view ? termsOf(own, view) : [];
  return { rule: hit.rule, clause: hit.clause, hit, reason: null, terms };
}

function isOf(council: CouncilPolicy, clause: Clause, hit: RuleHit): boolean {
  const { document, section } = clauseRef(council, clause);
  const { enforcement } = clause;
  return (
    enforcement.kind === 'rule' &&
    enforcement.rule.id === hit.rule &&
    document === hit.clause.document &&
    section === hit.clause.section &&
    // One rule may stand twice under a clause: as it acts, and as a change in shadow.
    enforcement.shadow === (hit.inert === 'shadow')
  );
}

/** The clauses that said nothing, and why. */
function silent(council: CouncilPolicy, hits: readonly RuleHit[], view: View): ExplainedClause[] {
  return council.clauses.flatMap((clause): ExplainedClause[] => {
    const { enforcement } = clause;
    if (enforcement.kind === 'not-enforced' || enforcement.kind === 'kept') return [];
    if (hits.some((hit) => isOf(council, clause, hit))) return [];
    const base = { clause: clauseRef(council, clause), hit: null, reason: null, terms: [] };
    if (enforcement.kind === 'off') {
      return [{ ...base, rule: enforcement.rule, reason: `off: ${enforcement.reason}` }];
    }
    const rule = enforcement.rule.id;
    const senderClass = view.facts.actor.class;
    if (!looksAt(enforcement.rule, senderClass)) {
      const reason = `looks at members' mail only, the sender is "${senderClass}"`;
      return [{ ...base, rule, reason }];
    }
    return [{ ...base, rule, terms: termsOf(clause, view).filter(({ holds }) => !holds) }];
  });
}

function termsOf({ enforcement }: Clause, view: View): ExplainedTerm[] {
  if (enforcement.kind !== 'rule') return [];
  const { rule, parameters } = enforcement;
  return rule.condition.terms.map((term) => {
    const verdict = term.evaluate(view, parameters);
    return {
      source: term.source,
      holds: typeof verdict === 'boolean' ? verdict : null,
      values: term.values(view, parameters).map((part) => shown(part, view.findings)),
    };
  });
}

const PRIVATE_KINDS: readonly string[] = ['personal-data', 'credential'];

/** The value as it may be shown: what findings call personal data in the subject is masked. */
function shown(part: PartValue, findings: readonly Finding[]): PartValue {
  const hidden = findings
    .filter(({ kind }) => PRIVATE_KINDS.includes(kind))
    .flatMap(({ evidence }) => evidence.filter((each) => each.part === 'subject'));
  if (hidden.length === 0) return part;
  if (part.source === 'message.plainSubject') return { ...part, value: '(masked)' };
  if (part.source !== 'message.subject') return part;
  return { ...part, value: maskSubject(String(part.value), findings) };
}

/** A subject with the places of personal data in it struck out. */
export function maskSubject(subject: string, findings: readonly Finding[]): string {
  return findings
    .filter(({ kind }) => PRIVATE_KINDS.includes(kind))
    .flatMap(({ evidence }) => evidence.filter(({ part }) => part === 'subject'))
    .reduce(
      (text, { start, end }) =>
        text.slice(0, start) + '*'.repeat(Math.max(0, end - start)) + text.slice(end),
      subject,
    );
}

/** The same as lines for a person. */
export function explanationLines(explanation: Explanation): string[] {
  const { findings, policyVersion, inputsHash } = explanation;
  return [
    ...explanation.faults.map((fault) => `Fault: ${fault}`),
    ...explanation.recipients.flatMap(({ address, gate, protection, clauses }) => [
      `${address}: ${gate}, protection ${protection}`,
      ...clauses.flatMap((clause) => clauseLines(clause, findings)),
    ]),
    ...(explanation.hasValues ? [] : [NO_VALUES]),
    `Policy version ${policyVersion}`,
    `Inputs hash ${inputsHash}`,
  ];
}

const NO_VALUES =
  'What the conditions read was not recorded with this message, so only what fired is told';

function clauseLines(explained: ExplainedClause, findings: readonly Finding[]): string[] {
  const { hit, rule, clause, reason, terms } = explained;
  if (hit) {
    const rests = hit.findings.flatMap((index) => findings[index] ?? []);
    return [`  + ${hitLine(hit)}`, ...terms.flatMap(termLines), ...rests.flatMap(findingLines)];
  }
  const failed = terms.map(({ source }) => source).join('; ');
  const why = reason ?? `not so: ${failed}`;
  return [
    `  - ${rule}: ${why} [${clause.document}, ${clause.section}]`,
    ...terms.flatMap(termLines),
  ];
}

function termLines({ values }: ExplainedTerm): string[] {
  return values.map(({ source, value, findings }) => {
    const found = (findings ?? []).map(
      ({ kind, type, score }) => `${kind} (${type}) ${score.toFixed(2)}`,
    );
    const of = found.length > 0 ? `: ${found.join(', ')}` : '';
    return `      ${source} is ${valueWords(value)}${of}`;
  });
}

function valueWords(value: PartValue['value']): string {
  if (value === null) return 'unknown';
  if (Array.isArray(value)) return clip(`[${value.join(', ')}]`, 200);
  return typeof value === 'string' ? JSON.stringify(clip(value)) : String(value);
}

/** Evidence is masked already where it must be. */
function findingLines({ kind, type, score, evidence }: Finding): string[] {
  const places = evidence.map(
    ({ part, text, start, end }) => `        ${part} ${start}-${end}: ${JSON.stringify(text)}`,
  );
  return [`      rests on ${kind} (${type}), score ${score.toFixed(2)}`, ...places];
}

function hitLine(hit: RuleHit): string {
  const { rule, clause, outcome, gate, protection, nudge, tag, notify, inert } = hit;
  const effects = [
    ...(gate === 'release' ? [] : [gate]),
    ...(protection === 'required' ? ['protection required'] : []),
    ...(nudge ? ['nudge'] : []),
    ...(tag ? ['tag'] : []),
    ...(notify.length > 0 ? [`tells ${notify.join(', ')}`] : []),
  ].join(', ');
  const quote = clause.quote ? ` "${clause.quote}"` : '';
  const exception = hit.exception ? ` (exception ${hit.exception})` : '';
  return (
    `${rule}${outcome === 'unknown' ? ' could not be evaluated' : ''}: ${effects || 'recorded'}` +
    `${inert ? WHY_INERT[inert] : ''}${exception} ` +
    `[${clause.council}, ${clause.document}, ${clause.section}${quote}]`
  );
}

const WHY_INERT = {
  shadow: ' (in shadow: recorded only)',
  'members-not-informed': ' (members not yet informed: recorded only)',
  exception: ' (covered by an exception: recorded only)',
};

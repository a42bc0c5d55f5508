import type { RuleHit } from '../mail/decision.ts';
import { clauseRef, decide, looksAt, type DecisionInput } from './decide.ts';
import type { Clause, CouncilPolicy, Enforcement, Policy } from './policy.ts';
import type { View } from './variables.ts';
import { viewsOf } from './views.ts';

/**
 * Lines for a person: for each recipient what was decided, what every clause did and, where a rule
 * did not match, which of its terms failed. Holds addresses, so it is for those who may see the
 * message.
 */
export function explain(policy: Policy, input: DecisionInput): string[] {
  const decision = decide(policy, input);
  const council = policy.councils.get(input.facts.council.id);
  const lines = decision.faults.map((fault) => `Fault: ${fault}`);
  const views = viewsOf(input, policy.lists);
  for (const [index, recipient] of decision.recipients.entries()) {
    lines.push(`${recipient.address}: ${recipient.gate}, protection ${recipient.protection}`);
    lines.push(...recipient.hits.map((hit) => `  + ${hitLine(hit)}`));
    const view = views[index];
    if (!council || !view) continue;
    lines.push(...council.clauses.flatMap((clause) => silentLine(council, clause, view)));
  }
  return lines;
}

function hitLine({ rule, clause, outcome, gate, protection, nudge, tag, inert }: RuleHit): string {
  const effects = [
    ...(gate === 'release' ? [] : [gate]),
    ...(protection === 'required' ? ['protection required'] : []),
    ...(nudge ? ['nudge'] : []),
    ...(tag ? ['tag'] : []),
  ].join(', ');
  const quote = clause.quote ? ` "${clause.quote}"` : '';
  const why = {
    shadow: ' (in shadow: recorded only)',
    'members-not-informed': ' (members not yet informed: recorded only)',
    exception: ' (covered by an exception: recorded only)',
  };
  return (
    `${rule}${outcome === 'unknown' ? ' could not be evaluated' : ''}: ${effects || 'recorded'}` +
    `${inert ? why[inert] : ''} [${clause.council}, ${clause.document}, ${clause.section}${quote}]`
  );
}

/** Why a clause said nothing; no line where it spoke. */
function silentLine(council: CouncilPolicy, clause: Clause, view: View): string[] {
  const { enforcement } = clause;
  const { document, section } = clauseRef(council, clause);
  const line = (rule: string, why: string): string[] => [
    `  - ${rule}: ${why} [${document}, ${section}]`,
  ];
  if (enforcement.kind === 'not-enforced' || enforcement.kind === 'kept') return [];
  if (enforcement.kind === 'off') return line(enforcement.rule, `off: ${enforcement.reason}`);
  const { rule } = enforcement;
  if (!looksAt(rule, view.facts.actor.class)) {
    return line(rule.id, `looks at members' mail only, the sender is "${view.facts.actor.class}"`);
  }
  const failed = failedTerms(enforcement, view);
  return failed.length === 0 ? [] : line(rule.id, `not so: ${failed.join('; ')}`);
}

function failedTerms({ rule, parameters }: Enforcement, view: View): string[] {
  return rule.condition.terms
    .filter(({ evaluate }) => evaluate(view, parameters) === false)
    .map(({ source }) => source);
}

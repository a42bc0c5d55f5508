import { councilsOf, type Outcomes } from './outcomes.ts';
import type { Clause, CouncilPolicy, Policy, Rule } from './policy.ts';

export interface CouncilCoverage {
  council: string;
  /** Clauses of the council's documents, without our own choices. */
  clauses: number;
  byRule: number;
  kept: number;
  off: number;
  notEnforced: number;
  ourChoices: number;
  /** Conduct and politics only record until then. */
  membersInformedOn: string | null;
  reviewDue: string | null;
  /** Every clause that no rule acts on, with the reason. */
  idle: { section: string; kind: 'kept' | 'off' | 'not-enforced'; reason: string }[];
}

export interface RuleCoverage {
  rule: string;
  matching: number;
  notMatching: number;
  councils: string[];
  /** Messages of the table of outcomes in which it acts somewhere. */
  outcomes: string[];
}

export interface Coverage {
  councils: CouncilCoverage[];
  rules: RuleCoverage[];
  /** What nothing tries, in words. */
  gaps: string[];
}

/** What the policy covers of the councils' documents, and what tries its rules. */
export function coverageOf(policy: Policy, outcomes: Outcomes | null): Coverage {
  const councils = [...policy.councils.values()];
  const rules = [...policy.rules.values()].map((rule) => ruleCoverage(rule, councils, outcomes));
  const untried = rules.filter(({ outcomes: messages }) => messages.length === 0);
  const tabled = outcomes ? councilsOf(outcomes) : [];
  return {
    councils: councils.map(councilCoverage),
    rules,
    gaps: [
      ...untried.map(({ rule }) => `No message of the table of outcomes brings "${rule}" to act`),
      ...councils
        .filter(({ id }) => !tabled.includes(id))
        .map(({ id }) => `The table of outcomes has no column for "${id}"`),
    ],
  };
}

function councilCoverage({ id, clauses, settings }: CouncilPolicy): CouncilCoverage {
  const own = clauses.filter(({ ourChoice }) => ourChoice);
  const quoted = clauses.filter(({ ourChoice }) => !ourChoice);
  const count = (kind: Clause['enforcement']['kind']): number =>
    quoted.filter(({ enforcement }) => enforcement.kind === kind).length;
  return {
    council: id,
    clauses: quoted.length,
    byRule: count('rule'),
    kept: count('kept'),
    off: count('off'),
    notEnforced: count('not-enforced'),
    ourChoices: own.length,
    membersInformedOn: settings.membersInformedOn,
    reviewDue: settings.review?.due ?? null,
    idle: quoted.flatMap(({ section, enforcement }) => {
      if (enforcement.kind === 'rule') return [];
      const reason = enforcement.kind === 'kept' ? enforcement.how : enforcement.reason;
      return [{ section, kind: enforcement.kind, reason }];
    }),
  };
}

function ruleCoverage(
  { id, examples }: Rule,
  councils: CouncilPolicy[],
  outcomes: Outcomes | null,
): RuleCoverage {
  const uses = ({ clauses }: CouncilPolicy): boolean =>
    clauses.some(({ enforcement }) => enforcement.kind === 'rule' && enforcement.rule.id === id);
  const acts = ({ outcomes: cells }: Outcomes['messages'][number]): boolean =>
    Object.values(cells).some(({ by }) => by.some((each) => each.endsWith(`: ${id}`)));
  return {
    rule: id,
    matching: examples.filter(({ matches }) => matches).length,
    notMatching: examples.filter(({ matches }) => !matches).length,
    councils: councils.filter(uses).map((council) => council.id),
    outcomes: (outcomes?.messages ?? []).filter(acts).map((message) => message.id),
  };
}

import { councilsOf, type Outcomes } from './outcomes.ts';
import type { Clause, CouncilPolicy, Policy, Rule } from './policy.ts';

export interface CouncilCoverage {
  council: string;
  /** Clauses of the council's documents, without our own choices. */
  clauses: number;
  byRule: number;
  /** Only recorded: every rule of the clause is in shadow. */
  inShadow: number;
  kept: number;
  off: number;
  notEnforced: number;
  ourChoices: number;
  /** Conduct and politics only record until then. */
  membersInformedOn: string | null;
  reviewDue: string | null;
  /** Every clause that no rule acts on, with the reason. */
  idle: { section: string; kind: 'shadow' | 'kept' | 'off' | 'not-enforced'; reason: string }[];
}

export interface RuleCoverage {
  rule: string;
  matching: number;
  notMatching: number;
  /** Where it acts. */
  councils: string[];
  /** Where it is in shadow and does not act. */
  shadowIn: string[];
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
      ...untried.map(({ rule, councils: acting }) =>
        acting.length === 0
          ? `No council lets "${rule}" act`
          : `No message of the table of outcomes brings "${rule}" to act`,
      ),
      ...councils
        .filter(({ id }) => !tabled.includes(id))
        .map(({ id }) => `The table of outcomes has no column for "${id}"`),
    ],
  };
}

function councilCoverage({ id, clauses, settings }: CouncilPolicy): CouncilCoverage {
  const own = clauses.filter(({ ourChoice }) => ourChoice);
  const acting = new Set(clauses.filter(acts).map(nameOf));
  // What is tried in shadow beside the entry that acts is no clause of its own.
  const quoted = clauses.filter(
    (clause) => !clause.ourChoice && (!inShadow(clause) || !acting.has(nameOf(clause))),
  );
  const count = (kind: Clause['enforcement']['kind']): number =>
    quoted.filter(({ enforcement }) => enforcement.kind === kind).length;
  return {
    council: id,
    clauses: quoted.length,
    byRule: quoted.filter(acts).length,
    inShadow: quoted.filter(inShadow).length,
    kept: count('kept'),
    off: count('off'),
    notEnforced: count('not-enforced'),
    ourChoices: own.length,
    membersInformedOn: settings.membersInformedOn,
    reviewDue: settings.review?.due ?? null,
    idle: quoted.flatMap(({ section, enforcement }): CouncilCoverage['idle'] => {
      if (enforcement.kind === 'rule') {
        const reason = `"${enforcement.rule.id}" is in shadow: recorded, not acted on`;
        return enforcement.shadow ? [{ section, kind: 'shadow', reason }] : [];
      }
      const reason = enforcement.kind === 'kept' ? enforcement.how : enforcement.reason;
      return [{ section, kind: enforcement.kind, reason }];
    }),
  };
}

const acts = ({ enforcement }: Clause): boolean =>
  enforcement.kind === 'rule' && !enforcement.shadow;
const inShadow = ({ enforcement }: Clause): boolean =>
  enforcement.kind === 'rule' && enforcement.shadow;

function nameOf({ document, section, quote }: Clause): string {
  return JSON.stringify([document?.id ?? null, section, quote]);
}

function ruleCoverage(
  { id, examples }: Rule,
  councils: CouncilPolicy[],
  outcomes: Outcomes | null,
): RuleCoverage {
  const uses = ({ clauses }: CouncilPolicy, how: (clause: Clause) => boolean): boolean =>
    clauses.some(
      (clause) =>
        how(clause) && clause.enforcement.kind === 'rule' && clause.enforcement.rule.id === id,
    );
  const acting = councils.filter((council) => uses(council, acts));
  const tried = councils.filter((council) => !acting.includes(council) && uses(council, inShadow));
  const actsIn = ({ outcomes: cells }: Outcomes['messages'][number]): boolean =>
    Object.values(cells).some(({ by }) => by.some((each) => each.endsWith(`: ${id}`)));
  return {
    rule: id,
    matching: examples.filter(({ matches }) => matches).length,
    notMatching: examples.filter(({ matches }) => !matches).length,
    councils: acting.map((council) => council.id),
    shadowIn: tried.map((council) => council.id),
    outcomes: (outcomes?.messages ?? []).filter(actsIn).map((message) => message.id),
  };
}

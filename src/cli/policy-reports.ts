import type { Command } from 'commander';
import { coverageOf, type Coverage } from '../policy/coverage.ts';
import { exceptionsOf, type ListedException } from '../policy/exceptions.ts';
import { print, table, type CliContext } from './context.ts';
import { loadFolder, outcomesOf } from './policy-folder.ts';

interface Options {
  json?: boolean;
  council?: string;
}

/** `policy coverage` and `policy exceptions`: what the folder says, for whoever answers for it. */
export function addPolicyReports(policy: Command, context: CliContext): void {
  policy
    .command('coverage')
    .description('clauses, rules and examples, and what is not covered')
    .option('--council <id>', 'every clause of this council that no rule acts on, with the reason')
    .option('--json', 'print JSON')
    .action((options: Options) => {
      const coverage = coverageOf(loadFolder(context, options), outcomesOf(context, options));
      print(context, options, coverage, coverageText(coverage, options.council));
    });
  policy
    .command('exceptions')
    .description('what was approved for a time, by whom, and what is about to end')
    .option('--json', 'print JSON')
    .action((options: Options) => {
      const all = exceptionsOf(loadFolder(context, options), context.now());
      print(context, options, all, exceptionsText(all));
    });
}

function coverageText({ councils, rules, gaps }: Coverage, only: string | undefined): string {
  const counts = councils.map((each) => [
    each.council,
    ...[each.clauses, each.byRule, each.inShadow, each.kept, each.off, each.notEnforced].map(
      String,
    ),
    String(each.ourChoices),
    each.membersInformedOn ?? 'not yet',
    each.reviewDue ?? '-',
  ]);
  const headings = [
    'council',
    'clauses',
    'rule',
    'in shadow',
    'kept',
    'off',
    'not enforced',
    'our choice',
  ];
  const parts = [
    table([...headings, 'members informed', 'review due'], counts),
    table(
      ['rule', 'matches', 'does not', 'councils', 'in shadow', 'outcomes'],
      rules.map(({ rule, matching, notMatching, councils: users, shadowIn, outcomes }) => [
        rule,
        ...[matching, notMatching, users.length, shadowIn.length, outcomes.length].map(String),
      ]),
    ),
    ...councils
      .filter(({ council }) => council === only)
      .map(({ idle }) =>
        table(
          ['clause', 'is', 'because'],
          idle.map(({ section, kind, reason }) => [section, kind, reason]),
        ),
      ),
    gaps.length === 0 ? 'Nothing is left untried' : `Not covered:\n${gaps.join('\n')}`,
  ];
  return parts.join('\n\n');
}

function exceptionsText(all: readonly ListedException[]): string {
  if (all.length === 0) return 'No exception is entered';
  const rows = all.map((each) => [
    each.council,
    each.id,
    each.state,
    each.until,
    each.permits === 'redirect' ? 'redirect' : `${each.rules.join(', ')} off`,
    [each.member, each.recipient, each.domain].filter((who) => who !== null).join(' to '),
    each.owner,
    each.approver,
    each.reason,
  ]);
  const headings = ['council', 'id', 'state', 'until', 'permits', 'for', 'owner', 'approver'];
  const ending = all.filter(({ state }) => state === 'expiring').length;
  const note = ending === 0 ? '' : `\n${ending} will end soon: approve again, or let them go`;
  return `${table([...headings, 'reason'], rows)}${note}`;
}

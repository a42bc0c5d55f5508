import type { Command } from 'commander';
import { shadowFigures, type ShadowFigures } from '../store/shadow-figures.ts';
import { print, table, type CliContext } from './context.ts';
import { timeOf } from './time-option.ts';

interface Options {
  since: string;
  council?: string;
  json?: boolean;
}

/** `policy shadow`: what rules and clauses in shadow would have done to the mail of the record. */
export function addShadowCommand(policy: Command, context: CliContext): void {
  policy
    .command('shadow')
    .description('what rules and clauses in shadow matched, and what they would have changed')
    .option('--since <time>', 'received from then on: ISO 8601, or "90d" before now', '90d')
    .option('--council <id>', 'only this council')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const since = timeOf(options.since, context.now(), '--since');
      const council = options.council ?? null;
      const figures = await context.withRecord((db) => shadowFigures(db, { since, council }));
      print(context, options, figures, figuresText(figures));
    });
}

function figuresText(figures: readonly ShadowFigures[]): string {
  if (figures.length === 0) return 'Nothing matched in shadow';
  const counts = [
    'messages',
    'recipients',
    'differing',
    'released',
    'refused',
    'delivered',
  ] as const;
  return table(
    ['council', 'rule', 'clause', 'would', ...counts],
    figures.map((each) => [
      each.council,
      each.rule,
      `${each.document}, ${each.section}`,
      each.protection === 'required' ? `${each.gate}, protected` : each.gate,
      ...counts.map((name) => String(each[name])),
    ]),
  );
}

import type { Command } from 'commander';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { activePolicy } from '../store/policies.ts';
import { shadowFigures, type ShadowFigures } from '../store/shadow-figures.ts';
import { CommandFailed, print, table, type CliContext } from './context.ts';
import { timeOf } from './time-option.ts';

interface Options {
  since?: string;
  council?: string;
  json?: boolean;
}

/** `policy shadow`: what rules and clauses in shadow would have done to the mail of the record. */
export function addShadowCommand(policy: Command, context: CliContext): void {
  policy
    .command('shadow')
    .description(
      'what the policy that runs holds in shadow, since when, and what it would have done',
    )
    .option('--since <time>', 'received from then on: ISO 8601, or "90d" before now')
    .option('--council <id>', 'only this council')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const at = context.now();
      const since = options.since === undefined ? null : timeOf(options.since, at, '--since');
      const council = options.council ?? null;
      const figures = await context.withRecord(async (db) => {
        const active = await activePolicy(db, { at });
        if (!active)
          throw new CommandFailed('No policy is active: run "portreeve policy activate"');
        const running = policyFromFiles(active.files);
        if (council !== null && !running.councils.has(council)) {
          throw new CommandFailed(`The policy that runs has no council "${council}"`);
        }
        return shadowFigures(db, running, { since, council, at });
      });
      print(context, options, figures, figuresText(figures));
    });
}

const COUNTS = [
  ['matched', 'matched'],
  ['stopped', 'would stop'],
  ['diverted', 'divert'],
  ['nudged', 'nudge'],
  ['alsoStopped', 'stopped anyway'],
  ['released', 'released'],
  ['refused', 'refused'],
] as const;

function figuresText(figures: readonly ShadowFigures[]): string {
  if (figures.length === 0) return 'Nothing runs in shadow';
  return table(
    ['council', 'rule', 'clause', 'since', ...COUNTS.map(([, heading]) => heading)],
    figures.map((each) => [
      each.council,
      `${each.rule}${parametersText(each)}`,
      `${each.document}, ${each.section}`,
      each.since.toISOString().slice(0, 10),
      ...COUNTS.map(([name]) => String(each[name])),
    ]),
  );
}

function parametersText({ parameters }: ShadowFigures): string {
  const given = Object.entries(parameters).map(([name, value]) => `${name}: ${String(value)}`);
  return given.length === 0 ? '' : ` (${given.join(', ')})`;
}

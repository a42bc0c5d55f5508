import type { Command } from 'commander';
import { loadChecked } from './policy-folder.ts';
import { transaction, type Db } from '../store/connect.ts';
import {
  activatePolicy,
  approveActivation,
  listActivations,
  policiesLike,
  previousPolicy,
  rollBackTo,
  withdrawActivation,
  type Activation,
  type ActivationOutcome,
  type StoredPolicy,
} from '../store/policies.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';

interface By {
  officer: string;
  json?: boolean;
}

/** `policy activate`, `approve`, `withdraw`, `rollback`, `versions`: what runs, and since when. */
export function addActivationCommands(policy: Command, context: CliContext): void {
  policy
    .command('activate')
    .description('make the folder the policy that runs; the running gateway follows within seconds')
    .option('--at <time>', 'not before then, ISO 8601 with offset')
    .option('--officer <name>', 'who does this', context.user)
    .option('--json', 'print JSON')
    .action((options: By & { at?: string }) => activate(context, options));
  policy
    .command('approve <activation>')
    .description('a second officer’s approval, where policy.secondOfficer asks for one')
    .option('--officer <name>', 'who does this', context.user)
    .option('--json', 'print JSON')
    .action((id: string, options: By) =>
      change(context, id, options, approveActivation, 'is approved'),
    );
  policy
    .command('withdraw <activation>')
    .description('take back an activation that has not taken effect yet')
    .option('--officer <name>', 'who does this', context.user)
    .option('--json', 'print JSON')
    .action((id: string, options: By) =>
      change(context, id, options, withdrawActivation, 'is withdrawn'),
    );
  policy
    .command('rollback')
    .description(
      'go back to the version that ran before, or to another; at once unless it may be laxer',
    )
    .option('--to <version>', 'the beginning of its hash')
    .option('--officer <name>', 'who does this', context.user)
    .option('--json', 'print JSON')
    .action((options: By & { to?: string }) => rollback(context, options));
  policy
    .command('versions')
    .description('activations, the newest first: what runs, what ran, what is to come')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const all = await context.withRecord((db) => listActivations(db, context.now()));
      print(context, options, all, versionsText(all));
    });
}

async function activate(context: CliContext, options: By & { at?: string }): Promise<void> {
  const { version, files } = loadChecked(context, options);
  const at = context.now();
  const effectiveAt = options.at === undefined ? at : new Date(options.at);
  if (Number.isNaN(effectiveAt.getTime())) {
    throw new UsageError(`--at takes an ISO 8601 time with offset, not "${options.at}"`);
  }
  if (effectiveAt < at) {
    throw new UsageError('--at lies in the past: leave it out to activate now');
  }
  const needsApproval = context.config().policy.secondOfficer;
  const by = options.officer;
  const request = { version, files, at, by, effectiveAt, needsApproval };
  const id = await context.withRecord((db) => transaction(db, (tx) => activatePolicy(tx, request)));
  const when = effectiveAt > at ? ` from ${effectiveAt.toISOString()} on` : '';
  const text = needsApproval
    ? `Policy ${version} waits for a second officer: portreeve policy approve ${id} --officer NAME`
    : `Policy ${version} is active${when}`;
  print(context, options, { activation: id, version, effectiveAt, needsApproval }, text);
}

const REFUSED: Record<Exclude<ActivationOutcome, 'done'>, string> = {
  unknown: 'There is no such activation: see "portreeve policy versions"',
  'not-open': 'It needs no such step any more: see "portreeve policy versions"',
  'same-officer': 'Whoever asked for it cannot approve it: another officer must',
};

async function change(
  context: CliContext,
  word: string,
  options: By,
  step: (tx: Db, on: { id: number; by: string; at: Date }) => Promise<ActivationOutcome>,
  done: string,
): Promise<void> {
  if (!/^\d{1,15}$/.test(word)) throw new UsageError(`An activation is a number, not "${word}"`);
  const on = { id: Number(word), by: options.officer, at: context.now() };
  const outcome = await context.withRecord((db) => transaction(db, (tx) => step(tx, on)));
  if (outcome !== 'done') throw new CommandFailed(REFUSED[outcome]);
  print(context, options, { activation: on.id, outcome }, `Activation ${on.id} ${done}`);
}

/** At once, unless it may be laxer than what runs where activations take two officers. */
async function rollback(context: CliContext, options: By & { to?: string }): Promise<void> {
  const at = context.now();
  const { secondOfficer } = context.config().policy;
  const { version, result } = await context.withRecord((db) =>
    transaction(db, async (tx) => {
      const target = await targetOf(tx, options.to, at);
      const step = { version: target.version, at, by: options.officer, secondOfficer };
      return { version: target.version, result: await rollBackTo(tx, step) };
    }),
  );
  switch (result.kind) {
    case 'done':
      return print(context, options, { version }, `Policy ${version} is active again`);
    case 'awaiting-approval': {
      const { activation, laxer } = result;
      const command = `portreeve policy approve ${activation} --officer NAME`;
      const text = [
        `Policy ${version} may be laxer than the one that runs, so it waits for a second officer:`,
        `  ${command}`,
        ...laxer.map((way) => `- ${way}`),
      ].join('\n');
      return print(context, options, { version, activation, needsApproval: true, laxer }, text);
    }
    case 'unknown':
    case 'never-ran':
      throw new CommandFailed(`Version ${version} never ran: "policy activate" asks for it`);
  }
}

async function targetOf(tx: Db, prefix: string | undefined, at: Date): Promise<StoredPolicy> {
  if (prefix === undefined) {
    const previous = await previousPolicy(tx, at);
    if (!previous) throw new CommandFailed('No other version ever ran: there is nothing to go to');
    return previous;
  }
  return oneLike(tx, prefix);
}

/** The one set of the record whose hash begins so. @throws {CommandFailed} for none or several */
export async function oneLike(db: Db, prefix: string): Promise<StoredPolicy> {
  const [found, another] = await policiesLike(db, prefix);
  if (!found) throw new CommandFailed(`The record has no policy version "${prefix}"`);
  if (another) throw new CommandFailed(`Several versions begin with "${prefix}": give more of it`);
  return found;
}

function versionsText(all: readonly Activation[]): string {
  if (all.length === 0) return 'No policy was ever activated';
  const rows = all.map((each) => [
    String(each.id),
    each.version.slice(0, 12),
    each.state,
    each.effectiveAt.toISOString(),
    each.requestedBy,
    each.approvedBy ?? '',
  ]);
  return table(['activation', 'version', 'state', 'from', 'asked for by', 'approved by'], rows);
}

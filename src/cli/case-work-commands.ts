import { InvalidArgumentError, type Command } from 'commander';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { askSender, type AskResult } from '../pipeline/ask-sender.ts';
import { alert } from '../pipeline/case-clock.ts';
import { undoDecision, type ReviewRoad } from '../pipeline/review.ts';
import { rescan } from '../pipeline/scan.ts';
import {
  addNote,
  assignCase,
  claimCase,
  escalateCase,
  setUrgent,
  unclaimCase,
} from '../store/case-work.ts';
import { loadCase } from '../store/cases.ts';
import { transaction, type Database, type Db } from '../store/connect.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, type CliContext } from './context.ts';

interface WorkOptions {
  officer: string;
  reason?: string;
  to?: string;
  minutes?: number;
}

/**
 * What an officer does around a decision. Each prints what became of it, and fails if nothing did.
 */
export function addCaseWorkCommands(cases: Command, context: CliContext): void {
  const work = (
    name: string,
    description: string,
    act: (tx: Db, caseId: string, options: WorkOptions, at: Date) => Promise<boolean | string>,
  ): Command =>
    cases
      .command(`${name} <case>`)
      .description(description)
      .option('--officer <name>', 'who does it', context.user)
      .action(async (caseId: string, options: WorkOptions) => {
        const at = context.now();
        const done = await context.withRecord((db) =>
          transaction(db, (tx) => act(tx, caseId, options, at)),
        );
        if (done === true) return context.out(`${name}: case ${caseId}\n`);
        const why = done === false ? 'It is closed, unknown, or stands so already' : done;
        throw new CommandFailed(why);
      });
  work('claim', 'take it, so that no other officer decides it meanwhile', claim).option(
    '--minutes <count>',
    'for how long',
    wholeNumber,
    20,
  );
  work('unclaim', 'give it back', (tx, caseId, { officer }, at) =>
    unclaimCase(tx, { caseId, officer, at }),
  );
  work('assign', 'give it to an officer; to nobody without --to', (tx, caseId, options, at) =>
    assignCase(tx, { ...changeOf(caseId, options, at), to: options.to ?? null }),
  ).option('--to <officer>');
  work('escalate', 'hand it to another role', (tx, caseId, options, at) =>
    escalateCase(tx, { ...changeOf(caseId, options, at), role: options.to ?? '' }),
  )
    .requiredOption('--to <role>')
    .requiredOption('--reason <text>', 'kept in the record');
  work(
    'urgent',
    'put it before the others, and tell the officers',
    async (tx, caseId, options, at) => {
      const isSet = await setUrgent(tx, changeOf(caseId, options, at));
      const found = isSet ? await loadCase(tx, caseId) : null;
      const road = { clock: () => at, random: context.random };
      if (found) await alert(road, tx, found, 'urgent', found.role);
      return isSet;
    },
  ).requiredOption('--reason <text>', 'kept in the record');
  work('note', 'write something down for the other officers', (tx, caseId, options, at) =>
    addNote(tx, changeOf(caseId, options, at)),
  ).requiredOption('--reason <text>', 'the note');
  addSenderCommands(cases, context);
}

/** Those that need more of the world than the record: the policy, and the sender. */
function addSenderCommands(cases: Command, context: CliContext): void {
  cases
    .command('ask <case>')
    .description('ask the sender a question; the message waits on')
    .requiredOption('--question <text>', 'goes to the sender')
    .option('--officer <name>', 'who asks', context.user)
    .action(
      async (caseId: string, { question, officer }: { question: string; officer: string }) => {
        const { kind } = await context.withRecord(async (db) =>
          askSender(await reviewRoad(context, db), { caseId, officer, question }),
        );
        if (kind !== 'asked') throw new CommandFailed(ASKED[kind]);
        context.out(`ask: case ${caseId}\n`);
      },
    );
  cases
    .command('undo <case>')
    .description('take a refusal back while there is time')
    .option('--officer <name>', 'who does it', context.user)
    .action(async (caseId: string, { officer }: { officer: string }) => {
      const result = await context.withRecord(async (db) =>
        undoDecision(await reviewRoad(context, db), { caseId, officer }),
      );
      if (result.kind === 'no-such-case') throw new CommandFailed(NO_SUCH_CASE);
      if (result.kind === 'too-late') throw new CommandFailed('The time to take it back is over');
      context.out(`undo: ${result.recipients} recipient(s) wait again\n`);
    });
}

export const NO_SUCH_CASE = 'There is no such case: see "portreeve case list"';

const ASKED: Record<Exclude<AskResult['kind'], 'asked'>, string> = {
  'asked-before': 'A question stands already and is not answered',
  claimed: 'Another officer works on it',
  nobody: 'Nothing waits any more, or nobody is known whom to ask',
  'no-such-case': NO_SUCH_CASE,
};

async function claim(
  tx: Db,
  caseId: string,
  { officer, minutes = 20 }: WorkOptions,
  at: Date,
): Promise<boolean | string> {
  const result = await claimCase(tx, { caseId, officer, at, minutes });
  if (result.kind !== 'taken') return result.kind === 'claimed';
  return `"${result.by}" has it until ${result.until.toISOString()}`;
}

function changeOf(caseId: string, { officer, reason = '' }: WorkOptions, at: Date) {
  return { caseId, officer, at, reason };
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** What a decision by command needs of the world. */
export async function reviewRoad(context: CliContext, db: Database): Promise<ReviewRoad> {
  const active = await activePolicy(db, { at: context.now() });
  if (!active)
    throw new CommandFailed('No policy is active: run "portreeve policy activate" first');
  const policy = policyFromFiles(active.files);
  const scanner = context.scanner();
  // Without a scanner no content is opened, so this account needs no key to the spool.
  const spool = scanner && (await context.openSpool());
  return {
    db,
    clock: context.now,
    random: context.random,
    policy: () => policy,
    ordinaryDelayNoticeMinutes: context.config().delivery.ordinaryDelayNoticeMinutes,
    ...(spool && { rescan: (message) => rescan({ scanner, spool }, message) }),
  };
}

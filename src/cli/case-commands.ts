import type { Command } from 'commander';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import {
  deliverInward,
  reject,
  release,
  type ReviewRequest,
  type ReviewResult,
  type ReviewRoad,
} from '../pipeline/review.ts';
import { listCases, loadCase, type StoredCase } from '../store/cases.ts';
import type { Database } from '../store/connect.ts';
import { loadMessage } from '../store/messages.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, print, table, type CliContext } from './context.ts';

interface ReviewOptions {
  recipient?: string[];
  reason: string;
  officer: string;
  json?: boolean;
}

/** `case`: held and diverted messages, until the console is there and whenever it is not. */
export function addCaseCommands(program: Command, context: CliContext): void {
  const cases = program.command('case').description('held and diverted messages');
  cases
    .command('list')
    .description('what waits for an officer, oldest first')
    .option('--all', 'closed cases too')
    .option('--council <id>')
    .option('--json', 'print JSON')
    .action(async (options: { all?: boolean; council?: string; json?: boolean }) => {
      const found = await context.withRecord((db) =>
        listCases(db, { open: !options.all, council: options.council ?? null }),
      );
      print(context, options, found, table(HEADINGS, found.map(rowOf)));
    });
  cases
    .command('show <case>')
    .description('one case: why, by which clause, who waits')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }) =>
      context.withRecord((db) => show(context, db, id, options)),
    );
  const review = (name: string, description: string, act: typeof release): void => {
    cases
      .command(`${name} <case>`)
      .description(description)
      .option('--recipient <address...>', 'only these; all that wait where left out')
      .requiredOption('--reason <text>', 'kept in the record and shown to the sender')
      .option('--officer <name>', 'who decides', context.user)
      .option('--json', 'print JSON')
      .action(async (caseId: string, options: ReviewOptions) => {
        const { reason, officer, recipient = [] } = options;
        const request = { caseId, recipients: recipient, officer, reason };
        const result = await context.withRecord((db) => decide(context, db, request, act));
        print(context, options, result, words(name, result));
        if (result.kind !== 'done') throw new CommandFailed(words(name, result));
      });
  };
  review('release', 'let it go to its recipients, protected as decided', release);
  review('reject', 'refuse it for good and tell the sender', reject);
  review('inward', 'put a diverted message into the member’s council mailbox now', deliverInward);
}

async function decide(
  context: CliContext,
  db: Database,
  request: ReviewRequest,
  act: typeof release,
): Promise<ReviewResult> {
  const active = await activePolicy(db);
  if (!active)
    throw new CommandFailed('No policy is active: run "portreeve policy activate" first');
  const policy = policyFromFiles(active.files);
  const road: ReviewRoad = {
    db,
    clock: context.now,
    random: context.random,
    policy: () => policy,
    ordinaryDelayNoticeMinutes: context.config().delivery.ordinaryDelayNoticeMinutes,
  };
  // Nobody is woken from here: the sweep of the running gateway finds what became due.
  return act(road, request);
}

const HEADINGS = ['case', 'kind', 'for', 'opened', 'waiting', 'council', 'reason'];

function rowOf(found: StoredCase): string[] {
  const { id, kind, role, openedAt, waiting, council, reason } = found;
  return [id, kind, role, openedAt.toISOString(), String(waiting), council, reason];
}

async function show(
  context: CliContext,
  db: Database,
  id: string,
  options: { json?: boolean },
): Promise<void> {
  const found = await loadCase(db, id);
  const message = found && (await loadMessage(db, found.queueId));
  if (!found || !message) throw new CommandFailed(`No case "${id}": see "portreeve case list"`);
  const { decision } = message;
  const clauses = (decision?.recipients ?? [])
    .flatMap(({ hits }) => hits)
    .filter(({ inert, gate }) => inert === null && gate !== 'release')
    .map(({ rule, clause }) => {
      const quote = clause.quote === null ? 'our choice' : `“${clause.quote}”`;
      return `  ${rule}: ${clause.document} ${clause.section}: ${quote}`;
    });
  const lines = [
    `${found.kind} ${found.id}, message ${found.queueId}, opened ${found.openedAt.toISOString()}`,
    `for ${found.role}${found.closedAt ? `, closed ${found.closedAt.toISOString()}` : ''}`,
    'because',
    ...new Set(clauses),
    'recipients',
    ...message.recipients.map(
      ({ address, status, protection }) =>
        `  ${address ?? '(erased)'}: ${status}` +
        (protection === 'required' ? ', encrypted only' : ''),
    ),
  ];
  const findings = decision?.findings.map(({ kind, summary }) => ({ kind, summary })) ?? [];
  const { recipients } = message;
  print(context, options, { ...found, findings, recipients }, lines.join('\n'));
}

function words(action: string, result: ReviewResult): string {
  switch (result.kind) {
    case 'done':
      return `${action}: ${result.recipients} recipient(s) of message ${result.queueId}`;
    case 'nothing-waits':
      return 'Nothing of this case waits any more: it was decided before';
    case 'no-such-case':
      return 'There is no such case: see "portreeve case list"';
    case 'no-such-recipient':
      return `The message has no recipient "${result.address}"`;
  }
}

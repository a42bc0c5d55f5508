import type { Command } from 'commander';
import {
  decideCase,
  type DecisionAction,
  type ReviewRequest,
  type ReviewResult,
} from '../pipeline/review.ts';
import { listCases, loadCase, type StoredCase } from '../store/cases.ts';
import type { Database } from '../store/connect.ts';
import { loadMessage } from '../store/messages.ts';
import { addCaseWorkCommands, NO_SUCH_CASE, reviewRoad } from './case-work-commands.ts';
import { addExampleCommand } from './example-command.ts';
import { CommandFailed, print, table, type CliContext } from './context.ts';

interface ReviewOptions {
  recipient?: string[];
  reason: string;
  officer: string;
  json?: boolean;
}

/** `case`: held and diverted messages, whenever the console is not at hand. */
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
  for (const [name, action, description] of DECISIONS) {
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
        const result = await context.withRecord((db) => decide(context, db, action, request));
        print(context, options, result, words(name, result));
        const isFine = result.kind === 'done' || result.kind === 'proposed';
        if (!isFine) throw new CommandFailed(words(name, result));
      });
  }
  addCaseWorkCommands(cases, context);
  addExampleCommand(cases, context);
}

const DECISIONS: readonly [name: string, action: DecisionAction, description: string][] = [
  ['release', 'release', 'let it go to its recipients, protected as decided'],
  ['release-encrypted', 'release-encrypted', 'let it go, and only encrypted'],
  ['reject', 'reject', 'refuse it for good and tell the sender'],
  ['return-for-pgp', 'return-for-pgp', 'send it back: it needs a key that is not there'],
  ['inward', 'deliver-inward', 'put a diverted message into the member’s council mailbox now'],
];

/** Nobody is woken from here: the sweep of the running gateway finds what became due. */
async function decide(
  context: CliContext,
  db: Database,
  action: DecisionAction,
  request: ReviewRequest,
): Promise<ReviewResult> {
  return decideCase(await reviewRoad(context, db), action, request);
}

const HEADINGS = ['case', 'kind', 'for', 'opened', 'due', 'waiting', 'council', 'reason'];

function rowOf(found: StoredCase): string[] {
  const { id, kind, role, openedAt, dueAt, waiting, council, reason } = found;
  const due = dueAt?.toISOString() ?? '';
  return [id, kind, role, openedAt.toISOString(), due, String(waiting), council, reason];
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
    ...(found.dueAt ? [`to be decided by ${found.dueAt.toISOString()}`] : []),
    ...(found.urgentReason ? [`urgent: ${found.urgentReason}`] : []),
    'because',
    ...new Set(clauses),
    'recipients',
    ...message.recipients.map(
      ({ address, status, protection }) =>
        `  ${address ?? '(erased)'}: ${status}` +
        (protection === 'required' ? ', encrypted only' : ''),
    ),
    ...(found.actions.length > 0 ? ['so far'] : []),
    ...found.actions.map(
      ({ at, action, officer, state, reason }) =>
        `  ${at.toISOString()} ${officer}: ${action}` +
        (state === 'done' ? '' : ` (${state})`) +
        (reason ? `: ${reason}` : ''),
    ),
  ];
  const findings = decision?.findings.map(({ kind, summary }) => ({ kind, summary })) ?? [];
  const { recipients } = message;
  print(context, options, { ...found, findings, recipients }, lines.join('\n'));
}

function words(action: string, result: ReviewResult): string {
  switch (result.kind) {
    case 'done': {
      const until = result.undoUntil?.toISOString();
      const undo = until === undefined ? '' : `; "case undo" takes it back until ${until}`;
      return `${action}: ${result.recipients} recipient(s) of message ${result.queueId}${undo}`;
    }
    case 'proposed':
      return `${action}: proposed; it counts once a second officer decides the same`;
    case 'decided-before':
      return `"${result.by}" decided before: ${result.action} at ${result.at.toISOString()}`;
    case 'nothing-waits':
      return 'Nothing of this case waits any more';
    case 'claimed':
      return `"${result.by}" works on it until ${result.until.toISOString()}`;
    case 'not-clean':
      return result.verdict === 'infected'
        ? 'The scanner found malware in it: it stays held'
        : 'The malware scanner does not answer: it stays held; try again once it does';
    case 'no-such-case':
      return NO_SUCH_CASE;
    case 'no-such-recipient':
      return `The message has no recipient "${result.address}"`;
  }
}

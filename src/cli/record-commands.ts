import type { Command } from 'commander';
import { createPublicKey } from 'node:crypto';
import { queueId } from '../mail/queue-id.ts';
import { eraseDue } from '../retention/erase.ts';
import { verifyAudit } from '../store/audit.ts';
import { transaction } from '../store/connect.ts';
import { addHold, HOLD_KINDS, liftHold, listHolds, type HoldKind } from '../store/holds.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';

/** `hold`, `audit`, `retention`: what is kept, what is proven, what is erased. */
export function addRecordCommands(program: Command, context: CliContext): void {
  addHoldCommands(program, context);
  program
    .command('audit')
    .description('the audit trail')
    .command('verify')
    .description('walk the whole chain and check every row, hash and signature')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const key = createPublicKey(await context.auditPublicKey());
      const result = await context.withRecord((db) => verifyAudit(db, key));
      const { rows, batches, unsealed } = result;
      const sealed = `${rows} rows in ${batches} batches, ${unsealed} unsealed`;
      print(context, options, result, result.problem ?? `The chain is whole: ${sealed}`);
      if (result.problem) throw new CommandFailed('The audit trail does not verify');
    });
  program
    .command('retention')
    .description('erasure at the end of retention')
    .command('run')
    .description('erase now what is due; the gateway does it every night by itself')
    .option('--limit <messages>', 'at most', '10000')
    .option('--json', 'print JSON')
    .action(async (options: { limit: string; json?: boolean }) => {
      const limit = Number(options.limit);
      if (!Number.isInteger(limit) || limit < 1)
        throw new UsageError('--limit takes a whole number');
      const spool = await context.openSpool();
      const result = await context.withRecord((db) =>
        eraseDue({ db, spool, clock: context.now, limit }),
      );
      const text = `Erased ${result.erased}, passed over ${result.skipped} (held or under way)`;
      print(context, options, result, text);
    });
}

interface HoldOptions {
  council: string;
  kind: string;
  reference: string;
  received: string;
  reason: string;
  officer: string;
  actor: string[];
  message: string[];
  from?: string;
  until?: string;
  review?: string;
  json?: boolean;
}

function addHoldCommands(program: Command, context: CliContext): void {
  const holds = program.command('hold').description('legal holds: what must not be erased');
  holds
    .command('add')
    .description('keep everything in scope until the hold is lifted; mail that arrives later too')
    .requiredOption('--council <id>')
    .requiredOption('--kind <kind>', HOLD_KINDS.join(', '))
    .requiredOption('--reference <text>', 'case or request number')
    .requiredOption('--received <date>', 'day on which the request was received')
    .requiredOption('--reason <text>')
    .option('--actor <address...>', 'only mail of these members', [])
    .option('--message <queue-id...>', 'only these messages', [])
    .option('--from <time>', 'only mail received from then on')
    .option('--until <time>', 'only mail received before')
    .option('--review <date>', 'when to look at the hold again')
    .option('--officer <name>', 'who sets it', context.user)
    .option('--json', 'print JSON')
    .action((options: HoldOptions) => add(context, options));
  holds
    .command('lift <hold>')
    .description('end a hold; nothing that it covered is erased for a week after')
    .requiredOption('--reason <text>')
    .option('--officer <name>', 'who lifts it', context.user)
    .option('--json', 'print JSON')
    .action(async (id: string, options: { reason: string; officer: string; json?: boolean }) => {
      const lifting = { id, by: options.officer, reason: options.reason, at: context.now() };
      const lifted = await context.withRecord((db) =>
        transaction(db, (tx) => liftHold(tx, lifting)),
      );
      if (!lifted) throw new CommandFailed(`No hold "${id}" stands: see "portreeve hold list"`);
      print(context, options, { id, lifted: true }, `Hold ${id} is lifted`);
    });
  holds
    .command('list')
    .description('holds that stand')
    .option('--all', 'lifted ones too')
    .option('--json', 'print JSON')
    .action(async (options: { all?: boolean; json?: boolean }) => {
      const found = await context.withRecord((db) =>
        listHolds(db, { lifted: options.all ?? false }),
      );
      const rows = found.map((hold) => [
        hold.id,
        hold.kind,
        hold.reference,
        hold.council,
        hold.requestReceivedOn,
        hold.liftedAt ? 'lifted' : 'stands',
      ]);
      const headings = ['hold', 'kind', 'reference', 'council', 'request of', 'state'];
      print(context, options, found, table(headings, rows));
    });
}

async function add(context: CliContext, options: HoldOptions): Promise<void> {
  if (!(HOLD_KINDS as readonly string[]).includes(options.kind)) {
    throw new UsageError(`--kind is one of ${HOLD_KINDS.join(', ')}, not "${options.kind}"`);
  }
  const at = context.now();
  const id = queueId(at, context.random(8));
  const hold = {
    id,
    council: options.council,
    kind: options.kind as HoldKind,
    reference: options.reference,
    actors: options.actor,
    queueIds: options.message,
    receivedFrom: time('--from', options.from),
    receivedUntil: time('--until', options.until),
    requestReceivedOn: date('--received', options.received),
    reviewOn: options.review === undefined ? null : date('--review', options.review),
    reason: options.reason,
    setBy: options.officer,
    setAt: at,
  };
  const erased = await context.withRecord((db) => transaction(db, (tx) => addHold(tx, hold)));
  const gone = erased.length === 0 ? '' : `\nErased since the request came: ${erased.join(', ')}`;
  print(context, options, { id, erasedSinceRequest: erased }, `Hold ${id} stands${gone}`);
}

function time(option: string, text: string | undefined): Date | null {
  if (text === undefined) return null;
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new UsageError(`${option} takes an ISO 8601 time, not "${text}"`);
  return at;
}

function date(option: string, text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new UsageError(`${option} takes a date as YYYY-MM-DD, not "${text}"`);
  }
  return text;
}

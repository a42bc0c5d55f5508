import type { Command } from 'commander';
import { addressKey, domainKey } from '../mail/address.ts';
import { isQueueId } from '../mail/queue-id.ts';
import { transaction } from '../store/connect.ts';
import { hastenRetries } from '../store/deliveries.ts';
import { failedInspections, reopenInspection } from '../store/reinspection.ts';
import { CommandFailed, print, UsageError, type CliContext } from './context.ts';

/** `queue`: mail that waits for another try. */
export function addQueueCommands(program: Command, context: CliContext): void {
  const queue = program.command('queue').description('mail that waits for another try');
  addReinspect(queue, context);
  queue
    .command('retry [what]')
    .description('try again now: a domain, an address, a queue id, or --all')
    .option('--all', 'everything that waits')
    .option('--officer <name>', 'who asks', context.user)
    .option('--json', 'print JSON')
    .action(
      async (
        what: string | undefined,
        options: { all?: boolean; officer: string; json?: boolean },
      ) => {
        if ((what === undefined) !== (options.all ?? false)) {
          throw new UsageError('Give a domain, an address or a queue id, or --all');
        }
        const request = { ...meaning(what), at: context.now(), actor: options.officer };
        const ids = await context.withRecord((db) => hastenRetries(db, request));
        const text = `Mail for ${ids.length} recipient(s) is tried again now`;
        print(context, options, { retried: ids.length }, text);
      },
    );
}

/** Our own failure holds a message only until it is mended. */
function addReinspect(queue: Command, context: CliContext): void {
  queue
    .command('reinspect [id]')
    .description('inspect again what is held because our own inspection failed: one, or --all')
    .option('--all', 'all such messages')
    .option('--officer <name>', 'who asks', context.user)
    .option('--json', 'print JSON')
    .action(
      async (
        id: string | undefined,
        options: { all?: boolean; officer: string; json?: boolean },
      ) => {
        if ((id === undefined) !== (options.all ?? false)) {
          throw new UsageError('Give a queue id, or --all');
        }
        const request = { at: context.now(), actor: options.officer };
        const ids = await context.withRecord(async (db) => {
          const wanted = id === undefined ? await failedInspections(db) : [id.toUpperCase()];
          const done: string[] = [];
          for (const queueId of wanted) {
            const again = { ...request, queueId };
            if (await transaction(db, (tx) => reopenInspection(tx, again))) done.push(queueId);
          }
          return done;
        });
        if (id !== undefined && ids.length === 0) {
          throw new CommandFailed('Nothing of it is held because an inspection failed');
        }
        const text = `${ids.length} message(s) are inspected again now`;
        print(context, options, { reinspected: ids }, text);
      },
    );
}

function meaning(what: string | undefined) {
  if (what === undefined) return {};
  if (what.includes('@')) return { addresses: [addressKey(what)] };
  if (isQueueId(what.toUpperCase())) return { queueId: what.toUpperCase() };
  if (what.includes('.')) return { domain: domainKey(what) };
  throw new UsageError(`"${what}" is neither a domain nor an address nor a queue id`);
}

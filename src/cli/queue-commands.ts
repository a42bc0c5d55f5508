import type { Command } from 'commander';
import { addressKey, domainKey } from '../mail/address.ts';
import { isQueueId } from '../mail/queue-id.ts';
import { hastenRetries } from '../store/deliveries.ts';
import { print, UsageError, type CliContext } from './context.ts';

/** `queue`: mail that waits for another try. */
export function addQueueCommands(program: Command, context: CliContext): void {
  program
    .command('queue')
    .description('mail that waits for another try')
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

function meaning(what: string | undefined) {
  if (what === undefined) return {};
  if (what.includes('@')) return { addresses: [addressKey(what)] };
  if (isQueueId(what.toUpperCase())) return { queueId: what.toUpperCase() };
  if (what.includes('.')) return { domain: domainKey(what) };
  throw new UsageError(`"${what}" is neither a domain nor an address nor a queue id`);
}

import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { Command } from 'commander';
import { createExtractorPool, type ExtractorPool } from '../extract/extractor-pool.ts';
import { createSentenceReader } from '../extract/sentence-meaning.ts';
import { createInspectors } from '../inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS } from '../mail/parse.ts';
import { loadPolicy } from '../policy/load.ts';
import { CommandFailed, UsageError, type CliContext } from './context.ts';
import { inspectBatch, inspectFile, type InspectOptions, requestFor } from './inspect-batch.ts';
import { directoryOf, readPeople } from './people-file.ts';

interface Options {
  batch?: boolean;
  people?: string;
  council: string;
  mailFrom?: string;
  to?: string[];
  at?: string;
  login?: string;
  json?: boolean;
}

/** `inspect`: what the gateway would find and decide, without server, database or network. */
export function addInspectCommand(program: Command, context: CliContext): void {
  program
    .command('inspect [file]')
    .description('say what would be found in a message file and decided about it')
    .option('--batch', 'read requests from standard input, one JSON object a line')
    .option('--people <file>', 'who is who, CSV or JSON')
    .option('--council <id>', 'council of requests that name none', 'merebrook')
    .option('--mail-from <address>', 'envelope sender')
    .option('--to <address...>', 'envelope recipients')
    .option(
      '--login <address>',
      'the account that sent it; without it, the council’s connector did',
    )
    .option('--at <time>', 'time of receipt, ISO 8601 with offset')
    .option('--json', 'print JSON')
    .action(async (file: string | undefined, options: Options) => {
      const extractors = createExtractorPool(context.config().attachments);
      const meaningReader = createSentenceReader();
      try {
        const prepared = await prepare(context, options, extractors);
        await inspect(context, file, options, { ...prepared, meaningReader });
      } finally {
        await Promise.all([extractors.close(), meaningReader.close()]);
      }
    });
}

async function inspect(
  context: CliContext,
  file: string | undefined,
  options: Options,
  prepared: InspectOptions,
): Promise<void> {
  if (options.batch) return batch(context, prepared);
  if (!file || !options.to) throw new UsageError('Name a file and --to, or use --batch');
  const request = requestFor(context, file, { ...options, to: options.to });
  const result = await inspectFile(request, prepared);
  context.out(`${JSON.stringify(result, null, options.json ? 0 : 2)}\n`);
  if (result.gate !== 'release') throw new CommandFailed(`Would not be released: ${result.gate}`);
}

async function prepare(
  context: CliContext,
  options: Options,
  extractors: ExtractorPool,
): Promise<InspectOptions> {
  const policy = loadPolicy(context.config().policy.dir);
  const people = options.people
    ? readPeople(options.people, await readFile(options.people, 'utf8'), options.council)
    : null;
  return {
    policy,
    inspectors: createInspectors(policy.lists),
    parseLimits: DEFAULT_PARSE_LIMITS,
    attachmentReader: () => extractors.forMessage(),
    people: people && directoryOf(people),
    council: options.council,
    baseDir: process.cwd(),
  };
}

async function batch(context: CliContext, options: InspectOptions): Promise<void> {
  for await (const result of inspectBatch(context.stdin, options)) {
    context.out(`${JSON.stringify(result)}\n`);
  }
}

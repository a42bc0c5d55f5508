import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import addressparser from 'nodemailer/lib/addressparser';
import { createExtractorPool } from '../extract/extractor-pool.ts';
import { createSentenceReader } from '../extract/sentence-meaning.ts';
import { createInspectors } from '../inspect/inspect.ts';
import type { Decision } from '../mail/decision.ts';
import { readHeaderBlock } from '../mail/header-block.ts';
import { DEFAULT_PARSE_LIMITS } from '../mail/parse.ts';
import { queueId } from '../mail/queue-id.ts';
import { changesOf, replay } from '../pipeline/replay.ts';
import {
  countsOf,
  reportOf,
  rulesOf,
  wasOf,
  wouldOf,
  type ReplayReport,
} from '../pipeline/replay-report.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import type { Policy } from '../policy/policy.ts';
import { transaction, type Database } from '../store/connect.ts';
import { activePolicy, keepPolicy, policyOfVersion, type StoredPolicy } from '../store/policies.ts';
import {
  addReplay,
  countReplayable,
  loadReplay,
  type ReplayChange,
  type StoredReplay,
} from '../store/replays.ts';
import { loadChecked } from './policy-folder.ts';
import { CommandFailed, print, table, type CliContext } from './context.ts';
import { examineBytes } from './inspect-batch.ts';
import { oneLike } from './policy-activation-commands.ts';
import { timeOf } from './time-option.ts';

interface Options {
  from?: string;
  to?: string;
  since: string;
  until?: string;
  reinspect?: boolean;
  resume?: string;
  folder?: string;
  council: string;
  officer: string;
  json?: boolean;
}

/** `policy replay`: what a change would have done, before it does it. */
export function addReplayCommand(policy: Command, context: CliContext): void {
  policy
    .command('replay')
    .description('decide past mail again under two policies and list every outcome that differs')
    .option('--from <version>', 'the policy to compare with; the one that runs where left out')
    .option('--to <version>', 'the policy that is proposed; the folder where left out')
    .option('--since <time>', 'received from then on: ISO 8601, or "90d" before now', '90d')
    .option('--until <time>', 'received before then; now where left out')
    .option('--reinspect', 'today’s detectors read the bytes again; slower')
    .option('--resume <replay>', 'take up one that was interrupted, or print its report again')
    .option('--folder <path>', 'decide the .eml files of this folder instead of the record’s mail')
    .option('--council <id>', 'whose mail the folder holds', 'merebrook')
    .option('--officer <name>', 'who does this', context.user)
    .option('--json', 'print JSON')
    .action((options: Options) =>
      options.folder === undefined
        ? replayRecord(context, options)
        : replayFolder(context, options, options.folder),
    );
}

async function replayRecord(context: CliContext, options: Options): Promise<void> {
  const spool = await context.openSpool();
  const readers = openReaders(context);
  try {
    const report = await context.withRecord(async (db) => {
      const stored =
        options.resume === undefined
          ? await begin(context, db, options)
          : await loadReplay(db, options.resume);
      if (!stored) throw new CommandFailed(`There is no replay "${options.resume}"`);
      if (stored.finishedAt === null) {
        context.err(`Replay ${stored.id}; if it is interrupted: --resume ${stored.id}\n`);
        const policies = policyReader(db);
        const [from, to] = [await policies(stored.fromVersion), await policies(stored.toVersion)];
        if (!from || !to)
          throw new CommandFailed('A policy of this replay cannot be read any more');
        const total = await countReplayable(db, { ...stored, after: stored.cursor });
        await replay(
          {
            db,
            spool,
            from,
            to,
            policyOf: policies,
            parseLimits: DEFAULT_PARSE_LIMITS,
            ...readers.forMessages,
            clock: context.now,
            by: options.officer,
            onProgress: (done) => show(context, done, total),
          },
          stored,
        );
      }
      const done = await reportOf(db, stored.id);
      if (!done) throw new CommandFailed(`There is no replay "${stored.id}"`);
      return done;
    });
    print(context, options, report, reportText(report));
  } finally {
    await readers.close();
  }
}

type Readers = ReturnType<typeof openReaders>;

/** What reads attachments and the meaning of sentences, in processes of their own. */
function openReaders(context: CliContext) {
  const extractors = createExtractorPool(context.config().attachments);
  const meaningReader = createSentenceReader();
  return {
    forMessages: { attachmentReader: () => extractors.forMessage(), meaningReader },
    close: () => Promise.all([extractors.close(), meaningReader.close()]),
  };
}

/** Keeps the proposed set beside those that ran, so that an interrupted replay finds it again. */
async function begin(context: CliContext, db: Database, options: Options): Promise<StoredReplay> {
  const at = context.now();
  const to =
    options.to === undefined ? loadChecked(context, options) : await oneLike(db, options.to);
  const from: StoredPolicy | null =
    options.from === undefined ? await activePolicy(db, { at }) : await oneLike(db, options.from);
  if (!from) throw new CommandFailed('No policy is active: run "portreeve policy activate"');
  const replayed = {
    id: queueId(at, context.random(8)),
    fromVersion: from.version,
    toVersion: to.version,
    since: timeOf(options.since, at, '--since'),
    until: options.until === undefined ? at : timeOf(options.until, at, '--until'),
    reinspect: options.reinspect ?? false,
    startedAt: at,
  };
  const { version, files } = to;
  await transaction(db, async (tx) => {
    await keepPolicy(tx, { version, files, at, by: options.officer });
    await addReplay(tx, replayed);
  });
  return {
    ...replayed,
    messages: 0,
    inspected: 0,
    unread: 0,
    finishedAt: null,
    result: null,
    cursor: null,
  };
}

/** Policies of the record by version, each read once. */
function policyReader(db: Database): (version: string) => Promise<Policy | null> {
  const known = new Map<string, Policy | null>();
  return async (version) => {
    const had = known.get(version);
    if (had !== undefined) return had;
    const stored = await policyOfVersion(db, version);
    const policy = stored ? readable(stored) : null;
    known.set(version, policy);
    return policy;
  };
}

/** An old set may be one that this release cannot read: what rests on it is inspected again. */
function readable({ files }: StoredPolicy): Policy | null {
  try {
    return policyFromFiles(files);
  } catch {
    return null;
  }
}

/** For whoever watches; a log or a pipe gets none. */
function show(context: CliContext, done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const bar = '#'.repeat(Math.round(share * 30)).padEnd(30, '.');
  context.err(`\r[${bar}] ${done} of ${total}${done >= total ? '\n' : ''}`);
}

function reportText(report: ReplayReport): string {
  const { messages, inspected, unread, counts, score, changes } = report;
  const head = [
    `${messages} messages decided again (${inspected} of them read again), ` +
      `${changes.length} outcomes differ`,
    ...(unread === 0 ? [] : [`${unread} could not be decided again`]),
  ];
  if (changes.length === 0) return head.join('\n');
  return [
    ...head,
    `Holds that officers let go and that would not be: ${score.unneededHoldsSaved}`,
    `Holds that officers refused and that would pass: ${score.refusedNowPassing}`,
    `New holds, which nobody has judged: ${score.newHolds}`,
    '',
    table(
      ['recipients', 'council', 'rule', 'was', 'would be'],
      counts.map((each) => [
        String(each.recipients),
        each.council,
        each.rule,
        each.before,
        each.after,
      ]),
    ),
    '',
    changesText(changes),
  ].join('\n');
}

function changesText(changes: readonly (ReplayChange & { officer?: string | null })[]): string {
  return table(
    ['message', 'recipient', 'was', 'would be', 'officer', 'rules'],
    changes.map((each) => [
      each.queueId,
      String(each.position),
      wasOf(each),
      wouldOf(each),
      each.officer ?? '',
      rulesOf(each).join(' '),
    ]),
  );
}

/** The same for message files, as if the council's connector had brought them. */
async function replayFolder(context: CliContext, options: Options, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.eml'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  const { from, to } = await policiesOf(context, options);
  const readers = openReaders(context);
  const changes: ReplayChange[] = [];
  try {
    for (const [index, name] of names.entries()) {
      const bytes = await readFile(name);
      const judge = (policy: Policy) => decideFile(context, options, policy, readers, bytes);
      const message = { queueId: path.relative(folder, name), council: options.council };
      changes.push(...changesOf(message, await judge(from), await judge(to)));
      show(context, index + 1, names.length);
    }
  } finally {
    await readers.close();
  }
  const head = `${names.length} messages decided, ${changes.length} outcomes differ`;
  const text = changes.length === 0 ? head : `${head}\n\n${changesText(changes)}`;
  print(context, options, { messages: names.length, counts: countsOf(changes), changes }, text);
}

async function policiesOf(
  context: CliContext,
  options: Options,
): Promise<{ from: Policy; to: Policy }> {
  const to = options.to === undefined ? loadChecked(context, options) : null;
  const { from, stored } = await context.withRecord(async (db) => ({
    from:
      options.from === undefined
        ? await activePolicy(db, { at: context.now() })
        : await oneLike(db, options.from),
    stored: options.to === undefined ? null : await oneLike(db, options.to),
  }));
  if (!from) throw new CommandFailed('No policy is active: run "portreeve policy activate"');
  const proposed = to ?? (stored && policyFromFiles(stored.files));
  if (!proposed) throw new CommandFailed('There is no proposed policy');
  return { from: policyFromFiles(from.files), to: proposed };
}

/** The envelope is what the header says: From sends, To and Cc receive. */
async function decideFile(
  context: CliContext,
  options: Options,
  policy: Policy,
  readers: Readers,
  bytes: Buffer,
): Promise<Decision> {
  const { fields } = readHeaderBlock(bytes);
  const addresses = (...names: string[]): string[] =>
    fields
      .filter(({ name }) => names.includes(name))
      .flatMap(({ value }) => addressparser(value, { flatten: true }))
      .map(({ address }) => address)
      .filter((address) => address.includes('@'));
  const date = new Date(fields.find(({ name }) => name === 'date')?.value ?? '');
  const { decision } = await examineBytes(
    bytes,
    {
      file: '',
      mailFrom: addresses('from')[0] ?? '',
      rcptTo: addresses('to', 'cc', 'bcc'),
      at: (Number.isNaN(date.getTime()) ? context.now() : date).toISOString(),
    },
    {
      policy,
      inspectors: createInspectors(policy.lists),
      parseLimits: DEFAULT_PARSE_LIMITS,
      people: null,
      council: options.council,
      baseDir: '.',
      ...readers.forMessages,
    },
  );
  return decision;
}

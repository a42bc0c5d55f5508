import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { appendAudit } from '../store/audit.ts';
import type { Database } from '../store/connect.ts';
import { historyOf } from '../store/history.ts';
import { loadMessage, type StoredMessage } from '../store/messages.ts';
import type { Spool } from '../store/spool.ts';
import { CommandFailed, print, type CliContext } from './context.ts';

interface Options {
  message: string[];
  reference: string;
  reason: string;
  officer: string;
  out: string;
  json?: boolean;
}

interface Entry {
  file: string;
  sha256: string;
  sizeBytes: number;
}

/** `export`: a disclosure pack that anybody can check with `sha256sum -c` (domain G.5). */
export function addExportCommand(program: Command, context: CliContext): void {
  program
    .command('export')
    .description('write messages with their history into a folder, for a request or a case')
    .requiredOption('--message <queue-id...>', 'which messages')
    .requiredOption('--reference <text>', 'number of the request or the case')
    .requiredOption('--reason <text>', 'why, for the audit trail')
    .requiredOption('--out <folder>', 'a folder that is not there yet')
    .option('--officer <name>', 'who exports', context.user)
    .option('--json', 'print JSON')
    .action((options: Options) => exportMessages(context, options));
}

async function exportMessages(context: CliContext, options: Options): Promise<void> {
  const spool = await context.openSpool();
  await mkdir(path.dirname(path.resolve(options.out)), { recursive: true });
  // Refused where it exists: an export is never mixed with another.
  await mkdir(options.out, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`Folder "${options.out}" cannot be made (${error.code ?? 'error'})`);
  });
  const entries = await context.withRecord(async (db) => {
    const written: Entry[] = [];
    for (const queueId of options.message) {
      written.push(...(await exportMessage(db, spool, queueId, options)));
    }
    return written;
  });
  const at = context.now().toISOString();
  const { reference, reason, officer } = options;
  entries.push(await save(options.out, 'README.txt', README));
  const manifest = { reference, reason, officer, exportedAt: at, files: entries };
  const listed = await save(options.out, 'manifest.json', JSON.stringify(manifest, null, 2));
  const sums = [...entries, listed].map(({ sha256, file }) => `${sha256}  ${file}\n`).join('');
  await writeFile(path.join(options.out, 'manifest.sha256'), sums);
  const text = `${options.message.length} message(s) exported to ${options.out}`;
  print(context, options, manifest, text);
}

const README = `A disclosure pack.

messages/    each message exactly as it was received
records/     its envelope, decision, deliveries and audit trail
manifest.json, manifest.sha256
             what is here; check it with: sha256sum -c manifest.sha256

All times are UTC. The pack holds personal data: keep and send it encrypted.
`;

async function exportMessage(
  db: Database,
  spool: Spool,
  queueId: string,
  options: Options,
): Promise<Entry[]> {
  const message = await loadMessage(db, queueId);
  if (!message) throw new CommandFailed(`There is no message "${queueId}"`);
  if (!message.wrappedKey) throw new CommandFailed(`Message "${queueId}" was erased`);
  // Before anything is written: an export that is not recorded must not exist.
  await appendAudit(db, {
    event: 'export',
    queueId,
    actor: options.officer,
    data: { reference: options.reference, reason: options.reason },
  });
  const file = path.join('messages', `${queueId}.eml`);
  await mkdir(path.join(options.out, 'messages'), { recursive: true, mode: 0o700 });
  const target = path.join(options.out, file);
  await pipeline(spool.read(queueId, message.wrappedKey), createWriteStream(target));
  const bytes = await summed(options.out, file);
  if (bytes.sha256 !== message.sha256.toString('hex')) {
    throw new CommandFailed(`Message "${queueId}" is not what was received: do not disclose it`);
  }
  const record = await recordOf(db, message);
  return [bytes, await save(options.out, path.join('records', `${queueId}.json`), record)];
}

async function recordOf(db: Database, message: StoredMessage): Promise<string> {
  const { wrappedKey: _key, sha256, ...rest } = message;
  const history = await historyOf(db, message.queueId);
  const record = { ...rest, sha256: sha256.toString('hex'), ...history };
  return `${JSON.stringify(record, null, 2)}\n`;
}

async function save(folder: string, file: string, text: string): Promise<Entry> {
  const target = path.join(folder, file);
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  await writeFile(target, text, { mode: 0o600 });
  return summed(folder, file);
}

async function summed(folder: string, file: string): Promise<Entry> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of createReadStream(path.join(folder, file))) {
    hash.update(piece as Buffer);
    sizeBytes += (piece as Buffer).length;
  }
  return { file, sha256: hash.digest('hex'), sizeBytes };
}

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { addressKey } from '../mail/address.ts';
import { inspectKey } from '../pgp/keys.ts';
import type { WkdFetcher } from '../pgp/wkd.ts';
import { conflictsOf, takeKey, trustKey, type TakenKey } from '../pipeline/key-custody.ts';
import { fetchKeys, openKeyDirectory } from '../pipeline/key-directory.ts';
import { askForKey } from '../pipeline/key-request.ts';
import { noticeTemplate } from '../policy/notice-files.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import { transaction } from '../store/connect.ts';
import { expiringKeys, findKey, listKeys, setKeyState, type StoredKey } from '../store/keys.ts';
import { activePolicy } from '../store/policies.ts';
import { CommandFailed, print, table, UsageError, type CliContext } from './context.ts';

interface Printing {
  json?: boolean;
}

interface TrustOptions extends Printing {
  officer: string;
  address?: string[];
}

interface AskOptions extends Printing {
  council: string;
  reference?: string;
  officer: string;
}

/**
 * `key`: recipients' OpenPGP keys. A key encrypts only after an officer has trusted it.
 * @param fetcher asks key directories; with the configured resolver and trust anchors by default
 */
export function addKeyCommands(
  program: Command,
  context: CliContext,
  fetcher: (config: Config) => Promise<WkdFetcher> = openKeyDirectory,
): void {
  const keys = program.command('key').description('recipients’ OpenPGP keys');
  const printing = (name: string, description: string): Command =>
    keys.command(name).description(description).option('--json', 'print JSON');
  printing(
    'import <file>',
    'take in an armoured public key; it waits as a candidate until it is trusted',
  ).action((file: string, options: Printing) => importKey(context, file, options));
  printing(
    'fetch <address>',
    'ask the domain of the address for its key (WKD); it waits as a candidate, too',
  ).action((address: string, options: Printing) => fetchFrom(context, fetcher, address, options));
  printing(
    'ask <address>',
    'write to somebody outside and ask for a key; says nothing of any message',
  )
    .requiredOption('--council <id>', 'who asks')
    .option('--reference <queue-id>', 'the message that waits, for the audit trail alone')
    .option('--officer <name>', 'who decides', context.user)
    .action((address: string, options: AskOptions) => ask(context, address, options));
  printing('list', 'all keys and where they stand').action((options: Printing) =>
    list(context, options),
  );
  printing('show <fingerprint>', 'one key: what it is for, whether it could be used now').action(
    (fingerprint: string, options: Printing) => show(context, fingerprint, options),
  );
  printing('expiring', 'trusted keys that end soon or have ended; exit code 1 where there are any')
    .option('--days <number>', 'how far to look ahead', '30')
    .action((options: Printing & { days: string }) => expiring(context, options));
  printing(
    'trust <fingerprint>',
    'let marked mail go to this key, and send what waits for it; ' +
      'compare the fingerprint by telephone first',
  )
    .option('--address <address...>', 'for these of its addresses; for all it was taken for else')
    .option('--officer <name>', 'who decides', context.user)
    .action((fingerprint: string, options: TrustOptions) => trust(context, fingerprint, options));
  printing('revoke <fingerprint>', 'never use this key again')
    .option('--officer <name>', 'who decides', context.user)
    .action((fingerprint: string, options: Printing & { officer: string }) =>
      revoke(context, fingerprint, options),
    );
}

async function importKey(context: CliContext, file: string, options: Printing): Promise<void> {
  const armored = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandFailed(`Cannot read "${file}": give the path of an armoured key`, { cause });
  });
  const offered = { armored, source: 'import', at: context.now() };
  const taken = await context.withRecord((db) => takeKey(db, offered));
  if (taken.kind === 'refused') {
    throw new CommandFailed(`The key cannot be used: ${taken.advice}`);
  }
  print(context, options, taken, takenWords(taken));
}

async function fetchFrom(
  context: CliContext,
  fetcher: (config: Config) => Promise<WkdFetcher>,
  given: string,
  options: Printing,
): Promise<void> {
  const directory = await fetcher(context.config());
  const found = await context.withRecord((db) =>
    fetchKeys(db, directory, { address: given, at: context.now() }),
  );
  if (found.kind === 'failed') {
    throw new CommandFailed(`No key could be fetched: ${found.reason}`, { cause: found.cause });
  }
  if (found.kind === 'none')
    throw new CommandFailed('The domain publishes no key for this address');
  const { taken } = found;
  print(context, options, taken, taken.map(takenWords).join('\n'));
  if (taken.every(({ kind }) => kind === 'refused')) {
    throw new CommandFailed('None of the published keys can be used');
  }
}

async function ask(context: CliContext, address: string, options: AskOptions): Promise<void> {
  const { hostname } = context.config();
  const { officer: by, reference = null } = options;
  const asked = await context.withRecord(async (db) => {
    const active = await activePolicy(db, { at: context.now() });
    const policy = active && policyFromFiles(active.files);
    const council = policy?.councils.get(options.council);
    if (!council) throw new UsageError(`No council "${options.council}" in the active policy`);
    const words = noticeTemplate(policy?.notices ?? {}, 'key-request', council);
    if (!words) {
      throw new CommandFailed(
        'The active policy has no "notices/key-request.md": add it and activate it',
      );
    }
    const { random } = context;
    const road = { db, spool: await context.openSpool(), hostname, random };
    return askForKey(road, {
      council,
      template: words.template,
      address,
      reference,
      by,
      at: context.now(),
    });
  });
  if (asked.kind === 'refused') throw new CommandFailed(`Nobody is asked: ${asked.advice}`);
  const said = `Asking ${asked.address} for a key; the request is message ${asked.queueId}`;
  print(context, options, { address: asked.address, queueId: asked.queueId }, said);
}

function takenWords(taken: TakenKey): string {
  switch (taken.kind) {
    case 'taken': {
      const { fingerprint, addresses } = taken.key;
      const stands = taken.state === 'candidate' ? 'waits for trust' : `is ${taken.state}`;
      return `Key ${spaced(fingerprint)} of ${addresses.join(', ')} ${stands}`;
    }
    case 'revoked-by-owner':
      return `Key ${spaced(taken.fingerprint)} was revoked by its owner; it is not used any more`;
    case 'refused':
      return `A key cannot be used: ${taken.advice}`;
  }
}

const HEADINGS = ['fingerprint', 'state', 'addresses', 'source', 'expires', 'note'];

async function list(context: CliContext, options: Printing): Promise<void> {
  const found = await context.withRecord((db) => listKeys(db));
  const conflicts = conflictsOf(found);
  const rows = found.map((key) => {
    const both = conflicts.get(key.fingerprint) ?? [];
    const note = both.length > 0 ? `another key is trusted for ${both.join(', ')}` : '';
    return [...rowOf(key), note];
  });
  const value = found.map((key) => ({ ...key, conflicts: conflicts.get(key.fingerprint) ?? [] }));
  print(context, options, value, table(HEADINGS, rows));
}

function rowOf({ fingerprint, state, addresses, source, expiresAt }: StoredKey): string[] {
  return [fingerprint, state, addresses.join(', '), source, day(expiresAt)];
}

async function show(context: CliContext, given: string, options: Printing): Promise<void> {
  const fingerprint = fingerprintOf(given);
  const key = await context.withRecord((db) => findKey(db, fingerprint));
  if (!key) throw unknown(given);
  const inspection = await inspectKey(key.armored, context.now());
  const usable = inspection.kind === 'usable' ? 'yes' : `no: ${inspection.advice}`;
  const lines = [
    `fingerprint  ${spaced(fingerprint)}`,
    `state        ${key.state}`,
    `for          ${key.addresses.join(', ')}`,
    `usable now   ${usable}`,
    `expires      ${day(key.expiresAt)}`,
    `source       ${key.source}, ${key.addedAt.toISOString()}`,
    ...(key.trustedBy === null
      ? []
      : [`trusted by   ${key.trustedBy}, ${key.trustedAt?.toISOString() ?? ''}`]),
    '',
    key.armored.trim(),
  ];
  print(context, options, { ...key, inspection }, lines.join('\n'));
}

async function expiring(context: CliContext, options: Printing & { days: string }): Promise<void> {
  const days = Number(options.days);
  if (!/^\d{1,4}$/.test(options.days)) {
    throw new UsageError(`--days takes a whole number, not "${options.days}"`);
  }
  const until = new Date(context.now().getTime() + days * 86_400_000);
  const found = await context.withRecord((db) => expiringKeys(db, until));
  print(context, options, found, table(HEADINGS.slice(0, -1), found.map(rowOf)));
  if (found.length > 0) {
    throw new CommandFailed(`${found.length} key(s) end: ask their owners for the next one`);
  }
}

async function trust(context: CliContext, given: string, options: TrustOptions): Promise<void> {
  const fingerprint = fingerprintOf(given);
  const change = {
    fingerprint,
    by: options.officer,
    at: context.now(),
    ...(options.address && { addresses: options.address.map(addressKey) }),
  };
  const done = await context.withRecord((db) => trustKey(db, change));
  if (done.kind === 'unknown') throw unknown(given);
  if (done.kind === 'refused') throw new CommandFailed(`The key is not trusted: ${done.advice}`);
  const { addresses, alsoTrusted, retried } = done;
  const lines = [
    `Key ${spaced(fingerprint)} is trusted for ${addresses.join(', ')}`,
    ...alsoTrusted.map(
      (other) => `Until now mail went to key ${other}: revoke it if it is not used any more`,
    ),
    ...(retried > 0 ? [`Mail for ${retried} recipient(s) that waited is tried again now`] : []),
  ];
  print(context, options, { fingerprint, ...done }, lines.join('\n'));
}

async function revoke(
  context: CliContext,
  given: string,
  options: Printing & { officer: string },
): Promise<void> {
  const fingerprint = fingerprintOf(given);
  const change = {
    fingerprint,
    state: 'revoked' as const,
    by: options.officer,
    at: context.now(),
  };
  const done = await context.withRecord((db) => transaction(db, (tx) => setKeyState(tx, change)));
  if (!done) throw unknown(given);
  print(context, options, { fingerprint }, `Key ${spaced(fingerprint)} is revoked`);
}

/** A fingerprint as people copy it, with spaces or colons; whole, for a short id can be forged. */
function fingerprintOf(given: string): string {
  const bare = given.replace(/[\s:]|^0x/gi, '').toUpperCase();
  if (!/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(bare)) {
    throw new UsageError(`"${given}" is no whole fingerprint: see "portreeve key list"`);
  }
  return bare;
}

function unknown(given: string): CommandFailed {
  return new CommandFailed(`No key "${given}": see "portreeve key list"`);
}

/** In groups of four, to be read out over the telephone. */
function spaced(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?!$)/g, '$1 ');
}

function day(date: Date | null): string {
  return date?.toISOString().slice(0, 10) ?? 'never';
}

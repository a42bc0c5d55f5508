import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { inspectKey } from '../pgp/keys.ts';
import { transaction } from '../store/connect.ts';
import { listKeys, saveKey, setKeyState, type StoredKey } from '../store/keys.ts';
import { CommandFailed, print, table, type CliContext } from './context.ts';

/** `key`: recipients' OpenPGP keys. A key encrypts only after an officer has trusted it. */
export function addKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command('key').description('recipients’ OpenPGP keys');
  keys
    .command('import <file>')
    .description('take in an armoured public key; it waits as a candidate until it is trusted')
    .option('--json', 'print JSON')
    .action((file: string, options: { json?: boolean }) => importKey(context, file, options));
  keys
    .command('list')
    .description('all keys and where they stand')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const found = await context.withRecord((db) => listKeys(db));
      print(context, options, found, table(HEADINGS, found.map(rowOf)));
    });
  const move = (name: string, state: 'trusted' | 'revoked', description: string): void => {
    keys
      .command(`${name} <fingerprint>`)
      .description(description)
      .option('--officer <name>', 'who decides', context.user)
      .action(async (fingerprint: string, options: { officer: string }) => {
        const change = { fingerprint, state, by: options.officer, at: context.now() };
        const done = await context.withRecord((db) =>
          transaction(db, (tx) => setKeyState(tx, change)),
        );
        if (!done) throw new CommandFailed(`No key "${fingerprint}": see "portreeve key list"`);
        context.out(`Key ${fingerprint} is ${state}\n`);
      });
  };
  move(
    'trust',
    'trusted',
    'let marked mail go to this key; compare the fingerprint by telephone first',
  );
  move('revoke', 'revoked', 'never use this key again');
}

async function importKey(
  context: CliContext,
  file: string,
  options: { json?: boolean },
): Promise<void> {
  const armored = await readFile(file, 'utf8');
  const inspection = await inspectKey(armored, context.now());
  if (inspection.kind === 'refused') {
    throw new CommandFailed(`The key cannot be used: ${inspection.advice}`);
  }
  const { fingerprint, addresses, expiresAt } = inspection.key;
  const key = {
    fingerprint,
    addresses,
    expiresAt,
    armored,
    source: 'import',
    addedAt: context.now(),
  };
  await context.withRecord((db) => transaction(db, (tx) => saveKey(tx, key)));
  const text = `Key ${fingerprint} for ${addresses.join(', ')} waits for trust`;
  print(context, options, { fingerprint, addresses }, text);
}

const HEADINGS = ['fingerprint', 'state', 'addresses', 'expires'];

function rowOf({ fingerprint, state, addresses, expiresAt }: StoredKey): string[] {
  return [
    fingerprint,
    state,
    addresses.join(', '),
    expiresAt?.toISOString().slice(0, 10) ?? 'never',
  ];
}

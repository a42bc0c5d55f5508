import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { generateKey } from 'openpgp';
import { encryptMessage } from '../../src/pgp/encrypt.ts';

// Messages a second of encryptMessage, alone and signing, beside `gpg --batch` on the same bytes and
// the same key in the same run, in turns so that a busy machine slows both. gpg starts a process
// for each message, as a gateway that calls it would. Before that, the memory that 25 MiB take.

const SIZES: [name: string, bytes: number, rounds: number][] = [
  ['4 KiB', 4096, 60],
  ['100 KiB', 102_400, 40],
  ['5 MiB', 5 * 2 ** 20, 6],
];
const RECIPIENT = 'clerk@a.test';
const SENDER = 'council@b.test';

const home = mkdtempSync('/tmp/gpg-');
const work = mkdtempSync(path.join(os.tmpdir(), 'bench-'));

function gpg(args: string[]): void {
  const options = ['--homedir', home, '--batch', '--yes', '--quiet', '--trust-model', 'always'];
  const { status, error, stderr } = spawnSync('gpg', [...options, ...args]);
  if (status !== 0) throw new Error(`gpg failed: ${error?.message ?? stderr.toString()}`);
}

/** A message of about so many bytes, most of it an attachment that does not compress. */
function messageOf(bytes: number): Buffer {
  const body = randomBytes(Math.floor(bytes * 0.73))
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
  const header = [
    `From: ${SENDER}`,
    `To: ${RECIPIENT}`,
    'Subject: OFFICIAL-SENSITIVE: bench',
    'MIME-Version: 1.0',
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
  ];
  return Buffer.from(`${header.join('\r\n')}\r\n\r\n${body}\r\n`);
}

async function keys() {
  const of = async (email: string) =>
    generateKey({ type: 'ecc', curve: 'curve25519Legacy', userIDs: [{ email }] });
  const [recipient, sender] = [await of(RECIPIENT), await of(SENDER)];
  for (const armored of [recipient.publicKey, sender.privateKey]) {
    const file = path.join(work, 'key.asc');
    writeFileSync(file, armored);
    gpg(['--import', file]);
  }
  return { publicKey: recipient.publicKey, signingKey: sender.privateKey };
}

/** Milliseconds of each kind of work, all of them once a round. */
async function race(rounds: number, kinds: (() => Promise<unknown> | void)[]): Promise<number[]> {
  const spent = kinds.map(() => 0);
  for (const kind of kinds) await kind();
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, kind] of kinds.entries()) {
      const start = performance.now();
      await kind();
      spent[index] = (spent[index] ?? 0) + performance.now() - start;
    }
  }
  return spent;
}

function print(cells: string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padEnd(14)).join('')}\n`);
}

async function run(): Promise<void> {
  const { publicKey, signingKey } = await keys();
  const plain = path.join(work, 'message.eml');
  const sealed = path.join(work, 'message.asc');
  const ours = (raw: Buffer, more: { signingKey?: string } = {}) =>
    encryptMessage({
      raw,
      to: RECIPIENT,
      key: publicKey,
      outerSubject: 'OFFICIAL-SENSITIVE',
      at: new Date(),
      ...more,
    });
  const theirs = (args: string[]) => (): void => {
    gpg(['--armor', '--output', sealed, '--recipient', RECIPIENT, ...args, plain]);
    readFileSync(sealed);
  };
  // First, while the process is small.
  const large = messageOf(25 * 2 ** 20);
  await ours(messageOf(4096));
  const before = process.memoryUsage().rss;
  await ours(large);
  const more = process.resourceUsage().maxRSS / 1024 - before / 2 ** 20;
  process.stdout.write(`25 MiB take ${Math.max(0, more).toFixed(0)} MiB above idle at most\n`);
  print(['message', 'encrypt/s', 'gpg -e/s', 'ratio', 'sign+enc/s', 'gpg -se/s', 'ratio']);
  for (const [name, bytes, rounds] of SIZES) {
    const raw = messageOf(bytes);
    writeFileSync(plain, raw);
    const times = await race(rounds, [
      () => ours(raw),
      theirs(['--encrypt']),
      () => ours(raw, { signingKey }),
      theirs(['--local-user', SENDER, '--sign', '--encrypt']),
    ]);
    const rates = times.map((ms) => (rounds * 1000) / ms);
    const [e = 0, ge = 1, se = 0, gse = 1] = rates;
    const row = [e, ge, e / ge, se, gse, se / gse].map((rate) => rate.toFixed(1));
    print([name, ...row]);
  }
}

try {
  await run();
} finally {
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
}

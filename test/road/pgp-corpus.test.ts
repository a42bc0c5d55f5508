import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeKey, trustKey } from '../../src/pipeline/key-custody.ts';
import { certificateFor } from '../support/certificates.ts';
import { MEMBER, testWorld, type TestWorld } from '../support/gateway.ts';
import { handCranked, type HandCranked } from '../support/hand-cranked.ts';
import { startPgpReaders } from '../support/pgp-readers.ts';

// What leaves under OpenPGP is opened by the programs that recipients use, and compared byte for byte.

const SECRET = 'The child stays with her aunt in Mill Lane';
const { readers, missing } = startPgpReaders();
const addressOf = (name: string): string => `${name.toLowerCase()}@plain.example`;
const RECIPIENTS = readers.map(({ name }) => addressOf(name));

let world: TestWorld;
let gate: HandCranked;
let signer: string;
beforeAll(async () => {
  world = await testWorld();
  gate = await handCranked(world.config);
  const { publicKey, privateKey } = await generateKey({
    userIDs: [{ email: 'gateway@merebrook.gov.uk' }],
    date: new Date('2026-11-01T00:00:00Z'),
  });
  signer = publicKey;
  const routes = gate.road.routes.get('merebrook');
  if (!routes) throw new Error('No routes');
  gate.instead.routes = new Map([['merebrook', { ...routes, signingKey: privateKey }]]);
  for (const { name, makeKey } of readers) {
    const at = gate.road.clock();
    const armored = makeKey(addressOf(name));
    const taken = await takeKey(gate.road.db, { armored, source: 'import', at });
    if (taken.kind !== 'taken') throw new Error(`Key of ${name} not taken: ${taken.kind}`);
    const { fingerprint } = taken.key;
    const done = await trustKey(gate.road.db, { fingerprint, by: 'ict', at });
    if (done.kind !== 'trusted') throw new Error(`Key of ${name} not trusted: ${done.kind}`);
  }
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
  for (const reader of readers) reader.close();
});

function withParts(...parts: string[]): Buffer {
  const lines = [
    `From: Vera Lamb <${MEMBER}>`,
    `To: ${RECIPIENTS[0]}`,
    'Subject: OFFICIAL-SENSITIVE: corpus',
    'Date: Sun, 22 Nov 2026 10:00:00 +0000',
    `Message-ID: <${createHash('sha256').update(parts.join()).digest('hex')}@merebrook.gov.uk>`,
    'MIME-Version: 1.0',
  ];
  return Buffer.from([...lines, ...parts, ''].join('\r\n'), 'latin1');
}

function bodyOf(entity: Buffer): Buffer {
  return entity.subarray(entity.indexOf('\r\n\r\n') + 4);
}

function armorIn(message: Buffer): string {
  const text = message.toString();
  return /-----BEGIN PGP MESSAGE-----[^]*-----END PGP MESSAGE-----/.exec(text)?.[0] ?? '';
}

function attached(bytes: number): string[] {
  const content = randomBytes(bytes).toString('base64');
  return [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    SECRET,
    '--b',
    'Content-Type: application/octet-stream; name=survey.dat',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename=survey.dat',
    '',
    content.replace(/(.{76})/g, '$1\r\n'),
    '--b--',
  ];
}

/** As a councillor's own program signs: a real signature, over CRLF lines. */
function smimeSigned(): string[] {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'smime-'));
  try {
    const { cert, key } = certificateFor({ names: ['vera.merebrook.example'] });
    for (const [name, text] of Object.entries({ cert, key, part: `${SECRET}  \n.\nVera\n` })) {
      writeFileSync(path.join(dir, name), text);
    }
    const args = ['-sign', '-signer', 'cert', '-inkey', 'key', '-in', 'part', '-text', '-crlfeol'];
    const signed = execFileSync('openssl', ['cms', ...args], { cwd: dir, encoding: 'utf8' });
    return signed
      .replace(/^MIME-Version:.*\r?\n/, '')
      .trimEnd()
      .split(/\r?\n/);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Whether the signature of an S/MIME message holds, whoever made it. */
function signatureHolds(message: Buffer): boolean {
  const args = ['cms', '-verify', '-noverify', '-inform', 'SMIME', '-out', '/dev/null'];
  try {
    execFileSync('openssl', args, { input: message, stdio: ['pipe', 'ignore', 'ignore'] });
    return true;
  } catch {
    return false;
  }
}

const CORPUS: Record<string, string[]> = {
  'plain text': ['Content-Type: text/plain', '', SECRET],
  'text without a MIME type': ['', SECRET],
  '8-bit text in another charset': [
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: 8bit',
    '',
    `${SECRET}, caf\xe9`,
  ],
  'flowed text with trailing spaces': [
    'Content-Type: text/plain; format=flowed; delsp=yes',
    '',
    `${SECRET} `,
    'on and on ',
    '-- ',
    'Vera',
  ],
  HTML: ['Content-Type: text/html; charset=utf-8', '', `<p>${SECRET}</p>`],
  'lines of 998 octets, dots, and From': [
    'Content-Type: text/plain',
    '',
    `From ${SECRET}`,
    'x'.repeat(998),
    '.',
    '..',
    '',
  ],
  'an attachment': attached(40_000),
  'a message within': [
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'From: a@b.test',
    'Subject: within',
    'Content-Type: multipart/alternative; boundary=c',
    '',
    '--c',
    '',
    SECRET,
    '--c--',
    '--b--',
  ],
  'a line of 30,000 octets': ['Content-Type: text/plain', '', `${SECRET} ${'x'.repeat(30_000)}`],
};

describe(`a marked message under OpenPGP${missing.length > 0 ? ` (not tried: ${missing.join(', ')})` : ''}`, () => {
  /** Sends it to all recipients; what each reader made of its copy. */
  async function opened(raw: Buffer) {
    const before = world.plain.messages().length;
    const queueId = await gate.submit({ from: MEMBER, to: RECIPIENTS, raw });
    await gate.work();
    const { recipients } = await gate.message(queueId);
    expect(recipients.map(({ status }) => status)).toEqual(RECIPIENTS.map(() => 'delivered'));
    const copies = world.plain.messages().slice(before);
    return readers.map(({ name, open }) => {
      const copy = copies.find(({ rcptTo }) => rcptTo.includes(addressOf(name)));
      const data = copy?.data ?? Buffer.alloc(0);
      expect(data.includes(SECRET)).toBe(false);
      expect(data.toString()).toMatch(/^Subject: OFFICIAL-SENSITIVE\r$/m);
      return { name, ...open(armorIn(data), signer) };
    });
  }

  it.each(Object.keys(CORPUS))('brings %s to every reader byte for byte, signed', async (name) => {
    const raw = withParts(...(CORPUS[name] ?? []));
    for (const { plain, signatureIsGood } of await opened(raw)) {
      expect(bodyOf(plain).equals(bodyOf(raw))).toBe(true);
      expect(plain.toString('latin1')).toMatch(/^Subject: OFFICIAL-SENSITIVE: corpus\r$/m);
      expect(signatureIsGood).toBe(true);
    }
    expect(world.plain.wire()).not.toContain(SECRET);
  });

  it('leaves an S/MIME signature of the sender’s whole, and a changed byte would show', async () => {
    const raw = withParts(...smimeSigned());
    expect(signatureHolds(raw)).toBe(true);
    for (const { plain } of await opened(raw)) expect(signatureHolds(plain)).toBe(true);
    const changed = Buffer.from(raw.toString('latin1').replace('aunt', 'AUNT'), 'latin1');
    expect(signatureHolds(changed)).toBe(false);
  });

  it('brings 25 MiB to every reader byte for byte', async () => {
    const raw = withParts(...attached(19_200_000));
    expect(raw.length).toBeGreaterThan(25 * 2 ** 20);
    for (const { plain } of await opened(raw)) expect(bodyOf(plain).equals(bodyOf(raw))).toBe(true);
  }, 120_000);
});

import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evidenceProblems } from '../../src/cli/evidence-check.ts';
import {
  makeEvidenceFile,
  readEvidenceFile,
  type EvidenceFile,
} from '../../src/cli/evidence-file.ts';
import { inspectKey } from '../../src/pgp/keys.ts';
import { canonicalJson } from '../../src/policy/canonical-json.ts';
import { transaction } from '../../src/store/connect.ts';
import { certificatesOf } from '../../src/store/evidence.ts';
import { saveKey, setKeyState } from '../../src/store/keys.ts';
import {
  eventually,
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';

const SCRIPT = fileURLToPath(new URL('../../docs/deploy/verify-evidence.mjs', import.meta.url));
const SUBJECT = 'OFFICIAL-SENSITIVE: Mill Lane';
const TEXT = 'The child stays with her aunt';
const BY_TLS = 'sister@merevalleynhs.example';
const BY_PGP = 'jo@plain.example';

let world: TestWorld;
let gate: TestGateway;
let file: EvidenceFile;
let publicKey: KeyObject;

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
  publicKey = gate.gateway.keys.auditPublicKey;
  await trustKey(BY_PGP);
  const to = [BY_TLS, BY_PGP];
  const raw = mail({ to: to.join(', '), subject: SUBJECT, text: TEXT });
  const queueId = await gate.submit({ from: MEMBER, to, raw });
  await gate.until(queueId, 'delivered');
  file = await exported(queueId);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

async function trustKey(address: string): Promise<void> {
  const { publicKey: armored } = await generateKey({ userIDs: [{ email: address }] });
  const at = new Date();
  const inspection = await inspectKey(armored, at);
  if (inspection.kind === 'refused') throw new Error(inspection.advice);
  const { fingerprint, addresses, expiresAt } = inspection.key;
  await transaction(gate.gateway.db, async (tx) => {
    const key = { fingerprint, addresses, expiresAt, armored, source: 'test', addedAt: at };
    await saveKey(tx, key);
    await setKeyState(tx, { fingerprint, state: 'trusted', by: 'officer', at });
  });
}

/** Once the sealer has come by. */
async function exported(queueId: string): Promise<EvidenceFile> {
  const { db, keys } = gate.gateway;
  return eventually(async () => {
    const found = (await certificatesOf(db, queueId)).flatMap(({ certificate, audit }) =>
      audit === null || audit === 'unsealed' ? [] : [{ certificate, audit }],
    );
    return found.length < 2 ? null : makeEvidenceFile(queueId, found, keys.auditKey, new Date());
  }, 'Not sealed');
}

/** What `portreeve evidence verify` finds wrong. */
function problemsOf(text: string, key = publicKey): string[] {
  try {
    return evidenceProblems(readEvidenceFile(text, key), key);
  } catch (error) {
    return [String(error)];
  }
}

/** What the plain script prints and answers. */
async function script(text: string, key = publicKey): Promise<{ code: number; out: string }> {
  const name = path.join(world.dir, 'evidence.json');
  const keyFile = path.join(world.dir, 'published.pub');
  await writeFile(name, text);
  await writeFile(keyFile, key.export({ type: 'spki', format: 'pem' }));
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, name, keyFile], (error, out) => {
      resolve({ code: error ? Number(error.code) : 0, out });
    });
  });
}

/** Every single value in the file, as a path to it. */
function leaves(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  if (value === null || typeof value !== 'object') return [at];
  return Object.entries(value).flatMap(([key, member]) =>
    leaves(member, [...at, Array.isArray(value) ? Number(key) : key]),
  );
}

function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (value === null) return 'something';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const last = text.at(-1) ?? '';
  // Another digit stays a digit: forms are kept, so that not the form but the proof is at stake.
  const other = /[0-9]/.test(last) ? String((Number(last) + 1) % 10) : last === 'a' ? 'b' : 'a';
  return /^[0-9a-f]{32,}$/.test(text)
    ? (text.startsWith('0') ? '1' : '0') + text.slice(1)
    : text.slice(0, -1) + other;
}

function tampered(at: readonly (string | number)[]): EvidenceFile {
  const copy = structuredClone(file);
  let holder = copy as unknown as Record<string | number, unknown>;
  for (const key of at.slice(0, -1)) holder = holder[key] as typeof holder;
  const last = at.at(-1) ?? '';
  holder[last] = changed(holder[last]);
  return copy;
}

/** As somebody would who holds the audit key, but cannot change what was sealed. */
function signedAnew(tamperedFile: EvidenceFile): EvidenceFile {
  const bytes = Buffer.from(`${tamperedFile.format}\n${canonicalJson(tamperedFile.evidence)}`);
  const signature = sign(null, bytes, gate.gateway.keys.auditKey).toString('base64');
  return { ...tamperedFile, signature };
}

describe('evidence', () => {
  it('proves TLS and OpenPGP deliveries, to the command and to the plain script', async () => {
    const text = JSON.stringify(file);
    expect(problemsOf(text)).toEqual([]);
    const { code, out } = await script(text);
    expect(out).toContain(`Proven: ${BY_TLS}, L2 pkix-accepted`);
    expect(out).toContain(`Proven: ${BY_PGP}, openpgp`);
    expect(code).toBe(0);
  });

  it('names clause, channel, chain, policy and key, and no word of the message', () => {
    const [tls, pgp] = file.evidence.deliveries.map(({ certificate }) => certificate);
    expect(tls).toMatchObject({
      recipient: BY_TLS,
      marking: 'OFFICIAL-SENSITIVE',
      reply: '250 2.0.0 Message taken',
      transport: { level: 'L2', mxHost: 'mx.merevalleynhs.example', protocol: 'TLSv1.3' },
      proof: { policy: { kind: 'pkix-accepted', accepted: expect.stringContaining('.example') } },
    });
    expect(tls?.proof.certificateChain.length).toBe(2);
    expect(tls?.clauses[0]?.rule).toBe('marked-official-sensitive');
    expect(pgp?.openpgp?.fingerprint).toMatch(/^[0-9A-F]{40,64}$/);
    const text = JSON.stringify(file);
    expect(text).not.toContain('Mill Lane');
    expect(text).not.toContain(TEXT);
  });

  it('is refused under another key, and by the file’s own word on keys', async () => {
    const other = generateKeyPairSync('ed25519').publicKey;
    expect(problemsOf(JSON.stringify(file), other)).not.toEqual([]);
    expect((await script(JSON.stringify(file), other)).code).toBe(1);
    const own = { ...file, key: other.export({ type: 'spki', format: 'pem' }) };
    expect(problemsOf(JSON.stringify(own))).not.toEqual([]);
    expect((await script(JSON.stringify(own))).code).toBe(1);
  });

  it('is refused whatever single value was changed', () => {
    const passed = leaves(file).filter(
      (at) => problemsOf(JSON.stringify(tampered(at))).length === 0,
    );
    expect(leaves(file).length).toBeGreaterThan(60);
    expect(passed).toEqual([]);
  });

  it('is refused where what was sealed was changed and the file signed anew', () => {
    const sealed = leaves(file).filter(([, part]) => part === 'deliveries' || part === 'batches');
    const passed = sealed.filter(
      (at) => problemsOf(JSON.stringify(signedAnew(tampered(at)))).length === 0,
    );
    expect(passed).toEqual([]);
  });

  it('is refused by the plain script in the same cases', async () => {
    const paths = leaves(file);
    const sealed = paths.filter(([, part]) => part === 'deliveries' || part === 'batches');
    const files = [...paths.map(tampered), ...sealed.map((at) => signedAnew(tampered(at)))];
    const codes: number[] = [];
    // One in three: each starts a process.
    for (const [index, each] of files.entries()) {
      if (index % 3 === 0) codes.push((await script(JSON.stringify(each))).code);
    }
    expect(new Set(codes)).toEqual(new Set([1]));
  });

  it.each(['', '[]', '{"format":"portreeve evidence v1"}', 'null'])(
    'is refused as %j',
    async (text) => {
      expect(problemsOf(text)).not.toEqual([]);
      expect((await script(text)).code).toBe(1);
    },
  );
});

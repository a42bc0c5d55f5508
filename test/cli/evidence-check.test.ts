import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evidenceProblems } from '../../src/cli/evidence-check.ts';
import { makeEvidenceFile } from '../../src/cli/evidence-file.ts';
import type { DeliveryCertificate } from '../../src/pipeline/delivery-certificate.ts';
import { appendAudit, sealAudit, sealedDelivery } from '../../src/store/audit.ts';
import { certified } from '../../src/store/evidence.ts';
import { certificateAuthority, certificateFor } from '../support/certificates.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

// A gateway that seals what does not follow: the trail is whole, and the checker still says no.

const SCRIPT = fileURLToPath(new URL('../../docs/deploy/verify-evidence.mjs', import.meta.url));
const dir = mkdtempSync(path.join(tmpdir(), 'evidence-'));
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const LEAF = new X509Certificate(certificateFor({ names: ['mx.a.test'] }).cert);
const ROOT = new X509Certificate(certificateAuthority().cert);
const OTHER = new X509Certificate(certificateFor({ names: ['mx.b.test'] }).cert);
const EXPIRED = new X509Certificate(certificateFor({ names: ['mx.a.test'], expired: true }).cert);
// After the certificates were made, or they are not valid yet.
const AT = new Date();
const POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: *.a.test\r\nmax_age: 86400\r\n';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
  await fresh.db`
    insert into messages (queue_id, council, origin, size_bytes, sha256, received_at,
      retention_class, erase_after)
    values ('Q1', 'merebrook', 'received', 1, '\\x00', ${AT}, 'kept', ${AT})`;
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await fresh.drop();
});

function fingerprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}

interface Changes {
  chain?: X509Certificate[];
  names?: string[];
  transport?: Partial<DeliveryCertificate['transport']>;
  policy?: DeliveryCertificate['proof']['policy'];
  protectedBy?: string;
}

async function problemsWith(changes: Changes): Promise<string[]> {
  const [row] = await fresh.db<{ id: number }[]>`
    insert into recipients (queue_id, position, internal, status, status_at)
    select 'Q1', count(*), false, 'delivered', ${AT} from recipients returning id`;
  const recipientId = row?.id ?? 0;
  const chain = changes.chain ?? [LEAF, ROOT];
  const policy = changes.policy ?? { kind: 'mta-sts', id: '1', text: POLICY };
  const certificate: DeliveryCertificate = {
    queueId: 'Q1',
    recipientId,
    recipient: 'clerk@a.test',
    messageSha256: '0'.repeat(64),
    receivedAt: AT.toISOString(),
    deliveredAt: AT.toISOString(),
    protectedBy: changes.protectedBy ?? `L3 ${policy.kind}`,
    reply: '250 2.0.0 Taken',
    marking: 'OFFICIAL-SENSITIVE',
    policyVersion: 'p1',
    clauses: [],
    transport: {
      level: 'L3',
      mxHost: 'mx.a.test',
      remoteAddress: '192.0.2.1',
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      certificateSha256: fingerprint(chain[0] ?? LEAF),
      provedBy: policy.kind,
      at: AT.toISOString(),
      ...changes.transport,
    },
    proof: {
      names: changes.names ?? ['mx.a.test'],
      certificateChain: chain.map(({ raw }) => raw.toString('base64')),
      policy,
    },
    openpgp: null,
    salt: '0'.repeat(32),
  };
  const { protectedBy } = certificate;
  await appendAudit(fresh.db, {
    event: 'delivery',
    queueId: 'Q1',
    recipientId,
    actor: 'delivery',
    data: { protectedBy, certificateSha256: certified(certificate).sha256 },
  });
  await sealAudit(fresh.db, privateKey, AT);
  const audit = await sealedDelivery(fresh.db, recipientId);
  if (audit === null || audit === 'unsealed') throw new Error('Not sealed');
  const file = makeEvidenceFile('Q1', [{ certificate, audit }], privateKey, AT);
  const problems = evidenceProblems(file.evidence, publicKey);
  const printed = scriptSays(JSON.stringify(file));
  // Two checkers that do not share a line of code come to the same.
  if (printed.startsWith('Proven') !== (problems.length === 0)) {
    throw new Error(`The script says: ${printed}`);
  }
  return problems;
}

function scriptSays(text: string): string {
  const file = path.join(dir, 'evidence.json');
  const key = path.join(dir, 'audit.pub');
  writeFileSync(file, text);
  writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
  return spawnSync(process.execPath, [SCRIPT, file, key], { encoding: 'utf8' }).stdout;
}

function tlsa(certificate: X509Certificate, usage = 3): DeliveryCertificate['proof']['policy'] {
  const records = [`${usage} 0 1 ${fingerprint(certificate)}`];
  return { kind: 'dane', name: '_25._tcp.mx.a.test', records };
}

test.each<[string, Changes]>([
  ['an MTA-STS policy and a valid chain', {}],
  ['a TLSA record of the server’s own certificate', { policy: tlsa(LEAF) }],
  ['a TLSA record of its issuer', { policy: tlsa(ROOT, 2) }],
  ['an expired certificate that TLSA names', { chain: [EXPIRED], policy: tlsa(EXPIRED) }],
  [
    'what the council accepts',
    {
      policy: { kind: 'pkix-accepted', accepted: 'a.test' },
      transport: { level: 'L2' },
      protectedBy: 'L2 pkix-accepted',
    },
  ],
])('evidenceProblems() finds nothing wrong with %s', async (_case, changes) => {
  expect(await problemsWith(changes)).toEqual([]);
});

test.each<[string, Changes, RegExp]>([
  ['another name', { chain: [OTHER, ROOT] }, /for another name/],
  ['another fingerprint', { transport: { certificateSha256: fingerprint(OTHER) } }, /fingerprint/],
  ['an expired certificate', { chain: [EXPIRED, ROOT] }, /not valid at that time/],
  ['a broken chain', { chain: [LEAF, OTHER] }, /not issued by the next/],
  ['no certificate', { chain: [], transport: { certificateSha256: null } }, /no certificate/],
  ['another policy', { transport: { provedBy: 'connector' } }, /not the one that proved/],
  [
    'an MTA-STS policy for others',
    { policy: { kind: 'mta-sts', id: '1', text: POLICY.replace('*.a.test', 'b.test') } },
    /does not name this host/,
  ],
  [
    'an MTA-STS policy in testing',
    { policy: { kind: 'mta-sts', id: '1', text: POLICY.replace('enforce', 'testing') } },
    /does not name this host/,
  ],
  ['another TLSA record', { policy: tlsa(OTHER) }, /does not match the TLSA/],
  ['TLS 1.1', { transport: { protocol: 'TLSv1.1' } }, /older than 1\.2/],
  ['a level that does not follow', { transport: { level: 'L2' } }, /level does not follow/],
  [
    'an accepted domain that is another',
    {
      policy: { kind: 'pkix-accepted', accepted: 'b.test' },
      transport: { level: 'L2' },
      protectedBy: 'L2 pkix-accepted',
    },
    /another domain/,
  ],
  ['a key that is not named', { protectedBy: 'openpgp' }, /no OpenPGP key/],
  ['a channel that is not what it says', { protectedBy: 'L3 dane' }, /not what protected it/],
])('evidenceProblems() objects to %s', async (_case, changes, problem) => {
  expect((await problemsWith(changes)).join('\n')).toMatch(problem);
});

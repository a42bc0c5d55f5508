import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import type { Config } from '../../src/config.ts';
import { CONFIG_SCHEMA } from '../../src/config-schema.ts';
import { ownCertificates } from '../../src/embedded/certificates.ts';
import { startGateway, type Gateway, type StartOptions } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { hashPassword } from '../../src/mail/password.ts';
import type { RecipientStatus } from '../../src/mail/disposition.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { connect, transaction, type Database } from '../../src/store/connect.ts';
import { loadMessage, type StoredMessage } from '../../src/store/messages.ts';
import { activatePolicy } from '../../src/store/policies.ts';
import { importPeople } from '../../src/store/people.ts';
import { readPeople } from '../../src/cli/people-file.ts';
import { certificateAuthority, certificateFor } from './certificates.ts';
import { freshDatabase, type FreshDatabase } from './database.ts';
import { startDns, type TestDns } from './dns.ts';
import { freshRedis } from './redis.ts';
import { startSmtpSink, type SmtpSink } from './smtp-sink.ts';

export const MEMBER = 'cllr.vera.lamb@merebrook.gov.uk';
export const OTHER_MEMBER = 'cllr.owen.pike@merebrook.gov.uk';
export const PASSWORD = 'correct horse battery';

const PEOPLE = `address,name,class,personal_addresses
${MEMBER},Vera Lamb,member,vera.lamb@btinternet.com
${OTHER_MEMBER},Owen Pike,member,
monitoring.officer@merebrook.gov.uk,Helen Castle,officer,
`;

/** The world that a test gateway lives in: real servers on loopback, scripted by the test. */
export interface TestWorld {
  dir: string;
  database: FreshDatabase;
  redisUrl: string;
  flushRedis(): Promise<void>;
  dns: TestDns;
  /** `plain.test`: no TLS. */
  plain: SmtpSink;
  /** `secure.test`: TLS by the tests' CA. The demo policy accepts L2 for merevalleynhs.example alone. */
  secure: SmtpSink;
  /** The council's own mail system. */
  inward: SmtpSink;
  config: Config;
  close(): Promise<void>;
}

const POLICIES = fileURLToPath(new URL('../../policies', import.meta.url));

/** Everything around the gateway, with the demo policy active and three people imported. */
export async function testWorld(changes: Partial<Config> = {}): Promise<TestWorld> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-'));
  const database = await freshDatabase();
  const redis = await freshRedis();
  const certificate = certificateFor({ names: ['mx.merevalleynhs.example'] });
  const plain = await startSmtpSink({ host: '127.0.0.3' });
  const secure = await startSmtpSink({ host: '127.0.0.2', port: plain.port, certificate });
  const inward = await startSmtpSink({ host: '127.0.0.4' });
  const dns = await startDns({
    'MX plain.example': [{ preference: 10, exchange: 'mx.plain.example' }],
    'MX resident.example': [{ preference: 10, exchange: 'mx.plain.example' }],
    'MX gmail.com': [{ preference: 10, exchange: 'mx.plain.example' }],
    'MX merevalleynhs.example': [{ preference: 10, exchange: 'mx.merevalleynhs.example' }],
    'A mx.plain.example': ['127.0.0.3'],
    'A mx.merevalleynhs.example': ['127.0.0.2'],
  });
  await prepareRecord(database.db);
  const config = await testConfig(dir, { database, redisUrl: redis.url, dns, plain, inward });
  return {
    dir,
    database,
    redisUrl: redis.url,
    flushRedis: () => redis.flush(),
    dns,
    plain,
    secure,
    inward,
    config: { ...config, ...changes },
    async close() {
      await Promise.all([plain.close(), secure.close(), inward.close(), dns.close()]);
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function prepareRecord(db: Database): Promise<void> {
  const { version, files } = loadPolicy(POLICIES);
  const passwordHash = await hashPassword(PASSWORD, randomBytes(16), { N: 1024, r: 8, p: 1 });
  const people = readPeople('people.csv', PEOPLE, 'merebrook').map(
    ({ password: _none, ...person }) => ({
      ...person,
      passwordHash,
    }),
  );
  await transaction(db, async (tx) => {
    // Before any clock that a test sets.
    const at = new Date('2026-01-01T00:00:00Z');
    await activatePolicy(tx, { version, files, at, by: 'test' });
    await importPeople(tx, people);
  });
}

interface Around {
  database: FreshDatabase;
  redisUrl: string;
  dns: TestDns;
  plain: SmtpSink;
  inward: SmtpSink;
}

async function testConfig(dir: string, around: Around): Promise<Config> {
  const { servers } = await ownCertificates(path.join(dir, 'tls'), ['localhost'], new Date());
  const caFile = path.join(dir, 'ca.pem');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(caFile, certificateAuthority().cert);
  const file = CONFIG_SCHEMA.parse({
    hostname: 'gate.merebrook.gov.uk',
    stateDir: path.join(dir, 'state'),
    policy: { dir: POLICIES },
    submission: { port: 0, tls: servers['localhost'] },
    connector: { port: 0 },
    connectors: [{ name: 'exchange', council: 'merebrook', addresses: ['127.0.0.1/32'] }],
    http: { port: 0 },
    routes: {
      merebrook: {
        inward: { kind: 'smarthost', host: around.inward.host, port: around.inward.port },
      },
    },
    delivery: { port: around.plain.port, leaseSeconds: 5 },
    dns: { servers: [around.dns.server] },
    tls: { caFile },
    sweepSeconds: 1,
  });
  return { ...file, databaseUrl: around.database.url, redisUrl: around.redisUrl, source: null };
}

/** A running gateway, and the ways in which a test talks to it. */
export interface TestGateway {
  gateway: Gateway;
  /** Sends as a councillor's mail program does; the queue id, or the refusal as an error. */
  submit(message: Sent): Promise<string>;
  /** Sends as the council's mail system does. */
  relay(message: Sent): Promise<string>;
  /** Waits until every recipient of the message stands in one of the statuses. */
  until(queueId: string, ...statuses: RecipientStatus[]): Promise<StoredMessage>;
  stop(): Promise<void>;
}

export interface Sent {
  from: string;
  to: string[];
  raw: string | Buffer;
  /** RFC 8689: the client asks for TLS all the way. */
  requireTls?: boolean;
}

export async function runGateway(
  config: Config,
  options: Partial<StartOptions> = {},
): Promise<TestGateway> {
  const gateway = await startGateway(config, {
    log: createLog('silent'),
    roles: ['smtp', 'worker'],
    ...options,
  });
  return {
    gateway,
    submit: (message) => send(gateway.endpoints['submission'] ?? '', message, message.from),
    relay: (message) => send(gateway.endpoints['connector'] ?? '', message, null),
    until: (queueId, ...statuses) => untilStatus(gateway.db, queueId, statuses),
    stop: () => gateway.stop(),
  };
}

/** Sends one message to `host:port`; throws what nodemailer throws for a refusal. */
export async function send(
  endpoint: string,
  { from, to, raw, requireTls = false }: Sent,
  login: string | null,
): Promise<string> {
  const [host = '', port = ''] = endpoint.split(':');
  const transport = createTransport({
    host,
    port: Number(port),
    requireTLS: login !== null,
    ignoreTLS: login === null,
    tls: { rejectUnauthorized: false },
    ...(login === null ? {} : { auth: { user: login, pass: PASSWORD } }),
  });
  try {
    const info = await transport.sendMail({
      envelope: { from, to, ...(requireTls && { requireTLSExtensionEnabled: true }) },
      raw,
    });
    return /queued as (\w+)/.exec(info.response)?.[1] ?? '';
  } finally {
    transport.close();
  }
}

const PATIENCE_MS = 100_000;

/** Waits on the record itself, with an end; tests do not sleep and hope. */
export async function untilStatus(
  db: Database,
  queueId: string,
  statuses: readonly RecipientStatus[],
  patienceMs = PATIENCE_MS,
): Promise<StoredMessage> {
  return eventually(
    async () => {
      const message = await loadMessage(db, queueId);
      const there = message?.recipients.every(({ status }) => statuses.includes(status)) ?? false;
      return message && there ? message : null;
    },
    `Message ${queueId} has not become ${statuses.join(' or ')}`,
    patienceMs,
  );
}

/** Asks again until there is an answer; fails with `what` when patience ends. */
export async function eventually<T>(
  ask: () => Promise<T | null>,
  what: string,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(what);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A second connection to a test's record, for processes of their own. */
export function openRecord(url: string): Database {
  return connect(url, { max: 2 });
}

/** A message with the usual fields; `\n` becomes CRLF. */
export function mail(fields: {
  from?: string;
  to: string;
  subject: string;
  text: string;
  headers?: string[];
}): string {
  return [
    ...(fields.headers ?? []),
    `From: ${fields.from ?? `Vera Lamb <${MEMBER}>`}`,
    `To: ${fields.to}`,
    `Subject: ${fields.subject}`,
    'Date: Sun, 22 Nov 2026 10:00:00 +0000',
    `Message-ID: <${randomBytes(6).toString('hex')}@merebrook.gov.uk>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    fields.text,
    '',
  ]
    .join('\n')
    .replaceAll('\n', '\r\n');
}

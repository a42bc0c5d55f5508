// Speed and memory of protected delivery, against a server in a process of its own on loopback:
//
//     node test/bench/tls.ts
//
// Ratios, not promises: messages a second with and without connection reuse in the same run, and the
// resident memory above idle while a 25 MiB message passes.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { generateKey } from 'openpgp';
import { createCourier, type Courier } from '../../src/delivery/courier.ts';
import type { DeliveryJob } from '../../src/delivery/delivery-job.ts';
import { createResolver } from '../../src/delivery/resolve.ts';
import { encryptMessage } from '../../src/pgp/encrypt.ts';
import { certificateAuthority, certificateFor } from '../support/certificates.ts';
import { startDns } from '../support/dns.ts';
import { startSmtpSink } from '../support/smtp-sink.ts';

const MIB = 1024 * 1024;
const MESSAGES = 400;
const AT_ONCE = 5;
const HOST = 'mx1.a.test';

/** The far server, where its own memory does not count: what it takes, it forgets. */
async function serve(): Promise<void> {
  const { cert, key, ca } = await new Promise<{ cert: string; key: string; ca: string }>(
    (resolve) => process.once('message', resolve),
  );
  const sink = await startSmtpSink({
    certificate: { cert, key },
    answer: (stage, _argument, session) => {
      if (stage !== 'EHLO') session.wire.length = 0;
      session.messages.length = 0;
      return null;
    },
  });
  process.send?.({ port: sink.port, ca });
}

interface World {
  courier(reuse: boolean): Courier;
  close(): Promise<void>;
}

async function world(): Promise<World> {
  const server: ChildProcess = fork(fileURLToPath(import.meta.url), ['serve']);
  server.send({ ...certificateFor({ names: [HOST] }), ca: certificateAuthority().cert });
  const [{ port, ca }] = (await once(server, 'message')) as [{ port: number; ca: string }];
  const dns = await startDns({
    'MX a.test': { data: [{ preference: 10, exchange: HOST }], ttl: 3600 },
    [`A ${HOST}`]: { data: ['127.0.0.1'], ttl: 3600 },
    [`AAAA ${HOST}`]: { data: [], ttl: 3600 },
    'TXT _mta-sts.a.test': { data: ['v=STSv1; id=1;'], ttl: 3600 },
  });
  const policy = `version: STSv1\r\nmode: enforce\r\nmx: ${HOST}\r\nmax_age: 86400\r\n`;
  return {
    courier: (reuse) =>
      createCourier({
        resolver: createResolver({ servers: [dns.server] }),
        heloName: 'gateway.merebrook.test',
        port,
        ca: [ca],
        pool: { perHost: AT_ONCE, maxMessages: reuse ? 100 : 1 },
        stsFetcher: () => Promise.resolve(policy),
      }),
    async close() {
      server.kill();
      await dns.close();
    },
  };
}

function job(body: () => Readable, sizeBytes: number): DeliveryJob {
  return {
    queueId: 'bench',
    route: { kind: 'mx' },
    domain: 'a.test',
    protection: 'required',
    contentEncrypted: false,
    mailFrom: 'cllr.a@merebrook.test',
    recipients: [{ id: 1, address: 'clerk@a.test', orcpt: null, notify: [] }],
    ret: null,
    envid: null,
    smtpUtf8: false,
    eightBit: false,
    requireTls: false,
    acceptL2: { domains: [], mxSuffixes: [] },
    sizeBytes,
    body,
    onAttempt: () => Promise.resolve(),
  };
}

async function send(courier: Courier, each: DeliveryJob): Promise<void> {
  const outcome = (await courier.send(each)).get(1);
  if (outcome?.kind !== 'delivered') throw new Error(`Not delivered: ${JSON.stringify(outcome)}`);
  if (outcome.evidence.level !== 'L3') throw new Error(`Only ${outcome.evidence.level}`);
}

async function messagesPerSecond(courier: Courier): Promise<number> {
  const message = letter(4096);
  const small = job(() => Readable.from([message]), message.length);
  for (let warm = 0; warm < 20; warm += 1) await send(courier, small);
  const start = performance.now();
  let left = MESSAGES;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await send(courier, small);
    }),
  );
  return MESSAGES / ((performance.now() - start) / 1000);
}

function letter(bytes: number): Buffer {
  const line = `${'x'.repeat(74)}\r\n`;
  const head =
    'From: cllr.a@merebrook.test\r\nTo: clerk@a.test\r\nSubject: OFFICIAL-SENSITIVE\r\n\r\n';
  return Buffer.from(head + line.repeat(Math.ceil((bytes - head.length) / line.length)));
}

/** Most resident memory while `work` runs, above what there was before, in MiB. */
async function peakAboveIdle(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const idle = process.memoryUsage.rss();
  let peak = idle;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return (Math.max(peak, process.memoryUsage.rss()) - idle) / MIB;
}

async function main(): Promise<void> {
  const far = await world();
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const reusing = far.courier(true);
  const big = 25 * MIB;
  // As the spool gives it: in pieces, never whole.
  const piece = letter(64 * 1024);
  const pieces = Math.floor(big / piece.length);
  const body = function* (): Generator<Buffer> {
    for (let count = 0; count < pieces; count += 1) yield piece;
  };
  const streamed = job(() => Readable.from(body(), { objectMode: false }), pieces * piece.length);
  const overTls = await peakAboveIdle(() => send(reusing, streamed));
  const withReuse = await messagesPerSecond(reusing);
  const fresh = far.courier(false);
  const without = await messagesPerSecond(fresh);
  reusing.close();
  fresh.close();
  await far.close();
  const { publicKey: key } = await generateKey({ userIDs: [{ email: 'clerk@a.test' }] });
  const sealing = { to: 'clerk@a.test', key, outerSubject: 'OFFICIAL-SENSITIVE', at: new Date() };
  const overPgp = await peakAboveIdle(() => encryptMessage({ ...sealing, raw: letter(big) }));
  print(`verified TLS, sessions reused   ${withReuse.toFixed(0)} messages a second`);
  print(`verified TLS, a session each    ${without.toFixed(0)} messages a second`);
  print(`reuse is worth                  ${(withReuse / without).toFixed(1)} times`);
  print(`25 MiB over TLS, peak above idle    ${overTls.toFixed(0)} MiB`);
  print(`25 MiB through PGP, peak above idle ${overPgp.toFixed(0)} MiB`);
}

await (process.argv[2] === 'serve' ? serve() : main());

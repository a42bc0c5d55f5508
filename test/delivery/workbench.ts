import { Readable } from 'node:stream';
import { createCourier, type Courier, type CourierOptions } from '../../src/delivery/courier.ts';
import type { DeliveryJob, RecipientOutcome } from '../../src/delivery/delivery-job.ts';
import { createResolver } from '../../src/delivery/resolve.ts';
import { certificateAuthority } from '../support/certificates.ts';
import { startDns, type TestDns } from '../support/dns.ts';
import { startSmtpSink, type SinkBehaviour, type SmtpSink } from '../support/smtp-sink.ts';

/** Stands in subject and body of the test message: it must never be seen on an open wire. */
export const SECRET = 'Placement of child K';

export const MESSAGE = Buffer.from(
  [
    'From: cllr.a@merebrook.test',
    'To: clerk@a.test',
    `Subject: OFFICIAL-SENSITIVE ${SECRET}`,
    '',
    SECRET,
    '.',
    '..two dots',
    'last line',
    '',
  ].join('\r\n'),
);

/** A mail domain `a.test` with one MX `mx1.a.test`, a DNS server, and a courier that uses them. */
export interface Bench {
  dns: TestDns;
  sink: SmtpSink;
  courier: Courier;
  /** Sends to `clerk@a.test` unless the job says otherwise; the outcome of the first recipient. */
  send(job?: Partial<DeliveryJob>): Promise<RecipientOutcome>;
  sendAll(job?: Partial<DeliveryJob>): ReturnType<Courier['send']>;
  /** What the courier announced before sending. */
  attempts: string[];
}

const closers: (() => Promise<void> | void)[] = [];

export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

export async function delivery(
  behaviour: SinkBehaviour,
  options: Partial<CourierOptions> = {},
): Promise<Bench> {
  const sink = await startSink(behaviour);
  const dns = await startDns({
    'MX a.test': [{ preference: 10, exchange: 'mx1.a.test' }],
    'A mx1.a.test': ['127.0.0.1'],
  });
  closers.push(() => dns.close());
  const attempts: string[] = [];
  const courier = createCourier({
    resolver: createResolver({ servers: [dns.server], timeoutMs: 500 }),
    heloName: 'gateway.merebrook.test',
    port: sink.port,
    ca: [certificateAuthority().cert],
    timeouts: { setupMs: 2000, silenceMs: 1000, transactionMs: 3000, jobMs: 8000 },
    stsFetcher: () => Promise.reject(new Error('No policy host in this test')),
    random: () => 0.5,
    ...options,
  });
  closers.push(() => courier.close());
  const sendAll: Bench['sendAll'] = (job = {}) =>
    courier.send({
      queueId: 'Q1',
      route: { kind: 'mx' },
      domain: 'a.test',
      protection: 'none',
      contentEncrypted: false,
      mailFrom: 'cllr.a@merebrook.test',
      recipients: [{ id: 1, address: 'clerk@a.test', orcpt: null, notify: [] }],
      ret: null,
      envid: null,
      smtpUtf8: false,
      eightBit: false,
      requireTls: false,
      acceptL2: { domains: [], mxSuffixes: [] },
      sizeBytes: MESSAGE.length,
      body: () => Readable.from([MESSAGE]),
      onAttempt: (host, remoteAddress) => {
        attempts.push(`${host} ${remoteAddress}`);
        return Promise.resolve();
      },
      ...job,
    });
  const send: Bench['send'] = async (job) => {
    const [first] = (await sendAll(job)).values();
    if (!first) throw new Error('No outcome');
    return first;
  };
  return { dns, sink, courier, send, sendAll, attempts };
}

/** A further server, closed with the others. */
export async function startSink(behaviour: SinkBehaviour): Promise<SmtpSink> {
  const sink = await startSmtpSink(behaviour);
  closers.push(() => sink.close());
  return sink;
}

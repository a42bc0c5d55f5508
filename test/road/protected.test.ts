import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCourier, type Courier } from '../../src/delivery/courier.ts';
import { createResolver } from '../../src/delivery/resolve.ts';
import { createStsFetcher } from '../../src/delivery/sts-fetch.ts';
import { readinessOf } from '../../src/pipeline/readiness.ts';
import type { StoredMessage } from '../../src/store/messages.ts';
import { stsPolicies } from '../../src/store/sts.ts';
import { certificateAuthority, certificateFor, type Certificate } from '../support/certificates.ts';
import { missingDnssec, startDnssec, type Dnssec, type ZoneWish } from '../support/dnssec.ts';
import {
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';
import { startMiddleman, type Middleman } from '../support/smtp-middleman.ts';
import { startSmtpSink, type SinkBehaviour, type SmtpSink } from '../support/smtp-sink.ts';

// Mail servers, HTTPS and DNS are real: zones signed by Knot DNS, validated by Unbound.
const missing = missingDnssec();

const WORDS = 'The child stays with her aunt in Mill Lane';
const HOSTS = {
  'dane.example': '127.0.0.11',
  'mismatch.example': '127.0.0.12',
  'bogus.example': '127.0.0.13',
  'unsigned.example': '127.0.0.14',
  'sts.example': '127.0.0.15',
  'othermx.example': '127.0.0.16',
  'between.example': '127.0.0.17',
  'nullmx.example': '127.0.0.19',
  'twomx.example': '127.0.0.20',
} as const;
type Domain = keyof typeof HOSTS;
const BEHIND = '127.0.0.18';
/** The second host of `twomx.example`. */
const SECOND = '127.0.0.21';
const STS_DOMAINS = ['sts.example', 'othermx.example', 'between.example', 'twomx.example'] as const;
const GOOD = certificateFor({
  names: [...Object.keys(HOSTS).map((domain) => `mx.${domain}`), 'mx2.twomx.example'],
});
const OTHER = certificateFor({ names: ['mail.elsewhere.example'] });

let world: TestWorld;
let gate: TestGateway;
let dnssec: Dnssec;
let policyHost: PolicyHost;
let middleman: Middleman;
const sinks = new Map<Domain | 'behind' | 'second', SmtpSink>();
/** The courier of the gateway, which a test may replace as a restart would. */
let courier: Courier;

beforeAll(async () => {
  if (missing !== null) return;
  world = await testWorld();
  const { port } = world.plain;
  policyHost = await startPolicyHost();
  for (const [domain, host] of Object.entries(HOSTS) as [Domain, string][]) {
    if (domain === 'between.example') continue;
    sinks.set(domain, await startSmtpSink({ host, port, certificate: GOOD }));
  }
  const behind = await startSmtpSink({ host: BEHIND, port, certificate: GOOD });
  sinks.set('behind', behind);
  sinks.set('second', await startSmtpSink({ host: SECOND, port, certificate: GOOD }));
  middleman = await startMiddleman({ host: HOSTS['between.example'], port }, behind);
  dnssec = await startDnssec(zones(port));
  gate = await runGateway(world.config, {
    decorate: (road) => ({
      ...road,
      courier: {
        send: (job) => courier.send(job),
        probe: (question) => courier.probe(question),
        close: () => courier.close(),
      },
    }),
  });
  restart(dnssec.server);
});
afterAll(async () => {
  await gate?.stop();
  courier?.close();
  await dnssec?.close();
  await middleman?.close();
  await Promise.all([...sinks.values()].map((sink) => sink.close()));
  await policyHost?.close();
  await world?.close();
});
afterEach(() => {
  if (missing !== null) return;
  nothingWasReadable();
  for (const sink of sinks.values()) sink.behave(USUAL);
  middleman.meddle('none');
});

/** Promise 3, whatever happened: nothing of the message was ever to be read on any wire. */
function nothingWasReadable(): void {
  const wires = [...sinks.values(), world.plain, world.secure].map((sink) => sink.wire());
  for (const wire of [...wires, middleman.wire()]) {
    expect(wire).not.toContain(WORDS);
    expect(wire).not.toContain('OFFICIAL-SENSITIVE');
    expect(wire).not.toContain('MAIL FROM');
  }
}

const USUAL: SinkBehaviour = {
  certificate: GOOD,
  startTls: 'offered',
  tls: {},
  answer: () => null,
  extensions: ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'DSN', 'SIZE 50000000'],
};

function zones(port: number): Record<string, ZoneWish> {
  const tlsa = (certificate: Certificate): string => {
    const spki = new X509Certificate(certificate.cert).publicKey.export({
      type: 'spki',
      format: 'der',
    });
    return `_${port}._tcp.mx TLSA 3 1 1 ${createHash('sha256').update(spki).digest('hex')}`;
  };
  const records = (domain: Domain): string[] => ['@ MX 10 mx', `mx A ${HOSTS[domain]}`];
  const sts = ['_mta-sts TXT "v=STSv1; id=1;"', 'mta-sts A 127.0.0.1'];
  return {
    'dane.example': { signed: true, records: [...records('dane.example'), tlsa(GOOD)] },
    'mismatch.example': { signed: true, records: [...records('mismatch.example'), tlsa(OTHER)] },
    'bogus.example': {
      signed: true,
      records: [...records('bogus.example'), tlsa(OTHER)],
      // As an attacker would who wants another certificate to fit: the signature no longer does.
      tamper: (zone) => zone.replace(/(TLSA\s+3 1 1 )\w{64}/, `$1${tlsa(GOOD).slice(-64)}`),
    },
    'unsigned.example': { signed: false, records: [...records('unsigned.example'), tlsa(GOOD)] },
    'sts.example': { signed: false, records: [...records('sts.example'), ...sts] },
    'othermx.example': { signed: false, records: [...records('othermx.example'), ...sts] },
    'between.example': { signed: false, records: [...records('between.example'), ...sts] },
    // RFC 7505: takes no mail.
    'nullmx.example': { signed: false, records: ['@ MX 0 .'] },
    'twomx.example': {
      signed: false,
      records: [...records('twomx.example'), '@ MX 20 mx2', `mx2 A ${SECOND}`, ...sts],
    },
  };
}

interface PolicyHost {
  port: number;
  /** By domain; a domain without one gets 404. */
  policies: Map<string, string>;
  close(): Promise<void>;
}

async function startPolicyHost(): Promise<PolicyHost> {
  const policies = new Map<string, string>();
  for (const domain of STS_DOMAINS) policies.set(domain, stsPolicy(`mx.${domain}`));
  policies.set('othermx.example', stsPolicy('mail.elsewhere.example'));
  policies.set('twomx.example', stsPolicy('*.twomx.example'));
  const certificate = certificateFor({ names: STS_DOMAINS.map((domain) => `mta-sts.${domain}`) });
  const server: Server = createServer(certificate, (request, response) => {
    const domain = (request.headers.host ?? '').replace(/^mta-sts\./, '').replace(/:\d+$/, '');
    const text = policies.get(domain);
    response.writeHead(text === undefined ? 404 : 200).end(text ?? '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    policies,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function stsPolicy(mx: string): string {
  return `version: STSv1\r\nmode: enforce\r\nmx: ${mx}\r\nmax_age: 604800\r\n`;
}

/** A courier that knows nothing but the record, as after a restart. */
function restart(server: string, clock: () => number = Date.now): void {
  courier?.close();
  const ca = certificateAuthority().cert;
  const resolver = createResolver({ servers: [server] });
  courier = createCourier({
    resolver,
    heloName: world.config.hostname,
    port: world.plain.port,
    ca: [ca],
    timeouts: { setupMs: 3000, silenceMs: 2000, transactionMs: 4000, jobMs: 10_000 },
    stsFetcher: createStsFetcher({ resolver, ca: [ca], port: policyHost.port, timeoutMs: 2000 }),
    stsStore: stsPolicies(gate.gateway.db),
    clock,
  });
}

async function sendMarked(
  domain: Domain | `${string}.${Domain}`,
  more: { requireTls?: boolean } = {},
): Promise<string> {
  const to = `sister@${domain}`;
  const raw = mail({ to, subject: `OFFICIAL-SENSITIVE: ${WORDS}`, text: WORDS });
  return gate.submit({ from: MEMBER, to: [to], raw, ...more });
}

/** What the recipient's last attempt came to, where the mail is returned. */
async function returned(queueId: string): Promise<string | null> {
  const message = await gate.until(queueId, 'bounced');
  return message.recipients[0]?.lastResult ?? null;
}

/** What the recipient's last attempt came to, once there was one. */
async function waits(queueId: string): Promise<string | null> {
  const message = await gate.until(queueId, 'deferred');
  return message.recipients[0]?.lastResult ?? null;
}

async function delivered(queueId: string): Promise<StoredMessage['recipients'][number]> {
  const message = await gate.until(queueId, 'delivered');
  const [recipient] = message.recipients;
  if (!recipient) throw new Error('No recipient');
  return recipient;
}

/** The next attempt is due now; the sweep takes it. */
async function retry(queueId: string): Promise<void> {
  await gate.gateway.db`update recipients set next_attempt_at = now() where queue_id = ${queueId}`;
}

async function certificateOf(queueId: string) {
  const [row] = await gate.gateway.db<{ certificate: Record<string, never> }[]>`
    select certificate from delivery_certificates where queue_id = ${queueId}`;
  return row?.certificate;
}

/** What `readiness` says of the same domain at the same moment. */
async function ready(domain: Domain) {
  const { db, road } = gate.gateway;
  const council = road.policy().councils.get('merebrook');
  const routes = road.routes.get('merebrook');
  if (!council || !routes) throw new Error('No council');
  return readinessOf({ courier, db, clock: () => new Date() }, council, routes, domain);
}

function sink(domain: Domain | 'behind' | 'second'): SmtpSink {
  const found = sinks.get(domain);
  if (!found) throw new Error(`No server for ${domain}`);
  return found;
}

describe.skipIf(missing !== null)(
  `DNSSEC and DANE${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    it('deliver to the server that a signed TLSA record vouches for, and certify it', async () => {
      const queueId = await sendMarked('dane.example');
      expect((await delivered(queueId)).protectedBy).toBe('L3 dane');
      expect(sink('dane.example').messages().at(-1)?.data.toString()).toContain(WORDS);
      expect(await certificateOf(queueId)).toMatchObject({
        recipient: 'sister@dane.example',
        marking: 'OFFICIAL-SENSITIVE',
        reply: '250 2.0.0 Message taken',
        transport: { level: 'L3', mxHost: 'mx.dane.example', protocol: 'TLSv1.3' },
        proof: { policy: { kind: 'dane', records: [expect.stringMatching(/^3 1 1 /)] } },
      });
      const told = await ready('dane.example');
      expect(told.summary).toMatch(/ would be sent over verified TLS \(L3, DANE\)$/);
    });

    it('make mail wait where the record is for another certificate', async () => {
      expect(await waits(await sendMarked('mismatch.example'))).toBe('dane-mismatch');
      expect(await ready('mismatch.example')).toMatchObject({
        ready: false,
        cause: 'dane-mismatch',
      });
    });

    it('make mail wait where a record was changed behind its signature', async () => {
      expect(await waits(await sendMarked('bogus.example'))).toBe('dns-failure');
      expect(await ready('bogus.example')).toMatchObject({ ready: false, cause: 'dns-failure' });
      expect(sink('bogus.example').sessions).toEqual([]);
    });

    it('make mail wait where all signatures have expired, until they are renewed', async () => {
      restart(dnssec.expiredServer);
      const queueId = await sendMarked('dane.example');
      expect(await waits(queueId)).toBe('dns-failure');
      restart(dnssec.server);
      await retry(queueId);
      expect((await delivered(queueId)).protectedBy).toBe('L3 dane');
    });

    it('count no TLSA record of an unsigned zone', async () => {
      expect(await waits(await sendMarked('unsigned.example'))).toBe('no-proof');
      expect(await ready('unsigned.example')).toMatchObject({ ready: false, cause: 'no-proof' });
    });
  },
);

describe.skipIf(missing !== null)('a man in the middle', () => {
  it('who strips STARTTLS gets nothing; the mail goes once he is gone', async () => {
    middleman.meddle('strip-starttls');
    const queueId = await sendMarked('between.example');
    expect(await waits(queueId)).toBe('starttls-not-offered');
    expect(await ready('between.example')).toMatchObject({ cause: 'starttls-not-offered' });
    middleman.meddle('none');
    await retry(queueId);
    expect((await delivered(queueId)).protectedBy).toBe('L3 mta-sts');
    expect(sink('behind').messages()).toHaveLength(1);
  });

  it('who injects replies into the handshake learns and changes nothing', async () => {
    middleman.meddle('inject-after-starttls');
    const queueId = await sendMarked('between.example');
    const message = await gate.until(queueId, 'deferred', 'delivered');
    const [recipient] = message.recipients;
    // Either the handshake breaks, or what was injected is thrown away.
    expect([recipient?.lastResult, recipient?.protectedBy]).toContainEqual(
      recipient?.status === 'delivered' ? 'L3 mta-sts' : 'tls-handshake',
    );
  });
});

describe.skipIf(missing !== null)('a server that changes', () => {
  it('gets the mail once its certificate is good', async () => {
    sink('sts.example').behave({ certificate: OTHER });
    const queueId = await sendMarked('sts.example');
    expect(await waits(queueId)).toBe('certificate-name');
    sink('sts.example').behave({ certificate: GOOD });
    await retry(queueId);
    expect((await delivered(queueId)).protectedBy).toBe('L3 mta-sts');
    expect(await certificateOf(queueId)).toMatchObject({
      proof: { policy: { kind: 'mta-sts', id: '1', text: stsPolicy('mx.sts.example') } },
    });
  });

  it('gets nothing more once its certificate is bad', async () => {
    await delivered(await sendMarked('sts.example'));
    const before = sink('sts.example').messages().length;
    const expired = certificateFor({ names: ['mx.sts.example'], expired: true });
    sink('sts.example').behave({ certificate: expired });
    restart(dnssec.server);
    expect(await waits(await sendMarked('sts.example'))).toBe('certificate-expired');
    expect(sink('sts.example').messages()).toHaveLength(before);
  });

  it('that cuts the line in DATA gets the mail again, whole', async () => {
    restart(dnssec.server);
    const before = sink('sts.example').messages().length;
    sink('sts.example').behave({ answer: (stage) => (stage === 'body' ? 'drop' : null) });
    const queueId = await sendMarked('sts.example');
    expect(await waits(queueId)).toMatch(/^(connection-lost|reply-lost)$/);
    sink('sts.example').behave({ answer: () => null });
    await retry(queueId);
    await delivered(queueId);
    expect(sink('sts.example').messages()).toHaveLength(before + 1);
  });

  it.each(['MAIL', 'RCPT', 'DATA', 'dot'] as const)(
    'that answers garbage to %s makes it wait',
    async (at) => {
      restart(dnssec.server);
      sink('sts.example').behave({
        answer: (stage) => (stage === at ? '\x00\xff nonsense' : null),
      });
      const queueId = await sendMarked('sts.example');
      await waits(queueId);
      expect(await certificateOf(queueId)).toBeUndefined();
    },
  );
});

describe.skipIf(missing !== null)('a server that cannot be trusted', () => {
  const wrongName = certificateFor({ names: ['mail.elsewhere.example'] });
  const selfSigned = certificateFor({ names: ['mx.sts.example'], selfSigned: true });
  const expired = certificateFor({ names: ['mx.sts.example'], expired: true });
  const old = { ciphers: 'ALL:@SECLEVEL=0' };
  const refuse: SinkBehaviour['answer'] = (stage) =>
    stage === 'STARTTLS' ? '454 4.7.0 TLS not available' : null;

  it.each<[string, SinkBehaviour, string]>([
    ['does not offer STARTTLS', { startTls: 'stripped' }, 'starttls-not-offered'],
    ['offers STARTTLS and refuses it', { answer: refuse }, 'starttls-refused'],
    ['has a certificate for another name', { certificate: wrongName }, 'certificate-name'],
    ['has an expired certificate', { certificate: expired }, 'certificate-expired'],
    ['signed its certificate itself', { certificate: selfSigned }, 'certificate-untrusted'],
    [
      'speaks TLS 1.0 only',
      { tls: { ...old, minVersion: 'TLSv1', maxVersion: 'TLSv1' } },
      'tls-too-old',
    ],
    [
      'speaks TLS 1.1 only',
      { tls: { ...old, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } },
      'tls-too-old',
    ],
    [
      'offers weak ciphers only',
      { tls: { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256:AES128-SHA:@SECLEVEL=0' } },
      'tls-too-old',
    ],
  ])('that %s gets nothing, and all of it once it is mended', async (_case, behaviour, cause) => {
    restart(dnssec.server);
    const before = sink('sts.example').messages().length;
    sink('sts.example').behave(behaviour);
    const queueId = await sendMarked('sts.example');
    expect(await waits(queueId)).toBe(cause);
    expect(sink('sts.example').messages()).toHaveLength(before);
    sink('sts.example').behave(USUAL);
    await retry(queueId);
    expect((await delivered(queueId)).protectedBy).toBe('L3 mta-sts');
  });

  it('is passed over where the second MX is good', async () => {
    restart(dnssec.server);
    sink('twomx.example').behave({ certificate: wrongName });
    const queueId = await sendMarked('twomx.example');
    expect((await delivered(queueId)).protectedBy).toBe('L3 mta-sts');
    expect(sink('twomx.example').messages()).toEqual([]);
    expect(sink('second').messages()).toHaveLength(1);
    expect(await certificateOf(queueId)).toMatchObject({
      transport: { mxHost: 'mx2.twomx.example' },
    });
  });
});

describe.skipIf(missing !== null)('a domain', () => {
  it('that does not exist is returned, and no server learns of it', async () => {
    expect(await returned(await sendMarked('nowhere.sts.example'))).toMatch(/^5\d\d 5\.1\.2 /);
  });

  it('that takes no mail (null MX) is returned', async () => {
    expect(await returned(await sendMarked('nullmx.example'))).toMatch(/^556 5\.1\.10 /);
  });

  it('whose lookup ends in SERVFAIL makes mail wait', async () => {
    restart(dnssec.expiredServer);
    expect(await waits(await sendMarked('mismatch.example'))).toBe('dns-failure');
    restart(dnssec.server);
  });
});

describe.skipIf(missing !== null)('a reply over proven TLS', () => {
  const answering = (stage: string, reply: string): SinkBehaviour => ({
    answer: (at) => (at === stage ? reply : null),
  });

  it.each(['MAIL', 'RCPT', 'DATA', 'dot'])('of 4xx to %s makes mail wait', async (stage) => {
    restart(dnssec.server);
    sink('sts.example').behave(answering(stage, '451 4.7.1 Try later'));
    const queueId = await sendMarked('sts.example');
    expect(await waits(queueId)).toBe('451 4.7.1 Try later');
    sink('sts.example').behave(USUAL);
    await retry(queueId);
    await delivered(queueId);
  });

  it.each(['MAIL', 'RCPT', 'DATA', 'dot'])('of 5xx to %s returns it', async (stage) => {
    restart(dnssec.server);
    sink('sts.example').behave(answering(stage, '550-5.7.1 No\r\n550 5.7.1 thanks'));
    expect(await returned(await sendMarked('sts.example'))).toMatch(/^550 5\.7\.1 No/);
  });

  it('of several lines is one acceptance, and stands in the certificate', async () => {
    restart(dnssec.server);
    sink('sts.example').behave(answering('dot', '250-2.0.0 Taken\r\n250-by us\r\n250 2.0.0 as 7'));
    const queueId = await sendMarked('sts.example');
    await delivered(queueId);
    expect(await certificateOf(queueId)).toMatchObject({
      reply: expect.stringMatching(/^250 2\.0\.0 Taken.*as 7$/),
    });
  });
});

describe.skipIf(missing !== null)('REQUIRETLS, asked for by the sender’s program', () => {
  it('is passed on to a server that offers it', async () => {
    restart(dnssec.server);
    sink('sts.example').behave({ extensions: ['PIPELINING', '8BITMIME', 'REQUIRETLS'] });
    await delivered(await sendMarked('sts.example', { requireTls: true }));
    const [last] = sink('sts.example')
      .commands()
      .filter((line) => line.startsWith('MAIL FROM'))
      .slice(-1);
    expect(last).toContain(' REQUIRETLS');
  });

  it('returns the mail at once with 5.7.30 where the server does not', async () => {
    restart(dnssec.server);
    const before = sink('sts.example').messages().length;
    sink('sts.example').behave({ extensions: ['PIPELINING', '8BITMIME'] });
    const queueId = await sendMarked('sts.example', { requireTls: true });
    expect(await returned(queueId)).toMatch(/^5\d\d 5\.7\.30 /);
    expect(sink('sts.example').messages()).toHaveLength(before);
  });
});

describe.skipIf(missing !== null)('MTA-STS over real HTTPS', () => {
  it('makes mail wait where the policy names another MX', async () => {
    expect(await waits(await sendMarked('othermx.example'))).toBe('sts-mx-mismatch');
    expect(sink('othermx.example').sessions).toEqual([]);
    expect(await ready('othermx.example')).toMatchObject({
      ready: false,
      sts: { mode: 'enforce', id: '1', maxAgeSeconds: 604_800 },
    });
  });

  it('stands by the stored policy over a restart, when the policy host is gone', async () => {
    await delivered(await sendMarked('sts.example'));
    const text = policyHost.policies.get('sts.example') ?? '';
    policyHost.policies.delete('sts.example');
    // A day later the policy is to be fetched again, and cannot be.
    restart(dnssec.server, () => Date.now() + 25 * 3_600_000);
    expect((await delivered(await sendMarked('sts.example'))).protectedBy).toBe('L3 mta-sts');
    policyHost.policies.set('sts.example', text);
  });

  it('follows a policy whose id has changed', async () => {
    const { db } = gate.gateway;
    await db`update sts_policies set id = 'old' where domain = 'sts.example'`;
    policyHost.policies.set('sts.example', stsPolicy('mail.elsewhere.example'));
    restart(dnssec.server);
    const queueId = await sendMarked('sts.example');
    expect(await waits(queueId)).toBe('sts-mx-mismatch');
    await db`update sts_policies set id = 'older' where domain = 'sts.example'`;
    policyHost.policies.set('sts.example', stsPolicy('*.sts.example'));
    restart(dnssec.server);
    await retry(queueId);
    expect((await delivered(queueId)).protectedBy).toBe('L3 mta-sts');
  });
});

import { createHash, X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeliveryJob } from '../../src/delivery/delivery-job.ts';
import { memoryStsStore } from '../../src/delivery/mta-sts.ts';
import { certificateAuthority, certificateFor } from '../support/certificates.ts';
import type { DnsAnswer } from '../support/dns.ts';
import type { SinkBehaviour, SmtpSink } from '../support/smtp-sink.ts';
import { closeAll, delivery, SECRET, startSink, type Bench } from './workbench.ts';

afterEach(closeAll);

const GOOD = certificateFor({ names: ['mx1.a.test', 'mx2.a.test'] });
const MARKED = { protection: 'required' } as const;
const ACCEPTED = { ...MARKED, acceptL2: { domains: ['a.test'], mxSuffixes: [] } };
const POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: *.a.test\r\nmax_age: 86400\r\n';

/** Promise 3: whatever the server did, it learned nothing of the message, not even that there is one. */
function learnedNothing(...sinks: SmtpSink[]): void {
  for (const sink of sinks) {
    expect(sink.wire()).not.toContain(SECRET);
    expect(sink.commands().filter((line) => /^(MAIL|RCPT|DATA)/i.test(line))).toEqual([]);
    expect(sink.messages()).toEqual([]);
  }
}

function tlsaFor(certificate: { cert: string }): object {
  const { raw } = new X509Certificate(certificate.cert);
  const digest = createHash('sha256').update(raw).digest();
  return { usage: 3, selector: 0, matchingType: 1, certificate: digest };
}

/** The domain's DNS as DNSSEC would show it, with TLSA records for its only host. */
function signDns({ dns, sink }: Bench, tlsa: DnsAnswer): void {
  dns.set('MX a.test', { data: [{ preference: 10, exchange: 'mx1.a.test' }], secure: true });
  dns.set('A mx1.a.test', { data: ['127.0.0.1'], secure: true });
  dns.set(`TLSA _${sink.port}._tcp.mx1.a.test`, { secure: true, ...tlsa });
}

async function withSts(behaviour: SinkBehaviour, policy = POLICY): Promise<Bench> {
  const bench = await delivery(behaviour, { stsFetcher: () => Promise.resolve(policy) });
  bench.dns.set('TXT _mta-sts.a.test', ['v=STSv1; id=1;']);
  return bench;
}

describe('marked mail to a server that cannot be trusted', () => {
  const wrongName = certificateFor({ names: ['mail.elsewhere.test'] });
  const expired = certificateFor({ names: ['mx1.a.test'], expired: true });
  const selfSigned = certificateFor({ names: ['mx1.a.test'], selfSigned: true });
  const oldTls = {
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  } as const;
  const refuse: SinkBehaviour['answer'] = (stage) =>
    stage === 'STARTTLS' ? '554 5.7.0 No TLS today' : null;
  const cases: [string, SinkBehaviour, string][] = [
    ['STARTTLS is stripped', { startTls: 'stripped', certificate: GOOD }, 'starttls-not-offered'],
    ['there is no STARTTLS', {}, 'starttls-not-offered'],
    ['STARTTLS is refused', { certificate: GOOD, answer: refuse }, 'starttls-refused'],
    ['the certificate is for another name', { certificate: wrongName }, 'certificate-name'],
    ['the certificate has expired', { certificate: expired }, 'certificate-expired'],
    ['the certificate is self-signed', { certificate: selfSigned }, 'certificate-untrusted'],
    ['TLS 1.1 is all it speaks', { certificate: GOOD, tls: oldTls }, 'tls-too-old'],
    [
      'only old ciphers are left',
      { certificate: GOOD, tls: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' } },
      'tls-too-old',
    ],
  ];

  it.each(cases)('send() says nothing where %s', async (_case, behaviour, cause) => {
    const bench = await delivery(behaviour);
    const outcome = await bench.send(ACCEPTED);
    expect(outcome).toEqual({ kind: 'unprotected', cause, retryable: false });
    learnedNothing(bench.sink);
    expect(bench.attempts).toEqual([]);
  });

  it.each(cases)('send() says nothing under MTA-STS where %s', async (_case, behaviour, cause) => {
    const bench = await withSts(behaviour);
    expect(await bench.send(MARKED)).toEqual({ kind: 'unprotected', cause, retryable: false });
    learnedNothing(bench.sink);
  });

  it('send() wants more than a valid certificate where the council accepted nothing', async () => {
    const bench = await delivery({ certificate: GOOD });
    const outcome = await bench.send(MARKED);
    expect(outcome).toEqual({ kind: 'unprotected', cause: 'no-proof', retryable: false });
    learnedNothing(bench.sink);
  });

  it('send() waits where STARTTLS is refused for now', async () => {
    const answer: SinkBehaviour['answer'] = (stage) =>
      stage === 'STARTTLS' ? '454 4.7.0 TLS not available' : null;
    const bench = await delivery({ certificate: GOOD, answer });
    const outcome = await bench.send(ACCEPTED);
    expect(outcome).toEqual({ kind: 'unprotected', cause: 'starttls-refused', retryable: true });
    learnedNothing(bench.sink);
  });

  it('send() waits where the handshake breaks off', async () => {
    const answer: SinkBehaviour['answer'] = (stage) =>
      stage === 'STARTTLS' ? '220 Go\r\njunk' : null;
    const bench = await delivery({ answer });
    const outcome = await bench.send(ACCEPTED);
    expect(outcome.kind).toBe('unprotected');
    learnedNothing(bench.sink);
  });

  it('send() does not borrow a connection that ordinary mail opened', async () => {
    const bench = await delivery({ certificate: selfSigned });
    expect(await bench.send()).toMatchObject({ kind: 'delivered', evidence: { level: 'L1' } });
    const before = bench.sink.wire().length;
    const outcome = await bench.send(ACCEPTED);
    expect(outcome).toMatchObject({ kind: 'unprotected', cause: 'certificate-untrusted' });
    expect(before).toBeGreaterThan(0);
    expect(bench.sink.commands().filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  });

  it('send() does not borrow a connection that was good enough for other marked mail', async () => {
    const bench = await delivery({ certificate: GOOD });
    expect(await bench.send(ACCEPTED)).toMatchObject({ kind: 'delivered' });
    expect(await bench.send(MARKED)).toMatchObject({ kind: 'unprotected', cause: 'no-proof' });
    expect(bench.sink.messages()).toHaveLength(1);
  });

  it('send() reads no memory of broken TLS that ordinary mail left', async () => {
    const bench = await delivery({ certificate: GOOD, tls: oldTls });
    expect(await bench.send()).toMatchObject({ kind: 'delivered', evidence: { level: 'L0' } });
    bench.sink.behave({ tls: {} });
    expect(await bench.send(ACCEPTED)).toMatchObject({
      kind: 'delivered',
      evidence: { level: 'L2' },
    });
  });
});

describe('marked mail where the council accepts a valid certificate', () => {
  it.each<[string, DeliveryJob['acceptL2']]>([
    ['the domain', { domains: ['a.test'], mxSuffixes: [] }],
    ['a domain above', { domains: ['test'], mxSuffixes: [] }],
    ['the host', { domains: [], mxSuffixes: ['a.test'] }],
  ])('send() delivers when it lists %s', async (_case, acceptL2) => {
    const bench = await delivery({ certificate: GOOD });
    const outcome = await bench.send({ ...MARKED, acceptL2 });
    expect(outcome).toMatchObject({
      kind: 'delivered',
      evidence: { level: 'L2', provedBy: 'pkix-accepted', mxHost: 'mx1.a.test' },
    });
    expect(bench.sink.messages()).toHaveLength(1);
    expect(bench.sink.wire()).not.toContain(SECRET);
    expect(bench.sink.wire()).not.toContain('MAIL FROM');
    expect(bench.attempts).toEqual(['mx1.a.test 127.0.0.1']);
  });

  it('send() does not take a look-alike for it', async () => {
    const bench = await delivery({ certificate: GOOD });
    const acceptL2 = {
      domains: ['.test.a.test', 'aa.test', 'a.test.example'],
      mxSuffixes: ['1.a.test'],
    };
    expect(await bench.send({ ...MARKED, acceptL2 })).toMatchObject({ cause: 'no-proof' });
    learnedNothing(bench.sink);
  });

  it('send() tries the second host when the first is bad', async () => {
    const bench = await delivery({});
    const second = await startSink({ host: '127.0.0.2', port: bench.sink.port, certificate: GOOD });
    bench.dns.set('MX a.test', [
      { preference: 10, exchange: 'mx1.a.test' },
      { preference: 20, exchange: 'mx2.a.test' },
    ]);
    bench.dns.set('A mx2.a.test', ['127.0.0.2']);
    const outcome = await bench.send(ACCEPTED);
    expect(outcome).toMatchObject({ kind: 'delivered', evidence: { mxHost: 'mx2.a.test' } });
    learnedNothing(bench.sink);
    expect(second.messages()).toHaveLength(1);
    expect(second.wire()).not.toContain(SECRET);
  });

  it('send() may help later where one of the hosts was only away', async () => {
    const bench = await delivery({});
    bench.dns.set('MX a.test', [
      { preference: 10, exchange: 'mx1.a.test' },
      { preference: 20, exchange: 'mx2.a.test' },
    ]);
    bench.dns.set('A mx2.a.test', ['127.0.0.3']);
    const outcome = await bench.send(ACCEPTED);
    expect(outcome).toEqual({
      kind: 'unprotected',
      cause: 'starttls-not-offered',
      retryable: true,
    });
    learnedNothing(bench.sink);
  });
});

describe('marked mail and DNS', () => {
  it.each(['SERVFAIL', 'silence', 'garbage', 'REFUSED'] as const)(
    'send() waits when the MX lookup meets %s',
    async (fault) => {
      const bench = await delivery({ certificate: GOOD });
      bench.dns.set('MX a.test', { fault });
      const outcome = await bench.send(ACCEPTED);
      expect(outcome).toEqual({ kind: 'unprotected', cause: 'dns-failure', retryable: true });
      learnedNothing(bench.sink);
    },
  );

  it.each(['A', 'TLSA'])('send() waits when the %s lookup fails', async (type) => {
    const bench = await delivery({ certificate: GOOD });
    signDns(bench, { data: [tlsaFor(GOOD)] });
    const name = type === 'A' ? 'mx1.a.test' : `_${bench.sink.port}._tcp.mx1.a.test`;
    bench.dns.set(`${type} ${name}`, { fault: 'SERVFAIL' });
    const outcome = await bench.send(ACCEPTED);
    expect(outcome).toEqual({ kind: 'unprotected', cause: 'dns-failure', retryable: true });
    learnedNothing(bench.sink);
  });

  it('send() waits when it cannot ask whether there is an MTA-STS policy', async () => {
    const bench = await delivery({ certificate: GOOD });
    bench.dns.set('TXT _mta-sts.a.test', { fault: 'SERVFAIL' });
    const outcome = await bench.send(ACCEPTED);
    expect(outcome).toEqual({ kind: 'unprotected', cause: 'sts-lookup', retryable: true });
    learnedNothing(bench.sink);
  });

  it('send() bounces where the domain has a null MX', async () => {
    const bench = await delivery({ certificate: GOOD });
    bench.dns.set('MX a.test', [{ preference: 0, exchange: '.' }]);
    expect(await bench.send(ACCEPTED)).toMatchObject({ kind: 'bounced', cause: 'null-mx' });
    learnedNothing(bench.sink);
  });
});

describe('DANE', () => {
  it('send() delivers over a certificate that only TLSA vouches for', async () => {
    const certificate = certificateFor({ names: ['other.test'], selfSigned: true });
    const bench = await delivery({ certificate });
    signDns(bench, { data: [tlsaFor(certificate)] });
    const outcome = await bench.send(MARKED);
    expect(outcome).toMatchObject({
      kind: 'delivered',
      evidence: {
        level: 'L3',
        provedBy: 'dane',
        protocol: 'TLSv1.3',
        certificateSha256: createHash('sha256')
          .update(new X509Certificate(certificate.cert).raw)
          .digest('hex'),
      },
    });
    expect(bench.sink.wire()).not.toContain(SECRET);
  });

  it.each([MARKED, ACCEPTED, {}, { ...MARKED, contentEncrypted: true }])(
    'send() says nothing to a server that TLSA does not fit, whatever the mail (%j)',
    async (job) => {
      const bench = await delivery({ certificate: GOOD });
      signDns(bench, { data: [tlsaFor(certificateAuthority())] });
      const outcome = await bench.send(job);
      const marked = 'protection' in job && !('contentEncrypted' in job);
      expect(outcome).toMatchObject({
        kind: marked ? 'unprotected' : 'deferred',
        cause: 'dane-mismatch',
      });
      learnedNothing(bench.sink);
    },
  );

  it('send() lets a failing DANE stand against a fitting MTA-STS policy', async () => {
    const bench = await withSts({ certificate: GOOD });
    signDns(bench, { data: [tlsaFor(certificateAuthority())] });
    expect(await bench.send(MARKED)).toMatchObject({ cause: 'dane-mismatch' });
    learnedNothing(bench.sink);
  });

  it.each<[string, DnsAnswer]>([
    ['A mx1.a.test', { data: ['127.0.0.1'] }],
    ['MX a.test', { data: [{ preference: 10, exchange: 'mx1.a.test' }] }],
  ])(
    'send() counts no TLSA record where the way to it was unsigned: %s',
    async (name, unsigned) => {
      const bench = await delivery({ certificate: GOOD });
      signDns(bench, { data: [tlsaFor(GOOD)] });
      bench.dns.set(name, unsigned);
      expect(await bench.send(MARKED)).toMatchObject({ kind: 'unprotected', cause: 'no-proof' });
      learnedNothing(bench.sink);
    },
  );

  it('send() takes unsigned TLSA records for none', async () => {
    const bench = await delivery({ certificate: GOOD });
    signDns(bench, { data: [tlsaFor(GOOD)], secure: false });
    expect(await bench.send(MARKED)).toMatchObject({ kind: 'unprotected', cause: 'no-proof' });
    learnedNothing(bench.sink);
  });

  it('send() keeps ordinary mail from clear text where no TLSA record is usable', async () => {
    const bench = await delivery({});
    signDns(bench, {
      data: [{ usage: 0, selector: 0, matchingType: 1, certificate: Buffer.alloc(32) }],
    });
    expect(await bench.send()).toMatchObject({ kind: 'deferred', cause: 'starttls-not-offered' });
    learnedNothing(bench.sink);
  });
});

describe('MTA-STS', () => {
  it('send() delivers to a host that the policy names, with its certificate', async () => {
    const bench = await withSts({ certificate: GOOD });
    const outcome = await bench.send(MARKED);
    expect(outcome).toMatchObject({
      kind: 'delivered',
      evidence: { level: 'L3', provedBy: 'mta-sts' },
    });
    expect(bench.sink.wire()).not.toContain(SECRET);
  });

  it.each([MARKED, ACCEPTED, {}, { ...MARKED, contentEncrypted: true }])(
    'send() says nothing to a host that the policy does not name (%j)',
    async (job) => {
      const bench = await withSts({ certificate: GOOD }, POLICY.replace('*.a.test', 'mail.b.test'));
      expect(await bench.send(job)).toMatchObject({ cause: 'sts-mx-mismatch' });
      learnedNothing(bench.sink);
    },
  );

  it('send() takes a policy in testing for none', async () => {
    const bench = await withSts({ certificate: GOOD }, POLICY.replace('enforce', 'testing'));
    expect(await bench.send(MARKED)).toMatchObject({ cause: 'no-proof' });
    learnedNothing(bench.sink);
  });

  it('send() goes by the stored policy when neither DNS nor the policy host answers', async () => {
    const store = memoryStsStore();
    const text = POLICY.replace('*.a.test', 'mail.b.test');
    await store.set('a.test', { text, id: '1', fetchedAt: Date.now() });
    const bench = await delivery({ certificate: GOOD }, { stsStore: store });
    bench.dns.set('TXT _mta-sts.a.test', { fault: 'SERVFAIL' });
    expect(await bench.send(ACCEPTED)).toMatchObject({ cause: 'sts-mx-mismatch' });
    expect(await bench.send()).toMatchObject({ kind: 'deferred', cause: 'sts-mx-mismatch' });
    learnedNothing(bench.sink);
  });

  it('send() makes all mail wait while the policy store is away', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('Store is away'));
    const bench = await delivery({ certificate: GOOD }, { stsStore: { get: away, set: away } });
    expect(await bench.send(ACCEPTED)).toMatchObject({ cause: 'sts-store', retryable: true });
    expect(await bench.send()).toMatchObject({ kind: 'deferred', cause: 'sts-store' });
    learnedNothing(bench.sink);
  });

  it('send() waits with marked mail when a policy was announced and cannot be fetched', async () => {
    const bench = await delivery({ certificate: GOOD });
    bench.dns.set('TXT _mta-sts.a.test', ['v=STSv1; id=1;']);
    expect(await bench.send(ACCEPTED)).toMatchObject({ cause: 'sts-fetch', retryable: true });
    learnedNothing(bench.sink);
    expect(await bench.send()).toMatchObject({ kind: 'delivered' });
  });
});

describe('a smarthost', () => {
  const relay = (bench: Bench, changes: object): DeliveryJob['route'] => ({
    kind: 'smarthost',
    host: '127.0.0.1',
    port: bench.sink.port,
    tls: 'verified',
    servername: 'mx1.a.test',
    protects: true,
    ...changes,
  });

  it('send() gives it marked mail when it is pinned, verified and said to protect', async () => {
    const bench = await delivery({ certificate: GOOD });
    const outcome = await bench.send({ ...MARKED, route: relay(bench, {}) });
    expect(outcome).toMatchObject({
      kind: 'delivered',
      evidence: { level: 'L3', provedBy: 'connector' },
    });
    expect(bench.sink.wire()).not.toContain(SECRET);
  });

  it.each([{ protects: false }, { tls: 'required' }, { tls: 'opportunistic' }])(
    'send() gives it no marked mail when %j',
    async (changes) => {
      const bench = await delivery({ certificate: GOOD });
      const outcome = await bench.send({ ...ACCEPTED, route: relay(bench, changes) });
      expect(outcome).toMatchObject({ kind: 'unprotected', cause: 'route-not-protected' });
      expect(bench.sink.sessions).toEqual([]);
    },
  );

  it('send() gives it nothing at all when its certificate is not the pinned one', async () => {
    const bench = await delivery({ certificate: GOOD });
    const route = relay(bench, { servername: 'relay.elsewhere.test' });
    expect(await bench.send({ ...MARKED, route })).toMatchObject({ cause: 'certificate-name' });
    expect(await bench.send({ route })).toMatchObject({
      kind: 'deferred',
      cause: 'certificate-name',
    });
    learnedNothing(bench.sink);
  });

  it('send() never says a password in clear', async () => {
    const bench = await delivery({ extensions: ['AUTH PLAIN LOGIN'] });
    const auth = { user: 'gateway', pass: 'open-sesame' };
    const route = relay(bench, { tls: 'opportunistic', protects: false, auth });
    expect(await bench.send({ route })).toMatchObject({ kind: 'deferred', cause: 'login-refused' });
    expect(bench.sink.commands().join()).not.toMatch(/AUTH|Z2F0ZXdheQ|open-sesame/);
  });
});

describe('REQUIRETLS', () => {
  const asked = { ...MARKED, requireTls: true };

  it('send() passes it on over a proved channel', async () => {
    const bench = await withSts({ certificate: GOOD, extensions: ['REQUIRETLS', 'SIZE'] });
    expect(await bench.send(asked)).toMatchObject({ kind: 'delivered' });
    expect(bench.sink.commands()).toContainEqual(
      expect.stringMatching(/^MAIL FROM:.* REQUIRETLS$/),
    );
  });

  it('send() bounces at once where the server does not offer it', async () => {
    const bench = await withSts({ certificate: GOOD });
    const outcome = await bench.send(asked);
    expect(outcome).toMatchObject({
      kind: 'bounced',
      reply: expect.stringContaining('5.7.30') as string,
    });
    learnedNothing(bench.sink);
  });

  it('send() bounces at once where the channel is not proved, though the council accepts L2', async () => {
    const bench = await delivery({ certificate: GOOD, extensions: ['REQUIRETLS'] });
    const outcome = await bench.send({ ...ACCEPTED, requireTls: true });
    expect(outcome).toMatchObject({
      kind: 'bounced',
      reply: expect.stringContaining('5.7.10') as string,
    });
    learnedNothing(bench.sink);
  });

  it('send() waits where the server is only away', async () => {
    const bench = await withSts({ certificate: GOOD });
    await bench.sink.close();
    expect(await bench.send(asked)).toMatchObject({
      kind: 'deferred',
      cause: 'connection-refused',
    });
  });
});

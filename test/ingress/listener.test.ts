import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Accept } from '../../src/pipeline/accept.ts';
import { makeCertificate } from './certificates.ts';
import {
  EXCHANGE,
  fakeAccept,
  MEMBER,
  openGateway,
  PASSWORD,
  plain,
  SERVER,
  type Gateway,
  type GatewayOptions,
} from './gateway.ts';
import { RawClient } from './raw-client.ts';

const gateways: Gateway[] = [];
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});

async function open(options: GatewayOptions): Promise<Gateway> {
  const gateway = await openGateway(options);
  gateways.push(gateway);
  return gateway;
}

async function dial(gateway: Gateway, tls?: Parameters<typeof RawClient.connect>[1]) {
  const client = await RawClient.connect(gateway.port, tls);
  clients.push(client);
  return client;
}

/** A client that has been greeted and has said HELO. */
async function greeted(gateway: Gateway): Promise<RawClient> {
  const client = await dial(gateway);
  expect(await client.line()).toBe('220 gateway.test ESMTP');
  expect(await client.command('HELO client.test')).toBe('250 gateway.test');
  return client;
}

/** Ready to send data. */
async function inData(gateway: Gateway, from = 'a@merebrook.test'): Promise<RawClient> {
  const client = await greeted(gateway);
  await client.command(`MAIL FROM:<${from}>`);
  await client.command('RCPT TO:<b@elsewhere.test>');
  expect(await client.command('DATA')).toMatch(/^354 /);
  return client;
}

describe('openListener()', () => {
  test('hands accept the arrival, the envelope and the tenant pin of a connector', async () => {
    const tenantPin = { header: 'X-Tenant', value: 'merebrook' };
    const gateway = await open({ kind: 'connector', connectors: [{ ...EXCHANGE, tenantPin }] });
    const client = await dial(gateway);
    await client.line();
    await client.command('EHLO Exchange.Merebrook.test');
    await client.command('MAIL FROM:<r@elsewhere.test> ENVID=X RET=FULL BODY=8BITMIME');
    await client.command('RCPT TO:<b@elsewhere.test> NOTIFY=NEVER ORCPT=rfc822;b+2B@x.test');
    await client.command('DATA');
    expect(await client.command('Hello\r\n..\r\n.')).toBe('250 2.0.0 queued as ID1');
    expect(gateway.offered).toEqual([
      {
        arrivals: [
          {
            arrival: {
              via: 'connector',
              name: 'exchange',
              council: 'merebrook',
              authenticatedAs: null,
              remoteAddress: '127.0.0.1',
              helo: 'exchange.merebrook.test',
              tls: null,
            },
            tenantPin,
          },
        ],
        envelope: {
          mailFrom: 'r@elsewhere.test',
          rcptTo: [{ address: 'b@elsewhere.test', notify: ['never'], orcpt: 'rfc822;b+2B@x.test' }],
          ret: 'FULL',
          envid: 'X',
          requireTls: false,
          smtpUtf8: false,
          body: '8BITMIME',
        },
        person: null,
        data: 'Hello\r\n.\r\n',
      },
    ]);
  });

  test('hands accept the person and the TLS of a login over implicit TLS', async () => {
    const gateway = await open({ kind: 'submission', implicitTls: true });
    const client = await dial(gateway, { rejectUnauthorized: false });
    expect(await client.line()).toBe('220 gateway.test ESMTP');
    await client.command('EHLO [192.0.2.1]');
    await client.command(`AUTH PLAIN ${plain('cllr.a@merebrook.test', PASSWORD)}`);
    await client.command('MAIL FROM:<cllr.a@merebrook.test> REQUIRETLS SMTPUTF8');
    await client.command('RCPT TO:<b@elsewhere.test>');
    await client.command('DATA');
    expect(await client.command('.')).toBe('250 2.0.0 queued as ID1');
    expect(gateway.offered[0]).toMatchObject({
      arrivals: [
        {
          arrival: {
            via: 'login',
            name: 'cllr.a@merebrook.test',
            council: 'merebrook',
            authenticatedAs: 'cllr.a@merebrook.test',
            helo: '[192.0.2.1]',
            tls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) },
          },
          tenantPin: null,
        },
      ],
      envelope: { requireTls: true, smtpUtf8: true },
      person: MEMBER,
    });
  });

  test('greets a known relay at once, and makes a stranger to submission wait', async () => {
    const waited = async (kind: 'connector' | 'submission'): Promise<number> => {
      const gateway = await open({ kind });
      const start = performance.now();
      const client = await dial(gateway);
      expect(await client.line()).toBe('220 gateway.test ESMTP');
      return performance.now() - start;
    };
    await waited('connector');
    expect(await waited('connector')).toBeLessThan(90);
    expect(await waited('submission')).toBeGreaterThan(95);
  });

  test('greets a relay once only, also when it talks too soon', async () => {
    const gateway = await open({ kind: 'connector' });
    const client = await dial(gateway);
    client.send('EHLO client.test\r\nQUIT\r\n');
    expect(await client.line()).toBe('220 gateway.test ESMTP');
    expect((await client.reply()).at(0)).toBe('250-gateway.test');
    expect(await client.line()).toBe('221 2.0.0 Bye');
    expect(await client.line()).toBeNull();
  });

  test('refuses to become an open relay or to work without what it needs', async () => {
    const connectors = (change: object) => ({
      kind: 'connector' as const,
      connectors: [{ ...EXCHANGE, ...change }],
    });
    const names = { names: [], issuers: [] };
    await expect(open(connectors({ addresses: ['0.0.0.0/0'] }))).rejects.toThrow(/"0\.0\.0\.0\/0"/);
    await expect(open(connectors({ addresses: ['::/0'] }))).rejects.toThrow(
      /without a certificate/,
    );
    await expect(open(connectors({ addresses: [] }))).rejects.toThrow(/has no addresses/);
    await expect(open(connectors({ addresses: ['localhost'] }))).rejects.toThrow(/"localhost"/);
    await expect(open(connectors({ certificate: names }))).rejects.toThrow(/names none/);
    await expect(
      open(connectors({ certificate: { names: ['a.test'], issuers: ['nonsense'] } })),
    ).rejects.toThrow(/no PEM certificate/);
    await expect(open({ kind: 'connector', certificate: null, implicitTls: true })).rejects.toThrow(
      /Implicit TLS/,
    );
  });

  test('rejects when the port is taken', async () => {
    const gateway = await open({ kind: 'connector' });
    await expect(open({ kind: 'connector', port: gateway.port })).rejects.toThrow(/EADDRINUSE/);
  });

  test('shows a renewed certificate to new sessions', async () => {
    const gateway = await open({ kind: 'submission', implicitTls: true });
    const renewed = makeCertificate('renewed.test');
    gateway.renewCertificate(renewed);
    const client = await dial(gateway, { ca: renewed.cert, servername: 'renewed.test' });
    expect(await client.line()).toBe('220 gateway.test ESMTP');
  });

  test('survives clients that break TLS, and says so in the log without content', async () => {
    const gateway = await open({ kind: 'submission' });
    const client = await dial(gateway);
    await client.line();
    await client.command('EHLO client.test');
    await client.command('STARTTLS');
    client.send('This is no TLS handshake\r\n');
    await client.closed();
    await greeted(gateway);
    expect(gateway.log.join('')).toMatch(/smtp-session.*127\.0\.0\.1/);
    expect(gateway.log.join('')).not.toMatch(/handshake/);
  });
});

describe('A connector with a client certificate', () => {
  const ROOT = makeCertificate('Root A', undefined, true);
  const OTHER_ROOT = makeCertificate('Root A', undefined, true);
  const MIDDLE = makeCertificate('Middle A', ROOT, true);
  const CLIENT = makeCertificate('mail.exchange.test', ROOT);
  const names = ['mail.exchange.test'];
  const pinned = { ...EXCHANGE, certificate: { names, issuers: [ROOT.cert] } };
  const NOT_YOURS = '550 5.7.1 Client certificate does not permit relaying';

  async function mailOver(tls: object, connectors = [pinned]): Promise<string | undefined> {
    const gateway = await open({ kind: 'connector', connectors });
    const client = await greeted(gateway);
    await client.command('STARTTLS');
    await client.startTls(tls);
    await client.command('HELO client.test');
    return client.command('MAIL FROM:<a@merebrook.test>');
  }

  test('takes mail from the bearer, also through an intermediate', async () => {
    expect(await mailOver(CLIENT)).toBe('250 2.1.0 Sender OK');
    const leaf = makeCertificate('mail.exchange.test', MIDDLE);
    expect(await mailOver({ key: leaf.key, cert: leaf.cert + MIDDLE.cert })).toMatch(/^250 /);
  });

  test('takes none in clear, without a certificate, or with another name or root', async () => {
    const gateway = await open({ kind: 'connector', connectors: [pinned] });
    const client = await greeted(gateway);
    expect(await client.command('MAIL FROM:<a@merebrook.test>')).toBe(
      '530 5.7.0 Must issue a STARTTLS command first',
    );
    expect(await mailOver({})).toBe(NOT_YOURS);
    expect(await mailOver(makeCertificate('mail.elsewhere.test', ROOT))).toBe(NOT_YOURS);
    expect(await mailOver(makeCertificate('mail.exchange.test', OTHER_ROOT))).toBe(NOT_YOURS);
    expect(await mailOver(makeCertificate('mail.exchange.test'))).toBe(NOT_YOURS);
    const forged = makeCertificate('mail.exchange.test', CLIENT);
    expect(await mailOver({ key: forged.key, cert: forged.cert + CLIENT.cert })).toBe(NOT_YOURS);
  });

  test('takes none on a certificate of an unknown root, where no root is pinned', async () => {
    const anyRoot = { ...EXCHANGE, certificate: { names, issuers: [] } };
    expect(await mailOver(CLIENT, [anyRoot])).toBe(NOT_YOURS);
  });

  test('is told from another connector by the root, though both roots are trusted', async () => {
    const root = makeCertificate('Root B', undefined, true);
    const both = [pinned, { ...pinned, name: 'b', certificate: { names, issuers: [root.cert] } }];
    const gateway = await open({ kind: 'connector', connectors: both });
    for (const [index, issuer] of [root, ROOT].entries()) {
      const client = await greeted(gateway);
      await client.command('STARTTLS');
      await client.startTls(makeCertificate('mail.exchange.test', issuer));
      await client.command('HELO client.test');
      await client.command('MAIL FROM:<>');
      await client.command('RCPT TO:<b@elsewhere.test>');
      await client.command('DATA');
      await client.command('.');
      expect(gateway.offered[index]?.arrivals[0]?.arrival.name).toBe(
        index === 0 ? 'b' : 'exchange',
      );
    }
  });

  test('reads every root of a PEM bundle', async () => {
    const root = makeCertificate('Root B', undefined, true);
    const certificate = { names, issuers: [root.cert + ROOT.cert] };
    expect(await mailOver(CLIENT, [{ ...EXCHANGE, certificate }])).toMatch(/^250 /);
  });
});

describe('Limits', () => {
  test('a third connection from one address is greeted with 421', async () => {
    const gateway = await open({ kind: 'connector', limits: { connectionsPerAddress: 2 } });
    const first = await greeted(gateway);
    await greeted(gateway);
    const third = await dial(gateway);
    expect(await third.line()).toBe('421 Too many connections, try again later');
    expect(await third.line()).toBeNull();
    await first.command('QUIT');
    await greeted(gateway);
  });

  test.each(['connector', 'submission'] as const)(
    'a third connection to a %s listener of two is greeted with 421',
    async (kind) => {
      const gateway = await open({ kind, limits: { connections: 2 } });
      await greeted(gateway);
      await greeted(gateway);
      expect(await (await dial(gateway)).line()).toMatch(/^421 /);
    },
  );

  test('an idle session ends with 421 4.4.2', async () => {
    const gateway = await open({ kind: 'connector', limits: { idleSeconds: 0.3 } });
    const client = await greeted(gateway);
    expect(await client.line()).toBe('421 4.4.2 Timeout - closing connection');
    expect(await client.line()).toBeNull();
  });

  test('data that trickles without end is cut off, and accept hears of it', async () => {
    const heard: unknown[] = [];
    const accept = (): Accept => async (_submission, body) => {
      try {
        for await (const chunk of body) void chunk;
      } catch (error) {
        heard.push(error);
        throw error;
      }
      return { kind: 'accepted', queueId: 'NEVER' };
    };
    const gateway = await open({ kind: 'connector', accept, limits: { dataSeconds: 0.1 } });
    const client = await inData(gateway);
    client.send('Subject: x\r\n');
    expect(await client.line()).toBe('421 4.4.2 Message took too long');
    expect(await client.line()).toBeNull();
    expect(String(heard[0])).toMatch(/did not end in time/);
  });

  test('data cut off while nobody reads it ends that session only', async () => {
    const accept = (): Accept => async (_submission, body) => {
      await new Promise((resolve) => body.once('close', resolve));
      return { kind: 'accepted', queueId: 'NEVER' };
    };
    const gateway = await open({ kind: 'connector', accept, limits: { dataSeconds: 0.1 } });
    const client = await inData(gateway);
    expect(await client.line()).toBe('421 4.4.2 Message took too long');
    expect(await client.line()).toBeNull();
    await greeted(gateway);
  });

  test('a client that leaves in the middle of its data leaves nothing accepted', async () => {
    const gateway = await open({ kind: 'connector' });
    const client = await inData(gateway);
    client.send('Subject: x\r\n\r\nHalf a mess');
    client.destroy();
    await gateway.close();
    expect(gateway.offered).toEqual([]);
    expect(gateway.log.join('')).toMatch(/"event":"fault","part":"accept"/);
  });

  // Not read at all; the stream destroyed after the first chunk; the stream left alone after it.
  test.each(['unread', 'half', 'first'])(
    'a large message that accept stops reading (%s) is read to its end all the same',
    async (how) => {
      const gateway = await open({ kind: 'connector' });
      const client = await inData(gateway, `${how}@merebrook.test`);
      const smuggled = 'MAIL FROM:<ceo@merebrook.test>\r\n..\r\n';
      client.send(`${'x'.repeat(998)}\r\n${smuggled}`.repeat(5000));
      client.send('.\r\nNOOP\r\n');
      expect(await client.line()).toMatch(/^(?:451 4\.3\.0|550 5\.7\.1) /);
      expect(await client.line()).toBe('250 2.0.0 OK');
    },
  );

  test('the time for data counts no longer than the data', async () => {
    const limits = { dataSeconds: 0.05, idleSeconds: 0.2 };
    const gateway = await open({ kind: 'connector', limits });
    const client = await inData(gateway);
    expect(await client.command('.')).toMatch(/^250 /);
    expect(await client.line()).toBe('421 4.4.2 Timeout - closing connection');
  });

  test('a client that does not log in is sent away, one that has logged in stays', async () => {
    const limits = { loginSeconds: 0.3, idleSeconds: 1 };
    const gateway = await open({ kind: 'submission', implicitTls: true, limits });
    const idler = await dial(gateway, { rejectUnauthorized: false });
    const member = await dial(gateway, { rejectUnauthorized: false });
    await member.line();
    await member.command('EHLO client.test');
    await member.command(`AUTH PLAIN ${plain('cllr.a@merebrook.test', PASSWORD)}`);
    expect(await idler.line()).toMatch(/^220 /);
    expect(await idler.line()).toBe('421 4.4.2 No login in time');
    expect(await idler.line()).toBeNull();
    expect(await member.command('NOOP')).toBe('250 2.0.0 OK');
  });

  test('logins that fail too often end with 421 4.7.0', async () => {
    const gateway = await open({ kind: 'submission', limits: { failedLoginsPerAddress: 2 } });
    const client = await dial(gateway);
    await client.line();
    await client.command('EHLO client.test');
    await client.command('STARTTLS');
    await client.startTls();
    await client.command('EHLO client.test');
    const wrong = `AUTH PLAIN ${plain('cllr.a@merebrook.test', 'wrong')}`;
    expect(await client.command(wrong)).toMatch(/^535 /);
    expect(await client.command(wrong)).toMatch(/^535 /);
    expect(await client.command(wrong)).toBe('421 4.7.0 Too many failed logins, try again later');
    expect(await client.line()).toBeNull();
  });
});

describe('close()', () => {
  test('says 421 to idle sessions and takes no more connections', async () => {
    const gateway = await open({ kind: 'connector' });
    const client = await greeted(gateway);
    await gateway.close();
    expect(await client.line()).toBe('421 4.3.2 Server shutting down');
    expect(await client.line()).toBeNull();
    const refused = connect(gateway.port, '127.0.0.1');
    await expect(
      new Promise((resolve, reject) => refused.once('connect', resolve).once('error', reject)),
    ).rejects.toThrow(/ECONNREFUSED/);
  });

  test('lets a message under way finish, then ends the session', async () => {
    const gateway = await open({ kind: 'connector', limits: { closeSeconds: 30 } });
    const client = await inData(gateway);
    const closing = gateway.close();
    expect(await client.command('Late\r\n.')).toBe('250 2.0.0 queued as ID1');
    expect(await client.line()).toBeNull();
    await closing;
    expect(gateway.offered).toHaveLength(1);
  });

  test('does not wait for ever, and resolves only when accept has ended', async () => {
    let running = false;
    const accept: typeof fakeAccept = (offered) => async (submission, body) => {
      running = true;
      try {
        return await fakeAccept(offered)(submission, body);
      } finally {
        running = false;
      }
    };
    const gateway = await open({ kind: 'connector', accept, limits: { closeSeconds: 0.1 } });
    const client = await inData(gateway);
    const closing = gateway.close();
    expect(await client.line()).toBe('421 4.3.2 Server shutting down');
    await closing;
    expect(running).toBe(false);
    expect(gateway.offered).toEqual([]);
  });
});

test('The log has codes and no content, address or password', async () => {
  const gateway = await open({ kind: 'submission' });
  const client = await dial(gateway);
  await client.line();
  await client.command('EHLO client.test');
  await client.command('MAIL FROM:<cllr.a@merebrook.test>');
  await client.command('STARTTLS');
  await client.startTls({ ca: SERVER.cert });
  await client.command('EHLO client.test');
  await client.command(`AUTH PLAIN ${plain('cllr.a@merebrook.test', 'secret word')}`);
  await client.command(`AUTH PLAIN ${plain('broken@merebrook.test', 'secret word')}`);
  await client.command(`AUTH PLAIN ${plain('cllr.a@merebrook.test', PASSWORD)}`);
  await client.command('MAIL FROM:<throws@merebrook.test>');
  await client.command('RCPT TO:<b@elsewhere..test>');
  await client.command('RCPT TO:<b@elsewhere.test>');
  await client.command('DATA');
  expect(await client.command('Subject: private\r\n.')).toMatch(/^451 4\.3\.0 /);
  const log = gateway.log.join('');
  expect(log).not.toMatch(/merebrook|elsewhere|secret|private|horse/);
  const codes = [...log.matchAll(/"code":(\d+),"enhanced":"([\d.]*)"/g)].map(
    (hit) => `${hit[1]} ${hit[2]}`,
  );
  expect(codes).toEqual(['530 5.7.0', '535 5.7.8', '454 4.7.0', '501 5.1.3', '451 4.3.0']);
  expect(log.match(/"event":"fault","part":"(?:login|accept)"/g)).toHaveLength(2);
});

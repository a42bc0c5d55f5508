import { afterEach, describe, expect, it } from 'vitest';
import { parseDnsServer } from '../../src/delivery/dns-exchange.ts';
import { createResolver, isLoopback, type Resolver } from '../../src/delivery/resolve.ts';
import { startDns, type DnsAnswer, type TestDns } from '../support/dns.ts';

let dns: TestDns;
let now = 0;
const open: TestDns[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function resolverFor(zone: Record<string, DnsAnswer | unknown[]>): Promise<Resolver> {
  dns = await startDns(zone);
  open.push(dns);
  return createResolver({ servers: [dns.server], timeoutMs: 100, clock: () => now });
}

describe('createResolver()', () => {
  it('mx() tells records with their security', async () => {
    const data = [{ preference: 5, exchange: 'MX.A.Test' }];
    const resolver = await resolverFor({ 'MX a.test': { data, secure: true } });
    expect(await resolver.mx('A.test.')).toEqual({
      kind: 'found',
      values: [{ preference: 5, exchange: 'mx.a.test' }],
      secure: true,
    });
  });

  it('mx() does not believe the AD bit of a server that it is told not to trust', async () => {
    await resolverFor({ 'MX a.test': { data: [], secure: true } });
    const wary = createResolver({ servers: [dns.server], trustAd: false });
    expect(await wary.mx('a.test')).toEqual({ kind: 'nodata', secure: false });
  });

  it('mx() tells "no such record" from "no such name"', async () => {
    const resolver = await resolverFor({ 'A a.test': ['192.0.2.1'] });
    expect(await resolver.mx('a.test')).toEqual({ kind: 'nodata', secure: false });
    expect(await resolver.mx('b.test')).toEqual({ kind: 'nxdomain', secure: false });
  });

  it.each(['SERVFAIL', 'REFUSED', 'silence', 'garbage'] as const)(
    'mx() fails on %s, and asks again next time',
    async (fault) => {
      const resolver = await resolverFor({ 'MX a.test': { fault } });
      expect(await resolver.mx('a.test')).toMatchObject({ kind: 'failed' });
      dns.set('MX a.test', [{ preference: 1, exchange: 'mx.a.test' }]);
      expect(await resolver.mx('a.test')).toMatchObject({ kind: 'found' });
    },
  );

  it('mx() fails where no server listens', async () => {
    const gone = await startDns();
    await gone.close();
    const resolver = createResolver({ servers: [gone.server], timeoutMs: 200 });
    expect(await resolver.mx('a.test')).toMatchObject({ kind: 'failed' });
  });

  it('mx() asks the second server when the first fails', async () => {
    const broken = await startDns({ 'MX a.test': { fault: 'SERVFAIL' } });
    open.push(broken);
    await resolverFor({ 'MX a.test': [{ preference: 1, exchange: 'mx.a.test' }] });
    const both = createResolver({ servers: [broken.server, dns.server] });
    expect(await both.mx('a.test')).toMatchObject({ kind: 'found' });
  });

  it('txt() joins strings, and asks over TCP when UDP was cut', async () => {
    const data = ['v=STSv1; ', 'id=1;'];
    const resolver = await resolverFor({ 'TXT a.test': { data: [data], truncated: true } });
    expect(await resolver.txt('a.test')).toMatchObject({ values: ['v=STSv1; id=1;'] });
    expect(dns.asked).toEqual(['TXT a.test', 'TXT a.test']);
  });

  it('tlsa() asks under the port', async () => {
    const record = { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.alloc(32, 7) };
    const resolver = await resolverFor({
      'TLSA _25._tcp.mx.a.test': { data: [record], secure: true },
    });
    expect(await resolver.tlsa('mx.a.test', 25)).toEqual({
      kind: 'found',
      values: [{ usage: 3, selector: 1, matchingType: 1, data: Buffer.alloc(32, 7) }],
      secure: true,
    });
  });

  it('addresses() joins both families, as secure as the weaker', async () => {
    const resolver = await resolverFor({
      'A a.test': { data: ['192.0.2.1'], secure: true },
      'AAAA a.test': { data: ['2001:db8::1'] },
    });
    expect(await resolver.addresses('a.test')).toEqual({
      kind: 'found',
      values: ['192.0.2.1', '2001:db8::1'],
      secure: false,
    });
  });

  it('addresses() is content with one family, but does not take a failure for "none"', async () => {
    const resolver = await resolverFor({
      'A a.test': ['192.0.2.1'],
      'AAAA a.test': { fault: 'SERVFAIL' },
      'AAAA b.test': { fault: 'SERVFAIL' },
    });
    expect(await resolver.addresses('a.test')).toMatchObject({ values: ['192.0.2.1'] });
    expect(await resolver.addresses('b.test')).toMatchObject({ kind: 'failed' });
  });

  it('addresses() takes addresses and localhost without asking', async () => {
    const resolver = await resolverFor({});
    expect(await resolver.addresses('192.0.2.7')).toMatchObject({ values: ['192.0.2.7'] });
    expect(await resolver.addresses('localhost')).toMatchObject({ values: ['127.0.0.1', '::1'] });
    expect(dns.asked).toEqual([]);
  });

  it('remembers an answer for its TTL', async () => {
    const resolver = await resolverFor({ 'TXT a.test': { data: ['old'], ttl: 30 } });
    await resolver.txt('a.test');
    dns.set('TXT a.test', ['new']);
    now += 29_999;
    expect(await resolver.txt('a.test')).toMatchObject({ values: ['old'] });
    now += 1;
    expect(await resolver.txt('a.test')).toMatchObject({ values: ['new'] });
  });

  it.each([
    '',
    'a..test',
    `${'x'.repeat(64)}.test`,
    `${'x.'.repeat(130)}test`,
    'a b.test',
    '[192.0.2.1',
  ])('mx() knows that "%s" cannot exist', async (name) => {
    const resolver = await resolverFor({});
    expect(await resolver.mx(name)).toEqual({ kind: 'nxdomain', secure: false });
    expect(dns.asked).toEqual([]);
  });
});

describe('parseDnsServer()', () => {
  it.each([
    ['192.0.2.53', '192.0.2.53', 53],
    ['127.0.0.1:5353', '127.0.0.1', 5353],
    ['2001:db8::53', '2001:db8::53', 53],
    ['[2001:db8::53]', '2001:db8::53', 53],
    ['[::1]:5353', '::1', 5353],
  ])('reads %s', (text, address, port) => {
    expect(parseDnsServer(text)).toEqual({ address, port });
  });

  it.each(['dns.test', '', '127.0.0.1:0', '127.0.0.1:70000', '[::1', '1.2.3.4:x'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseDnsServer(text)).toThrow('is not an address');
    },
  );
});

describe('isLoopback()', () => {
  it.each(['127.0.0.1', '127.0.0.53', '::1'])('knows %s', (address) => {
    expect(isLoopback(address)).toBe(true);
  });
  it.each(['192.168.1.1', '10.127.0.1', '::ffff:10.0.0.1', '2001:db8::1', ''])(
    'does not know "%s"',
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );
});

import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createStsLookup,
  memoryStsStore,
  parseStsPolicy,
  stsAllows,
  stsRecordId,
  type StsLookup,
} from '../../src/delivery/mta-sts.ts';
import { createResolver, type Lookup, type Resolver } from '../../src/delivery/resolve.ts';
import { createStsFetcher } from '../../src/delivery/sts-fetch.ts';
import { certificateAuthority, certificateFor } from '../support/certificates.ts';
import { startDns } from '../support/dns.ts';

const POLICY = 'version: STSv1\nmode: enforce\nmx: mail.a.test\nmx: *.b.test\nmax_age: 604800\n';
const HOUR = 3_600_000;

describe('parseStsPolicy()', () => {
  it('reads the example of RFC 8461', () => {
    expect(parseStsPolicy(POLICY.replaceAll('\n', '\r\n'))).toEqual({
      mode: 'enforce',
      mx: ['mail.a.test', '*.b.test'],
      maxAgeSeconds: 604_800,
    });
  });

  it('ignores unknown keys, takes the first of a repeated one, and limits max_age to a year', () => {
    const text =
      'version:STSv1\nmode:  testing \nmode: none\nx-new: 1\nmx: M.A.test.\nmax_age: 9999999999';
    expect(parseStsPolicy(text)).toEqual({
      mode: 'testing',
      mx: ['m.a.test'],
      maxAgeSeconds: 31_557_600,
    });
  });

  it.each([
    '',
    '<html>Not found</html>',
    POLICY.replace('STSv1', 'STSv2'),
    POLICY.replace('enforce', 'strict'),
    POLICY.replace('604800', '-1'),
    POLICY.replace(/max_age.*/, ''),
    POLICY.replace(/mx:.*\n/g, ''),
  ])('refuses %j', (text) => {
    expect(() => parseStsPolicy(text)).toThrow('MTA-STS policy');
  });
});

describe('stsAllows()', () => {
  const policy = parseStsPolicy(POLICY);
  it.each(['mail.a.test', 'MAIL.A.TEST.', 'x.b.test'])('allows %s', (host) => {
    expect(stsAllows(policy, host)).toBe(true);
  });
  it.each([
    'a.test',
    'x.mail.a.test',
    'b.test',
    'x.y.b.test',
    'xb.test',
    'mail.a.test.evil.test',
    '',
  ])('does not allow "%s"', (host) => {
    expect(stsAllows(policy, host)).toBe(false);
  });
});

describe('stsRecordId()', () => {
  it.each<[string[], string | null]>([
    [['v=STSv1; id=20160831085700Z;'], '20160831085700Z'],
    [['other', 'v=STSv1;id=1'], '1'],
    [['v=STSv1; id=1;', 'v=STSv1; id=2;'], null],
    [['v=STSv10; id=1;'], null],
    [['v=STSv1; id=no-dash;'], null],
    [[], null],
  ])('finds in %j the id %s', (texts, id) => {
    expect(stsRecordId(texts)).toBe(id);
  });
});

describe('createStsLookup()', () => {
  /** A world of one domain, in which everything can change. */
  function world(): { lookup: StsLookup; fetches: () => number; set: (changes: object) => void } {
    let fetches = 0;
    const state = {
      now: 0,
      txt: { kind: 'found', values: ['v=STSv1; id=1;'], secure: false } as Lookup<string>,
      policy: POLICY as string | null,
    };
    const lookup = createStsLookup({
      resolver: { txt: () => Promise.resolve(state.txt) } as unknown as Resolver,
      fetcher: () => {
        fetches += 1;
        return state.policy === null
          ? Promise.reject(new Error('404'))
          : Promise.resolve(state.policy);
      },
      store: memoryStsStore(),
      clock: () => state.now,
    });
    return { lookup, fetches: () => fetches, set: (changes) => void Object.assign(state, changes) };
  }

  it('fetches a policy once while its id stands', async () => {
    const { lookup, fetches } = world();
    expect(await lookup('A.test')).toMatchObject({ kind: 'enforce', id: '1' });
    await lookup('a.test');
    expect(fetches()).toBe(1);
  });

  it('fetches again when the id changes, and once a day', async () => {
    const { lookup, fetches, set } = world();
    await lookup('a.test');
    set({
      txt: { kind: 'found', values: ['v=STSv1; id=2;'] },
      policy: POLICY.replace('enforce', 'none'),
    });
    expect(await lookup('a.test')).toMatchObject({ kind: 'none' });
    set({ now: 24 * HOUR });
    await lookup('a.test');
    expect(fetches()).toBe(3);
  });

  it.each<[string, object]>([
    ['the TXT record is gone', { txt: { kind: 'nxdomain' } }],
    ['DNS fails', { txt: { kind: 'failed' } }],
    ['the fetch fails', { now: 25 * HOUR, policy: null }],
    ['the new policy is nonsense', { now: 25 * HOUR, policy: '<html>' }],
  ])('keeps to a stored policy when %s, until it expires', async (_case, changes) => {
    const { lookup, set } = world();
    await lookup('a.test');
    set(changes);
    expect(await lookup('a.test')).toMatchObject({ kind: 'enforce' });
    set({ now: 604_800_001 });
    expect(await lookup('a.test')).not.toMatchObject({ kind: 'enforce' });
  });

  it('does not repeat a failed fetch within five minutes', async () => {
    const { lookup, fetches, set } = world();
    set({ policy: null });
    expect(await lookup('a.test')).toEqual({ kind: 'failed', cause: 'sts-fetch', binding: false });
    expect(await lookup('a.test')).toMatchObject({ kind: 'failed' });
    expect(fetches()).toBe(1);
    set({ now: 300_000, policy: POLICY });
    expect(await lookup('a.test')).toMatchObject({ kind: 'enforce' });
  });
});

describe('createStsFetcher()', () => {
  const closers: (() => void)[] = [];
  afterEach(() => closers.splice(0).forEach((close) => close()));

  async function fetcherAt(
    answer: { status?: number; body?: string; location?: string },
    names = ['mta-sts.a.test'],
  ): Promise<() => Promise<string>> {
    const server = createServer(certificateFor({ names }), (request, response) => {
      const found = request.url === '/.well-known/mta-sts.txt';
      response.writeHead(found ? (answer.status ?? 200) : 200, {
        location: answer.location ?? '/other',
      });
      response.end(answer.body ?? POLICY);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const dns = await startDns({ 'A mta-sts.a.test': ['127.0.0.1'] });
    closers.push(
      () => server.close(),
      () => void dns.close(),
    );
    const fetcher = createStsFetcher({
      resolver: createResolver({ servers: [dns.server] }),
      ca: [certificateAuthority().cert],
      port: (server.address() as AddressInfo).port,
      timeoutMs: 2000,
    });
    return () => fetcher('a.test');
  }

  it('fetches over verified HTTPS', async () => {
    const fetchPolicy = await fetcherAt({});
    expect(await fetchPolicy()).toBe(POLICY);
  });

  it.each<[string, { status?: number; body?: string }, string[], RegExp]>([
    ['a redirect', { status: 301 }, ['mta-sts.a.test'], /answered 301/],
    ['404', { status: 404 }, ['mta-sts.a.test'], /answered 404/],
    ['204', { status: 204, body: '' }, ['mta-sts.a.test'], /answered 204/],
    ['more than 64 KB', { body: 'x'.repeat(65_537) }, ['mta-sts.a.test'], /over 64 KB/],
    ['another certificate', {}, ['www.a.test'], /altnames/],
  ])('refuses %s', async (_case, answer, names, problem) => {
    const fetchPolicy = await fetcherAt(answer, names);
    await expect(fetchPolicy()).rejects.toThrow(problem);
  });
});

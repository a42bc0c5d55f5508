import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { generateKey, readKey } from 'openpgp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWkdFetcher, isPublicAddress } from '../../src/pgp/wkd-fetch.ts';
import { lookUpKeys, wkdHash, wkdUrls, type WkdAnswer } from '../../src/pgp/wkd.ts';
import { certificateAuthority, certificateFor } from '../support/certificates.ts';

describe('wkdHash()', () => {
  // Domain E.1; the first is the draft's own.
  it.each([
    ['Joe.Doe', 'iy9q119eutrkn8s1mk4r39qejnbu3n5q'],
    ['alice', 'kei1q4tipxxu1yj79k9kfukdhfy631xe'],
    ['bob', 'jycbiujnsxs47xrkethgtj69xuunurok'],
    ['test', 'iffe93qcsgp4c8ncbb378rxjo6cn9q6u'],
  ])('maps %s', (local, hash) => {
    expect(wkdHash(local)).toBe(hash);
    expect(wkdHash(local.toUpperCase())).toBe(hash);
  });
});

describe('wkdUrls()', () => {
  it('gives the advanced and the direct place', () => {
    const { advanced, direct } = wkdUrls('Joe.Doe@Example.ORG');
    const file = 'hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe';
    expect(advanced.href).toBe(
      `https://openpgpkey.example.org/.well-known/openpgpkey/example.org/${file}`,
    );
    expect(direct.href).toBe(`https://example.org/.well-known/openpgpkey/${file}`);
  });

  it.each(['a@localhost', 'a@127.0.0.1', 'a@[::1]', 'a@x.test:8443', 'a@x .test', 'a@', 'a'])(
    'refuses %s, which names no domain',
    (address) => {
      expect(() => wkdUrls(address)).toThrow('no domain');
    },
  );

  it('asks no host but the domain of the address, whatever the local part says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (local) => {
        const { advanced, direct } = wkdUrls(`${local}@example.org`);
        expect(advanced.hostname).toBe('openpgpkey.example.org');
        expect(direct.hostname).toBe('example.org');
        expect(direct.pathname).toMatch(/^\/\.well-known\/openpgpkey\/hu\/[a-z0-9]{32}$/);
      }),
    );
  });
});

describe('lookUpKeys()', () => {
  const asking = (answers: Record<string, WkdAnswer>) => {
    const asked: string[] = [];
    const fetch = (url: URL): Promise<WkdAnswer> => {
      asked.push(url.hostname);
      return Promise.resolve(answers[url.hostname] ?? { kind: 'no-host' });
    };
    return { asked, fetch };
  };

  it('asks the plain domain only where the sub-domain does not exist', async () => {
    const { publicKey } = await generateKey({ userIDs: [{ email: 'a@b.test' }], format: 'object' });
    const found = { kind: 'found', bytes: publicKey.write() } as const;
    const direct = asking({ 'b.test': found });
    const [armored = ''] = await lookUpKeys('a@b.test', direct.fetch);
    expect((await readKey({ armoredKey: armored })).getFingerprint()).toBe(
      publicKey.getFingerprint(),
    );
    expect(direct.asked).toEqual(['openpgpkey.b.test', 'b.test']);
    const hidden = asking({ 'openpgpkey.b.test': { kind: 'absent' }, 'b.test': found });
    expect(await lookUpKeys('a@b.test', hidden.fetch)).toEqual([]);
    expect(hidden.asked).toEqual(['openpgpkey.b.test']);
  });

  it('refuses what is no key', async () => {
    const bytes = Buffer.from('<html>not here</html>');
    const { fetch } = asking({ 'b.test': { kind: 'found', bytes } });
    await expect(lookUpKeys('a@b.test', fetch)).rejects.toThrow('no OpenPGP key');
  });
});

describe('createWkdFetcher()', () => {
  const good = certificateFor({ names: ['b.test'] });
  let answer: RequestListener = () => undefined;
  const servers: Server[] = [];
  const serve = async (certificate = good): Promise<number> => {
    const server = createServer(certificate, (request, response) => answer(request, response));
    server.listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const url = new URL('https://b.test/.well-known/openpgpkey/hu/x?l=a');
  const fetcher = (port: number, more: object = {}) =>
    createWkdFetcher({
      resolve: () => Promise.resolve(['127.0.0.1']),
      ca: [certificateAuthority().cert],
      port,
      allowPrivate: true,
      timeoutMs: 2000,
      ...more,
    });
  let port = 0;
  beforeAll(async () => {
    port = await serve();
  });
  afterEach(() => {
    answer = () => undefined;
  });
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('gives the bytes, asking for the very path by name', async () => {
    const seen: (string | undefined)[] = [];
    answer = ({ url: path, headers }, response) => {
      seen.push(path, headers.host);
      response.end('bytes');
    };
    expect(await fetcher(port)(url)).toEqual({ kind: 'found', bytes: Buffer.from('bytes') });
    expect(seen).toEqual(['/.well-known/openpgpkey/hu/x?l=a', `b.test:${port}`]);
  });

  it('tells that there is no key, and that there is no such host', async () => {
    answer = (_request, response) => response.writeHead(404).end();
    expect(await fetcher(port)(url)).toEqual({ kind: 'absent' });
    const nowhere = fetcher(port, { resolve: () => Promise.resolve(null) });
    expect(await nowhere(url)).toEqual({ kind: 'no-host' });
  });

  it.each([301, 302, 307, 401, 500])('takes the answer %i for a failure', async (code) => {
    answer = (_request, response) =>
      response.writeHead(code, { location: 'https://127.0.0.1/' }).end('a key');
    await expect(fetcher(port)(url)).rejects.toThrow(String(code));
  });

  it('ends with what is too large, and with what never ends', async () => {
    answer = (_request, response) => response.end(Buffer.alloc(300_000));
    await expect(fetcher(port)(url)).rejects.toThrow('256 KiB');
    answer = (_request, response) => void response.write('a');
    await expect(fetcher(port, { timeoutMs: 200 })(url)).rejects.toThrow(/abort|timeout/i);
  });

  it.each([
    ['of another name', { names: ['c.test'] }],
    ['that has expired', { names: ['b.test'], expired: true }],
    ['that nobody signed', { names: ['b.test'], selfSigned: true }],
  ])('takes nothing under a certificate %s', async (_, wish) => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      response.end('a key');
    };
    await expect(fetcher(await serve(certificateFor(wish)))(url)).rejects.toThrow(
      /certificate|altnames/i,
    );
    expect(asked).toBe(0);
  });

  it('connects to no private address, unless a test allows it', async () => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      response.end('a key');
    };
    const strict = fetcher(port, { allowPrivate: false });
    await expect(strict(url)).rejects.toThrow('no public address');
    expect(asked).toBe(0);
  });
});

describe('isPublicAddress()', () => {
  it.each(['198.41.0.4', '8.8.8.8', '2a00:1450:4009::5e', '2600::'])('believes %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each(
    [
      ['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.0.1', '169.254.169.254', '0.0.0.0'],
      ['100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1'],
      ['::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::'],
      ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '2001::1', 'localhost', '', '1'],
    ].flat(),
  )('does not believe %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

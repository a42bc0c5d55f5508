import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWkdFetcher } from '../../src/pgp/wkd-fetch.ts';
import { wkdUrls, type WkdFetcher } from '../../src/pgp/wkd.ts';
import { findKey, listKeys } from '../../src/store/keys.ts';
import { loadMessage } from '../../src/store/messages.ts';
import { certificateAuthority, certificateFor } from '../support/certificates.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import type { Visitor } from './visitor.ts';

// Over a real HTTPS directory; only its port and its loopback address are the test's own.

const JO = 'jo@refuge.example';
const published = new Map<string, Uint8Array>();
let world: ConsoleWorld;
let server: Server;
let officer: Visitor & { officerId: string };

beforeAll(async () => {
  server = createServer(
    certificateFor({ names: ['openpgpkey.refuge.example'] }),
    (request, response) => {
      const key = published.get(request.url ?? '');
      response.writeHead(key ? 200 : 404).end(key);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const directory: WkdFetcher = createWkdFetcher({
    resolve: async (host) => (host === 'openpgpkey.refuge.example' ? ['127.0.0.1'] : null),
    ca: [certificateAuthority().cert],
    port,
    allowPrivate: true,
  });
  world = await consoleWorld({ decorate: (road) => ({ ...road, keyDirectory: directory }) });
  officer = await world.signedIn('merebrook:ict');
  await officer.get('/keys/find');
});
afterAll(async () => {
  server.close();
  await world.close();
});

async function publish(address: string): Promise<string> {
  const { publicKey } = await generateKey({
    userIDs: [{ email: address }],
    date: new Date(world.gateway.road.clock().getTime() - 60_000),
    format: 'object',
  });
  const { advanced } = wkdUrls(address);
  published.set(`${advanced.pathname}${advanced.search}`, publicKey.write());
  return publicKey.getFingerprint().toUpperCase();
}

function find(way: string, address: string, council = 'merebrook') {
  return officer.post('/keys/find', { way, address, council });
}

async function audited(event: string): Promise<{ actor: string; text: string }[]> {
  const { db } = world.gateway.road;
  return db`select actor, data::text as text from audit where event = ${event} order by id`;
}

describe('a key that the recipient’s domain publishes', () => {
  it('is taken in as a candidate, and the audit says who looked, not for whom', async () => {
    const fingerprint = await publish(JO);
    const answer = await find('fetch', JO);
    expect(answer.location).toBe(`/keys/${fingerprint}`);
    const key = await findKey(world.gateway.road.db, fingerprint);
    expect(key).toMatchObject({ state: 'candidate', source: 'wkd', addresses: [JO] });
    const [row] = await audited('key-fetched');
    expect(row?.actor).toBe(officer.officerId);
    expect(row?.text).toContain(fingerprint);
    expect(row?.text).not.toContain('refuge');
  });

  it('is told to be missing, and where the directory does not work that too', async () => {
    const before = await listKeys(world.gateway.road.db);
    const absent = await find('fetch', 'nobody@refuge.example');
    expect(absent.status).toBe(422);
    expect(absent.text).toContain('publishes no key for this address');
    published.set(
      new URL(wkdUrls('bad@refuge.example').advanced).pathname + '?l=bad',
      Buffer.from('x'),
    );
    const broken = await find('fetch', 'bad@refuge.example');
    expect(broken.status).toBe(422);
    expect(broken.text).toContain('No key could be fetched');
    expect(await listKeys(world.gateway.road.db)).toEqual(before);
    expect(await audited('key-fetched')).toHaveLength(3);
  });
});

describe('a letter that asks for a key', () => {
  it('goes out once a week from the council, by the officer', async () => {
    const answer = await find('ask', 'sam@charity.example');
    expect(answer.location).toMatch(/^\/keys/);
    const said = await officer.get(answer.location ?? '');
    const queueId = /request is message (\w+)/.exec(said.text)?.[1] ?? '';
    const message = await loadMessage(world.gateway.road.db, queueId);
    expect(message?.council).toBe('merebrook');
    expect(message?.recipients.map(({ address }) => address)).toEqual(['sam@charity.example']);
    const [row] = await audited('key-asked');
    expect(row?.actor).toBe(officer.officerId);
    const again = await find('ask', 'sam@charity.example');
    expect(again.status).toBe(422);
    expect(again.text).toContain('was asked already');
  });

  it('does not go out in the name of another council', async () => {
    const answer = await find('ask', 'pat@charity.example', 'havering');
    expect(answer.status).toBe(403);
    expect(await audited('key-asked')).toHaveLength(1);
  });
});

it('says what is missing of the form, and keeps what was entered', async () => {
  const answer = await find('', 'no address');
  expect(answer.status).toBe(422);
  expect(answer.text).toContain('Enter an e-mail address');
  expect(answer.text).toContain('Choose whether');
  expect(answer.text).toContain('value="no address"');
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { enums, generateKey, readKey, readPrivateKey, reformatKey, revokeKey } from 'openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CliContext } from '../../src/cli/context.ts';
import { addKeyCommands } from '../../src/cli/key-commands.ts';
import { addQueueCommands } from '../../src/cli/queue-commands.ts';
import type { Config } from '../../src/config.ts';
import type { WkdAnswer } from '../../src/pgp/wkd.ts';
import { warnOfExpiry } from '../../src/pipeline/key-custody.ts';
import type { Road } from '../../src/pipeline/road.ts';
import { trustedKeys } from '../../src/store/keys.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { given, newRecipient } from '../store/fixtures.ts';

const NOW = new Date('2027-04-01T10:00:00Z');
const MADE = new Date('2027-01-01T00:00:00Z');
const DAY = 86_400;

let fresh: FreshDatabase;
let dir: string;
let directory: Record<string, WkdAnswer> = {};
beforeAll(async () => {
  fresh = await freshDatabase();
  dir = await mkdtemp(path.join(os.tmpdir(), 'keys-'));
});
afterAll(async () => {
  await fresh.drop();
  await rm(dir, { recursive: true });
});
beforeEach(async () => {
  directory = {};
  await fresh.db`truncate pgp_keys`;
});

/** Runs `portreeve ...` and gives what it printed; rejects as the command does. */
async function portreeve(...args: string[]): Promise<string> {
  let printed = '';
  const context = {
    stdin: Readable.from([]),
    out: (text: string) => void (printed += text),
    err: () => undefined,
    now: () => NOW,
    user: 'ict',
    config: () => ({}) as Config,
    unreadableFiles: () => [],
    withRecord: (work) => work(fresh.db),
  } as Partial<CliContext> as CliContext;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addKeyCommands(program, context, () =>
    Promise.resolve((url) => Promise.resolve(directory[url.hostname] ?? { kind: 'no-host' })),
  );
  addQueueCommands(program, context);
  await program.parseAsync(args, { from: 'user' });
  return printed;
}

async function made(email: string, days = 0) {
  const { publicKey, privateKey } = await generateKey({
    userIDs: [{ email }, { email: `second.${email}` }],
    date: MADE,
    keyExpirationTime: days * DAY,
    format: 'armored',
  });
  const key = await readKey({ armoredKey: publicKey });
  return { publicKey, privateKey, key, fingerprint: key.getFingerprint().toUpperCase() };
}

async function imported(armored: string): Promise<string> {
  const file = path.join(dir, 'key.asc');
  await writeFile(file, armored);
  return portreeve('key', 'import', file);
}

async function revoked(privateKey: string): Promise<string> {
  const { publicKey } = await revokeKey({
    key: await readPrivateKey({ armoredKey: privateKey }),
    reasonForRevocation: { flag: enums.reasonForRevocation.keyCompromised },
    date: new Date('2027-03-01T00:00:00Z'),
  });
  return publicKey;
}

const used = async (address: string) => (await trustedKeys(fresh.db, [address], NOW)).get(address);

describe('portreeve key', () => {
  it('import takes a key that counts for nothing until an officer trusts it', async () => {
    const { publicKey, fingerprint } = await made('a@x.test');
    expect(await imported(publicKey)).toContain('waits for trust');
    expect(await used('a@x.test')).toBeUndefined();
    const shown = await portreeve('key', 'show', fingerprint);
    expect(shown).toContain('candidate');
    expect(shown).toContain('BEGIN PGP PUBLIC KEY');
    const spaced = fingerprint.toLowerCase().replace(/(.{4})/g, '$1 ');
    expect(await portreeve('key', 'trust', spaced, '--officer', 'dp')).toContain('is trusted for');
    expect(await used('a@x.test')).toBeDefined();
    expect(await portreeve('key', 'show', fingerprint)).toContain('dp');
    await portreeve('key', 'revoke', fingerprint);
    expect(await used('a@x.test')).toBeUndefined();
    await expect(portreeve('key', 'trust', fingerprint)).rejects.toThrow('revoked');
  });

  it('import refuses a private key, an expired one, and what is no key', async () => {
    const { privateKey } = await made('a@x.test');
    await expect(imported(privateKey)).rejects.toThrow('private key');
    await expect(imported((await made('a@x.test', 30)).publicKey)).rejects.toThrow('expired');
    await expect(imported('hello')).rejects.toThrow('not an armoured');
    await expect(portreeve('key', 'import', '/nowhere')).rejects.toThrow('Cannot read');
  });

  it.each(['trust', 'revoke', 'show'])(
    '%s wants the whole fingerprint of a known key',
    async (name) => {
      await expect(portreeve('key', name, 'DEADBEEF')).rejects.toThrow('whole fingerprint');
      await expect(portreeve('key', name, 'A'.repeat(40))).rejects.toThrow('No key');
    },
  );

  it('trust refuses a key that has expired since it was taken', async () => {
    const { publicKey, fingerprint } = await made('a@x.test', 100);
    await imported(publicKey);
    await fresh.db`update pgp_keys set armored = ${(await made('a@x.test', 30)).publicKey}`;
    await expect(portreeve('key', 'trust', fingerprint)).rejects.toThrow('expired');
    expect(await used('a@x.test')).toBeUndefined();
  });

  it('fetch takes what the domain publishes, for that address alone, as a candidate', async () => {
    const { key, fingerprint } = await made('a@x.test');
    directory['openpgpkey.x.test'] = { kind: 'found', bytes: key.write() };
    expect(await portreeve('key', 'fetch', 'A@X.test')).toContain('waits for trust');
    await portreeve('key', 'trust', fingerprint);
    expect(await used('a@x.test')).toBeDefined();
    expect(await used('second.a@x.test')).toBeUndefined();
  });

  it('fetch refuses a key of another address, and says where there is none', async () => {
    const { key } = await made('b@x.test');
    directory['x.test'] = { kind: 'found', bytes: key.write() };
    await expect(portreeve('key', 'fetch', 'a@x.test')).rejects.toThrow('None');
    await expect(portreeve('key', 'fetch', 'a@y.test')).rejects.toThrow('publishes no key');
    expect(JSON.parse(await portreeve('key', 'list', '--json'))).toEqual([]);
  });

  it('list shows a changed key on a known address; mail keeps to the trusted one', async () => {
    const [old, changed] = [await made('a@x.test'), await made('a@x.test')];
    await imported(old.publicKey);
    await portreeve('key', 'trust', old.fingerprint);
    directory['x.test'] = { kind: 'found', bytes: changed.key.write() };
    await portreeve('key', 'fetch', 'a@x.test');
    expect(await portreeve('key', 'list')).toMatch(/another key is trusted for a@x\.test/);
    const inUse = await readKey({ armoredKey: (await used('a@x.test')) ?? '' });
    expect(inUse.getFingerprint().toUpperCase()).toBe(old.fingerprint);
    // Without the trusted one, mail waits: a candidate never steps in.
    await portreeve('key', 'revoke', old.fingerprint);
    expect(await used('a@x.test')).toBeUndefined();
  });

  it('trust of a second key names the first', async () => {
    const [old, changed] = [await made('a@x.test'), await made('a@x.test')];
    for (const { publicKey, fingerprint } of [old, changed]) {
      await imported(publicKey);
      if (fingerprint === old.fingerprint) await portreeve('key', 'trust', fingerprint);
    }
    expect(await portreeve('key', 'trust', changed.fingerprint)).toContain(old.fingerprint);
  });

  it('import of a copy that its owner has revoked ends its use; an older copy brings nothing back', async () => {
    const { publicKey, privateKey, fingerprint } = await made('a@x.test');
    await imported(publicKey);
    await portreeve('key', 'trust', fingerprint);
    expect(await imported(await revoked(privateKey))).toContain('revoked by its owner');
    expect(await used('a@x.test')).toBeUndefined();
    await imported(publicKey);
    expect(await used('a@x.test')).toBeUndefined();
    await expect(portreeve('key', 'trust', fingerprint)).rejects.toThrow('revoked');
  });

  it('import of a copy that ends earlier ends its use', async () => {
    const { privateKey, fingerprint } = await made('a@x.test');
    const key = await readPrivateKey({ armoredKey: privateKey });
    await imported(key.toPublic().armor());
    await portreeve('key', 'trust', fingerprint);
    const { publicKey } = await reformatKey({
      privateKey: key,
      userIDs: [{ email: 'a@x.test' }, { email: 'second.a@x.test' }],
      keyExpirationTime: 30 * DAY,
      date: new Date(MADE.getTime() + 1000),
      format: 'armored',
    });
    await expect(imported(publicKey)).rejects.toThrow('expired');
    expect(await used('a@x.test')).toBeUndefined();
  });

  it('trust may be for some of the addresses, and for none that the key does not bear', async () => {
    const { publicKey, fingerprint } = await made('a@x.test');
    await imported(publicKey);
    const trust = (...addresses: string[]) =>
      portreeve('key', 'trust', fingerprint, '--address', ...addresses);
    await expect(trust('mayor@x.test')).rejects.toThrow('No valid User ID');
    expect(await used('a@x.test')).toBeUndefined();
    await trust('Second.A@x.test');
    expect(await used('second.a@x.test')).toBeDefined();
    expect(await used('a@x.test')).toBeUndefined();
    await trust('a@x.test', 'second.a@x.test');
    expect(await used('a@x.test')).toBeDefined();
  });

  it('import believes no revocation by another key', async () => {
    const { publicKey, fingerprint } = await made('a@x.test');
    await imported(publicKey);
    await portreeve('key', 'trust', fingerprint);
    const stranger = await readKey({
      armoredKey: await revoked((await made('a@x.test')).privateKey),
    });
    const forged = await readKey({ armoredKey: publicKey });
    forged.revocationSignatures.push(...stranger.revocationSignatures);
    await imported(forged.armor());
    expect(await used('a@x.test')).toBeDefined();
  });

  it('expiring names trusted keys that end soon, with exit code 1', async () => {
    const { publicKey, fingerprint } = await made('a@x.test', 100);
    await imported(publicKey);
    expect(await portreeve('key', 'expiring')).not.toContain(fingerprint);
    await portreeve('key', 'trust', fingerprint);
    await expect(portreeve('key', 'expiring')).rejects.toThrow('1 key(s) end');
    expect(await portreeve('key', 'expiring', '--days', '9')).not.toContain(fingerprint);
    await expect(portreeve('key', 'expiring', '--days', 'soon')).rejects.toThrow('whole number');
  });
});

describe('warnOfExpiry()', () => {
  it('writes one audit row and one log line a week for a key that ends', async () => {
    const { publicKey, fingerprint } = await made('a@x.test', 100);
    await imported(publicKey);
    await portreeve('key', 'trust', fingerprint);
    const said: string[] = [];
    const log = { keyExpiring: (event: { fingerprint: string }) => said.push(event.fingerprint) };
    const warn = () => warnOfExpiry({ db: fresh.db, log, clock: () => NOW } as unknown as Road);
    await warn();
    await warn();
    expect(said).toEqual([fingerprint]);
    const rows = await fresh.db`select data from audit where event = 'key-expiring'`;
    expect(rows).toEqual([
      {
        data: {
          fingerprint,
          expiresAt: expect.stringContaining('2027-04-11') as string,
          seenAt: expect.stringContaining('2027-04-01') as string,
        },
      },
    ]);
  });
});

describe('portreeve queue retry', () => {
  const waiting = async (addresses: string[], protection: 'required' | 'none' = 'required') => {
    const recipients = addresses.map((address) => newRecipient(address, { protection }));
    const queueId = await given(fresh.db, { recipients });
    await fresh.db`update recipients set status = 'deferred', attempt_count = 1,
      next_attempt_at = ${new Date(NOW.getTime() + DAY * 1000)} where queue_id = ${queueId}`;
    return queueId;
  };
  const due = async (queueId: string) =>
    (
      await fresh.db<{ address: string }[]>`select address from recipients
        where queue_id = ${queueId} and next_attempt_at <= ${NOW} order by position`
    ).map(({ address }) => address);

  it('makes due what waits for a domain, an address, or all', async () => {
    const queueId = await waiting(['Ann@one.test', 'bob@one.test', 'cy@two.test'], 'none');
    await portreeve('queue', 'retry', 'ann@ONE.test');
    expect(await due(queueId)).toEqual(['Ann@one.test']);
    expect(await portreeve('queue', 'retry', 'one.test')).toContain('1 recipient');
    expect(await due(queueId)).toEqual(['Ann@one.test', 'bob@one.test']);
    await portreeve('queue', 'retry', '--all');
    expect(await due(queueId)).toHaveLength(3);
    const rows = await fresh.db`select actor from audit
      where queue_id = ${queueId} and event = 'retry-asked'`;
    expect(rows).toEqual([{ actor: 'ict' }, { actor: 'ict' }, { actor: 'ict' }]);
  });

  it('leaves alone what is being tried, what was never tried, and what is done', async () => {
    const leased = await waiting(['a@one.test']);
    await fresh.db`update recipients set leased_until = ${new Date(NOW.getTime() + 60_000)}
      where queue_id = ${leased}`;
    const copy = await waiting(['b@one.test']);
    await fresh.db`update recipients set attempt_count = 0 where queue_id = ${copy}`;
    const done = await waiting(['c@one.test']);
    await fresh.db`update recipients set status = 'delivered', next_attempt_at = null
      where queue_id = ${done}`;
    expect(await portreeve('queue', 'retry', '--all')).toContain('0 recipient');
  });

  it.each([
    [[], 'Give a domain'],
    [['one.test', '--all'], 'Give a domain'],
    [['here'], 'neither a domain'],
  ])('refuses %j', async (args, problem) => {
    await expect(portreeve('queue', 'retry', ...args)).rejects.toThrow(problem);
  });

  it('is what trusting a key does for protected mail to its addresses', async () => {
    const queueId = await waiting(['A@x.test', 'b@x.test']);
    const ordinary = await waiting(['a@x.test'], 'none');
    const { publicKey, fingerprint } = await made('a@x.test');
    await imported(publicKey);
    expect(await portreeve('key', 'trust', fingerprint)).toContain('1 recipient');
    expect(await due(queueId)).toEqual(['A@x.test']);
    expect(await due(ordinary)).toEqual([]);
  });
});

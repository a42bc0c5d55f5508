import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { generateKey } from 'openpgp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '../../src/delivery/delivery-job.ts';
import { takeKey, trustKey } from '../../src/pipeline/key-custody.ts';
import { askForKey } from '../../src/pipeline/key-request.ts';
import type { CouncilRoutes } from '../../src/pipeline/routes.ts';
import type { CouncilSettings } from '../../src/policy/policy.ts';
import { listKeys, setKeyState } from '../../src/store/keys.ts';
import { noticesAbout } from '../../src/store/outbox.ts';
import { mail, MEMBER, testWorld, type TestWorld } from '../support/gateway.ts';
import { startGpg, type Gpg } from '../support/gpg.ts';
import { handCranked, type HandCranked } from '../support/hand-cranked.ts';

const SECRET = 'The child stays with her aunt in Mill Lane';
const HOUR = 60;
/** Before the time at which the hand-cranked gateway begins. */
const MADE = ['--faked-system-time', '20261101T000000'];

let world: TestWorld;
let gate: HandCranked;
let gpg: Gpg;
beforeAll(async () => {
  world = await testWorld();
  gate = await handCranked(world.config);
  gpg = startGpg();
});
afterAll(async () => {
  gpg?.close();
  await gate?.stop();
  await world?.close();
});
afterEach(() => {
  for (const part of Object.keys(gate.instead)) Reflect.deleteProperty(gate.instead, part);
});

/** The demo council with another setting. */
function council(settings: Partial<CouncilSettings>): void {
  const policy = gate.road.policy();
  const councils = new Map(policy.councils);
  const merebrook = councils.get('merebrook');
  if (!merebrook) throw new Error('No demo council');
  councils.set('merebrook', { ...merebrook, settings: { ...merebrook.settings, ...settings } });
  gate.instead.policy = () => ({ ...policy, councils });
}

let people = 0;
/** Somebody new at the mail server without TLS. */
function somebody(domain = 'plain.example'): string {
  people += 1;
  return `somebody${people}@${domain}`;
}

async function trusted(address: string, armored = gpg.makeKey(address, 'curve25519', MADE)) {
  const at = gate.road.clock();
  const taken = await takeKey(gate.road.db, { armored, source: 'import', at });
  if (taken.kind !== 'taken') throw new Error(`Key not taken: ${taken.kind}`);
  const { fingerprint } = taken.key;
  const done = await trustKey(gate.road.db, { fingerprint, by: 'ict', at });
  if (done.kind !== 'trusted') throw new Error(`Key not trusted: ${done.kind}`);
  return fingerprint;
}

async function submit(
  to: string,
  subject: string,
  more: { raw?: Buffer; headers?: string[] } = {},
) {
  const headers = more.headers ?? [];
  const raw = more.raw ?? mail({ to, subject, text: SECRET, headers });
  const queueId = await gate.submit({ from: MEMBER, to: [to], raw });
  await gate.work();
  return queueId;
}

async function recipient(queueId: string) {
  const [found] = (await gate.message(queueId)).recipients;
  if (!found) throw new Error('No recipient');
  return found;
}

/** What reached a mailbox outside, by its envelope. */
function arrived(to: string): Buffer | null {
  const all = [...world.plain.messages(), ...world.secure.messages()];
  return all.find(({ rcptTo }) => rcptTo.includes(to))?.data ?? null;
}

function armorIn(message: Buffer | null): string {
  const text = message?.toString() ?? '';
  return /-----BEGIN PGP MESSAGE-----[^]*-----END PGP MESSAGE-----/.exec(text)?.[0] ?? '';
}

async function notice(queueId: string, kind: string): Promise<string> {
  const row = (await noticesAbout(gate.road.db, queueId)).find((each) => each.kind === kind);
  const id = row?.id.toLowerCase() ?? 'none';
  const found = world.inward.messages().find(({ data }) => data.includes(id));
  if (!found) throw new Error(`No notice "${kind}" arrived`);
  // Quoted-printable, as far as these words need it.
  return found.data.toString().replace(/=\r\n/g, '').replaceAll('=E2=80=9C', '“');
}

describe('marked mail to a trusted key', () => {
  it('keeps each recipient’s copy to that recipient, so that Bcc never leaks', async () => {
    const [seen, hidden] = [somebody(), somebody()];
    await trusted(seen);
    await trusted(hidden);
    const raw = mail({ to: seen, subject: 'OFFICIAL-SENSITIVE', text: SECRET });
    await gate.submit({ from: MEMBER, to: [seen, hidden], raw });
    await gate.work();
    const copies = world.plain.messages().filter(({ rcptTo }) => rcptTo.includes(seen));
    expect(copies.map(({ rcptTo }) => rcptTo)).toEqual([[seen]]);
    expect(copies[0]?.data.toString()).not.toContain(hidden);
    expect(gpg.decrypt(armorIn(arrived(hidden))).plain.toString()).toContain(SECRET);
  });
});

describe('a council’s own routes', () => {
  const routesWith = (more: Partial<CouncilRoutes>): void => {
    const routes = gate.road.routes.get('merebrook');
    if (!routes) throw new Error('No routes');
    gate.instead.routes = new Map([['merebrook', { ...routes, ...more }]]);
  };

  it('name the key that signs what is encrypted', async () => {
    const { privateKey } = await generateKey({
      userIDs: [{ email: 'gateway@merebrook.gov.uk' }],
      date: new Date('2026-11-01T00:00:00Z'),
      format: 'object',
    });
    routesWith({ signingKey: privateKey.armor() });
    const to = somebody();
    await trusted(to);
    await submit(to, 'OFFICIAL-SENSITIVE: signed');
    const { plain, report } = gpg.decrypt(armorIn(arrived(to)));
    expect(plain.toString()).toContain(SECRET);
    const keyId = privateKey.getKeyID().toHex().toUpperCase();
    expect(report).toMatch(new RegExp(`ERRSIG ${keyId} `));
  });

  it('may lead to one domain by its own connector, where marked mail still needs proof', async () => {
    const { host, port } = world.inward;
    const cjsm: Route = { kind: 'smarthost', host, port, tls: 'opportunistic', protects: false };
    routesWith({ domains: new Map([['cjsm.net', cjsm]]) });
    const to = somebody('court.cjsm.net');
    const subject = 'Hearing dates';
    const raw = mail({ to, subject, text: 'They are on the notice board.' });
    const ordinary = await submit(to, subject, { raw: Buffer.from(raw) });
    expect((await recipient(ordinary)).status).toBe('delivered');
    expect(world.inward.messages().filter(({ rcptTo }) => rcptTo.includes(to))).toHaveLength(1);
    const marked = await submit(to, 'OFFICIAL-SENSITIVE: hearing');
    expect((await recipient(marked)).status).not.toBe('delivered');
    expect(world.inward.messages().filter(({ rcptTo }) => rcptTo.includes(to))).toHaveLength(1);
  });
});

describe('mail that waits for a key', () => {
  it('goes out at the next sweep once an officer trusts one, and not before', async () => {
    const to = somebody();
    const queueId = await submit(to, 'OFFICIAL-SENSITIVE: waits');
    expect((await recipient(queueId)).lastResult).toBe('starttls-not-offered');
    const armored = gpg.makeKey(to, 'rsa', MADE);
    await takeKey(gate.road.db, { armored, source: 'import', at: gate.road.clock() });
    await gate.sweep();
    expect((await recipient(queueId)).status).toBe('deferred');
    await trusted(to, armored);
    await gate.sweep();
    expect((await recipient(queueId)).status).toBe('delivered');
    expect(gpg.decrypt(armorIn(arrived(to))).plain.toString()).toContain(SECRET);
  });

  it('waits on where the key was revoked, though another candidate is there', async () => {
    const to = somebody();
    const fingerprint = await trusted(to);
    const at = gate.road.clock();
    const other = startGpg();
    try {
      const armored = other.makeKey(to, 'curve25519', MADE);
      await takeKey(gate.road.db, { armored, source: 'wkd', address: to, at });
    } finally {
      other.close();
    }
    await setKeyState(gate.road.db, { fingerprint, state: 'revoked', by: 'ict', at });
    const queueId = await submit(to, 'OFFICIAL-SENSITIVE: revoked');
    expect((await recipient(queueId)).status).toBe('deferred');
    expect(arrived(to)).toBeNull();
  });

  it('waits on where the key has expired by the time of delivery, and the sender hears why', async () => {
    const to = somebody();
    await trusted(to);
    const raw = mail({ to, subject: 'OFFICIAL-SENSITIVE: expired', text: SECRET });
    const queueId = await gate.submit({ from: MEMBER, to: [to], raw });
    // Between acceptance and delivery: the key was good when the message came.
    gate.instead.clock = () => new Date('2027-12-01T10:00:00Z');
    await gate.work();
    expect(await recipient(queueId)).toMatchObject({ lastResult: 'pgp-key-expired' });
    await gate.sweep();
    const told = await notice(queueId, 'delayed');
    expect(told.replace(/\s+/g, ' ')).toContain(
      'the key that we hold for the recipient has run out',
    );
    expect(told).toContain('PGP public key');
    expect(told).toMatch(/Status: 4\.7\.5/);
    expect(arrived(to)).toBeNull();
  });

  it('waits where encrypting fails, and ends undelivered with the code for it', async () => {
    const to = somebody();
    await trusted(to);
    const routes = gate.road.routes.get('merebrook');
    if (!routes) throw new Error('No routes');
    gate.instead.routes = new Map([['merebrook', { ...routes, signingKey: 'no key at all' }]]);
    const queueId = await submit(to, 'OFFICIAL-SENSITIVE: fails');
    expect(await recipient(queueId)).toMatchObject({ lastResult: 'pgp-failed' });
    gate.pass(25 * HOUR);
    await gate.sweep();
    expect((await recipient(queueId)).status).toBe('expired');
    const told = await notice(queueId, 'expired');
    expect(told.replace(/\s+/g, ' ')).toContain('we tried to lock it with the key that we hold');
    expect(told).toMatch(/Status: 5\.7\.5/);
    expect(world.plain.wire()).not.toContain(SECRET);
  });

  it('ends undelivered after a day, with the steps to send it by PGP', async () => {
    const to = somebody();
    const queueId = await submit(to, 'OFFICIAL-SENSITIVE: never');
    gate.pass(25 * HOUR);
    await gate.sweep();
    expect((await recipient(queueId)).status).toBe('expired');
    const told = await notice(queueId, 'expired');
    expect(told).toContain('We did not send it without encryption');
    expect(told).toContain(to);
    expect(told).toContain('PGP public key');
    expect(told).toContain('[PGP]');
    expect(told).toContain('ICT Service Desk');
    expect(told.replace(/\s+/g, ' ')).toContain('portreeve key ask, key fetch or key import');
    expect(told.replace(/\s+/g, ' ')).toContain(`portreeve export --message ${queueId}`);
    expect(told).toMatch(/Status: 5\.7\.10/);
    expect(told).not.toContain(SECRET);
    expect(world.plain.wire()).not.toContain(SECRET);
  });
});

describe('a key that comes along with mail', () => {
  it('waits as a candidate and encrypts nothing until an officer trusts it', async () => {
    const to = somebody();
    const armored = gpg.makeKey(to, 'curve25519', MADE);
    const text = `Their key, as they sent it to me.\n\n${armored}`;
    const raw = Buffer.from(mail({ to: MEMBER, subject: 'A key', text }));
    await gate.submit({ from: MEMBER, to: [MEMBER], raw });
    await gate.work();
    const keys = await listKeys(gate.road.db);
    const candidate = keys.find(({ addresses }) => addresses.includes(to));
    expect(candidate).toMatchObject({ state: 'candidate', source: 'attached' });
    const queueId = await submit(to, 'OFFICIAL-SENSITIVE: a child');
    expect((await recipient(queueId)).status).toBe('deferred');
    const fingerprint = candidate?.fingerprint ?? '';
    await trustKey(gate.road.db, { fingerprint, by: 'ict', at: gate.road.clock() });
    await gate.sweep();
    expect((await recipient(queueId)).protectedBy).toBe('openpgp');
  });
});

describe('asking for a key', () => {
  const DAY = 24 * HOUR;
  async function ask(address: string) {
    const policy = gate.road.policy();
    const merebrook = policy.councils.get('merebrook');
    if (!merebrook) throw new Error('No demo council');
    const template = policy.notices['key-request'] ?? '';
    const request = { council: merebrook, template, address, reference: null, by: 'ict' };
    return askForKey(gate.road, { ...request, at: gate.road.clock() });
  }

  it('reaches the recipient signed, and the key that comes back sends what waits', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const routes = gate.road.routes.get('merebrook');
    if (!routes) throw new Error('No routes');
    const dkim = { domain: 'merebrook.gov.uk', selector: 'gate', privateKey };
    gate.instead.routes = new Map([['merebrook', { ...routes, dkim }]]);
    const to = somebody();
    const waiting = await submit(to, 'OFFICIAL-SENSITIVE: Mill Lane');
    await gate.sweep();
    expect(await notice(waiting, 'delayed')).toContain('Or ask the ICT desk to ask them for you');
    const asked = await ask(to);
    if (asked.kind !== 'asked') throw new Error(asked.advice);
    await gate.sweep();
    expect((await recipient(asked.queueId)).status).toBe('delivered');
    const request = arrived(to) ?? Buffer.alloc(0);
    const { results } = await dkimVerify(request, {
      resolver: () => Promise.resolve([[`v=DKIM1; p=${publicKey.toString('base64')}`]]),
    });
    expect(results.map(({ status }) => status.result)).toEqual(['pass']);
    expect(request.toString()).toMatch(/^Subject: .* asks for your PGP public key\r$/m);
    expect(request.toString()).toContain(asked.queueId);
    expect(request.toString()).not.toContain(waiting);
    expect(request.toString()).not.toMatch(/vera|lamb|mill lane|OFFICIAL/i);
    expect((await recipient(waiting)).status).toBe('deferred');
    await trusted(to);
    await gate.sweep();
    expect((await recipient(waiting)).status).toBe('delivered');
    const sent = world.plain.messages().filter(({ rcptTo }) => rcptTo.includes(to));
    expect(sent).toHaveLength(2);
    const sealed = armorIn(sent.at(-1)?.data ?? null);
    expect(gpg.decrypt(sealed).plain.toString()).toContain(SECRET);
  });

  it('is refused where a trusted key is held, and where the council uses no PGP', async () => {
    const to = somebody();
    await trusted(to);
    expect(await ask(to)).toMatchObject({ advice: expect.stringContaining('is held already') });
    council({ pgpFallback: 'off' });
    expect(await ask(somebody())).toMatchObject({ advice: expect.stringContaining('"off"') });
  });

  it('is done once in seven days, and its record outlasts a shorter retention', async () => {
    council({ retention: { deliveredDays: 1, keptYears: 2 } });
    const to = somebody();
    const first = await ask(to);
    if (first.kind !== 'asked') throw new Error(first.advice);
    gate.pass(6 * DAY);
    expect(await ask(to.toUpperCase())).toMatchObject({
      advice: expect.stringContaining('was asked already'),
    });
    const { eraseAfter } = await gate.message(first.queueId);
    expect(eraseAfter > gate.road.clock()).toBe(true);
    gate.pass(DAY);
    expect((await ask(to)).kind).toBe('asked');
  });
});

describe('a council’s setting for PGP', () => {
  it('on_resend encrypts only what the sender sends again with [PGP]', async () => {
    council({ pgpFallback: 'on_resend' });
    const to = somebody();
    await trusted(to);
    const first = await submit(to, 'OFFICIAL-SENSITIVE: first');
    expect((await recipient(first)).status).toBe('deferred');
    expect(arrived(to)).toBeNull();
    const again = await submit(to, '[PGP] OFFICIAL-SENSITIVE: first');
    expect((await recipient(again)).protectedBy).toBe('openpgp');
    expect(gpg.decrypt(armorIn(arrived(to))).plain.toString()).toContain(SECRET);
  });

  it('off never encrypts, whoever asks', async () => {
    council({ pgpFallback: 'off' });
    const to = somebody();
    await trusted(to);
    const queueId = await submit(to, '[PGP] OFFICIAL-SENSITIVE: never');
    expect((await recipient(queueId)).status).toBe('deferred');
    expect(arrived(to)).toBeNull();
  });
});

describe('[PGP] in a subject', () => {
  it.each(['[PGP] Plan', 'RE: [pgp] Plan', '[ PGP ] Plan', '=?utf-8?q?=5BPGP=5D_Plan?='])(
    '%s encrypts without any marking',
    async (subject) => {
      const to = somebody();
      await trusted(to);
      const queueId = await submit(to, subject);
      expect((await recipient(queueId)).protectedBy).toBe('openpgp');
      expect(arrived(to)?.toString()).not.toMatch(/Plan|PGP\]/);
    },
  );

  it('encrypts also to a server whose TLS would do', async () => {
    const to = somebody('merevalleynhs.example');
    await trusted(to);
    const queueId = await submit(to, '[PGP] Plan');
    expect((await recipient(queueId)).protectedBy).toBe('openpgp');
    expect(gpg.decrypt(armorIn(arrived(to))).plain.toString()).toContain(SECRET);
  });

  it('is content with verified TLS where there is no key, and waits where there is neither', async () => {
    const served = await submit(somebody('merevalleynhs.example'), '[PGP] Plan');
    expect((await recipient(served)).protectedBy).toMatch(/^L2/);
    const waiting = await submit(somebody(), '[PGP] Plan');
    expect((await recipient(waiting)).status).toBe('deferred');
  });

  it.each(['[secure] Plan', '[encrypt] Plan'])(
    'unlike %s, which is content with TLS',
    async (subject) => {
      const to = somebody('merevalleynhs.example');
      await trusted(to);
      expect((await recipient(await submit(to, subject))).protectedBy).toMatch(/^L2/);
      const plain = somebody();
      await trusted(plain);
      expect((await recipient(await submit(plain, subject))).protectedBy).toBe('openpgp');
    },
  );
});

describe('a reply', () => {
  it.each(['RE: OFFICIAL-SENSITIVE: plan', 'FW: RE: [External] Official Sensitive - plan'])(
    'keeps its marking: %s',
    async (subject) => {
      const to = somebody();
      const headers = ['In-Reply-To: <1@plain.example>', 'References: <1@plain.example>'];
      const queueId = await submit(to, subject, { headers });
      const { protection, status } = await recipient(queueId);
      expect([protection, status]).toEqual(['required', 'deferred']);
    },
  );
});

describe('government names of former days', () => {
  it.each(['gsi.gov.uk', 'council.gcsx.gov.uk', 'x.gse.gov.uk', 'a.b.gsx.gov.uk'])(
    'an address at %s is refused, and the sender hears that it closed in 2019',
    async (domain) => {
      const queueId = await submit(somebody(domain), 'Minutes');
      expect((await recipient(queueId)).status).toBe('rejected');
      const told = await notice(queueId, 'refused');
      expect(told).toContain('closed in 2019');
      expect(told).toContain('address that they use now');
    },
  );

  it('an address at gsi.gov.uk.example is not one of them', async () => {
    const queueId = await submit(somebody('gsi.gov.uk.example'), 'Minutes');
    expect((await recipient(queueId)).status).not.toBe('rejected');
  });

  it('an address at pnn.police.uk that cannot be reached comes with the name to try', async () => {
    const queueId = await submit(
      somebody('merebrook.pnn.police.uk'),
      'OFFICIAL-SENSITIVE: minutes',
    );
    gate.pass(25 * HOUR);
    await gate.sweep();
    const kind = (await recipient(queueId)).status === 'bounced' ? 'undelivered' : 'expired';
    expect(await notice(queueId, kind)).toContain('“pnn.');
  });
});

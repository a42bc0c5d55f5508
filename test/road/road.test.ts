import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { generateKey, decrypt, decryptKey, readMessage, readPrivateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideCase, type ReviewRoad } from '../../src/pipeline/review.ts';
import { inspectKey } from '../../src/pgp/keys.ts';
import { listCases } from '../../src/store/cases.ts';
import { transaction } from '../../src/store/connect.ts';
import { saveKey, setKeyState } from '../../src/store/keys.ts';
import { noticesAbout } from '../../src/store/outbox.ts';
import {
  eventually,
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';
import type { SmtpSink } from '../support/smtp-sink.ts';

let world: TestWorld;
let gate: TestGateway;

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

function arrived(
  sink: SmtpSink,
  text: string,
): { data: Buffer; mailFrom: string; rcptTo: string[] }[] {
  return sink.messages().filter(({ data }) => data.includes(text));
}

async function notice(queueId: string, kind: string) {
  const row = await eventually(async () => {
    const rows = await noticesAbout(gate.gateway.db, queueId);
    return rows.find((each) => each.kind === kind && each.writtenAt !== null) ?? null;
  }, `No notice "${kind}" about ${queueId}`);
  await gate.until(row.id, 'delivered');
  return arrived(world.inward, row.id.toLowerCase())[0];
}

function reviewRoad(): ReviewRoad {
  const { road } = gate.gateway;
  return { ...road, ordinaryDelayNoticeMinutes: road.delivery.ordinaryDelayNoticeMinutes };
}

async function caseOf(queueId: string) {
  const cases = await listCases(gate.gateway.db, { open: true, council: null });
  const found = cases.find((each) => each.queueId === queueId);
  if (!found) throw new Error(`No case of ${queueId}`);
  return found;
}

describe('ordinary mail', () => {
  it('reaches the recipient unchanged behind our Received field', async () => {
    const raw = mail({
      to: 'ann@plain.example',
      subject: 'Your bins',
      text: 'They come on Friday.\n.\n..\nß',
    });
    const queueId = await gate.submit({ from: MEMBER, to: ['ann@plain.example'], raw });
    const message = await gate.until(queueId, 'delivered');
    const [delivered] = arrived(world.plain, 'They come on Friday');
    const bytes = delivered?.data ?? Buffer.alloc(0);
    const at = bytes.indexOf('From: Vera Lamb');
    expect(bytes.subarray(0, at).toString()).toMatch(/^Received: from /);
    expect(bytes.subarray(0, at).toString()).toContain(queueId);
    expect(bytes.subarray(at).toString()).toBe(raw);
    expect(delivered?.mailFrom).toBe(MEMBER);
    expect(message.sha256.toString('hex')).toBe(createHash('sha256').update(raw).digest('hex'));
    expect(message.decision?.gate).toBe('release');
  });

  it('is kept encrypted in the spool', async () => {
    const spool = path.join(world.config.stateDir, 'spool');
    const files = await readdir(spool, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile()).length).toBeGreaterThan(0);
  });

  it('goes to each recipient of several domains once', async () => {
    const raw = mail({
      to: 'ann@plain.example',
      subject: 'Two places',
      text: 'Two places at once.',
    });
    const to = ['ann@plain.example', 'sister@merevalleynhs.example'];
    const queueId = await gate.submit({ from: MEMBER, to, raw });
    await gate.until(queueId, 'delivered');
    expect(arrived(world.plain, 'Two places at once')).toHaveLength(1);
    expect(arrived(world.secure, 'Two places at once')).toHaveLength(1);
  });

  it('that the far side refuses is reported to the sender as a delivery report', async () => {
    world.plain.behave({
      answer: (stage, argument) =>
        stage === 'RCPT' && argument.includes('gone@') ? '550 5.1.1 No such user' : null,
    });
    const raw = mail({ to: 'gone@plain.example', subject: 'Hello there', text: 'Nobody home.' });
    const queueId = await gate.submit({ from: MEMBER, to: ['gone@plain.example'], raw });
    await gate.until(queueId, 'bounced');
    const report = await notice(queueId, 'undelivered');
    expect(report?.mailFrom).toBe('');
    expect(report?.rcptTo).toEqual([MEMBER]);
    const text = report?.data.toString() ?? '';
    expect(text).toContain('report-type=delivery-status');
    expect(text).toContain('5.1.1');
    expect(text).not.toContain('Nobody home');
    world.plain.behave({ answer: () => null });
  });

  it('that is put off by 4xx waits in the record for its next attempt', async () => {
    world.plain.behave({
      answer: (stage) => (stage === 'MAIL' ? '451 4.7.1 Later, please' : null),
    });
    const raw = mail({ to: 'late@plain.example', subject: 'Busy', text: 'Busy server.' });
    const queueId = await gate.submit({ from: MEMBER, to: ['late@plain.example'], raw });
    const message = await eventually(async () => {
      const found = await gate.until(queueId, 'deferred', 'queued');
      return found.recipients[0]?.status === 'deferred' ? found : null;
    }, 'Not deferred');
    expect(message.recipients[0]?.lastResult).toContain('4.7.1');
    expect(message.recipients[0]?.nextAttemptAt?.getTime()).toBeGreaterThan(Date.now());
    world.plain.behave({ answer: () => null });
  });
});

describe('OFFICIAL-SENSITIVE mail', () => {
  const SECRET_WORDS = 'The child stays with her aunt in Mill Lane';

  it('goes over verified TLS where the council accepts that server', async () => {
    const raw = mail({
      to: 'sister@merevalleynhs.example',
      subject: 'OFFICIAL-SENSITIVE: a child',
      text: SECRET_WORDS,
    });
    const queueId = await gate.submit({ from: MEMBER, to: ['sister@merevalleynhs.example'], raw });
    const message = await gate.until(queueId, 'delivered');
    expect(message.recipients[0]?.protection).toBe('required');
    expect(message.recipients[0]?.protectedBy).toMatch(/^L2/);
    expect(world.secure.wire()).not.toContain(SECRET_WORDS);
    expect(arrived(world.secure, SECRET_WORDS)).toHaveLength(1);
  });

  it('waits where the server offers no TLS, and the sender is told at once', async () => {
    const raw = mail({
      to: 'kim@plain.example',
      subject: 'Official – Sensitive: a child',
      text: SECRET_WORDS,
    });
    const queueId = await gate.submit({ from: MEMBER, to: ['kim@plain.example'], raw });
    const told = await notice(queueId, 'delayed');
    expect(told?.mailFrom).toBe('');
    expect(told?.data.toString()).not.toContain(SECRET_WORDS);
    expect(told?.data.toString()).toContain('kim@plain.example');
    expect(world.plain.wire()).not.toContain(SECRET_WORDS);
    const message = await gate.until(queueId, 'deferred');
    expect(message.recipients[0]?.lastResult).toBe('starttls-not-offered');
  });

  it('goes as PGP/MIME to a key that an officer has trusted', async () => {
    const address = 'jo@plain.example';
    const passphrase = 'x';
    const pair = await generateKey({ userIDs: [{ email: address }], passphrase });
    const at = new Date();
    const inspection = await inspectKey(pair.publicKey, at);
    if (inspection.kind === 'refused') throw new Error(inspection.advice);
    const { fingerprint, addresses, expiresAt } = inspection.key;
    const armored = pair.publicKey;
    await transaction(gate.gateway.db, async (tx) => {
      await saveKey(tx, {
        fingerprint,
        addresses,
        expiresAt,
        armored,
        source: 'test',
        addedAt: at,
      });
      await setKeyState(tx, { fingerprint, state: 'trusted', by: 'officer', at });
    });
    const raw = mail({ to: address, subject: 'OFFICIAL-SENSITIVE: a child', text: SECRET_WORDS });
    const queueId = await gate.submit({ from: MEMBER, to: [address], raw });
    const message = await gate.until(queueId, 'delivered');
    expect(message.recipients[0]?.protectedBy).toBe('openpgp');
    expect(world.plain.wire()).not.toContain(SECRET_WORDS);
    const [sent] = arrived(world.plain, 'multipart/encrypted');
    const block = /-----BEGIN PGP MESSAGE-----[\s\S]*-----END PGP MESSAGE-----/.exec(
      sent?.data.toString() ?? '',
    )?.[0];
    const privateKey = await decryptKey({
      privateKey: await readPrivateKey({ armoredKey: pair.privateKey }),
      passphrase,
    });
    const opened = await decrypt({
      message: await readMessage({ armoredMessage: block ?? '' }),
      decryptionKeys: privateKey,
    });
    expect(opened.data).toContain(SECRET_WORDS);
  });
});

describe('an automatic forward', () => {
  it('is diverted, told to the member only, and never bounced to the outside author', async () => {
    const raw = mail({
      from: 'Maeve <maeve@resident.example>',
      to: MEMBER,
      subject: 'Damp',
      text: 'The damp is back.',
      headers: [`X-MS-Exchange-Inbox-Rules-Loop: ${MEMBER}`],
    });
    const queueId = await gate.relay({
      from: 'maeve@resident.example',
      to: ['vera.lamb@gmail.com'],
      raw,
    });
    const told = await notice(queueId, 'diverted');
    expect(told?.rcptTo).toEqual([MEMBER]);
    expect(told?.data.toString()).not.toContain('vera.lamb@gmail.com');
    const message = await gate.until(queueId, 'diverted', 'deferred');
    expect(message.recipients.map(({ status, route }) => [status, route])).toEqual([
      ['diverted', 'outward'],
      ['deferred', 'inward'],
    ]);
    expect(arrived(world.plain, 'The damp is back')).toEqual([]);
  });
});

describe('a held message', () => {
  const TEXT =
    'Please vote Labour on Thursday. Promoted by A. Agent on behalf of V. Lamb, both at 1 High St, MB1 1AA';

  it('waits with a case, a notice without its words, and no delivery', async () => {
    const raw = mail({ to: 'ann@plain.example', subject: 'Thursday', text: TEXT });
    const queueId = await gate.submit({ from: MEMBER, to: ['ann@plain.example'], raw });
    await gate.until(queueId, 'held');
    const told = await notice(queueId, 'held');
    expect(told?.mailFrom).not.toBe('');
    expect(told?.data.toString()).not.toContain('vote Labour');
    expect(arrived(world.plain, 'vote Labour')).toEqual([]);
    expect((await caseOf(queueId)).kind).toBe('hold');
  });

  it('is released once, with its own bytes and envelope, however often one asks', async () => {
    const raw = mail({ to: 'ben@plain.example', subject: 'Again', text: `Once more. ${TEXT}` });
    const queueId = await gate.submit({ from: MEMBER, to: ['ben@plain.example'], raw });
    await gate.until(queueId, 'held');
    const request = {
      caseId: (await caseOf(queueId)).id,
      recipients: [],
      officer: 'mo',
      reason: 'Fine',
    };
    const results = await Promise.all(
      [1, 2, 3].map(() => decideCase(reviewRoad(), 'release', request)),
    );
    expect(results.map(({ kind }) => kind).sort()).toEqual([
      'decided-before',
      'decided-before',
      'done',
    ]);
    await gate.until(queueId, 'delivered');
    const delivered = arrived(world.plain, 'Once more.');
    expect(delivered).toHaveLength(1);
    expect(delivered[0]?.data.toString().endsWith(raw)).toBe(true);
    expect(delivered[0]?.mailFrom).toBe(MEMBER);
    await notice(queueId, 'released');
  });

  it('is refused for good, with the officer’s reason to the sender alone', async () => {
    const raw = mail({ to: 'cy@plain.example', subject: 'Third', text: `Third time. ${TEXT}` });
    const queueId = await gate.submit({ from: MEMBER, to: ['cy@plain.example'], raw });
    await gate.until(queueId, 'held');
    const { id } = await caseOf(queueId);
    await decideCase(reviewRoad(), 'reject', {
      caseId: id,
      recipients: [],
      officer: 'mo',
      reason: 'Not from here',
    });
    await gate.until(queueId, 'rejected');
    // The time in which it could be taken back passes.
    await gate.gateway.db`update outbox set not_before = now() where queue_id = ${queueId}`;
    const told = await notice(queueId, 'refused');
    expect(told?.data.toString()).toContain('Not from here');
    expect(arrived(world.plain, 'Third time.')).toEqual([]);
  });
});

describe('what the gateway refuses before 250', () => {
  const refusal = async (raw: string | Buffer): Promise<string> => {
    try {
      await gate.submit({ from: MEMBER, to: ['ann@plain.example'], raw });
      return 'accepted';
    } catch (error) {
      return (error as { response?: string }).response ?? String(error);
    }
  };

  it('SECRET material, of which no body is stored', async () => {
    const raw = mail({
      to: 'ann@plain.example',
      subject: 'SECRET: convoy',
      text: 'Convoy at nine.',
    });
    expect(await refusal(raw)).toMatch(/^550 5\.7\.1 /);
    const rows = await gate.gateway.db`select 1 from messages where subject like '%convoy%'`;
    expect(rows).toHaveLength(0);
  });

  it('a header of several megabytes', async () => {
    const raw = mail({
      to: 'ann@plain.example',
      subject: 'Big',
      text: 'x',
      headers: [`X-Big: ${'a'.repeat(3e6)}`],
    });
    expect(await refusal(raw)).toMatch(/^552 5\.3\.4 /);
  });

  it('two From fields', async () => {
    const raw = mail({
      to: 'ann@plain.example',
      subject: 'Two',
      text: 'x',
      headers: ['From: a@b.example'],
    });
    expect(await refusal(raw)).toMatch(/^550 5\.6\.0 /);
  });
});

describe('a lost Redis', () => {
  it('loses nothing when it is wiped under load', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 20; number += 1) {
      const raw = mail({
        to: 'ann@plain.example',
        subject: `Load ${number}`,
        text: `Load ${number}.`,
      });
      ids.push(await gate.submit({ from: MEMBER, to: ['ann@plain.example'], raw }));
      if (number % 5 === 0) await world.flushRedis();
    }
    for (const queueId of ids) await gate.until(queueId, 'delivered');
  });
});

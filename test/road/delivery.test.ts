import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { createTransport } from 'nodemailer';
import { createMessage, encrypt, generateKey, readKey } from 'openpgp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliverMessage } from '../../src/pipeline/deliver.ts';
import { noticesAbout } from '../../src/store/outbox.ts';
import {
  eventually,
  mail,
  MEMBER,
  PASSWORD,
  testWorld,
  type TestWorld,
} from '../support/gateway.ts';
import { handCranked, type HandCranked } from '../support/hand-cranked.ts';
import type { SinkMessage, SinkStage } from '../support/smtp-sink.ts';

let world: TestWorld;
let gate: HandCranked;

beforeAll(async () => {
  world = await testWorld();
  gate = await handCranked(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});
afterEach(() => {
  for (const part of Object.keys(gate.instead)) Reflect.deleteProperty(gate.instead, part);
  for (const sink of [world.plain, world.secure]) sink.behave({ answer: () => null });
  gate.forget();
});

const PLAIN = ['ann@plain.example'];
const NHS = ['sister@merevalleynhs.example'];

function letter(subject: string, to: string[]): string {
  return mail({ to: to.join(', '), subject, text: `Text of ${subject}.` });
}

async function submit(subject: string, to = PLAIN): Promise<string> {
  const queueId = await gate.submit({ from: MEMBER, to, raw: letter(subject, to) });
  await gate.work();
  return queueId;
}

/** The far side says this at that stage. */
function answering(at: SinkStage, reply: string): void {
  for (const sink of [world.plain, world.secure]) {
    sink.behave({ answer: (stage) => (stage === at ? reply : null) });
  }
}

function arrived(subject: string): SinkMessage[] {
  const sinks = [world.plain, world.secure];
  return sinks.flatMap((sink) =>
    sink.messages().filter(({ data }) => data.includes(`Text of ${subject}.`)),
  );
}

async function noticeKinds(queueId: string): Promise<string[]> {
  return (await noticesAbout(gate.road.db, queueId)).map(({ kind }) => kind);
}

/** The notice as the member's mailbox got it. */
async function notice(queueId: string, kind: string): Promise<SinkMessage> {
  const row = (await noticesAbout(gate.road.db, queueId)).find((each) => each.kind === kind);
  const found = world.inward
    .messages()
    .find(({ data }) => data.includes((row?.id ?? 'none').toLowerCase()));
  if (!found) throw new Error(`No notice "${kind}" arrived`);
  return found;
}

describe('an outcome at the far side', () => {
  it('of 5xx after the message is final, and reported to the sender', async () => {
    answering('dot', '554 5.7.1 Not wanted here');
    const queueId = await submit('Refused late');
    expect(await gate.statuses(queueId)).toEqual(['bounced']);
    const report = await notice(queueId, 'undelivered');
    expect([report.mailFrom, report.rcptTo]).toEqual(['', [MEMBER]]);
    expect(report.data.toString()).toContain('554 5.7.1 Not wanted here');
    gate.pass(60 * 24);
    await gate.sweep();
    expect(await noticeKinds(queueId)).toEqual(['undelivered']);
  });

  it('of 4xx is tried again by the clock in the record, and then delivered once', async () => {
    answering('RCPT', '450 4.2.1 Busy');
    const queueId = await submit('Busy first');
    expect(await gate.statuses(queueId)).toEqual(['deferred']);
    world.plain.behave({ answer: () => null });
    gate.pass(0.9);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['deferred']);
    gate.pass(0.3);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
    expect(arrived('Busy first')).toHaveLength(1);
  });

  it('that stays 4xx ends when the time to give up comes, with a report', async () => {
    answering('MAIL', '421 4.3.2 Closed');
    const queueId = await submit('Never taken');
    const hours = gate.road.policy().councils.get('merebrook')?.settings.giveUpAfterHours.other;
    gate.pass((hours ?? 0) * 60 - 1);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['deferred']);
    gate.pass(1);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['expired']);
    expect(await noticeKinds(queueId)).toEqual(['delayed', 'expired']);
    expect((await notice(queueId, 'expired')).data.toString()).toMatch(/^Action: failed/m);
  });

  it('for several recipients is each one’s own', async () => {
    world.plain.behave({
      answer: (stage, argument) => {
        if (stage !== 'RCPT') return null;
        if (argument.startsWith('gone@')) return '550 5.1.1 Unknown';
        return argument.startsWith('late@') ? '450 4.2.1 Busy' : null;
      },
    });
    const to = ['ann@plain.example', 'gone@plain.example', 'late@plain.example'];
    const queueId = await submit('Three fates', to);
    expect(await gate.statuses(queueId)).toEqual(['delivered', 'bounced', 'deferred']);
    const report = (await notice(queueId, 'undelivered')).data.toString();
    expect(report).toMatch(/^Final-Recipient: rfc822; ?gone@plain.example/m);
    expect(report).not.toMatch(/^Final-Recipient: rfc822; ?(ann|late)@/m);
    world.plain.behave({ answer: () => null });
    gate.pass(2);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered', 'bounced', 'delivered']);
    const perRecipient = arrived('Three fates').flatMap(({ rcptTo }) => rcptTo);
    expect(perRecipient.sort()).toEqual(['ann@plain.example', 'late@plain.example']);
  });

  it('waits for the schedule, and ends, when our own work on it fails', async () => {
    gate.instead.courier = { ...gate.road.courier, send: () => Promise.reject(new Error('Bug')) };
    const queueId = await submit('Our fault');
    expect(await gate.statuses(queueId)).toEqual(['deferred']);
    expect((await gate.message(queueId)).recipients[0]?.lastResult).toBe('no-outcome');
    delete gate.instead.courier;
    gate.pass(2);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
  });
});

describe('a notice of delay', () => {
  it('comes after half an hour for marked mail that waits, and once', async () => {
    answering('MAIL', '451 4.3.2 Not now');
    const queueId = await submit('OFFICIAL-SENSITIVE: later', NHS);
    expect(await gate.statuses(queueId)).toEqual(['deferred']);
    gate.pass(29);
    await gate.sweep();
    expect(await noticeKinds(queueId)).toEqual([]);
    gate.pass(1);
    await gate.sweep();
    const report = await notice(queueId, 'delayed');
    expect(report.mailFrom).toBe('');
    expect(report.data.toString()).toMatch(/^Action: delayed/m);
    gate.pass(120);
    await gate.sweep();
    expect(await noticeKinds(queueId)).toEqual(['delayed']);
  });

  it('comes after four hours for other mail', async () => {
    answering('MAIL', '451 4.3.2 Not now');
    const queueId = await submit('Later');
    gate.pass(239);
    await gate.sweep();
    expect(await noticeKinds(queueId)).toEqual([]);
    gate.pass(1);
    await gate.sweep();
    expect(await noticeKinds(queueId)).toEqual(['delayed']);
  });

  async function withNotify(notify: 'never' | 'failure', mailFrom = MEMBER): Promise<string> {
    const [host, port] = (gate.endpoints['submission'] ?? '').split(':');
    const transport = createTransport({
      host,
      port: Number(port),
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      auth: { user: MEMBER, pass: PASSWORD },
    });
    const to = ['gone@plain.example'];
    const envelope = { from: mailFrom, to };
    const dsn = { id: 'e', return: 'headers' as const, notify, recipient: '' };
    const raw = letter(`Notify ${notify}`, to);
    const info = await transport.sendMail({ envelope, raw, dsn });
    transport.close();
    await gate.work();
    return /queued as (\w+)/.exec(info.response)?.[1] ?? '';
  }

  it('is ordinary mail, no report, where the client asked for none (NOTIFY=NEVER)', async () => {
    answering('RCPT', '550 5.1.1 Unknown');
    const told = await notice(await withNotify('never'), 'undelivered');
    expect(told.mailFrom).not.toBe('');
    expect(told.data.toString()).not.toContain('multipart/report');
    const report = await notice(await withNotify('failure'), 'undelivered');
    expect(report.mailFrom).toBe('');
    expect(report.data.toString()).toContain('multipart/report');
  });

  it('is never written about mail of the null sender', async () => {
    answering('RCPT', '550 5.1.1 Unknown');
    const to = ['gone@plain.example'];
    const queueId = await gate.submit({ from: MEMBER, to, raw: letter('Null', to) });
    await gate.road.db`
      update messages set envelope = jsonb_set(envelope, '{mailFrom}', '""')
      where queue_id = ${queueId}`;
    await gate.work();
    expect(await gate.statuses(queueId)).toEqual(['bounced']);
    expect(await noticeKinds(queueId)).toEqual([]);
  });
});

describe('a lease', () => {
  it('keeps a second worker away, and frees the work of one that died', async () => {
    const queueId = await gate.submit({ from: MEMBER, to: PLAIN, raw: letter('Leased', PLAIN) });
    // The first worker dies in the middle: its courier never answers.
    const { courier } = gate.road;
    let attempts = 0;
    gate.instead.courier = {
      ...gate.road.courier,
      send: (job) => {
        attempts += 1;
        return attempts === 1 ? new Promise(() => {}) : courier.send(job);
      },
    };
    void gate.work();
    await eventually(() => Promise.resolve(attempts === 1 || null), 'No attempt');
    await deliverMessage(gate.road, queueId);
    expect(attempts).toBe(1);
    gate.pass(1);
    await deliverMessage(gate.road, queueId);
    expect(attempts).toBe(2);
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
    expect(arrived('Leased')).toHaveLength(1);
  });

  it('is renewed while a transfer lasts', async () => {
    gate.instead.delivery = { ...gate.road.delivery, leaseSeconds: 1 };
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { courier } = gate.road;
    gate.instead.courier = {
      ...gate.road.courier,
      send: async (job) => {
        await held;
        return courier.send(job);
      },
    };
    const queueId = await gate.submit({ from: MEMBER, to: PLAIN, raw: letter('Slow', PLAIN) });
    const working = gate.work();
    const until = async () => (await gate.message(queueId)).recipients[0]?.leasedUntil ?? null;
    const first = await eventually(until, 'No lease');
    gate.pass(0.01);
    await eventually(async () => ((await until()) ?? first) > first || null, 'Not renewed');
    release();
    await working;
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
  });
});

describe('a route', () => {
  it('signs with the council’s DKIM key last, over the bytes that leave', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const routes = gate.road.routes.get('merebrook');
    if (!routes) throw new Error('No routes');
    const dkim = { domain: 'merebrook.gov.uk', selector: 'gate', privateKey };
    gate.instead.routes = new Map([['merebrook', { ...routes, dkim }]]);
    const queueId = await submit('Signed');
    expect(await gate.statuses(queueId)).toEqual(['delivered']);
    const bytes = arrived('Signed')[0]?.data ?? Buffer.alloc(0);
    expect(bytes.toString()).toMatch(/^DKIM-Signature:[\s\S]*\r\nReceived:[\s\S]*\r\nFrom:/);
    const verified = await dkimVerify(bytes, {
      resolver: () => Promise.resolve([[`v=DKIM1; p=${publicKey.toString('base64')}`]]),
    });
    expect(verified.results.map(({ status }) => status.result)).toEqual(['pass']);
    const { results } = await dkimVerify(Buffer.concat([bytes, Buffer.from('more\r\n')]), {
      resolver: () => Promise.resolve([[`v=DKIM1; p=${publicKey.toString('base64')}`]]),
    });
    expect(results[0]?.status.result).not.toBe('pass');
  });

  it('that cannot sign sends nothing unsigned, and the mail ends some day', async () => {
    const routes = gate.road.routes.get('merebrook');
    if (!routes) throw new Error('No routes');
    const dkim = { domain: 'merebrook.gov.uk', selector: 'gate', privateKey: 'no key' };
    gate.instead.routes = new Map([['merebrook', { ...routes, dkim }]]);
    const queueId = await submit('Unsigned');
    expect(await gate.statuses(queueId)).toEqual(['deferred']);
    expect(arrived('Unsigned')).toEqual([]);
    gate.pass(60 * 24 * 5);
    await gate.sweep();
    expect(await gate.statuses(queueId)).toEqual(['expired']);
  });

  it('by the smarthost takes ordinary mail there, and marked mail past it', async () => {
    const routes = gate.road.routes.get('merebrook');
    if (!routes) throw new Error('No routes');
    const outward = { ...routes.inward };
    gate.instead.routes = new Map([['merebrook', { ...routes, outward }]]);
    const to = [...PLAIN, ...NHS];
    expect(await gate.statuses(await submit('By the relay', to))).toEqual([
      'delivered',
      'delivered',
    ]);
    const relayed = world.inward.messages().filter(({ data }) => data.includes('By the relay'));
    expect(relayed.map(({ rcptTo }) => rcptTo)).toEqual([to]);
    const marked = await submit('OFFICIAL-SENSITIVE: not by the relay', NHS);
    expect(await gate.statuses(marked)).toEqual(['delivered']);
    expect(world.inward.wire()).not.toContain('not by the relay.');
    expect(arrived('OFFICIAL-SENSITIVE: not by the relay')).toHaveLength(1);
  });
});

describe('protection', () => {
  it('is each recipient’s own: one goes, the other waits, the council’s own gets it', async () => {
    const to = [...NHS, ...PLAIN, 'cllr.owen.pike@merebrook.gov.uk'];
    const queueId = await submit('OFFICIAL-SENSITIVE: three roads', to);
    expect(await gate.statuses(queueId)).toEqual(['delivered', 'deferred', 'delivered']);
    expect(world.plain.wire()).not.toContain('three roads');
    const { recipients } = await gate.message(queueId);
    expect(recipients.map(({ route }) => route)).toEqual(['outward', 'outward', 'inward']);
  });

  it('is the sender’s own where the whole message is encrypted already', async () => {
    const pair = await generateKey({ userIDs: [{ email: 'ann@plain.example' }] });
    const sealed = await encrypt({
      message: await createMessage({ text: 'Content-Type: text/plain\r\n\r\nSealed words' }),
      encryptionKeys: await readKey({ armoredKey: pair.publicKey }),
    });
    const lines = [
      `From: Vera Lamb <${MEMBER}>`,
      'To: ann@plain.example',
      'Subject: OFFICIAL-SENSITIVE: sealed',
      'Message-ID: <sealed@merebrook.gov.uk>',
      'Date: Sun, 22 Nov 2026 10:00:00 +0000',
      'MIME-Version: 1.0',
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"',
      '',
      '--b',
      'Content-Type: application/pgp-encrypted',
      '',
      'Version: 1',
      '',
      '--b',
      'Content-Type: application/octet-stream; name="encrypted.asc"',
      '',
      sealed.replaceAll('\r\n', '\n').trim(),
      '--b--',
      '',
    ];
    const raw = lines.join('\n').replaceAll('\n', '\r\n');
    const queueId = await gate.submit({ from: MEMBER, to: PLAIN, raw });
    await gate.work();
    const { recipients, decision } = await gate.message(queueId);
    expect(decision?.protection).toBe('required');
    expect(recipients[0]).toMatchObject({ status: 'delivered', protectedBy: 'sender-encryption' });
  });
});

import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eraseDue } from '../../src/retention/erase.ts';
import { outsideRecipientsSince } from '../../src/store/sendings.ts';
import {
  eventually,
  mail,
  MEMBER,
  OTHER_MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';

const CHECK = 'check@merebrook.gov.uk';
const CAMPAIGN = 'Please vote Labour on Thursday and put our candidate first.';

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

interface Draft {
  subject: string;
  text: string;
  from?: string;
  also?: string[];
}

async function ask({ subject, text, from = MEMBER, also = [] }: Draft): Promise<string> {
  const to = [CHECK, ...also];
  const name = from === MEMBER ? 'Vera Lamb' : 'Owen Pike';
  const raw = mail({ from: `${name} <${from}>`, to: to.join(', '), subject, text });
  return gate.submit({ from, to, raw });
}

/** The answers that came into the council's mail system about this message. */
async function answerTo(queueId: string) {
  return eventually(async () => {
    const found = world.inward
      .messages()
      .find(({ data }) => data.includes(`Reference: ${queueId}`));
    return found ? { to: found.rcptTo, mail: await simpleParser(found.data) } : null;
  }, `No answer about ${queueId}`);
}

const results = async (queueId: string) =>
  (
    await gate.gateway.db<{ status: string; lastResult: string | null; gate: string | null }[]>`
      select status, last_result, gate from recipients where queue_id = ${queueId} order by position`
  ).map((row) => ({ ...row }));

describe('check@', () => {
  it('tells the councillor alone what would happen for each recipient, and delivers nothing', async () => {
    const text = `To: ann@plain.example\nTo: ben@plain.example, ${OTHER_MEMBER}\n\n${CAMPAIGN}`;
    const queueId = await ask({ subject: 'Thursday', text });
    const answer = await answerTo(queueId);
    expect(JSON.stringify(answer.to)).toContain(MEMBER);
    const words = answer.mail.text ?? '';
    expect(words).toContain('Nothing was sent to anybody');
    expect(words).toMatch(/ann@plain\.example: it waits until .* decides/);
    expect(words).toContain('ben@plain.example: it waits');
    expect(words).toContain(OTHER_MEMBER);
    expect(words.replaceAll(/\s+/g, ' ')).toMatch(/because it .* \((?:clause|the part) /);
    expect(words).toContain('What you could change');
    expect(answer.mail.html).toContain('<h2');
    expect(await results(queueId)).toEqual([
      { status: 'withdrawn', lastResult: 'preflight-answered', gate: 'release' },
    ]);
    const { db } = gate.gateway;
    expect([...(await db`select 1 from cases where queue_id = ${queueId}`)]).toEqual([]);
    expect(world.plain.messages()).toEqual([]);
    expect(world.inward.messages().some(({ data }) => data.includes(CAMPAIGN))).toBe(false);
    const events = await db<{ event: string }[]>`
      select event from audit where queue_id = ${queueId} order by id`;
    expect(events.map(({ event }) => event)).toEqual([
      'reception',
      'inspection',
      'decision',
      'preflight',
    ]);
  });

  it('takes anybody outside where the draft names nobody, and says when all is well', async () => {
    const queueId = await ask({ subject: 'Your bins', text: 'They go on Friday.\nVera Lamb' });
    const { mail: answer } = await answerTo(queueId);
    expect(answer.text).toContain('anybody outside the council: it goes');
    expect(answer.text).toContain('nothing that would stop');
  });

  it('says that marked mail would go encrypted', async () => {
    const queueId = await ask({ subject: 'OFFICIAL-SENSITIVE: care', text: 'Dear all\nVera Lamb' });
    expect((await answerTo(queueId)).mail.text).toContain('it goes, but only encrypted');
  });

  it('counts as no mail, and is erased after a day', async () => {
    const text = 'To: cat@plain.example\n\nA word about the path.\nVera Lamb';
    const queueId = await ask({ subject: 'Path', text });
    await answerTo(queueId);
    const { db, road } = gate.gateway;
    const since = new Date(Date.now() - 24 * 3_600_000);
    const counted = await outsideRecipientsSince(db, { actor: MEMBER, since, except: queueId });
    expect([...counted]).toEqual([]);
    const day = 24 * 3_600_000;
    const clock = () => new Date(Date.now() + day + 60_000);
    await eraseDue({ db, spool: road.spool, clock, limit: 100 });
    const [row] = await db`select erased_at, facts from messages where queue_id = ${queueId}`;
    expect(row?.['erasedAt']).not.toBeNull();
    expect(row?.['facts']).toBeNull();
  });

  it('beside real recipients is only answered: they are handled as ever', async () => {
    const queueId = await ask({
      subject: 'Bins again',
      text: 'Bins are on Friday.\nVera Lamb',
      also: ['dan@plain.example'],
    });
    await gate.until(queueId, 'withdrawn', 'delivered');
    expect((await results(queueId)).map(({ status }) => status)).toEqual([
      'withdrawn',
      'delivered',
    ]);
    const { mail: answer } = await answerTo(queueId);
    expect(answer.text).toContain('dan@plain.example: it goes');
    expect(answer.text).not.toContain('Nothing was sent');
  });

  it('tells strangers nothing', async () => {
    const from = 'stranger@resident.example';
    const raw = mail({ from, to: CHECK, subject: 'Tell me', text: CAMPAIGN });
    const queueId = await gate.relay({ from, to: [CHECK], raw });
    await gate.until(queueId, 'rejected');
    expect(await results(queueId)).toMatchObject([{ lastResult: 'preflight-not-known' }]);
    const { db } = gate.gateway;
    expect([...(await db`select 1 from outbox where queue_id = ${queueId}`)]).toEqual([]);
    expect([...(await db`select 1 from cases where queue_id = ${queueId}`)]).toEqual([]);
  });

  it('answers one actor ten times an hour, then says so once', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 12; number += 1) {
      const draft = { subject: `Draft ${number}`, text: 'Bins.\nOwen Pike', from: OTHER_MEMBER };
      const queueId = await ask(draft);
      await gate.until(queueId, 'withdrawn');
      ids.push(queueId);
    }
    const words = await Promise.all(ids.map(async (id) => (await results(id))[0]?.lastResult));
    expect(words).toEqual([
      ...Array<string>(10).fill('preflight-answered'),
      'preflight-too-many',
      'preflight-too-many',
    ]);
    expect((await answerTo(ids[10] ?? '')).mail.text).toContain('asked too often');
    const { db } = gate.gateway;
    expect([...(await db`select 1 from outbox where queue_id = ${ids[11] ?? ''}`)]).toEqual([]);
  });
});

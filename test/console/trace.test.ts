import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase } from './held-case.ts';
import { MEMBER } from '../support/gateway.ts';
import type { Visitor } from './visitor.ts';

let world: ConsoleWorld;
let desk: Visitor & { officerId: string };
const ours = {
  subject: 'Allotments waiting list',
  to: ['ann_b@plain.example', 'ben@plain.example'],
};
let queueId = '';
let foreignId = '';

beforeAll(async () => {
  world = await consoleWorld();
  desk = await world.signedIn('merebrook:ict');
  ({ queueId } = await heldCase(world, ours));
  ({ queueId: foreignId } = await heldCase(world, { ...ours, council: 'havering' }));
});
afterAll(() => world.close());

async function asked(clue: string, ticket = 'INC-4711') {
  await desk.get('/trace');
  return desk.post('/trace', { ticket, clue });
}

async function traced() {
  return world.gateway.road.db<{ queueId: string | null; actor: string; data: object }[]>`
    select queue_id, actor, data from audit where event = 'trace' order by id`;
}

/** A minute of the London clock as an officer types it. */
function typed(at: Date): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/London',
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return parts.format(at).replace(',', '');
}

describe('“Where is my e-mail?”', () => {
  it.each([
    ['its number', () => queueId],
    ['its number as read out', () => `${queueId.slice(0, 9)} ${queueId.slice(9)}`.toLowerCase()],
    ['a recipient’s address, whatever the case', () => 'Ann_B@plain.example'],
    ['the time', () => typed(world.gateway.road.clock())],
  ])('finds a message by %s, and shows how far it got', async (_by, clue) => {
    const { status, text } = await asked(clue());
    expect(status).toBe(200);
    expect(text).toContain(`Message ${queueId}`);
    expect(text).toContain('ben@plain.example');
    expect(text).toContain('took the message over');
    expect(text).toContain('held it');
  });

  it('finds a message by its Message-ID, with and without brackets', async () => {
    const { db } = world.gateway.road;
    await db`update messages set message_id = '<a_1@laptop.test>' where queue_id = ${queueId}`;
    for (const clue of ['<a_1@laptop.test>', 'a_1@laptop.test']) {
      expect((await asked(clue)).text).toContain(`Message ${queueId}`);
    }
    expect((await asked('aX1@laptop.test')).status, 'an underscore is no wildcard').toBe(404);
  });

  it('shows no content, no reason and no sender', async () => {
    const { text } = await asked(queueId);
    for (const secret of [
      'Allotments',
      'vote Labour',
      'olitical',
      'lection',
      MEMBER,
      'Vera Lamb',
    ]) {
      expect(text.replace(/<nav[\s\S]*?<\/nav>/, ''), `has ${secret}`).not.toContain(secret);
    }
  });

  it('never finds mail of another council, by whichever clue', async () => {
    expect((await asked(foreignId)).status).toBe(404);
    expect((await asked('ben@plain.example')).text).not.toContain(foreignId);
    const { receivedAt } = (
      await world.gateway.road.db<{ receivedAt: Date }[]>`
        select received_at from messages where queue_id = ${foreignId}`
    )[0] ?? { receivedAt: new Date(0) };
    expect((await asked(typed(receivedAt))).text).not.toContain(foreignId);
  });

  it('finds mail of the Returning Officer’s team for those alone whose matter it is', async () => {
    const { db } = world.gateway.road;
    const { queueId: apart } = await heldCase(world, { to: ['count@plain.example'] });
    await db`update messages set facts = jsonb_set(facts, '{actor,class}', '"returning-officer"')
      where queue_id = ${apart}`;
    expect((await asked(apart)).status, 'ICT looks after its delivery').toBe(200);
    const other = await world.signedIn('merebrook:democratic-services');
    await other.get('/trace');
    expect((await other.post('/trace', { ticket: 'INC-1', clue: apart })).status).toBe(404);
  });

  it('lists several by time and domain, each to be opened under the same ticket', async () => {
    const { queueId: second } = await heldCase(world, { to: ['ben@plain.example'] });
    const { text } = await asked('ben@plain.example', 'INC-9');
    expect(text).toContain('2 messages fit');
    expect(text).toContain(`name="clue" value="${second}"`);
    expect(text).toContain('name="ticket" value="INC-9"');
    expect(text).not.toContain('ann_b@plain.example');
  });

  it('asks for a ticket’s number, and records each search with ids alone', async () => {
    for (const ticket of ['', 'Vera Lamb asked', 'vera@merebrook.gov.uk', 'none']) {
      const before = (await traced()).length;
      const { status, text } = await asked(queueId, ticket);
      expect(status, `at ticket ${ticket}`).toBe(422);
      expect(text).toContain('href="#ticket"');
      expect(await traced(), 'nothing was searched').toHaveLength(before);
    }
    await asked('nobody@plain.example', 'INC-12');
    await asked(queueId, 'INC-12');
    const [missed, met] = (await traced()).slice(-2);
    expect(missed).toEqual({
      queueId: null,
      actor: desk.officerId,
      data: { ticket: 'INC-12', by: 'address', messages: [] },
    });
    expect(met?.queueId).toBe(queueId);
  });

  it.each(['', 'budget', '%', '31/02/2026 09:30', '26/11/2026', `${'a'.repeat(1200)}@x.test`])(
    'says what to enter where “%s” is no clue',
    async (clue) => {
      const { status, text } = await asked(clue);
      expect(status).toBe(422);
      expect(text).toContain('href="#clue"');
    },
  );
});

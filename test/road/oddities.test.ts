import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transaction } from '../../src/store/connect.ts';
import { noticesAbout } from '../../src/store/outbox.ts';
import { setSuspended } from '../../src/store/people.ts';
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

let world: TestWorld;
let gate: TestGateway;

beforeAll(async () => {
  world = await testWorld();
  world.dns.set('MX xn--bcher-kva.example', [{ preference: 10, exchange: 'mx.plain.example' }]);
  gate = await runGateway(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

function hello(to: string): string {
  return mail({ to, subject: 'About the hall', text: 'The hall is free on Tuesday.' });
}

describe('odd addresses', () => {
  it.each([
    ['a quoted local part', '"odd one"@plain.example'],
    ['a plus and dots', 'a.b+c@plain.example'],
    ['an internationalised domain', 'a@bücher.example'],
    ['the longest local part', `${'x'.repeat(64)}@plain.example`],
  ])('%s reaches the next hop', async (_, address) => {
    const queueId = await gate.submit({ from: MEMBER, to: [address], raw: hello(address) });
    const { recipients, decision } = await gate.until(queueId, 'delivered', 'held', 'rejected');
    expect([recipients[0]?.status, decision?.findings]).toEqual(['delivered', []]);
  });
});

describe('a null sender', () => {
  it('is passed on as null, and its failure is told to nobody', async () => {
    world.plain.behave({ answer: (stage) => (stage === 'RCPT' ? '550 5.1.1 Gone' : null) });
    const queueId = await gate.relay({
      from: '',
      to: ['gone@plain.example'],
      raw: mail({
        to: 'gone@plain.example',
        subject: 'Automatic reply: the hall',
        text: 'I am away.',
        headers: ['Auto-Submitted: auto-replied'],
      }),
    });
    await gate.until(queueId, 'bounced');
    world.plain.behave({ answer: () => null });
    expect(await noticesAbout(gate.gateway.db, queueId)).toEqual([]);
    expect(world.plain.commands().some((line) => line.startsWith('MAIL FROM:<>'))).toBe(true);
  });
});

describe('a suspended member', () => {
  it('is refused from the moment on, and may send again once it is lifted', async () => {
    const { db } = gate.gateway;
    const person = gate.gateway.road.directory().byAddress(OTHER_MEMBER);
    const change = { personId: person?.id ?? '', by: 'ict', at: new Date() };
    const raw = mail({
      from: `Owen Pike <${OTHER_MEMBER}>`,
      to: 'ann@plain.example',
      subject: 'The rota',
      text: 'Mine is Tuesday.',
    });
    const submit = () => gate.submit({ from: OTHER_MEMBER, to: ['ann@plain.example'], raw });
    await transaction(db, (tx) => setSuspended(tx, { ...change, reason: 'Account taken over' }));
    await expect(submit()).rejects.toMatchObject({
      response: expect.stringMatching(/^550 5\.7\.1 /),
    });
    await transaction(db, (tx) => setSuspended(tx, { ...change, reason: null }));
    const queueId = await eventually(() => submit().catch(() => null), 'Still refused');
    await gate.until(queueId, 'delivered');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';
import { run } from './program.ts';

let world: TestWorld;
let gate: TestGateway;
let queueId: string;

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
  const to = ['ann@plain.example'];
  const text = 'Please vote Labour on Thursday and put our candidate first.';
  queueId = await gate.submit({
    from: MEMBER,
    to,
    raw: mail({ to: to.join(), subject: 'Thursday', text }),
  });
  await gate.until(queueId, 'held');
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

const cli = (...words: string[]) => run(['explain', ...words], { db: gate.gateway.db });

describe('explain', () => {
  it('says with values why a rule fired and why another did not, and is audited', async () => {
    const { out, error } = await cli(queueId, '--officer', 'helen');
    expect(error).toBeNull();
    expect(out).toContain(`From ${MEMBER} (member, known by login)`);
    expect(out).toContain('To ann@plain.example: held');
    expect(out).toMatch(/\+ political-content: hold/);
    expect(out).toMatch(/political.* is (true|[01](\.\d+)?): political \(/);
    expect(out).toMatch(
      /- marked-official-sensitive: not so: .*\n +message\.marking\.level is "NONE"/,
    );
    expect(out).toMatch(/Policy version [0-9a-f]{64}\nInputs hash [0-9a-f]{64}/);
    const rows = await gate.gateway.db`
      select actor, data from audit where event = 'message-explained' and queue_id = ${queueId}`;
    const [version] = /[0-9a-f]{64}/.exec(out) ?? [];
    expect([...rows]).toEqual([{ actor: 'helen', data: { policyVersion: version } }]);
  });

  it('takes the policy of the message’s time, and says where values were not recorded', async () => {
    const { db } = gate.gateway;
    await db`update messages set readings = null where queue_id = ${queueId}`;
    const { out } = await cli(queueId);
    expect(out).toMatch(/\+ political-content: hold/);
    expect(out).toContain('was not recorded with this message');
    await db`
      update messages set decision = jsonb_set(decision, '{policyVersion}', '"0000"')
      where queue_id = ${queueId}`;
    expect((await cli(queueId)).error?.message).toBe('Policy version 0000 is not in the record');
  });

  it('says what cannot be explained', async () => {
    expect((await cli('nonsense')).error?.name).toBe('UsageError');
    const unknown = `0${queueId.slice(1, -4)}0000`;
    expect((await cli(unknown)).error?.message).toBe(`No message "${unknown}" in the record`);
    await gate.gateway.db`update messages set erased_at = now() where queue_id = ${queueId}`;
    expect((await cli(queueId)).error?.message).toContain('was erased');
  });
});

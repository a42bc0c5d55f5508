import { Redis } from 'ioredis';
import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { noticesAbout } from '../../src/store/outbox.ts';
import {
  eventually,
  mail,
  MEMBER,
  runGateway,
  testWorld,
  type TestWorld,
} from '../support/gateway.ts';
import { ownRedis, type OwnRedis } from '../support/redis.ts';

let world: TestWorld;
let redis: OwnRedis;

beforeAll(async () => {
  world = await testWorld();
  redis = await ownRedis();
  await redis.start();
  world.config.redisUrl = redis.url;
});
afterAll(async () => {
  await redis?.remove();
  await world?.close();
});

const TO = ['ann@plain.example'];

function letter(subject: string): string {
  return mail({ to: 'ann@plain.example', subject, text: `Text of ${subject}.` });
}

async function http(base: string | undefined, where: string) {
  const response = await fetch(`${base}${where}`);
  return { status: response.status, text: await response.text() };
}

describe('two processes on one record', () => {
  it('take mail in and deliver it, and the one that takes it in holds no private key', async () => {
    const worker = await runGateway(world.config, { roles: ['worker'] });
    const key = path.join(world.config.stateDir, 'keys', 'spool.key');
    // Out of the way: whoever reads it now cannot start.
    await rename(key, `${key}.away`);
    const smtp = await runGateway(world.config, { roles: ['smtp'] });
    await rename(`${key}.away`, key);
    try {
      expect(smtp.gateway.keys.spoolPrivateKeys).toBeNull();
      expect(Object.keys(worker.gateway.endpoints)).toEqual(['http']);
      const queueId = await smtp.submit({ from: MEMBER, to: TO, raw: letter('Apart') });
      await worker.until(queueId, 'delivered');
    } finally {
      await smtp.stop();
      await worker.stop();
    }
  });
});

describe('while Redis is away', () => {
  it('mail is accepted, a worker alone is not ready, and the mail leaves afterwards', async () => {
    const gate = await runGateway(world.config);
    const worker = await runGateway(world.config, { roles: ['worker'] });
    try {
      const { http: base } = gate.gateway.endpoints;
      const { http: apart } = worker.gateway.endpoints;
      expect(await http(apart, '/readyz')).toEqual({ status: 200, text: 'ready\n' });
      await redis.kill();
      const away = await eventually(async () => {
        const answer = await http(apart, '/readyz');
        return answer.status === 503 ? answer : null;
      }, 'Readiness did not notice');
      expect(away.text).toBe('not ready: wake-up calls\n');
      expect(await http(base, '/readyz')).toEqual({ status: 200, text: 'ready\n' });
      expect((await http(base, '/metrics')).text).not.toContain('portreeve_jobs_waiting{');
      const queueId = await gate.submit({ from: MEMBER, to: TO, raw: letter('Without Redis') });
      expect(queueId).not.toBe('');
      await redis.start();
      await gate.until(queueId, 'delivered');
    } finally {
      await gate.stop();
      await worker.stop();
    }
  });
});

describe('what the gateway says of itself', () => {
  const WORDS = ['Whitlock', 'lavender', 'cockatoo', 'ann@plain.example', 'plain.example', MEMBER];

  it('holds no address, subject or word of a message: log, metrics and Redis', async () => {
    const lines: string[] = [];
    const seen = new Set<string>();
    const gate = await runGateway(world.config, {
      log: createLog('debug', (line) => void lines.push(line)),
    });
    const client = new Redis(redis.url);
    const monitor = await client.monitor();
    monitor.on('monitor', (_time: string, input: string[]) => seen.add(input.join(' ')));
    try {
      world.plain.behave({
        answer: (stage, argument) =>
          stage === 'RCPT' && argument.startsWith('gone')
            ? `550 5.1.1 <${argument}> lavender`
            : null,
      });
      const send = (subject: string, text: string, to: string) =>
        gate.submit({ from: MEMBER, to: [to], raw: mail({ to, subject, text }) });
      const bounced = await send('Whitlock', 'A cockatoo.', 'gone@plain.example');
      const held = await send('Whitlock', 'Please vote Labour, cockatoo', 'ann@plain.example');
      const waits = await send('OFFICIAL-SENSITIVE: Whitlock', 'cockatoo', 'ann@plain.example');
      await gate.submit({ from: MEMBER, to: TO, raw: 'From: Whitlock\r\n\r\n' }).catch(() => null);
      await gate.until(bounced, 'bounced');
      await gate.until(held, 'held', 'delivered');
      await gate.until(waits, 'deferred');
      for (const queueId of [bounced, waits]) {
        await eventually(async () => {
          const notices = await noticesAbout(gate.gateway.db, queueId);
          return notices.some(({ writtenAt }) => writtenAt !== null) || null;
        }, 'No notice');
      }
      const metrics = await http(gate.gateway.endpoints['http'], '/metrics');
      expect(metrics.status).toBe(200);
      for (const name of [
        'portreeve_events_total{event="reception"}',
        'portreeve_events_total{event="bounce"}',
        'portreeve_events_total{event="rejection"}',
        'portreeve_decisions_total{gate="release",protection="required"}',
        'portreeve_recipients{status="deferred"}',
        'process_cpu_user_seconds_total',
      ]) {
        expect(metrics.text).toContain(name);
      }
      const log = lines.join('');
      expect(log).toContain(bounced);
      expect([...seen].join('\n')).toContain(bounced);
      for (const word of WORDS) {
        expect(metrics.text).not.toContain(word);
        expect([...seen].join('\n')).not.toContain(word);
      }
      // The host that took a message is not a person: its name may stand in the log.
      for (const word of WORDS.filter((each) => each !== 'plain.example')) {
        expect(log).not.toContain(word);
      }
    } finally {
      monitor.disconnect();
      client.disconnect();
      world.plain.behave({ answer: () => null });
      await gate.stop();
    }
  });
});

describe('a gateway that cannot start', () => {
  it('says which port is in use, and closes what it had opened', async () => {
    const taken = createServer().listen(0, world.config.connector.host);
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const config = { ...world.config, connector: { ...world.config.connector, port } };
    const connections = async (): Promise<number> => {
      const [row] = await world.database.db`
        select count(*)::int as count from pg_stat_activity where datname = current_database()`;
      return Number(row?.['count']);
    };
    const before = await connections();
    await expect(runGateway(config)).rejects.toThrow('EADDRINUSE: address already in use');
    const closed = async () => ((await connections()) <= before ? true : null);
    await eventually(closed, 'Connections to the record stayed open');
    taken.close();
  });

  it('refuses where the active policy lacks a council that is live', async () => {
    const policy = { ...world.config.policy, councils: ['merebrook', 'atlantis'] };
    await expect(runGateway({ ...world.config, policy })).rejects.toThrow(
      'The active policy has no council "atlantis"',
    );
  });
});

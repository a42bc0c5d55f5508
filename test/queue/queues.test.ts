import { Queue } from 'bullmq';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/embedded/shared-use.ts';
import { createLog } from '../../src/log.ts';
import { createQueues, type Queues, type WorkKind } from '../../src/queue/queues.ts';
import { eventually } from '../support/gateway.ts';
import { freshRedis, ownRedis, type OwnRedis } from '../support/redis.ts';

const open: Queues[] = [];
const servers: OwnRedis[] = [];
afterEach(async () => {
  for (const queues of open.splice(0)) await queues.close();
  for (const server of servers.splice(0)) await server.remove();
});

function queuesOn(redisUrl: string, lines: string[] = []): Queues {
  const log = createLog('info', (line) => void lines.push(line));
  const queues = createQueues({ redisUrl, prefix: 'test', log });
  open.push(queues);
  return queues;
}

type Handlers = Parameters<Queues['work']>[0];

function handlers(changes: Partial<Handlers>): Handlers {
  const none = (): Promise<void> => Promise.resolve();
  return { process: none, deliver: none, notify: none, erase: none, ...changes };
}

async function whenReady(queues: Queues): Promise<void> {
  await eventually(async () => (await queues.ready()) || null, 'Redis is not ready');
}

describe('createQueues()', () => {
  it('hands each id to the handler of its kind', async () => {
    const queues = queuesOn((await freshRedis()).url);
    await whenReady(queues);
    const done: string[] = [];
    const note = (kind: WorkKind) => (id: string) =>
      Promise.resolve(void done.push(`${kind} ${id}`));
    queues.work(handlers({ process: note('process'), deliver: note('deliver') }), 2);
    await queues.wake('process', ['A1']);
    await queues.wake('deliver', ['B1', 'B2']);
    await eventually(() => Promise.resolve(done.length === 3 || null), 'Not all were handled');
    expect(done.sort()).toEqual(['deliver B1', 'deliver B2', 'process A1']);
  });

  it('adds an id that waits already only once a round', async () => {
    const queues = queuesOn((await freshRedis()).url);
    await whenReady(queues);
    for (let times = 0; times < 3; times += 1) await queues.wake('deliver', ['A1'], 7);
    expect((await queues.waiting())?.deliver).toBe(1);
    await queues.wake('deliver', ['A1'], 8);
    expect((await queues.waiting())?.deliver).toBe(2);
  });

  it('goes on after a handler that throws, logs the id, and takes the id again', async () => {
    const lines: string[] = [];
    const queues = queuesOn((await freshRedis()).url, lines);
    await whenReady(queues);
    let times = 0;
    queues.work(
      handlers({
        notify: () => {
          times += 1;
          return times === 1 ? Promise.reject(new Error('Bug')) : Promise.resolve();
        },
      }),
      1,
    );
    await queues.wake('notify', ['N1']);
    await eventually(() => Promise.resolve(lines.length > 0 || null), 'Nothing was logged');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'fault', part: 'notify', id: 'N1' });
    await eventually(async () => {
      await queues.wake('notify', ['N1']);
      return times > 1 || null;
    }, 'The id was not taken again');
  });

  it('keeps one daily job, also when it is asked for again and after a wipe', async () => {
    const redis = await freshRedis();
    const queues = queuesOn(redis.url);
    await whenReady(queues);
    const peek = new Queue('erase', { connection: { url: redis.url }, prefix: 'test' });
    const standing = async () => (await peek.getDelayed()).map(({ id, delay }) => ({ id, delay }));
    await queues.scheduleDaily('erase', 2, 'Europe/London');
    const first = await standing();
    expect(first).toHaveLength(1);
    await queues.scheduleDaily('erase', 2, 'Europe/London');
    expect(await standing()).toEqual(first);
    await redis.flush();
    expect(await standing()).toEqual([]);
    await queues.scheduleDaily('erase', 2, 'Europe/London');
    expect(await standing()).toHaveLength(1);
    await queues.scheduleDaily('erase', 3, 'Europe/London');
    const moved = await standing();
    expect(moved).toHaveLength(1);
    expect(moved[0]?.id).not.toBe(first[0]?.id);
    await peek.close();
  });
});

describe('without Redis', () => {
  it('wake() neither throws nor waits, and nothing says that Redis is ready', async () => {
    const lines: string[] = [];
    const queues = queuesOn(`redis://127.0.0.1:${await freePort()}`, lines);
    await queues.wake('process', ['A1']);
    await eventually(() => Promise.resolve(lines.length > 0 || null), 'Nothing was logged');
    await queues.wake('process', ['A1']);
    expect(await queues.ready()).toBe(false);
    queues.work(handlers({}), 1);
  });

  it('work goes on by itself once it is back, and says so once', async () => {
    const redis = await ownRedis();
    servers.push(redis);
    await redis.start();
    const lines: string[] = [];
    const queues = queuesOn(redis.url, lines);
    await whenReady(queues);
    const done: string[] = [];
    queues.work(handlers({ process: (id) => Promise.resolve(void done.push(id)) }), 1);
    await queues.wake('process', ['A1']);
    await eventually(() => Promise.resolve(done.includes('A1') || null), 'A1 was not handled');
    await redis.kill();
    await eventually(async () => !(await queues.ready()) || null, 'Redis is still there');
    await queues.wake('process', ['A2']);
    expect(await queues.waiting()).toBeNull();
    await redis.start();
    await eventually(async () => {
      await queues.wake('process', ['A3']);
      return done.includes('A3') || null;
    }, 'Work did not go on');
    const said = lines.map((line) => JSON.parse(line) as Record<string, string>);
    // One line of each connection when it goes, and one when it is back.
    expect(said.filter(({ event }) => event === 'fault').length).toBeLessThanOrEqual(2);
  });
});

describe('close()', () => {
  it('lets a job that runs come to its end', async () => {
    const queues = createQueues({
      redisUrl: (await freshRedis()).url,
      prefix: 'test',
      log: createLog('silent'),
    });
    await whenReady(queues);
    let state = 'waits';
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    queues.work(
      handlers({
        deliver: async () => {
          state = 'runs';
          await finished;
          state = 'ended';
        },
      }),
      1,
    );
    await queues.wake('deliver', ['A1']);
    await eventually(() => Promise.resolve(state === 'runs' || null), 'The job did not start');
    const closing = queues.close();
    finish();
    await closing;
    expect(state).toBe('ended');
  });

  it('does not wait for ever for one that hangs', async () => {
    const queues = createQueues({
      redisUrl: (await freshRedis()).url,
      prefix: 'test',
      log: createLog('silent'),
    });
    await whenReady(queues);
    let runs = false;
    queues.work(
      handlers({
        deliver: () => {
          runs = true;
          return new Promise(() => {});
        },
      }),
      1,
    );
    await queues.wake('deliver', ['A1']);
    await eventually(() => Promise.resolve(runs || null), 'The job did not start');
    const before = Date.now();
    await queues.close();
    expect(Date.now() - before).toBeLessThan(8000);
  });
});

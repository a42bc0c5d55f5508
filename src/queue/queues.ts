import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker, type JobsOptions, type WorkerOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../log.ts';

/** The kinds of work. A job carries one id, never content: PostgreSQL knows the rest. */
export const WORK_KINDS = ['process', 'deliver', 'notify', 'erase'] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

export interface Queues {
  /**
   * Asks that some worker look at `ids` soon. Never throws and never waits for a lost Redis: what
   * is not woken is found by the sweep.
   * @param round an id is added once a round. A job of a killed process blocks its round only: the
   *   next sweep has another.
   */
  wake(kind: WorkKind, ids: readonly string[], round?: number): Promise<void>;
  /** Starts the workers. A handler that throws is logged; the sweep brings its id back. */
  work(handlers: Record<WorkKind, (id: string) => Promise<void>>, concurrency: number): void;
  /** Makes sure that the daily job stands; safe to call again, and after Redis was wiped. */
  scheduleDaily(kind: WorkKind, hour: number, timeZone: string): Promise<void>;
  /** True while Redis answers. */
  ready(): Promise<boolean>;
  /** Jobs waiting, by kind; `null` while Redis is away. */
  waiting(): Promise<Record<WorkKind, number> | null>;
  /**
   * Takes no more jobs, gives those that run a few seconds to end, then closes every connection.
   * What has not ended is under a lease in the record, and taken up again when that is out.
   */
  close(): Promise<void>;
}

// Producers fail fast when Redis is away, workers wait: accepting mail must not hang on a wake-up
// call.
const PRODUCER_CONNECTION = { enableOfflineQueue: false, maxRetriesPerRequest: 1 } as const;
const WORKER_CONNECTION = { maxRetriesPerRequest: null } as const;

/** A stop must be over within ten seconds, whatever a mail server or Redis does meanwhile. */
const GRACE_MS = 5000;

/** @param prefix keeps several gateways apart on one Redis. */
export function createQueues(options: { redisUrl: string; prefix: string; log: Log }): Queues {
  const { redisUrl, prefix, log } = options;
  let closed = false;
  // BullMQ copies it to connections of its own: none of them may outlive the close.
  const retryStrategy = (times: number) => (closed ? null : Math.min(times * 200, 2000));
  const connect = (extra: RedisOptions): Redis =>
    connectTo(redisUrl, { ...extra, retryStrategy }, log);
  const producer = connect(PRODUCER_CONNECTION);
  const connections = [producer];
  const queues = Object.fromEntries(
    WORK_KINDS.map((kind) => {
      const queue = new Queue(kind, { connection: producer, prefix });
      queue.on('error', () => undefined); // The connection above has already said it.
      return [kind, queue];
    }),
  ) as Record<WorkKind, Queue>;
  const workers: Worker[] = [];

  return {
    async wake(kind, ids, round = 0) {
      // Refused at once rather than kept waiting: BullMQ waits for its first connection for ever.
      if (producer.status !== 'ready') return;
      try {
        const jobs = ids.map((id) => ({ name: kind, data: { id }, opts: jobOptions(id, round) }));
        if (jobs.length > 0) await queues[kind].addBulk(jobs);
      } catch (error) {
        log.fault('wake', error);
      }
    },
    work(handlers, concurrency) {
      const connection = connect(WORKER_CONNECTION);
      connections.push(connection);
      const options = { connection, prefix, concurrency };
      workers.push(...WORK_KINDS.map((kind) => startWorker(kind, handlers[kind], options, log)));
    },
    scheduleDaily: (kind, hour, timeZone) => schedule(queues[kind], kind, hour, timeZone),
    async ready() {
      try {
        return (await producer.ping()) === 'PONG';
      } catch {
        return false;
      }
    },
    async waiting() {
      try {
        const counts = await Promise.all(
          WORK_KINDS.map(async (kind) => [kind, await queues[kind].getWaitingCount()] as const),
        );
        return Object.fromEntries(counts) as Record<WorkKind, number>;
      } catch {
        return null;
      }
    },
    async close() {
      closed = true;
      await endWorkers(workers);
      for (const connection of connections) connection.disconnect();
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}

async function schedule(
  queue: Queue,
  kind: WorkKind,
  hour: number,
  timeZone: string,
): Promise<void> {
  const id = `daily-${kind}`;
  const daily = { pattern: `0 0 ${hour} * * *`, tz: timeZone };
  const standing = await queue.getJobScheduler(id);
  // Put anew at the very moment when it is due, today's job would give way to tomorrow's.
  if (standing?.pattern === daily.pattern && standing.tz === daily.tz) return;
  await queue.upsertJobScheduler(id, daily, {
    name: kind,
    data: { id: 'daily' },
    opts: { removeOnComplete: true, removeOnFail: true },
  });
}

function connectTo(redisUrl: string, options: RedisOptions, log: Log): Redis {
  const redis = new Redis(redisUrl, { ...options, lazyConnect: false });
  let away = false;
  // One line when it goes, one when it is back: a Redis that is down must not flood the log.
  redis.on('error', (error) => {
    if (!away) log.fault('redis', error);
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.lifecycle('redis', 'back');
    away = false;
  });
  return redis;
}

function startWorker(
  kind: WorkKind,
  handle: (id: string) => Promise<void>,
  options: WorkerOptions,
  log: Log,
): Worker {
  const work = ({ data: { id } }: { data: { id: string } }): Promise<void> =>
    handle(id).catch((error: unknown) => log.fault(kind, error, { id }));
  const worker = new Worker(kind, work, options);
  worker.on('error', () => undefined); // The connection has already said it.
  return worker;
}

/** Lets running jobs end, but not for ever: a server that hangs must not keep the gateway. */
async function endWorkers(workers: Worker[]): Promise<void> {
  const grace = new AbortController();
  const late = sleep(GRACE_MS, true, { signal: grace.signal }).catch(() => false);
  const ended = Promise.all(workers.map((worker) => worker.close())).then(() => false);
  if (await Promise.race([ended, late])) {
    for (const worker of workers) void worker.disconnect().catch(() => undefined);
  }
  grace.abort();
}

// Finished and failed jobs leave at once: an old job of the same id silently swallows a new one.
function jobOptions(id: string, round: number): JobsOptions {
  return { jobId: `${id}-${round}`, removeOnComplete: true, removeOnFail: true, attempts: 1 };
}

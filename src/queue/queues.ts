import { Queue, Worker, type JobsOptions } from 'bullmq';
import { Redis } from 'ioredis';
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
  /** Lets running jobs end, then closes every connection. */
  close(): Promise<void>;
}

// Producers fail fast when Redis is away, workers wait: accepting mail must not hang on a wake-up
// call.
const PRODUCER_CONNECTION = { enableOfflineQueue: false, maxRetriesPerRequest: 1 } as const;
const WORKER_CONNECTION = { maxRetriesPerRequest: null } as const;

const retryStrategy = (times: number): number => Math.min(times * 200, 2000);

/** @param prefix keeps several gateways apart on one Redis. */
export function createQueues(options: { redisUrl: string; prefix: string; log: Log }): Queues {
  const { redisUrl, prefix, log } = options;
  const connect = (extra: object): Redis => {
    const redis = new Redis(redisUrl, { ...extra, retryStrategy, lazyConnect: false });
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
  };
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
      try {
        const jobs = ids.map((id) => ({ name: kind, data: { id }, opts: jobOptions(id, round) }));
        if (jobs.length > 0) await queues[kind].addBulk(jobs);
      } catch (error) {
        if (producer.status === 'ready') log.fault('wake', error);
      }
    },
    work(handlers, concurrency) {
      const connection = connect(WORKER_CONNECTION);
      connections.push(connection);
      for (const kind of WORK_KINDS) {
        const worker = new Worker<{ id: string }>(
          kind,
          async (job) => {
            try {
              await handlers[kind](job.data.id);
            } catch (error) {
              log.fault(kind, error, { id: job.data.id });
            }
          },
          { connection, prefix, concurrency },
        );
        worker.on('error', () => undefined);
        workers.push(worker);
      }
    },
    async scheduleDaily(kind, hour, timeZone) {
      await queues[kind].upsertJobScheduler(
        `daily-${kind}`,
        { pattern: `0 0 ${hour} * * *`, tz: timeZone },
        { name: kind, data: { id: 'daily' }, opts: { removeOnComplete: true, removeOnFail: true } },
      );
    },
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
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      for (const connection of connections) connection.disconnect();
    },
  };
}

// Finished and failed jobs leave at once: an old job of the same id silently swallows a new one.
function jobOptions(id: string, round: number): JobsOptions {
  return { jobId: `${id}-${round}`, removeOnComplete: true, removeOnFail: true, attempts: 1 };
}

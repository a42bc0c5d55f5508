import type { Config } from '../../src/config.ts';
import type { RecipientStatus } from '../../src/mail/disposition.ts';
import type { Road } from '../../src/pipeline/road.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import type { Queues, WorkKind } from '../../src/queue/queues.ts';
import { loadMessage, type StoredMessage } from '../../src/store/messages.ts';
import { runGateway, type Sent } from './gateway.ts';

/** A gateway that works only when it is told to, at a time that the test says. */
export interface HandCranked {
  road: Road;
  endpoints: Record<string, string>;
  /** What a test puts here stands in for that part of the road, until it is taken out. */
  instead: Partial<Road>;
  /** Minutes go by: no timer runs meanwhile. */
  pass(minutes: number): void;
  submit(message: Sent): Promise<string>;
  relay(message: Sent): Promise<string>;
  /** Does everything that is wanted, and what that makes wanted, until nothing is. */
  work(): Promise<void>;
  /** The same after a sweep, which finds what the clock has made due. */
  sweep(): Promise<void>;
  /** The nightly job, and what that makes wanted. */
  daily(): Promise<void>;
  /** Forgets what is wanted, as a wiped Redis does. */
  forget(): void;
  message(queueId: string): Promise<StoredMessage>;
  statuses(queueId: string): Promise<RecipientStatus[]>;
  stop(): Promise<void>;
}

const START = new Date('2026-11-22T10:00:00Z');
const NEVER_SECONDS = 86_400;

/** All of it is real; the wake-up calls alone, and the handlers of them, wait for the test. */
export async function handCranked(config: Config): Promise<HandCranked> {
  let now = START;
  const wanted: [WorkKind, string][] = [];
  const instead: Partial<Road> = {};
  let handlers: Parameters<Queues['work']>[0] | null = null;
  const takeHandlers: Queues['work'] = (given) => void (handlers = given);
  const wake: Road['queues']['wake'] = (kind, ids) => {
    for (const id of ids) {
      if (!wanted.some(([each, other]) => each === kind && other === id)) wanted.push([kind, id]);
    }
    return Promise.resolve();
  };
  const gate = await runGateway(
    { ...config, sweepSeconds: NEVER_SECONDS },
    {
      clock: () => now,
      decorate: (road) =>
        new Proxy(
          { ...road, queues: { ...road.queues, wake, work: takeHandlers } },
          { get: (target, key) => Reflect.get(key in instead ? instead : target, key) as unknown },
        ),
    },
  );
  const { road, endpoints, db } = gate.gateway;
  const work = async (): Promise<void> => {
    for (let next = wanted.shift(); next; next = wanted.shift()) {
      const [kind, id] = next;
      await handlers?.[kind](id);
    }
  };
  const message = async (queueId: string): Promise<StoredMessage> => {
    const found = await loadMessage(db, queueId);
    if (!found) throw new Error(`No message ${queueId}`);
    return found;
  };
  return {
    road,
    endpoints,
    instead,
    pass: (minutes) => {
      now = new Date(now.getTime() + minutes * 60_000);
    },
    submit: (sent) => gate.submit(sent),
    relay: (sent) => gate.relay(sent),
    work,
    async sweep() {
      await sweep(road);
      await work();
    },
    async daily() {
      await wake('erase', ['daily']);
      await work();
    },
    forget: () => void wanted.splice(0),
    message,
    statuses: async (queueId) => (await message(queueId)).recipients.map(({ status }) => status),
    stop: () => gate.stop(),
  };
}

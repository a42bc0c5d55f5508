// A gateway in a process of its own that kills itself (SIGKILL) just before its Nth step. A step is anything
// that changes the world: a statement or a commit in the record, a spool file, a message sent.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Config } from '../../src/config.ts';
import { startGateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { MEANING_DIMENSIONS } from '../../src/mail/meaning.ts';
import type { Road } from '../../src/pipeline/road.ts';
import type { Db } from '../../src/store/connect.ts';

const [configFile = '', deadlyStep = '0'] = process.argv.slice(2);
const config = JSON.parse(readFileSync(configFile, 'utf8')) as Config;

let steps = 0;
let armed = false;
function step(): void {
  if (!armed) return;
  steps += 1;
  if (steps === Number(deadlyStep)) process.kill(process.pid, 'SIGKILL');
}

/** Counts each statement, each beginning and each commit. */
function counted<T extends Db>(db: T): T {
  return new Proxy(db, {
    apply(target, self, args: unknown[]) {
      // Only a tagged template is a statement; other calls build fragments of one.
      if (Array.isArray(args[0]) && 'raw' in args[0]) step();
      return Reflect.apply(target, self, args);
    },
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key !== 'begin' || typeof value !== 'function') return value;
      return (work: (tx: Db) => Promise<unknown>) =>
        (value as (work: (tx: Db) => Promise<unknown>) => unknown).call(target, async (tx: Db) => {
          const result = await work(counted(tx));
          step();
          return result;
        });
    },
  });
}

function decorate(road: Road): Road {
  return {
    ...road,
    // The encoder takes seconds to load, in each of this test's many processes. Custody is the matter
    // here, and neither message rests on what its sentences mean.
    meaningReader: {
      read: (sentences) =>
        Promise.resolve(sentences.map(() => new Float32Array(MEANING_DIMENSIONS))),
    },
    db: counted(road.db),
    spool: {
      write: async (queueId, source) => {
        step();
        const stored = await road.spool.write(queueId, source);
        step();
        return stored;
      },
      read: (queueId, key) => road.spool.read(queueId, key),
      remove: (queueId) => road.spool.remove(queueId),
      freeBytes: () => road.spool.freeBytes(),
      olderThan: (before) => road.spool.olderThan(before),
    },
    courier: {
      ...road.courier,
      send: async (job) => {
        step();
        const outcomes = await road.courier.send(job);
        step();
        return outcomes;
      },
      probe: (question) => road.courier.probe(question),
      close: () => road.courier.close(),
    },
  };
}

const gateway = await startGateway(config, {
  log: createLog('silent'),
  roles: ['smtp', 'worker'],
  decorate,
});
process.on('message', (message) => {
  if (message === 'arm') {
    armed = true;
    process.send?.('armed');
  }
  if (message === 'collect') {
    globalThis.gc?.();
    process.send?.('collected');
  }
  if (message === 'stop') {
    void gateway.stop().then(() => process.exit(0));
  }
});
process.send?.(gateway.endpoints);

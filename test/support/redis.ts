import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { freePort } from '../../src/embedded/shared-use.ts';

/** An empty logical Redis database of one's own. Database 0 counts which were given out. */
export async function freshRedis(): Promise<{ url: string; flush(): Promise<void> }> {
  const server = inject('redisUrl');
  const redis = new Redis(server);
  const [, databases] = (await redis.config('GET', 'databases')) as [string, string];
  const given = await redis.incr('portreeve:test:given');
  const number = 1 + (given % (Number(databases) - 1));
  await redis.select(number);
  await redis.flushdb();
  redis.disconnect();
  const url = new URL(server);
  url.pathname = `/${number}`;
  return {
    url: url.href,
    flush: async () => {
      const own = new Redis(url.href);
      await own.flushdb();
      own.disconnect();
    },
  };
}

/** A Redis that a test may take away and bring back on the same port. */
export interface OwnRedis {
  url: string;
  start(): Promise<void>;
  /** As a crash does it: at once, and nothing is kept. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

export async function ownRedis(): Promise<OwnRedis> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-redis-'));
  const port = await freePort();
  const options = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'no' };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child = null;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const line of child.stdout ?? []) {
        if (String(line).includes('Ready to accept connections')) break;
      }
    },
    kill,
    async remove() {
      await kill();
      await rm(dir, { recursive: true });
    },
  };
}

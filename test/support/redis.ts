import { Redis } from 'ioredis';
import { inject } from 'vitest';

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

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { startRedis } from '../../src/embedded/redis.ts';
import { connect } from '../../src/store/connect.ts';

const settings = { fsync: 'off' };
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portreeve engine-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function query(url: string, statement: string): Promise<unknown[]> {
  const db = connect(url, { max: 1 });
  try {
    return [...(await db.unsafe(statement))];
  } finally {
    await db.end();
  }
}

async function ask(url: string, work: (redis: Redis) => Promise<unknown>): Promise<unknown> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** A process that starts an engine, says its URL and waits; it can be killed. */
async function other(engine: 'postgres' | 'redis'): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(new URL('../support/engine-process.ts', import.meta.url), [engine, dir]);
  const [url] = (await once(child, 'message')) as [string];
  return { url, child };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('startPostgres()', () => {
  test('keeps data, password and safety between starts', async () => {
    const first = await startPostgres({ dir, settings });
    await query(first.url, 'create table kept as select 7 as n');
    await first.stop();
    await expect(query(first.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    const second = await startPostgres({ dir });
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 7 }]);
    expect(await query(second.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
    await second.stop();
    expect((await stat(join(dir, 'data', 'portreeve.password'))).mode & 0o077).toBe(0);
  });

  test('lets nobody in without the password, and listens on loopback only', async () => {
    const engine = await startPostgres({ dir, settings });
    const wrong = new URL(engine.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication');
    const [row] = await query(
      engine.url,
      `select current_setting('listen_addresses') as on,
      current_setting('unix_socket_directories') as sockets`,
    );
    expect(row).toEqual({ on: '127.0.0.1', sockets: '' });
    await engine.stop();
  });

  test('is shared by all who start it at once, and stops with the last', async () => {
    const engines = await Promise.all([1, 2, 3].map(() => startPostgres({ dir, settings })));
    expect(new Set(engines.map((engine) => engine.url)).size).toBe(1);
    const url = engines[0]?.url ?? '';
    await engines[0]?.stop();
    await engines[1]?.stop();
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await engines[2]?.stop();
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('joins the server whose parent was killed, and stops it', async () => {
    const { url, child } = await other('postgres');
    await kill(child);
    const engine = await startPostgres({ dir, settings });
    expect(engine.url).toBe(url);
    await engine.stop();
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('leaves the server to a process that still uses it', async () => {
    const { url, child } = await other('postgres');
    await (await startPostgres({ dir, settings })).stop();
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
    child.send('stop');
    await once(child, 'exit');
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('starts after a crash whose process id is somebody else’s by now', async () => {
    const first = await startPostgres({ dir, settings });
    const file = join(dir, 'data', 'postmaster.pid');
    const left = await readFile(file, 'utf8');
    await first.stop();
    await writeFile(file, left.replace(/^\d+/, String(process.pid)));
    const second = await startPostgres({ dir, settings });
    expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await second.stop();
  });

  test('takes the port that it is told, and says why it cannot', async () => {
    const redis = await startRedis({ dir: join(dir, 'redis') });
    const port = Number(new URL(redis.url).port);
    const starting = startPostgres({ dir: join(dir, 'postgres'), port, settings });
    await expect(starting).rejects.toThrow(/does not start[^]*Address already in use/);
    await redis.stop();
    const engine = await startPostgres({ dir: join(dir, 'postgres'), port, settings });
    expect(new URL(engine.url).port).toBe(String(port));
    await engine.stop();
  });
});

describe('startRedis()', () => {
  test('keeps jobs between starts, and refuses rather than forgets', async () => {
    const first = await startRedis({ dir });
    await ask(first.url, (redis) => redis.set('kept', '7'));
    await first.stop();
    await expect(ask(first.url, (redis) => redis.ping())).rejects.toThrow('Connection is closed');
    const second = await startRedis({ dir });
    expect(await ask(second.url, (redis) => redis.get('kept'))).toBe('7');
    const policy = await ask(second.url, (redis) => redis.config('GET', 'maxmemory-policy'));
    expect(policy).toEqual(['maxmemory-policy', 'noeviction']);
    await second.stop();
  });

  test('lets nobody in without the password', async () => {
    const engine = await startRedis({ dir });
    const open = new URL(engine.url);
    open.password = '';
    await expect(ask(open.href, (redis) => redis.ping())).rejects.toThrow('Connection is closed');
    expect(await ask(engine.url, (redis) => redis.ping())).toBe('PONG');
    expect((await stat(join(dir, 'redis.conf'))).mode & 0o077).toBe(0);
    await engine.stop();
  });

  test('joins the server whose parent was killed, and stops it', async () => {
    const { url, child } = await other('redis');
    await kill(child);
    const engine = await startRedis({ dir });
    expect(engine.url).toBe(url);
    await engine.stop();
    await expect(ask(url, (redis) => redis.ping())).rejects.toThrow('Connection is closed');
  });

  test('starts anew after a crash', async () => {
    const first = await startRedis({ dir });
    const pid = await ask(first.url, (redis) => redis.info('server'));
    process.kill(Number(/process_id:(\d+)/.exec(String(pid))?.[1]), 'SIGKILL');
    await vi.waitFor(() =>
      expect(ask(first.url, (redis) => redis.ping())).rejects.toThrow('Connection is closed'),
    );
    const second = await startRedis({ dir });
    expect(await ask(second.url, (redis) => redis.ping())).toBe('PONG');
    await first.stop();
    await second.stop();
  });
});

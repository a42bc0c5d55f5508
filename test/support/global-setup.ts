import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { startRedis } from '../../src/embedded/redis.ts';
import { prepareTemplate } from './template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server on which each test file makes its own databases. */
    databaseUrl: string;
    /** The name of a migrated database to copy from. */
    templateDatabase: string;
    redisUrl: string;
  }
}

const DIR = fileURLToPath(new URL('../../node_modules/.cache/portreeve-test', import.meta.url));

/**
 * Engines for the whole run: those of DATABASE_URL and REDIS_URL where set, else our own under
 * node_modules/.cache, which later and simultaneous runs share. Nothing in there outlives a crash
 * of the machine: fsync is off. Temporary files of all tests lie in one folder, which goes with the
 * run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const temporary = mkdtempSync(path.join(tmpdir(), 'portreeve-test-'));
  const [postgres, redis] = await Promise.all([
    given(process.env['DATABASE_URL']) ??
      startPostgres({
        dir: `${DIR}/postgres`,
        settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300' },
      }),
    given(process.env['REDIS_URL']) ??
      startRedis({ dir: `${DIR}/redis`, settings: { databases: '1024', appendfsync: 'no' } }),
  ]);
  // After the engines, which may serve other runs still.
  process.env['TMPDIR'] = temporary;
  project.provide('databaseUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  project.provide('templateDatabase', await prepareTemplate(postgres.url));
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(temporary, { recursive: true, force: true });
  };
}

function given(url: string | undefined): { url: string; stop(): Promise<void> } | null {
  return url ? { url, stop: () => Promise.resolve() } : null;
}

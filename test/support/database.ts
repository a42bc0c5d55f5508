import { randomBytes } from 'node:crypto';
import { afterEach, inject } from 'vitest';
import { connect, type ConnectOptions, type Database } from '../../src/store/connect.ts';
import { databaseUrl, newDatabaseName } from './template.ts';

export interface FreshDatabase {
  db: Database;
  url: string;
  /** Closes the connections, and drops the database unless a test of the file failed. */
  drop(): Promise<void>;
}

let failed = false;
afterEach(({ task }) => {
  if (task.result?.state === 'fail') failed = true;
});

/**
 * A migrated database of one's own, with its pool. Call it in `beforeAll`, and `drop` in
 * `afterAll`; after a failure the database is kept for a day and its name is in the output.
 */
export async function freshDatabase(options: ConnectOptions = {}): Promise<FreshDatabase> {
  const serverUrl = inject('databaseUrl');
  const name = newDatabaseName(randomBytes(4).toString('hex'));
  await onServer(serverUrl, `create database ${name} template ${inject('templateDatabase')}`);
  const url = databaseUrl(serverUrl, name);
  const db = connect(url, { max: 5, ...options });
  return {
    db,
    url,
    drop: async () => {
      await db.end({ timeout: 5 });
      if (failed) console.error(`Kept database ${name}`);
      else await onServer(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const server = connect(url, { max: 1 });
  try {
    await server.unsafe(statement);
  } finally {
    await server.end();
  }
}

import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, json, migrate, text, transaction } from '../../src/store/connect.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

async function empty(): Promise<FreshDatabase> {
  const other = await freshDatabase({ max: 10 });
  await other.db.unsafe('drop schema public cascade; create schema public').simple();
  return other;
}

test('migrate() brings a database up once, though ten migrators start together', async () => {
  const other = await empty();
  const pools = Array.from({ length: 10 }, () => connect(other.url, { max: 1 }));
  const applied = await Promise.all(pools.map((pool) => migrate(pool)));
  expect(applied.toSorted((a, b) => b - a)).toEqual([
    expect.any(Number),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  expect(Math.max(...applied)).toBeGreaterThan(0);
  const versions = await other.db`select version from schema_versions`;
  expect(versions.length).toBe(Math.max(...applied));
  await Promise.all(pools.map((pool) => pool.end()));
  await other.drop();
});

test('migrate() leaves nothing behind when a migration fails', async () => {
  const other = await empty();
  await other.db`create table people (stands_in_the_way int)`;
  await expect(migrate(other.db)).rejects.toThrow('already exists');
  const [row] = await other.db`select to_regclass('messages') as messages,
    to_regclass('schema_versions') as versions`;
  expect(row).toEqual({ messages: null, versions: null });
  await other.drop();
});

test('migrate() refuses a database that is newer than the program', async () => {
  const other = await freshDatabase();
  await other.db`insert into schema_versions (version, name) values (9999, '9999_future.sql')`;
  await expect(migrate(other.db)).rejects.toThrow('schema version "9999"');
  await other.drop();
});

test('transaction() rolls back when its work throws', async () => {
  const failing = transaction(fresh.db, async (tx) => {
    await tx`insert into audit (event, actor) values ('reception', 'test')`;
    throw new Error('Stop');
  });
  await expect(failing).rejects.toThrow('Stop');
  expect(await fresh.db`select 1 from audit`).toHaveLength(0);
});

test('transaction() within a transaction is part of it', async () => {
  await transaction(fresh.db, (tx) =>
    transaction(tx, async (inner) => {
      const [a] = await tx`select pg_current_xact_id()::text as id`;
      const [b] = await inner`select pg_current_xact_id()::text as id`;
      expect(b).toEqual(a);
    }),
  );
});

test('connect() waits for the disk at each commit, whatever the server says', async () => {
  await fresh.db.unsafe(`alter database ${new URL(fresh.url).pathname.slice(1)}
    set synchronous_commit = off`);
  const db = connect(fresh.url, { max: 1 });
  expect(await db`show synchronous_commit`).toMatchObject([{ synchronousCommit: 'on' }]);
  await db.end();
});

test('connect() cancels a statement that takes too long', async () => {
  const db = connect(fresh.url, { max: 1, statementTimeoutMs: 20 });
  await expect(db`select pg_sleep(5)`).rejects.toThrow('statement timeout');
  await db.end();
});

test('connect() reads ids as numbers, dates as text and times as Date', async () => {
  const [row] = await fresh.db`select 9007199254740991::bigint as big, array[1, 2]::bigint[] as ids,
    date '2026-03-29' as day, timestamptz '2026-03-29 01:00:00+00' as at_time`;
  expect(row).toEqual({
    big: Number.MAX_SAFE_INTEGER,
    ids: [1, 2],
    day: '2026-03-29',
    atTime: new Date('2026-03-29T01:00:00Z'),
  });
});

test('text() and json() make storable what a stranger may send', async () => {
  const hostile = 'a\0b\ud800c';
  expect(text(hostile)).toBe('a\uFFFDb\uFFFDc');
  const [row] = await fresh.db`select ${json({ deep: [hostile] })}::text::jsonb as value`;
  expect(row).toEqual({ value: { deep: ['a\uFFFDb\uFFFDc'] } });
});

import { readdir, readFile } from 'node:fs/promises';
import postgres from 'postgres';

interface ColumnTypes extends Record<string, unknown> {
  bigint: number;
  isoDate: string;
}

/**
 * A pool of connections, or one transaction of it: what every function of the store takes first.
 */
export type Db = postgres.ISql<ColumnTypes>;

/** The pool itself. Whoever made it ends it. */
export type Database = postgres.Sql<ColumnTypes>;

export interface ConnectOptions {
  /** Most connections of the pool, 10 unless given. */
  max?: number;
  /** A statement that takes longer is cancelled, 30 000 unless given. */
  statementTimeoutMs?: number;
}

/**
 * Opens a pool on a PostgreSQL URL; nothing is sent before the first query. Columns come back in
 * camelCase, bigint as number (ids stay below 2^53), date as `YYYY-MM-DD`, timestamptz as Date.
 */
export function connect(url: string, options: ConnectOptions = {}): Database {
  return postgres(url, {
    max: options.max ?? 10,
    onnotice: () => {},
    connection: {
      application_name: 'portreeve',
      // A URL or a server default may say otherwise; a 250 rests on this.
      synchronous_commit: 'on',
      TimeZone: 'UTC',
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      idle_in_transaction_session_timeout: 60_000,
    },
    transform: { column: { from: postgres.toCamel }, undefined: null },
    types: {
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
      isoDate: { to: 1082, from: [1082], serialize: String, parse: String },
    },
  });
}

/**
 * Runs `work` in one transaction, or in the one that `db` already is. Rolls back when it throws.
 */
export async function transaction<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  if (!isPool(db)) return work(db);
  // `begin` resolves arrays of queries too, which `work` never returns; the value is T itself.
  return (await db.begin((tx) => work(tx))) as T;
}

function isPool(db: Db): db is Database {
  return 'begin' in db;
}

/**
 * JSON for a jsonb parameter, to be written as `${json(value)}::text::jsonb`. PostgreSQL stores
 * neither U+0000 nor lone surrogates, and a stranger may send both: they become U+FFFD.
 */
export function json(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? text(item) : item,
  );
}

/** Text that PostgreSQL can store, see `json`. `null` stays `null`. */
export function text<T extends string | null>(value: T): T {
  return (value === null ? null : value.toWellFormed().replaceAll('\0', '\uFFFD')) as T;
}

const MIGRATIONS = new URL('./migrations/', import.meta.url);

interface Migration {
  version: number;
  name: string;
}

async function migrations(): Promise<Migration[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) throw new Error(`Migration "${name}" is out of order or misnamed`);
    return { version, name };
  });
}

/**
 * Brings the schema up to the newest migration; returns how many were applied. Safe to run from
 * many processes at once: one works, the others wait and find nothing to do.
 * @throws if the database is newer than this code.
 */
export async function migrate(db: Db): Promise<number> {
  const known = await migrations();
  return transaction(db, async (tx) => {
    // Waits for the other migrators; the number is ours alone.
    await tx`select pg_advisory_xact_lock(7411001)`;
    await tx`create table if not exists schema_versions (
      version int primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`;
    const [row] = await tx<{ newest: number }[]>`
      select coalesce(max(version), 0)::int as newest from schema_versions`;
    const newest = row?.newest ?? 0;
    if (newest > known.length) {
      throw new Error(
        `The database has schema version "${newest}", this program knows "${known.length}": ` +
          'run the newer program',
      );
    }
    const missing = known.slice(newest);
    for (const { version, name } of missing) {
      // The version row first: should two ever get here, the second fails before it changes
      // anything.
      await tx`insert into schema_versions (version, name) values (${version}, ${name})`;
      await tx.unsafe(await readFile(new URL(name, MIGRATIONS), 'utf8')).simple();
    }
    return missing.length;
  });
}

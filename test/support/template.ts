import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { connect, migrate } from '../../src/store/connect.ts';

const MIGRATIONS = new URL('../../src/store/migrations/', import.meta.url);
const DAY_SECONDS = 86_400;

/** The same server, another database. */
export function databaseUrl(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

/** Databases of tests bear the second of their birth, so that old ones can be told. */
export function newDatabaseName(suffix: string): string {
  return `test_${Math.floor(Date.now() / 1000)}_${suffix}`;
}

/**
 * Makes the migrated database that test databases are copied from, once for each set of migrations.
 */
export async function prepareTemplate(url: string): Promise<string> {
  const name = `template_${await migrationsHash()}`;
  const server = connect(url, { max: 1 });
  try {
    await server`select pg_advisory_lock(7411002)`;
    await dropOld(server);
    const [made] = await server`select 1 from pg_database where datname = ${name}`;
    if (made) return name;
    // It gets its name only once it is whole: a run that dies here leaves no half-migrated
    // template.
    const unfinished = `${name}_new`;
    await server.unsafe(`drop database if exists ${unfinished} with (force)`);
    await server.unsafe(`create database ${unfinished}`);
    const db = connect(databaseUrl(url, unfinished), { max: 1 });
    await migrate(db);
    await db.end();
    await server.unsafe(`alter database ${unfinished} rename to ${name}`);
    return name;
  } finally {
    await server.end();
  }
}

async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    hash.update(name).update(await readFile(new URL(name, MIGRATIONS)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function dropOld(server: ReturnType<typeof connect>): Promise<void> {
  const rows = await server<{ datname: string }[]>`
    select datname from pg_database where datname ~ '^test_[0-9]+_'`;
  for (const { datname } of rows) {
    const age = Date.now() / 1000 - Number(datname.split('_')[1]);
    if (age > DAY_SECONDS) await server.unsafe(`drop database if exists ${datname} with (force)`);
  }
}

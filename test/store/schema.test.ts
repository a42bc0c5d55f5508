import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/store/connect.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

test('the migrations make the schema of test/schema.sql (vitest -u writes it anew)', async () => {
  await expect(await dumpSchema(fresh.db)).toMatchFileSnapshot('../schema.sql');
});

/** The schema as the catalogues have it, in a fixed order. */
async function dumpSchema(db: Db): Promise<string> {
  const parts: string[] = [];
  const tables = await db<{ oid: number; name: string }[]>`
    select oid::int, relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`;
  for (const { oid, name } of tables) parts.push(await dumpTable(db, oid, name));
  const functions = await db<{ text: string }[]>`
    select pg_get_functiondef(oid) as text from pg_proc
    where pronamespace = 'public'::regnamespace and not exists (
      select 1 from pg_depend where objid = pg_proc.oid and deptype = 'e')
    order by proname`;
  parts.push(...functions.map((row) => `${row.text.trimEnd()};`));
  return `${parts.join('\n\n')}\n`;
}

async function dumpTable(db: Db, oid: number, name: string): Promise<string> {
  const columns = await db<{ text: string }[]>`
    select concat_ws(' ', quote_ident(attname), format_type(atttypid, atttypmod),
      case when attnotnull then 'not null' end,
      case attidentity when 'a' then 'generated always as identity' end,
      'default ' || pg_get_expr(adbin, adrelid)) as text
    from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where attrelid = ${oid} and attnum > 0 and not attisdropped order by attnum`;
  const constraints = await db<{ text: string }[]>`
    select format('constraint %I %s', conname, pg_get_constraintdef(oid)) as text
    from pg_constraint where conrelid = ${oid} and contype <> 'n' order by contype, conname`;
  const indexes = await db<{ text: string }[]>`
    select pg_get_indexdef(indexrelid) as text from pg_index
    where indrelid = ${oid} and not exists (select 1 from pg_constraint where conindid = indexrelid)
    order by indexrelid::regclass::text`;
  const triggers = await db<{ text: string }[]>`
    select pg_get_triggerdef(oid) as text from pg_trigger
    where tgrelid = ${oid} and not tgisinternal order by tgname`;
  const body = [...columns, ...constraints].map((row) => `  ${row.text}`).join(',\n');
  const rest = [...indexes, ...triggers].map((row) => `\n${row.text};`).join('');
  return `create table ${name} (\n${body}\n);${rest}`;
}

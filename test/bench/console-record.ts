import { hash } from 'node:crypto';
import process from 'node:process';
import { loadPolicy } from '../../src/policy/load.ts';
import type { Db, Database } from '../../src/store/connect.ts';
import { transaction } from '../../src/store/connect.ts';
import { activatePolicy } from '../../src/store/policies.ts';

// A record of 1,000,000 messages over two years, for `console.ts`: every fiftieth was held, those of the
// last ten weeks still wait, with words to search; 2,000,000 rows of the trail. Ids are numbers, the
// newest message is 1.

export const MESSAGES = 1_000_000;
export const NOW = new Date('2026-11-25T10:00:00Z');

/** SQL of `n`: when message `n` came. Two years have 63,072,000 seconds. */
const AT = `timestamptz '2026-11-25 10:00Z' - n * interval '63.072 s'`;
const ID = "lpad(n::text, 18, '0')";
const CASE = "'9' || lpad(n::text, 17, '0')";
const COUNCIL = "case when n % 10 < 7 then 'merebrook' else 'havering' end";
const RULE = `(array['mass-mailing', 'party-politics', 'special-category', 'imprint', 'bulk-personal',
  'conduct', 'forwarding'])[1 + (n / 50) % 7]`;
const OPEN = 'n <= 100000';
const ALL = `generate_series(1, ${MESSAGES}) as n`;
const HELD = `generate_series(50, ${MESSAGES}, 50) as n`;

const STEPS: readonly string[] = [
  `insert into messages (queue_id, council, origin, actor_address, subject, message_id, size_bytes,
     sha256, received_at, decided_at, facts, decision, retention_class, erase_after)
   select ${ID}, ${COUNCIL}, 'received', 'cllr.' || n % 60 || '@merebrook.gov.uk',
     (array['Potholes', 'Planning', 'Allotments', 'Bins', 'Licensing', 'Housing repair', 'School places',
       'Parking', 'Flooding', 'Library'])[1 + (n + n / 50) % 10] || ' in ' ||
     (array['Mill Lane', 'Northgate', 'Station Road', 'High Street', 'Castle Hill', 'Church Walk',
       'Orchard Close'])[1 + (n + n / 50) % 7] || ', ref ' || md5(n::text)::char(8),
     '<' || md5(n::text) || '@merebrook.gov.uk>', 20000, decode(md5(n::text), 'hex'), ${AT}, ${AT},
     jsonb_build_object('actor', jsonb_build_object('class', 'member'), 'namedPeople', '[]'::jsonb,
       'filler', repeat(md5(n::text), 12)),
     '{"recipients": []}', 'kept', ${AT} + interval '6 years' from ${ALL}`,
  `insert into recipients (queue_id, position, address, domain, internal, status, gate, protection,
     protected_by, protected_council, status_at)
   select ${ID}, p, 'resident.' || md5((n + p)::text)::char(7) || '@' || d, d, false,
     case when n % 50 > 0 then 'delivered' when ${OPEN} then 'held' when n % 3 = 0 then 'rejected'
       else 'delivered' end,
     case when n % 50 = 0 then 'hold' else 'release' end,
     case when n % 20 = 0 then 'required' else 'none' end,
     (array['openpgp', 'L3 dane', 'L3 mta-sts', 'L3 connector'])[1 + n / 20 % 4],
     case when n % 20 = 0 and not (n % 50 = 0 and (${OPEN} or n % 3 = 0)) then ${COUNCIL} end,
     ${AT} + interval '1 minute'
   from ${ALL}, generate_series(0, (n % 2)::int) as p,
     lateral (select (array['charity', 'plain', 'residents', 'gmx', 'solicitors', 'nhs'])
       [1 + (n + p) % 6] || (n + p) % 400 || '.example' as d) as domains`,
  `insert into cases (id, queue_id, council, kind, role, reason, document, section, rule, areas, queues,
     domains, parties, actor_address, opened_at, due_at, closed_at, changed_at, subject, received_at)
   select ${CASE}, ${ID}, ${COUNCIL}, 'hold', 'monitoring-officer', 'Held', 'Protocol',
     (1 + n / 50 % 12)::text, ${RULE}, array[(array['political', 'conduct', 'protection'])[1 + n / 50 % 3]],
     '{monitoring-officer}', array['charity' || n % 40 || '.example'],
     array['cllr.' || n % 60 || '@merebrook.gov.uk'], 'cllr.' || n % 60 || '@merebrook.gov.uk', ${AT},
     ${AT} + interval '4 hours',
     case when not (${OPEN}) then ${AT} + (n / 50 % 9) * interval '1 hour' end, ${AT}, m.subject, ${AT}
   from ${HELD} join messages m on m.queue_id = ${ID}`,
  `insert into case_words (case_id, words)
   select ${CASE}, (select array_to_tsvector(array_agg(left(md5((n * w % 20000)::text), 18)))
     from generate_series(1, 300) as w) from ${HELD} where ${OPEN}`,
  `insert into case_actions (case_id, action, recipient_ids, officer, at)
   select ${CASE}, action, '{}', 'officer', ${AT} + interval '10 minutes'
   from ${HELD}, unnest(array['claim', 'note']) as action`,
  `insert into case_actions (case_id, action, recipient_ids, officer, at, reason)
   select ${CASE}, case when n % 3 = 0 then 'reject' else 'release' end, '{}', 'officer',
     ${AT} + (n / 50 % 9) * interval '1 hour', 'Looked at' from ${HELD} where not (${OPEN})`,
  `insert into audit_batches overriding system value values (1, now(), ${2 * MESSAGES}, '\\x00', '\\x00',
     '\\x00')`,
  `insert into audit (at, event, queue_id, actor, data, batch_id)
   select ${AT}, event, ${ID}, 'pipeline', '{"policy": "v1"}', 1
   from generate_series(${MESSAGES}, 1, -1) as n,
     lateral (values ('reception'), ('decision')) as e(event)`,
];

/** Fills an empty record, in a few minutes; does nothing where it is full. */
export async function fillRecord(db: Database, policyDir: string): Promise<void> {
  const { version, files } = loadPolicy(policyDir);
  const at = new Date('2024-01-01T00:00:00Z');
  const mark = `bench ${hash('sha256', STEPS.join())}`;
  const [known] = await db<{ mark: string | null }[]>`
    select obj_description('messages'::regclass) as mark`;
  if (known?.mark === mark) return;
  await transaction(db, async (tx) => {
    await activatePolicy(tx, { version, files, at, by: 'bench' });
    await tx`set local statement_timeout = 0`;
    await tx`set local synchronous_commit = off`;
    const rebuild = await withoutIndexes(tx);
    for (const step of [...STEPS, ...rebuild]) {
      const began = Date.now();
      await tx.unsafe(step);
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      process.stderr.write(
        `${seconds.padStart(6)} s  ${step.slice(0, 60).replaceAll(/\s+/g, ' ')}\n`,
      );
    }
  });
  await tidy(db);
  await db.unsafe(`comment on table messages is '${mark}'`);
}

/** Takes the indexes off that no constraint needs; returns how to make them again. */
async function withoutIndexes(db: Db): Promise<string[]> {
  const found = await db<{ name: string; definition: string }[]>`
    select indexname as name, indexdef as definition from pg_indexes i
    where schemaname = 'public' and tablename in ('messages', 'recipients', 'audit', 'cases')
      and not exists (select from pg_constraint where conname = i.indexname)`;
  for (const { name } of found) await db`drop index ${db(name)}`;
  return ["set local maintenance_work_mem = '1GB'", ...found.map(({ definition }) => definition)];
}

/** What autovacuum would have done while the mail came. */
async function tidy(db: Database): Promise<void> {
  const one = await db.reserve();
  await one`set statement_timeout = 0`;
  await one`vacuum analyze`;
  await one`reset statement_timeout`;
  one.release();
}

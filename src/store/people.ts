import type { Directory, Person } from '../mail/person.ts';
import { json, text, type Db } from './connect.ts';
import { addressKey } from '../mail/address.ts';

/** A person as imported; without a hash the one on record stays. */
export type ImportedPerson = Person & { passwordHash: string | null };

const PERSON_COLUMNS = [
  'id',
  'council',
  'name',
  'class',
  'addresses',
  'delegate_of',
  'personal_addresses',
  'ward',
  'group',
  'office_from',
  'office_until',
  'suspended',
] as const;

/**
 * Adds or updates people by id. A suspension is never lifted by an import, only by `setSuspended`.
 * @throws if an address would belong to two people; nothing is then changed, given a transaction.
 */
export async function importPeople(tx: Db, people: ImportedPerson[]): Promise<void> {
  refuseSharedAddresses(people);
  const rows = json(people);
  await tx`
    insert into people (id, council, name, class, addresses, delegate_of, personal_addresses, ward,
      "group", office_from, office_until, suspended, password_hash)
    select id, council, name, class, addresses, "delegateOf", "personalAddresses", ward, "group",
      "officeFrom", "officeUntil", suspended, "passwordHash"
    from jsonb_to_recordset(${rows}::text::jsonb) as p(id uuid, council text, name text, class text,
      addresses text[], "delegateOf" text[], "personalAddresses" text[], ward text, "group" text,
      "officeFrom" date, "officeUntil" date, suspended text, "passwordHash" text)
    on conflict (id) do update set council = excluded.council, name = excluded.name,
      class = excluded.class, addresses = excluded.addresses, delegate_of = excluded.delegate_of,
      personal_addresses = excluded.personal_addresses, ward = excluded.ward,
      "group" = excluded."group", office_from = excluded.office_from,
      office_until = excluded.office_until,
      suspended = coalesce(people.suspended, excluded.suspended),
      password_hash = coalesce(excluded.password_hash, people.password_hash), updated_at = now()`;
  const ids = people.map((person) => person.id);
  await tx`delete from person_addresses where person_id = any(${ids}::uuid[])`;
  const owned = json(
    people.flatMap(({ id, addresses }) => addresses.map((address) => ({ address, id }))),
  );
  const taken = await tx<{ personId: string; id: string }[]>`
    with owned as (
      select * from jsonb_to_recordset(${owned}::text::jsonb) as o(address text, id uuid)
    ), added as (
      insert into person_addresses (address, person_id) select address, id from owned
      on conflict do nothing
    )
    select person_id, owned.id from person_addresses join owned using (address)
    where person_id <> owned.id`;
  if (taken[0]) throw sharedAddress(taken[0].personId, taken[0].id);
}

function refuseSharedAddresses(people: ImportedPerson[]): void {
  const owners = new Map<string, string>();
  for (const { id, addresses } of people) {
    for (const address of addresses) {
      const owner = owners.get(address);
      if (owner !== undefined && owner !== id) throw sharedAddress(owner, id);
      owners.set(address, id);
    }
  }
}

function sharedAddress(one: string, other: string): Error {
  return new Error(
    `People "${one}" and "${other}" have an address in common: give it to one of them, ` +
      'and list it under the delegates of the other',
  );
}

/** Everybody, or everybody of one council, by name. */
export async function listPeople(db: Db, council: string | null = null): Promise<Person[]> {
  return db<Person[]>`
    select ${db([...PERSON_COLUMNS])} from people
    where ${council}::text is null or council = ${council} order by council, name, id`;
}

/** Changes whenever anybody in the directory does. */
export async function peopleVersion(db: Db): Promise<string> {
  const [row] = await db<{ version: string }[]>`
    select concat_ws(' ', count(*), max(updated_at), max(xmin::text::bigint)) as version
    from people`;
  return row?.version ?? '';
}

/** A snapshot of who is who. */
export async function loadDirectory(db: Db): Promise<Directory> {
  const people = await listPeople(db);
  const owners = new Map(
    people.flatMap((person) =>
      person.addresses.map((address): [string, Person] => [address, person]),
    ),
  );
  const councils = Map.groupBy(people, (person) => person.council);
  return {
    byAddress: (address) => owners.get(addressKey(address)) ?? null,
    of: (council) => councils.get(council) ?? [],
  };
}

/** Who logs in by this address, with the hash to check; `null` where nobody does. */
export async function findLogin(
  db: Db,
  address: string,
): Promise<{ person: Person; passwordHash: string } | null> {
  const [row] = await db<(Person & { passwordHash: string })[]>`
    select ${db([...PERSON_COLUMNS, 'password_hash'])} from people
    where password_hash is not null and id = (
      select person_id from person_addresses where address = ${text(addressKey(address))})`;
  if (!row) return null;
  const { passwordHash, ...person } = row;
  return { person, passwordHash };
}

/** Suspends a person's sending, or with `reason: null` lifts it. False where nobody has the id. */
export async function setSuspended(
  tx: Db,
  change: { personId: string; reason: string | null; by: string; at: Date },
): Promise<boolean> {
  const { personId, by, at } = change;
  const rows = await tx`
    with changed as (
      update people set suspended = ${text(change.reason)}, suspended_by = ${by},
        suspended_at = ${at}, updated_at = ${at}
      where id = ${personId} returning id
    )
    insert into audit (event, actor, data)
    select ${change.reason === null ? 'suspension-lifted' : 'suspension'}, ${by},
      jsonb_build_object('person', id)
    from changed returning id`;
  return rows.length > 0;
}

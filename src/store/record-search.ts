import {
  covered,
  readable as readableCase,
  type CaseMatters,
  type CaseScope,
} from './case-queue.ts';
import { text, transaction, type Db } from './connect.ts';
import { ofPerson, type PersonScope } from './investigations.ts';

/** What an officer may see of the whole record; the permission matrix says it. */
export interface RecordScope extends Omit<CaseScope, 'officer'> {
  /** Councils of which mail is found without its content. */
  councils: string[];
  /** Councils of whose Returning Officer's team mail is found too (domain H.3). */
  returningOfficersAt: string[];
}

export interface RecordFilter {
  /** A message's number, or its case's. */
  number?: string | undefined;
  /** With its angle brackets or without. */
  messageId?: string | undefined;
  /** Part of a recipient's address. */
  recipient?: string | undefined;
  /** Parts of words of the subject. */
  words?: string | undefined;
  /** The same by `wordsQuery`, for the text of what waits in a case. */
  contentQuery?: string | null | undefined;
  /** Taken over from then on, and before. */
  from?: Date | undefined;
  until?: Date | undefined;
  statuses?: readonly string[] | undefined;
}

export interface RecordQuestion {
  scope: RecordScope;
  filter: RecordFilter;
  /** One person's mail alone, as far as the investigation gate is open. */
  person: PersonScope | null;
  limit: number;
  /** Of the page before. */
  after?: string | undefined;
}

/** A message as far as whoever asked may see it. */
export interface FoundMessage {
  queueId: string;
  council: string;
  receivedAt: Date;
  erasedAt: Date | null;
  /** `null` where the officer may not look into it. */
  subject: string | null;
  /** The case that the officer may list, if there is one. */
  caseId: string | null;
  /** The first few; without the address where the officer may not know it. */
  recipients: { address: string | null; domain: string | null; status: string }[];
  recipientCount: number;
}

const SHOWN_RECIPIENTS = 3;
/** Words of one search; what follows is not looked for. */
const MOST_WORDS = 8;

/**
 * One page of the record, the newest first, by key, so that a page costs the same wherever it is.
 * Words count only in mail that the officer may look into: held for a reason of theirs, or of a
 * person whom their investigation covers.
 */
export async function searchRecord(
  db: Db,
  question: RecordQuestion,
): Promise<{ rows: FoundMessage[]; next: string | null }> {
  const { limit } = question;
  const found = await transaction(db, async (tx) => {
    // One plan for whatever is asked would walk all mail for a word that stands in none.
    await tx`set local plan_cache_mode = force_custom_plan`;
    return pageOf(tx, question);
  });
  const rows = found.slice(0, limit);
  const next = found.length > limit ? (rows.at(-1)?.key ?? null) : null;
  return { rows: rows.map(({ key: _key, ...row }) => row), next };
}

async function pageOf(
  db: Db,
  { scope, filter, person, limit, after }: RecordQuestion,
): Promise<(FoundMessage & { key: string })[]> {
  const isReadable = readable(db, scope, person);
  return db<(FoundMessage & { key: string })[]>`
    with page as materialized (
      select m.queue_id, extract(epoch from m.received_at)::text || '_' || m.queue_id as key
      from messages m
      where m.origin = 'received' and ${visible(db, scope, person)}
        and ${matching(db, filter, isReadable)} and ${following(db, after)}
      order by m.received_at desc, m.queue_id desc limit ${limit + 1}
    ), seen as (
      select m.*, page.key, ${isReadable} as is_readable, ${listedCase(db, scope)} as case_id
      from page join messages m using (queue_id)
    )
    select s.key, s.queue_id, s.council, s.received_at, s.erased_at, s.case_id,
      case when s.is_readable then s.subject end as subject, shown.*
    from seen s, lateral (
      select count(*)::int as recipient_count,
        coalesce(jsonb_agg(jsonb_build_object('domain', r.domain, 'status', r.status, 'address',
            case when s.is_readable or s.case_id is not null or ${person !== null}
              then r.address end)
          order by r.position) filter (where r.nth <= ${SHOWN_RECIPIENTS}), '[]') as recipients
      from (
        select *, row_number() over (order by position) as nth from recipients
        where queue_id = s.queue_id and route = 'outward'
      ) as r
    ) as shown
    order by s.received_at desc, s.queue_id desc`;
}

/** SQL on message `m`: what may be found at all. */
function visible(db: Db, scope: RecordScope, person: PersonScope | null) {
  const { councils, returningOfficersAt, ownAddresses: own } = scope;
  const whose = person
    ? ofPerson(db, person)
    : db`(m.council = any(${councils}::text[]) or ${listedCase(db, scope)} is not null)`;
  return db`${whose}
    and (m.council = any(${returningOfficersAt}::text[]) or not ${isReturningOfficers(db)})
    and coalesce(m.actor_address, '') <> all(${own}::text[])
    and not exists (select from recipients o where o.queue_id = m.queue_id
      and lower(o.address) = any(${own}::text[]))
    ${person ? db`and not ${namesOne(db, own)}` : db``}`;
}

/** SQL on message `m`: one of these people stands in it (domain H.2). */
function namesOne(db: Db, own: string[]) {
  return db`coalesce(jsonb_path_query_array(m.facts, '$.namedPeople[*].addresses[*]')
    ?| ${own}::text[], false)`;
}

/** SQL on message `m`: it is of the Returning Officer's team. */
export function isReturningOfficers(db: Db) {
  return db`(coalesce(m.facts -> 'actor' ->> 'class',
    (select p.class from people p where p.id = m.actor_id), '') = 'returning-officer')`;
}

function ofCase(db: Db, { ownAddresses }: RecordScope, matters: CaseMatters[]) {
  return db`c.queue_id = m.queue_id and ${covered(db, matters)}
    and not c.parties && ${ownAddresses}::text[]`;
}

function listedCase(db: Db, scope: RecordScope) {
  return db`(select c.id from cases c where ${ofCase(db, scope, scope.matters)}
    order by c.kind desc limit 1)`;
}

function readable(db: Db, scope: RecordScope, person: PersonScope | null) {
  // Written so that PostgreSQL may begin with the few cases, not with all mail.
  if (person?.isReadable) return db`not ${isSealed(db, person)}`;
  return db`exists (select from cases c where ${ofCase(db, scope, scope.contentMatters)}
    and ${readableCase(db, scope)})`;
}

/** SQL on message `m`: a second officer must agree before it is read. */
function isSealed(db: Db, { sealedDomains }: PersonScope) {
  const below = sealedDomains.map((domain) => `%.${domain}`);
  return db`exists (select from recipients s where s.queue_id = m.queue_id
    and (s.domain = any(${sealedDomains}::text[]) or s.domain like any(${below}::text[])))`;
}

function matching(db: Db, filter: RecordFilter, isReadable: ReturnType<typeof readable>) {
  const when = (value: unknown, condition: ReturnType<typeof readable>) =>
    value === undefined || value === '' ? db`` : db`and ${condition}`;
  const { number = '', messageId = '', recipient = '', from, until, statuses } = filter;
  const bare = messageId.replace(/^<|>$/g, '');
  return db`true
    ${when(
      filter.number,
      db`m.queue_id in (select ${number} union all
        select c.queue_id from cases c where c.id = ${number})`,
    )}
    ${when(filter.messageId, db`m.message_id in (${text(`<${bare}>`)}, ${text(bare)})`)}
    ${when(
      filter.recipient,
      db`m.queue_id in (select r.queue_id from recipients r
      where r.route = 'outward' and r.address ilike ${part(recipient)})`,
    )}
    ${when(from, db`m.received_at >= ${from ?? null}`)}
    ${when(until, db`m.received_at < ${until ?? null}`)}
    ${when(
      statuses,
      db`exists (select from recipients r where r.queue_id = m.queue_id
      and r.status = any(${[...(statuses ?? [])]}::text[]))`,
    )}
    ${when(filter.words?.trim(), db`${isReadable} and ${saying(db, filter)}`)}`;
}

function part(words: string): string {
  return `%${text(words).replace(/[\\%_]/g, String.raw`\$&`)}%`;
}

function saying(db: Db, { words = '', contentQuery }: RecordFilter) {
  const wanted = words.trim().split(/\s+/).slice(0, MOST_WORDS);
  const subject = wanted.reduce(
    (sofar, word) => db`${sofar} and m.subject ilike ${part(word)}`,
    db`true`,
  );
  if (!contentQuery) return db`(${subject})`;
  return db`(${subject} or m.queue_id in (select c.queue_id
    from case_words w join cases c on c.id = w.case_id where w.words @@ ${contentQuery}::tsquery))`;
}

/** A cursor that makes no sense begins at the first page. */
function following(db: Db, after: string | undefined) {
  const [, at, queueId] = /^(\d{1,12}(?:\.\d{1,6})?)_(\w{1,40})$/.exec(after ?? '') ?? [];
  if (!at || !queueId) return db`true`;
  return db`(m.received_at, m.queue_id) < (to_timestamp(${at}::float8), ${queueId})`;
}

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

type Sql = ReturnType<typeof isReturningOfficers>;

const SHOWN_RECIPIENTS = 3;
/** Words of one search; what follows is not looked for. */
const MOST_WORDS = 8;

/** Longest time that one search may take: what somebody waits for, and does not ask for again. */
const LONGEST_MS = 5000;

/**
 * One page of the record, the newest first, by key, so that a page costs the same wherever it is.
 * Words count only in mail that the officer may look into: held for a reason of theirs, or of a
 * person whom their investigation covers. `too-long`: it was given up.
 */
export async function searchRecord(
  db: Db,
  question: RecordQuestion,
  longestMs = LONGEST_MS,
): Promise<{ rows: FoundMessage[]; next: string | null } | 'too-long'> {
  const { limit } = question;
  const found = await transaction(db, async (tx) => {
    // One plan for whatever is asked would walk all mail for a word that stands in none.
    await tx`select set_config('plan_cache_mode', 'force_custom_plan', true),
      set_config('statement_timeout', ${String(longestMs)}, true)`;
    return pageOf(tx, question);
  }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === QUERY_CANCELED) return null;
    throw error;
  });
  if (found === null) return 'too-long';
  const rows = found.slice(0, limit);
  const next = found.length > limit ? (rows.at(-1)?.key ?? null) : null;
  return { rows: rows.map(({ key: _key, ...row }) => row), next };
}

const QUERY_CANCELED = '57014';

async function pageOf(
  db: Db,
  question: RecordQuestion,
): Promise<(FoundMessage & { key: string })[]> {
  const { scope, person, limit } = question;
  const isReadable = readable(db, scope, person);
  return db<(FoundMessage & { key: string })[]>`
    with page as materialized (
      select queue_id, extract(epoch from received_at)::text || '_' || queue_id as key
      from (${candidates(db, question)}) as found
      order by received_at desc, queue_id desc limit ${limit + 1}
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

/**
 * SQL: at least the messages of the page. Words are looked for in subjects and in the text of
 * cases apart, each with a plan of its own: for either at once PostgreSQL would walk all mail.
 */
function candidates(db: Db, question: RecordQuestion) {
  const { scope, filter, person, limit, after } = question;
  const { contentQuery } = filter;
  const wanted = filter.words?.trim().split(/\s+/).slice(0, MOST_WORDS).filter(Boolean) ?? [];
  // What is searched: mail, or what the few cases that may be read repeat of theirs.
  const isOfCases = wanted.length > 0 && !person?.isReadable;
  const of = isOfCases ? db`k` : db`m`;
  const source = isOfCases
    ? db`(${readableCases(db, scope)}) as k join messages m using (queue_id)`
    : db`messages m`;
  const first = (condition: Sql) => db`(select m.queue_id, m.received_at from ${source}
    where m.origin = 'received' and ${visible(db, scope, person)} and ${condition}
      and ${matching(db, of, filter)} and ${following(db, of, after)}
    order by ${of}.received_at desc, ${of}.queue_id desc limit ${limit + 1})`;
  if (wanted.length === 0) return first(db`true`);
  const isOpen = isOfCases ? db`true` : readable(db, scope, person);
  // `ilike` makes the word small for every case anew; of all mail an index knows it.
  const says = (word: string) =>
    isOfCases ? db`lower(k.subject) like lower(${part(word)})` : db`m.subject ilike ${part(word)}`;
  const bySubject = first(wanted.reduce((sofar, word) => db`${sofar} and ${says(word)}`, isOpen));
  if (!contentQuery) return bySubject;
  const byContent = first(db`${isOpen} and ${of}.queue_id in (
    select c.queue_id from case_words w join cases c on c.id = w.case_id
    where w.words @@ ${contentQuery}::tsquery)`);
  return db`${bySubject} union ${byContent}`;
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

/** SQL: messages with a case that the officer may look into, by what the cases repeat of them. */
function readableCases(db: Db, scope: RecordScope) {
  return db`select distinct on (c.received_at, c.queue_id) c.queue_id, c.received_at, c.subject
    from cases c
    where ${readableCase(db, scope)} and not c.parties && ${scope.ownAddresses}::text[]
    order by c.received_at desc, c.queue_id desc`;
}

function readable(db: Db, scope: RecordScope, person: PersonScope | null) {
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

/** SQL on message `m`, and on `of`, where its subject and its time stand too. */
function matching(db: Db, of: Sql, filter: RecordFilter) {
  const when = (value: unknown, condition: Sql) =>
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
    ${when(from, db`${of}.received_at >= ${from ?? null}`)}
    ${when(until, db`${of}.received_at < ${until ?? null}`)}
    ${when(
      statuses,
      db`exists (select from recipients r where r.queue_id = m.queue_id
      and r.status = any(${[...(statuses ?? [])]}::text[]))`,
    )}`;
}

function part(words: string): string {
  return `%${text(words).replace(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** A cursor that makes no sense begins at the first page. */
function following(db: Db, of: Sql, after: string | undefined) {
  const [, at, queueId] = /^(\d{1,12}(?:\.\d{1,6})?)_(\w{1,40})$/.exec(after ?? '') ?? [];
  if (!at || !queueId) return db`true`;
  return db`(${of}.received_at, ${of}.queue_id) < (to_timestamp(${at}::float8), ${queueId})`;
}

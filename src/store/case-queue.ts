import { caseColumns, isWaiting, type StoredCase } from './cases.ts';
import { text, type Db } from './connect.ts';
import { ofPerson, type PersonScope } from './investigations.ts';

/** Matters of one council that a role covers: by the area of the rule, or by the queue. */
export interface CaseMatters {
  council: string;
  areas: string[];
  queues: string[];
}

/** What one officer may list at all; the permission matrix says it. */
export interface CaseScope {
  officer: string;
  matters: CaseMatters[];
  /** Those whose content, the subject with it, the officer may look into. */
  contentMatters: CaseMatters[];
  /** Address keys and folded name: what is from, to or about them is others' (domain H.2). */
  ownAddresses: string[];
  /** What is privileged opens once a second officer agrees: it is neither shown nor searched. */
  sealsPrivileged: boolean;
}

/**
 * `decide`: waits for an officer. `asked`: waits for the sender's answer. `second`: for a second
 * officer. `under-way`: released, and not delivered yet.
 */
export const QUEUE_STATES = ['decide', 'asked', 'second', 'under-way', 'closed'] as const;
export type QueueState = (typeof QUEUE_STATES)[number];

export const AGES = ['today', 'week', 'older'] as const;
export type Age = (typeof AGES)[number];

export interface QueueFilter {
  state: QueueState;
  rule?: string | undefined;
  /** `document section`, as the facet gives it. */
  clause?: string | undefined;
  council?: string | undefined;
  marking?: string | undefined;
  domain?: string | undefined;
  age?: Age | undefined;
  /** An officer, or `nobody`. */
  assignee?: string | undefined;
  /** Cases of one person alone, behind the investigation gate. */
  person?: PersonScope | undefined;
  unread?: boolean | undefined;
  /** Parts of words of subject, recipients and ids. */
  words?: string | undefined;
  /** The same by `wordsQuery`, for the text of messages that the officer may look into. */
  contentQuery?: string | null | undefined;
}

export interface QueueQuestion {
  scope: CaseScope;
  filter: QueueFilter;
  at: Date;
  /** Cases of one page. */
  limit: number;
  /** Of the page before. */
  after?: string | undefined;
}

export interface QueueRow extends StoredCase {
  subject: string | null;
  sizeBytes: number;
  receivedAt: Date;
  /** The first few that wait, and how many there are of all. */
  recipients: { address: string; status: string }[];
  recipientCount: number;
  isOverdue: boolean;
  isUnread: boolean;
  awaitsSecond: boolean;
  /** Released recipients that the next hop has put off. */
  stuck: number;
}

export interface QueuePage {
  rows: QueueRow[];
  /** Where the next page begins; `null` on the last. */
  next: string | null;
}

const SHOWN_RECIPIENTS = 3;
/** Words of one search; what follows is not looked for. */
const MOST_WORDS = 8;

/**
 * One page of the queue: what needs a decision first stands first (overdue, urgent, due soonest,
 * oldest), of what is closed the latest. Paged by key, so that a page costs the same wherever it
 * is. A cursor that makes no sense begins at the first page.
 */
export async function queuePage(db: Db, question: QueueQuestion): Promise<QueuePage> {
  const { scope, filter, limit } = question;
  const cursor = readCursor(question.after);
  const at = cursor ? new Date(cursor.at) : question.at;
  const order =
    filter.state === 'closed' ? latestFirst(db, cursor) : mostPressingFirst(db, at, cursor);
  const found = await db<(QueueRow & { key: Key })[]>`
    with page as (
      select c.id as page_id, ${order.key} as key, row_number() over (order by ${order.by}) as place
      from cases c
      where ${filtered(db, scope, filter, at)} and ${order.after}
      order by ${order.by} limit ${limit + 1}
    )
    select page.key, ${caseColumns(db)}, m.subject, m.size_bytes, m.received_at, shown.recipients,
      shown.recipient_count, shown.stuck,
      c.closed_at is null and coalesce(c.due_at <= ${question.at}, false) as is_overdue,
      not exists (select from case_reads s where s.case_id = c.id and s.officer = ${scope.officer}
        and s.read_at >= c.changed_at) as is_unread,
      exists (select from case_actions a where a.case_id = c.id and a.state = 'proposed')
        as awaits_second
    from page join cases c on c.id = page.page_id join messages m using (queue_id), lateral (
      select
        coalesce(jsonb_agg(jsonb_build_object('address', r.address, 'status', r.status)
          order by r.nth) filter (where r.nth <= ${SHOWN_RECIPIENTS}), '[]') as recipients,
        count(*)::int as recipient_count,
        (count(*) filter (where r.status = 'deferred' and r.gate = 'hold'))::int as stuck
      from (
        select r.address, r.status, r.gate,
          row_number() over (order by (${isWaiting(db)}) desc, r.position) as nth
        from recipients r where r.queue_id = c.queue_id
      ) as r
    ) as shown
    order by page.place`;
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const next = found.length > limit && last ? writeCursor(last.key, at) : null;
  return { rows: rows.map(({ key: _key, ...row }) => row), next };
}

/** What a page is sorted by, as JSON. */
type Key = (string | number | boolean)[];

function mostPressingFirst(db: Db, at: Date, cursor: Cursor | null) {
  const late = db`(c.due_at is null or c.due_at > ${at})`;
  const due = db`coalesce(extract(epoch from c.due_at), 1e12)::float8`;
  const opened = db`extract(epoch from c.opened_at)::float8`;
  const columns = db`${late}, (c.urgent_at is null), ${due}, ${opened}, c.id`;
  const [isInTime, isCalm, dueAt, openedAt, id] = cursor?.key ?? [];
  const after = cursor
    ? db`(${columns}) > (${isInTime === true}, ${isCalm === true}, ${Number(dueAt)}::float8,
        ${Number(openedAt)}::float8, ${String(id)})`
    : db`true`;
  return { key: db`jsonb_build_array(${columns})`, by: columns, after };
}

function latestFirst(db: Db, cursor: Cursor | null) {
  const closed = db`extract(epoch from c.closed_at)::float8`;
  const [closedAt, id] = cursor?.key ?? [];
  const after = cursor
    ? db`(c.closed_at, c.id) < (to_timestamp(${Number(closedAt)}::float8), ${String(id)})`
    : db`true`;
  return {
    key: db`jsonb_build_array(${closed}, c.id)`,
    by: db`c.closed_at desc, c.id desc`,
    after,
  };
}

function filtered(db: Db, scope: CaseScope, filter: QueueFilter, at: Date) {
  const when = (value: unknown, condition: ReturnType<typeof inScope>) =>
    value === undefined || value === null || value === '' ? db`` : db`and ${condition}`;
  const { rule, clause, council, marking, domain, age, assignee, person, unread } = filter;
  return db`${inScope(db, scope)} and ${inState(db, filter.state)}
    ${when(rule, db`c.rule = ${rule ?? ''}`)}
    ${when(clause, db`concat_ws(' ', c.document, c.section) = ${text(clause ?? '')}`)}
    ${when(council, db`c.council = ${council ?? ''}`)}
    ${when(marking, db`c.marking = ${marking ?? ''}`)}
    ${when(domain, db`${text(domain ?? '')} = any(c.domains)`)}
    ${
      person
        ? db`and exists (select from messages m where m.queue_id = c.queue_id
            and ${ofPerson(db, person)})`
        : db``
    }
    ${when(age, ofAge(db, age ?? 'today', at))}
    ${when(
      assignee,
      assignee === 'nobody'
        ? db`c.assigned_to is null`
        : db`(c.assigned_to = ${assignee ?? ''} or c.claimed_by = ${assignee ?? ''}
            and c.claimed_until > ${at})`,
    )}
    ${
      unread
        ? db`and not exists (select from case_reads s where s.case_id = c.id
      and s.officer = ${scope.officer} and s.read_at >= c.changed_at)`
        : db``
    }
    ${when(filter.words?.trim(), matching(db, scope, filter))}`;
}

const RETURNING_OFFICER_MAIL = 'returning-officer-mail';

/** What the officer may list, and never mail to which the officer is a party (domain H.2). */
function inScope(db: Db, { matters, ownAddresses }: CaseScope) {
  return db`${covered(db, matters)} and not c.parties && ${ownAddresses}::text[]`;
}

/** SQL that is true where one of the matters covers case `c`. */
export function covered(db: Db, matters: readonly CaseMatters[]) {
  const any = matters.reduce(
    (sofar, { council, areas, queues }) =>
      db`${sofar} or (c.council = ${council} and case when c.returning_officers
        then ${areas.includes(RETURNING_OFFICER_MAIL)}
        else c.areas && ${areas}::text[] or c.queues && ${queues}::text[] end)`,
    db`false`,
  );
  return db`(${any})`;
}

/** SQL that is true where the subject and the words of case `c` are open to the officer. */
export function readable(
  db: Db,
  { contentMatters, sealsPrivileged }: Pick<CaseScope, 'contentMatters' | 'sealsPrivileged'>,
) {
  return db`(${covered(db, contentMatters)} and not (${sealsPrivileged} and c.privileged))`;
}

/** The same of one case at hand. */
export function isReadable(
  { contentMatters, sealsPrivileged }: Pick<CaseScope, 'contentMatters' | 'sealsPrivileged'>,
  found: Pick<StoredCase, 'council' | 'areas' | 'queues' | 'returningOfficers' | 'privileged'>,
): boolean {
  if (sealsPrivileged && found.privileged) return false;
  return contentMatters.some(({ council, areas, queues }) => {
    if (council !== found.council) return false;
    if (found.returningOfficers) return areas.includes(RETURNING_OFFICER_MAIL);
    const isArea = found.areas.some((area) => areas.includes(area));
    return isArea || found.queues.some((queue) => queues.includes(queue));
  });
}

function inState(db: Db, state: QueueState) {
  const waits = db`exists (select from recipients r where r.queue_id = c.queue_id
    and ${isWaiting(db)})`;
  const second = db`exists (select from case_actions a where a.case_id = c.id
    and a.state = 'proposed')`;
  switch (state) {
    case 'decide':
      return db`c.closed_at is null and ${waits}`;
    case 'asked':
      return db`c.closed_at is null and c.asked_at is not null and ${waits}`;
    case 'second':
      return db`c.closed_at is null and ${second}`;
    case 'under-way':
      return db`c.closed_at is null and exists (select from recipients r
        where r.queue_id = c.queue_id and r.gate = 'hold' and r.status in ('queued', 'deferred'))`;
    case 'closed':
      return db`c.closed_at is not null`;
  }
}

function ofAge(db: Db, age: Age, at: Date) {
  const day = new Date(at.getTime() - 86_400_000);
  const week = new Date(at.getTime() - 7 * 86_400_000);
  if (age === 'today') return db`c.opened_at > ${day}`;
  if (age === 'week') return db`c.opened_at <= ${day} and c.opened_at > ${week}`;
  return db`c.opened_at <= ${week}`;
}

/**
 * Every word in the subject, a recipient's address or an id; or all of them in the content. Subject
 * and content count only where the officer may look into them. The sender is no part of it: that
 * would be a search by person.
 */
function matching(db: Db, scope: CaseScope, { words = '', contentQuery }: QueueFilter) {
  const isOpen = readable(db, scope);
  const content = contentQuery
    ? db`or ${isOpen} and exists (select from case_words w where w.case_id = c.id
        and w.words @@ ${contentQuery}::tsquery)`
    : db``;
  const wanted = words.trim().split(/\s+/).slice(0, MOST_WORDS);
  const headers = wanted.reduce(
    (sofar, word) => {
      const part = `%${text(word).replace(/[\\%_]/g, '\\$&')}%`;
      return db`${sofar} and (
      c.id = ${text(word).toUpperCase()} or c.queue_id = ${text(word).toUpperCase()}
      or exists (select from messages h where h.queue_id = c.queue_id
        and (h.message_id = ${text(word)} or h.subject ilike ${part} and ${isOpen}))
      or exists (select from recipients h where h.queue_id = c.queue_id
        and h.address ilike ${part}))`;
    },
    db`true`,
  );
  return db`(${headers} ${content})`;
}

interface Cursor {
  key: Key;
  /** What counts as overdue stays the same from page to page. */
  at: number;
}

function writeCursor(key: Key, at: Date): string {
  return Buffer.from(JSON.stringify({ key, at: at.getTime() })).toString('base64url');
}

function readCursor(text: string | undefined): Cursor | null {
  if (!text) return null;
  try {
    const { key, at } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Partial<Cursor>;
    if (!Array.isArray(key) || !Number.isFinite(at) || typeof key.at(-1) !== 'string') return null;
    return { key, at: at ?? 0 };
  } catch {
    return null;
  }
}

export type Facet = 'rule' | 'clause' | 'council' | 'marking' | 'domain' | 'age' | 'assignee';

/** How many cases of the current filter each value has, the most first. */
export type Facets = Partial<Record<Facet, { value: string; count: number }[]>>;

/** Values of one facet that are offered. */
const FACET_VALUES = 12;

/** Of closed cases, which are many, so many are counted: those that were closed last. */
export const COUNTED_CLOSED = 2000;

/** Never by member: those would be figures about single people (St Helens 3.2.5). */
export async function queueFacets(
  db: Db,
  { scope, filter, at }: Pick<QueueQuestion, 'scope' | 'filter' | 'at'>,
): Promise<Facets> {
  const newest =
    filter.state === 'closed' ? db`order by c.closed_at desc limit ${COUNTED_CLOSED}` : db``;
  const rows = await db<{ facet: Facet; value: string; count: number }[]>`
    with found as materialized (
      select c.rule, nullif(concat_ws(' ', c.document, c.section), '') as clause, c.council,
        c.marking, c.domains, coalesce(c.assigned_to, 'nobody') as assignee,
        case when ${ofAge(db, 'today', at)} then 'today' when ${ofAge(db, 'week', at)} then 'week'
          else 'older' end as age
      from cases c where ${filtered(db, scope, filter, at)} ${newest}
    ), counted as (
      select f.facet, f.value, count(*)::int as count
      from found, lateral (values ('rule', rule), ('clause', clause), ('council', council),
        ('marking', marking), ('assignee', assignee), ('age', age))
        as f(facet, value)
      where f.value is not null group by 1, 2
      union all
      select 'domain', domain, count(*)::int from found, unnest(domains) as domain group by 2
    )
    select facet, value, count from (
      select *, row_number() over (partition by facet order by count desc, value) as nth
      from counted
    ) as ranked where nth <= ${FACET_VALUES} order by facet, nth`;
  const facets: Facets = {};
  for (const { facet, value, count } of rows) (facets[facet] ??= []).push({ value, count });
  return facets;
}

export interface QueueCount {
  waiting: number;
  overdue: number;
  urgent: number;
  unread: number;
}

/** For the live line above the queue. */
export async function countQueue(db: Db, scope: CaseScope, at: Date): Promise<QueueCount> {
  const [row] = await db<QueueCount[]>`
    select count(*)::int as waiting, (count(*) filter (where c.due_at <= ${at}))::int as overdue,
      (count(*) filter (where c.urgent_at is not null))::int as urgent,
      (count(*) filter (where not exists (select from case_reads s where s.case_id = c.id
        and s.officer = ${scope.officer} and s.read_at >= c.changed_at)))::int as unread
    from cases c where ${inScope(db, scope)} and ${inState(db, 'decide')}`;
  return row ?? { waiting: 0, overdue: 0, urgent: 0, unread: 0 };
}

import { FIRST_TOLD_DAYS } from '../policy/exceptions.ts';
import { PERSON_ACTIONS, type PersonAction } from '../policy/permissions.ts';
import { appendAudit } from './audit.ts';
import { text, type Db } from './connect.ts';

export interface NewInvestigation {
  id: string;
  council: string;
  /** The council's own, of the formal investigation. */
  reference: string;
  allegation: string;
  /** Who authorised it; never an officer it names. */
  authorisedBy: string;
  /** Ids of those who may look, and nobody else. */
  officers: string[];
  /** Address keys of the members in scope. */
  members: string[];
  actions: PersonAction[];
  /** Receipt of the mail that may be looked at. */
  mailFrom: Date;
  mailUntil: Date;
  /** While it is open. */
  opensAt: Date;
  endsAt: Date;
  openedBy: string;
  at: Date;
}

export interface StoredInvestigation extends Omit<NewInvestigation, 'at'> {
  openedAt: Date;
  closingAskedBy: string | null;
  closingAskedAt: Date | null;
  closedBy: string | null;
  closedReason: string | null;
  closedAt: Date | null;
  /** When its end by itself was noted. */
  endedAt: Date | null;
}

/** An investigation may be open so long at most; a longer one is opened again. */
const LONGEST_DAYS = 366;

/** What stands against an investigation as asked for. */
export interface Objection {
  field: keyof NewInvestigation;
  text: string;
}

/** `ended`: its time is over. `closed`: two people ended it before. */
export type InvestigationState = 'coming' | 'open' | 'ended' | 'closed';

export function investigationState(
  { opensAt, endsAt, closedAt }: Pick<StoredInvestigation, 'opensAt' | 'endsAt' | 'closedAt'>,
  at: Date,
): InvestigationState {
  if (closedAt !== null && closedAt <= at) return 'closed';
  if (at > endsAt) return 'ended';
  return at < opensAt ? 'coming' : 'open';
}

/**
 * Opens an investigation record. Returns what stands against it, `null` where it was opened. The
 * person who authorises is never the one who looks.
 */
export async function openInvestigation(
  tx: Db,
  opened: NewInvestigation,
): Promise<Objection | null> {
  const objection = objectionTo(opened);
  if (objection !== null) return objection;
  const { id, council, reference, allegation, authorisedBy, officers, members, actions } = opened;
  await tx`
    insert into investigations (id, council, reference, allegation, authorised_by, officers,
      members,
      actions, mail_from, mail_until, opens_at, ends_at, opened_by, opened_at)
    values (${id}, ${council}, ${text(reference)}, ${text(allegation)}, ${authorisedBy},
      ${officers},
      ${members.map((member) => text(member))}, ${actions}, ${opened.mailFrom}, ${opened.mailUntil},
      ${opened.opensAt}, ${opened.endsAt}, ${opened.openedBy}, ${opened.at})`;
  const data = { investigation: id, council, authorisedBy, officers, actions };
  await appendAudit(tx, { event: 'investigation-opened', actor: opened.openedBy, data });
  return null;
}

function objectionTo(opened: NewInvestigation): Objection | null {
  const { authorisedBy, officers, members, actions, opensAt, endsAt } = opened;
  const against = (field: Objection['field'], text: string): Objection => ({ field, text });
  const words = (['reference', 'allegation', 'authorisedBy'] as const).find(
    (field) => opened[field].trim() === '',
  );
  if (words) return against(words, 'Give the reference, the allegation and who authorised it');
  if (officers.length === 0) return against('officers', 'Name the officer who may look');
  if (officers.includes(authorisedBy)) {
    return against(
      'officers',
      'Whoever authorises an investigation cannot be named in it: name another officer',
    );
  }
  if (members.length === 0) {
    return against('members', 'Name at least one member whose mail may be looked at');
  }
  if (actions.length === 0) {
    return against('actions', `Say what may be done: ${PERSON_ACTIONS.join(', ')}`);
  }
  if (opened.mailUntil <= opened.mailFrom) {
    return against('mailUntil', 'The mail’s last date comes before its first');
  }
  if (endsAt <= opensAt) return against('endsAt', 'It would end before it begins');
  const days = (endsAt.getTime() - opensAt.getTime()) / 86_400_000;
  return days > LONGEST_DAYS
    ? against('endsAt', `It may be open for ${LONGEST_DAYS} days at most`)
    : null;
}

/**
 * Everything on record about looking at one person's mail, closed ones too: what `may()` is asked
 * with. The dates of the mail are for whoever looks: `withinDates`.
 */
export async function investigationsOn(
  db: Db,
  question: { council: string; members: readonly string[] },
): Promise<StoredInvestigation[]> {
  return db<StoredInvestigation[]>`
    select * from investigations
    where council = ${question.council} and members && ${[...question.members]}::text[]
    order by opened_at desc, id`;
}

/** One person's mail, as far as the gate lets an officer look at it. */
export interface PersonScope {
  council: string;
  /** Address keys. */
  addresses: string[];
  /** Receipt of the mail; `null` for all of it. */
  period: { from: Date; until: Date } | null;
  /** Whether what it says may be read. */
  isReadable: boolean;
  /** Mail to these domains is read once a second officer agrees, so its words are not searched. */
  sealedDomains: string[];
}

/** SQL that is true where message `m` is within the scope. */
export function ofPerson(db: Db, { council, addresses, period }: PersonScope) {
  const within = period
    ? db`and m.received_at >= ${period.from} and m.received_at < ${period.until}`
    : db``;
  return db`(m.council = ${council} and m.actor_address = any(${addresses}::text[]) ${within})`;
}

/** Whether an investigation covers mail that was received then. */
export function withinDates(
  { mailFrom, mailUntil }: Pick<StoredInvestigation, 'mailFrom' | 'mailUntil'>,
  receivedAt: Date,
): boolean {
  return mailFrom <= receivedAt && receivedAt < mailUntil;
}

/** Those of some councils, those still to end first, the newest first. */
export async function listInvestigations(
  db: Db,
  filter: { councils: string[]; at: Date; officer?: string | undefined },
): Promise<StoredInvestigation[]> {
  const { officer = null, at } = filter;
  return db<StoredInvestigation[]>`
    select * from investigations
    where council = any(${filter.councils})
      and (${officer}::text is null or ${officer} = any(officers))
    order by closed_at is not null or ends_at < ${at}, opened_at desc, id`;
}

export async function findInvestigation(db: Db, id: string): Promise<StoredInvestigation | null> {
  const [found] = await db<StoredInvestigation[]>`
    select * from investigations where id = ${text(id)}`;
  return found ?? null;
}

/** Open ones that end within the days in which that is announced, the first to end first. */
export async function endingInvestigations(db: Db, at: Date): Promise<StoredInvestigation[]> {
  // The last day counts in whole days, and an end at midnight belongs to the day before.
  const before = new Date(at.getTime() + (FIRST_TOLD_DAYS + 2) * 86_400_000);
  return db<StoredInvestigation[]>`
    select * from investigations
    where closed_at is null and ended_at is null and opens_at <= ${at} and ends_at >= ${at}
      and ends_at < ${before}
    order by ends_at, id`;
}

/** Those whose time is over and whose end nobody noted yet. */
export async function endedInvestigations(db: Db, at: Date): Promise<StoredInvestigation[]> {
  return db<StoredInvestigation[]>`
    select * from investigations
    where closed_at is null and ended_at is null and ends_at < ${at}
    order by ends_at, id limit 100`;
}

/** Notes that an investigation ended by itself; of several at once, one writes the row. */
export async function noteEnd(tx: Db, id: string, at: Date): Promise<void> {
  await tx`
    with ended as (
      update investigations set ended_at = ${at}
      where id = ${id} and closed_at is null and ended_at is null returning id, council
    )
    insert into audit (event, actor, data)
    select 'investigation-ended', 'clock',
      jsonb_build_object('investigation', id, 'council', council)
    from ended`;
}

/** One search or look that rested on an investigation. */
export interface InvestigationUse {
  at: Date;
  event: string;
  actor: string;
  queueId: string | null;
}

/** What was done under an investigation, the newest first, and how much there is of it. */
export async function investigationUses(
  db: Db,
  id: string,
  limit: number,
): Promise<{ uses: InvestigationUse[]; count: number }> {
  const under = db`data ->> 'investigation' = ${id} and event not like 'investigation-%'`;
  const [uses, [counted]] = await Promise.all([
    db<InvestigationUse[]>`
      select at, event, actor, queue_id from audit where ${under} order by id desc limit ${limit}`,
    db<{ count: number }[]>`select count(*)::int as count from audit where ${under}`,
  ]);
  return { uses: [...uses], count: counted?.count ?? 0 };
}

export type ClosingResult = 'asked' | 'closed' | 'needs-another' | 'not-open';

/**
 * Closes an investigation in two steps, by two people: one asks, another confirms. So nobody ends
 * alone what looks into a colleague, or into themselves.
 */
export async function closeInvestigation(
  tx: Db,
  closing: { id: string; by: string; reason: string; at: Date },
): Promise<ClosingResult> {
  const { id, by, reason, at } = closing;
  const [found] = await tx<{ askedBy: string | null }[]>`
    select closing_asked_by as asked_by from investigations
    where id = ${id} and closed_at is null for update`;
  if (!found) return 'not-open';
  if (found.askedBy === by) return 'needs-another';
  const isSecond = found.askedBy !== null;
  await (isSecond
    ? tx`update investigations set closed_by = ${by}, closed_at = ${at},
        closed_reason = concat_ws('; ', closed_reason, ${text(reason)}::text) where id = ${id}`
    : tx`update investigations set closing_asked_by = ${by}, closing_asked_at = ${at},
        closed_reason = ${text(reason)} where id = ${id}`);
  const event = isSecond ? 'investigation-closed' : 'investigation-closing-asked';
  await appendAudit(tx, { event, actor: by, data: { investigation: id } });
  return isSecond ? 'closed' : 'asked';
}

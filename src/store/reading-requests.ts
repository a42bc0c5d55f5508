import { appendAudit } from './audit.ts';
import { text, type Db } from './connect.ts';

/** Where a message is to be read: in a case, under an investigation, or for a reason alone. */
export interface ReadingPlace {
  queueId: string;
  caseId: string | null;
  investigation: string | null;
}

/** What the second officer, or whoever asked, made of it. `lapsed`: nobody answered in time. */
export type ReadingAnswer = 'approved' | 'refused' | 'withdrawn' | 'lapsed';

/** An officer asks to read a message for which a second officer must agree (domain H.3). */
export interface ReadingRequest extends ReadingPlace {
  id: string;
  council: string;
  /** Who asks. */
  officer: string;
  /** From the council's short list, or the investigation's id. */
  reason: string;
  askedAt: Date;
  lapsesAt: Date;
  /** `null` while it waits. */
  answer: ReadingAnswer | null;
  answeredBy: string | null;
  answeredAt: Date | null;
  /** Why it was refused. */
  words: string | null;
  /** Until when what was approved may be read. */
  opensUntil: Date | null;
}

export type NewReadingRequest = Omit<
  ReadingRequest,
  'answer' | 'answeredBy' | 'answeredAt' | 'words' | 'opensUntil'
>;

/** Puts a request before second officers. False where the same one waits already. */
export async function addReadingRequest(tx: Db, asked: NewReadingRequest): Promise<boolean> {
  const { id, queueId, caseId, investigation, officer, reason, askedAt } = asked;
  await tx`
    update reading_requests set answer = 'lapsed', answered_at = lapses_at
    where queue_id = ${queueId} and officer = ${officer} and answer is null
      and lapses_at <= ${askedAt}`;
  const rows = await tx`
    insert into reading_requests (id, queue_id, council, case_id, investigation, officer, reason,
      asked_at, lapses_at)
    values (${id}, ${queueId}, ${asked.council}, ${caseId}, ${investigation}, ${officer},
      ${text(reason)}, ${askedAt}, ${asked.lapsesAt})
    on conflict do nothing returning id`;
  if (rows.length > 0) await note(tx, asked, 'reading-asked', officer, { reason });
  return rows.length > 0;
}

export interface GivenAnswer {
  id: string;
  answer: Exclude<ReadingAnswer, 'lapsed'>;
  by: string;
  /** Why it is refused. */
  words: string | null;
  opensUntil: Date | null;
  at: Date;
}

/** Answers a request that waits. False where it was answered before, or has lapsed. */
export async function answerReadingRequest(tx: Db, given: GivenAnswer): Promise<boolean> {
  const { id, answer, by, at } = given;
  const [found] = await tx<ReadingRequest[]>`
    update reading_requests set answer = ${answer}, answered_by = ${by}, answered_at = ${at},
      words = ${text(given.words)}, opens_until = ${given.opensUntil}
    where id = ${id} and answer is null and lapses_at > ${at} returning *`;
  if (found) await note(tx, found, `reading-${answer}`, by, { officer: found.officer });
  return found !== undefined;
}

async function note(
  tx: Db,
  { id, queueId, caseId, investigation }: ReadingPlace & { id: string },
  event: string,
  actor: string,
  data: Record<string, unknown>,
): Promise<void> {
  const where = { case: caseId, ...(investigation !== null && { investigation }) };
  await appendAudit(tx, { event, queueId, actor, data: { request: id, ...where, ...data } });
}

export async function findReadingRequest(db: Db, id: string): Promise<ReadingRequest | null> {
  const [found] = await db<ReadingRequest[]>`
    select * from reading_requests where id = ${text(id)}`;
  return found ?? null;
}

/** What became of the officer's last request to read a message there; `null` where none was. */
export async function lastReadingRequest(
  db: Db,
  officer: string,
  { queueId, caseId, investigation }: ReadingPlace,
): Promise<ReadingRequest | null> {
  const [found] = await db<ReadingRequest[]>`
    select * from reading_requests
    where officer = ${officer} and queue_id = ${queueId}
      and case_id is not distinct from ${caseId}
      and investigation is not distinct from ${investigation}
    order by asked_at desc, id desc limit 1`;
  return found ?? null;
}

/** Requests that wait at some councils, the oldest first. */
export async function waitingReadingRequests(
  db: Db,
  filter: { councils: string[]; at: Date; limit: number },
): Promise<ReadingRequest[]> {
  return db<ReadingRequest[]>`
    select * from reading_requests
    where council = any(${filter.councils}) and answer is null and lapses_at > ${filter.at}
    order by asked_at, id limit ${filter.limit}`;
}

/** An officer's own requests since a time, the newest first. */
export async function readingRequestsOf(
  db: Db,
  { officer, since, limit }: { officer: string; since: Date; limit: number },
): Promise<ReadingRequest[]> {
  return db<ReadingRequest[]>`
    select * from reading_requests where officer = ${officer} and asked_at > ${since}
    order by asked_at desc, id limit ${limit}`;
}

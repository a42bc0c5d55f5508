import { askToRead, toRead, type AskingResult, type ToRead } from '../pipeline/reading.ts';
import { mayAgree, type Verdict } from '../policy/permissions.ts';
import { lastViewReason } from '../store/case-work.ts';
import {
  lastReadingRequest,
  waitingReadingRequests,
  type ReadingPlace,
  type ReadingRequest,
} from '../store/reading-requests.ts';
import { officerNames } from './case-words.ts';
import type { Page } from './route.ts';

/** A reason that an officer gave to look into a message holds for so long. */
const REASON_HOURS = 8;
/** Requests of one page. */
const MOST_WAITING = 100;

/** How far an officer has come towards reading one message in one place. */
export interface Reading {
  place: ReadingPlace;
  /** Why it is read; `null` while it may not be shown yet. */
  reason: string | null;
  /** Whether a second officer must agree (domain H.3). */
  needsSecond: boolean;
  /** The officer's last request there, where two are needed. */
  request: ReadingRequest | null;
  /** Who answered it. */
  answeredBy: string | null;
}

/** @param counts whether a reason given before is one for reading it in this place */
export async function readingAt(
  page: Page,
  place: ReadingPlace,
  verdict: Verdict,
  counts: (reason: string) => boolean,
): Promise<Reading> {
  const { db } = page.services.road;
  const { id: officer } = page.officer;
  const nothing = { place, reason: null, needsSecond: false, request: null, answeredBy: null };
  if (!verdict.allowed) return nothing;
  if (verdict.needs.includes('second-officer')) {
    const request = await lastReadingRequest(db, officer, place);
    const isOpen = request?.opensUntil != null && request.opensUntil > page.at;
    const names = await officerNames(db, [request?.answeredBy ?? null]);
    return {
      place,
      reason: isOpen ? request.reason : null,
      needsSecond: true,
      request,
      answeredBy: names.get(request?.answeredBy ?? '') ?? null,
    };
  }
  const since = new Date(page.at.getTime() - REASON_HOURS * 3_600_000);
  const given = await lastViewReason(db, { queueId: place.queueId, officer, since });
  return { ...nothing, reason: given !== null && counts(given) ? given : null };
}

/** What a look into the message is recorded with. */
export function lookOf({ place, reason, request }: Reading) {
  return { ...place, request: reason !== null && request ? request.id : null };
}

/** For `reading-request.njk`; `null` where no second officer is needed. */
export function readingView({ needsSecond, request, answeredBy }: Reading, at: Date) {
  if (!needsSecond) return null;
  const isWaiting = request?.answer === null && request.lapsesAt > at;
  return {
    isWaiting,
    isRefused: request?.answer === 'refused',
    opensUntil: request?.opensUntil && request.opensUntil > at ? request.opensUntil : null,
    request,
    answeredBy: answeredBy ?? 'Another officer',
  };
}

const ASKED: Record<AskingResult, string> = {
  asked: 'A second officer must agree. Those who may are told, and you hear by mail.',
  erased: 'Its content is erased.',
  'nobody-may-agree':
    'Nobody else at this council may agree to it. Ask an administrator who could be given a role.',
};

/** Asks for a second officer. Returns what the officer is told. */
export async function askSecond(page: Page, wanted: ToRead, reason: string): Promise<string> {
  const asking = { officer: page.officer.id, reason };
  return ASKED[await askToRead(page.services.road, wanted, asking)];
}

/** A request that waits for this officer, with what it is about. */
export interface WaitingReading extends ToRead {
  request: ReadingRequest;
}

/** Requests to which this officer may agree, the oldest first. */
export async function readingsToAnswer(page: Page): Promise<WaitingReading[]> {
  const { road } = page.services;
  const councils = [...page.councils('view-content'), ...page.councils('investigations')];
  if (councils.length === 0) return [];
  const filter = { councils, at: page.at, limit: MOST_WAITING };
  const waiting = await waitingReadingRequests(road.db, filter);
  const all = await Promise.all(
    waiting.map(async (request) => ({ request, wanted: await toRead(road, request) })),
  );
  return all.flatMap(({ request, wanted }) => {
    if (!wanted) return [];
    const { officer } = page;
    const verdict = mayAgree(road.policy(), officer, request.officer, wanted.subject);
    return verdict.allowed ? [{ ...wanted, request }] : [];
  });
}

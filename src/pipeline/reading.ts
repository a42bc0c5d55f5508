import { readingAnsweredWords, readingAskedWords } from '../mail/announcement.ts';
import { queueId as newId } from '../mail/queue-id.ts';
import {
  may,
  mayAgree,
  type CaseSubject,
  type OfficerIdentity,
  type PersonSubject,
} from '../policy/permissions.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { loadCase } from '../store/cases.ts';
import { transaction } from '../store/connect.ts';
import { investigationsOn } from '../store/investigations.ts';
import { loadMessage, type StoredMessage } from '../store/messages.ts';
import { findOfficer, listOfficers, type StoredOfficer } from '../store/officers.ts';
import {
  addReadingRequest,
  answerReadingRequest,
  findReadingRequest,
  type ReadingPlace,
  type ReadingRequest,
} from '../store/reading-requests.ts';
import { announce, isInside } from './announce.ts';
import { personSubjectOf, subjectOf } from './case-subject.ts';
import type { Road } from './road.ts';

// Privileged mail is read by one officer once a second one agrees (domain H.3): asked for one
// message and one place, answered by another, open for a time, each step in the trail.

/** After so long a request that nobody answered is asked anew. */
const LAPSES_DAYS = 7;
/** Officers who are told of one request. */
const MOST_TOLD = 20;

/** What is to be read, as the permission matrix sees it. */
export interface ToRead {
  place: ReadingPlace;
  message: StoredMessage;
  subject: CaseSubject | PersonSubject;
}

/** What a request is about now; `null` where it is gone or erased. */
export async function toRead(road: Road, place: ReadingPlace): Promise<ToRead | null> {
  const { db, policy, clock } = road;
  const message = await loadMessage(db, place.queueId);
  if (!message?.wrappedKey) return null;
  if (place.caseId !== null) {
    const found = await loadCase(db, place.caseId);
    return found && { place, message, subject: subjectOf(policy(), found, message) };
  }
  const { council, actorAddress } = message;
  const members = actorAddress ? [actorAddress] : [];
  const all = await investigationsOn(db, { council, members });
  const subject = personSubjectOf(policy(), message, all, clock());
  return subject && { place, message, subject };
}

/** `asked` also where the same request waits already. */
export type AskingResult = 'asked' | 'nobody-may-agree' | 'erased';

/** Puts an officer's wish to read before those who may agree, and tells them by mail. */
export async function askToRead(
  road: Road,
  wanted: ToRead,
  asking: { officer: string; reason: string },
): Promise<AskingResult> {
  const { place, message, subject } = wanted;
  const { council, wrappedKey } = message;
  if (!wrappedKey) return 'erased';
  const agreeing = (await listOfficers(road.db)).filter((each) =>
    mayStillAgree(road, each, asking.officer, subject),
  );
  if (agreeing.length === 0) return 'nobody-may-agree';
  const at = road.clock();
  const id = newId(at, road.random(8));
  const lapsesAt = new Date(at.getTime() + LAPSES_DAYS * 86_400_000);
  const request = { ...place, ...asking, id, council, askedAt: at, lapsesAt };
  const isNew = await transaction(road.db, (tx) => addReadingRequest(tx, request));
  if (isNew) {
    const readers = agreeing.slice(0, MOST_TOLD);
    await tell(road, { id, council }, 'asked', readers, readingAskedWords(linkOf(road)));
  }
  return 'asked';
}

function mayStillAgree(
  road: Road,
  officer: StoredOfficer,
  asker: string,
  subject: ToRead['subject'],
): boolean {
  if (officer.disabledAt !== null) return false;
  return mayAgree(road.policy(), officer as OfficerIdentity, asker, subject).allowed;
}

function linkOf({ consoleUrl }: Road): string | null {
  return consoleUrl === null ? null : new URL('/readings', consoleUrl).href;
}

async function tell(
  road: Road,
  { id, council: name }: Pick<ReadingRequest, 'id' | 'council'>,
  occasion: 'asked' | 'answered',
  officers: readonly StoredOfficer[],
  words: ReturnType<typeof readingAskedWords>,
): Promise<void> {
  const council = road.policy().councils.get(name);
  if (!council) return;
  const readers = officers.flatMap((each) => ownAddress(council, each));
  await announce(road, { council, kind: 'reading', about: id, occasion, words, readers });
}

function ownAddress(council: CouncilPolicy, { addresses }: StoredOfficer): string[] {
  return addresses.filter((address) => isInside(council, address)).slice(0, 1);
}

export type AnsweringResult =
  | { kind: 'answered' }
  /** Somebody was quicker, or it has lapsed. */
  | { kind: 'answered-before'; request: ReadingRequest }
  /** Nobody may tell whether there is such a request. */
  | { kind: 'no-such-request' }
  | { kind: 'not-allowed'; text: string }
  /** Whoever asked may not read it any more. */
  | { kind: 'asker-may-not' };

/**
 * A second officer agrees that another reads a message, or does not. Both are asked again whether
 * they may: roles, parties and investigations can have changed since it was asked.
 */
export async function answerReading(
  road: Road,
  officer: OfficerIdentity,
  given: { id: string; answer: 'approved' | 'refused'; words: string | null },
): Promise<AnsweringResult> {
  const { id, answer, words } = given;
  const request = await findReadingRequest(road.db, id);
  const wanted = request && (await toRead(road, request));
  if (!request || !wanted) return { kind: 'no-such-request' };
  const verdict = mayAgree(road.policy(), officer, request.officer, wanted.subject);
  if (!verdict.allowed) {
    // Who asked knows of it; who has nothing to do with it does not learn of it.
    return verdict.why === 'self'
      ? { kind: 'not-allowed', text: verdict.text }
      : { kind: 'no-such-request' };
  }
  const asker = await findOfficer(road.db, { id: request.officer });
  const isAble = asker?.disabledAt === null && mayRead(road, asker, wanted.subject);
  if (answer === 'approved' && !isAble) return { kind: 'asker-may-not' };
  const at = road.clock();
  const hours = road.policy().councils.get(request.council)?.settings.casework.readingHours ?? 0;
  const opensUntil = answer === 'approved' ? new Date(at.getTime() + hours * 3_600_000) : null;
  const isAnswered = await transaction(road.db, (tx) =>
    answerReadingRequest(tx, { id, answer, by: officer.id, words, opensUntil, at }),
  );
  if (!isAnswered) {
    return { kind: 'answered-before', request: (await findReadingRequest(road.db, id)) ?? request };
  }
  if (asker) await tell(road, request, 'answered', [asker], readingAnsweredWords(linkOf(road)));
  return { kind: 'answered' };
}

function mayRead(road: Road, officer: StoredOfficer, subject: ToRead['subject']): boolean {
  const action = subject.kind === 'case' ? 'view-content' : 'view-other-mail';
  return may(road.policy(), officer as OfficerIdentity, action, subject).allowed;
}

/** Whoever asked does not need it any more. False where it waits no longer, or is another's. */
export async function withdrawReading(road: Road, officer: string, id: string): Promise<boolean> {
  const request = await findReadingRequest(road.db, id);
  if (request?.officer !== officer) return false;
  const at = road.clock();
  return transaction(road.db, (tx) =>
    answerReadingRequest(tx, {
      id,
      answer: 'withdrawn',
      by: officer,
      words: null,
      opensUntil: null,
      at,
    }),
  );
}

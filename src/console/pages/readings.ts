import { z } from 'zod';
import { answerReading, withdrawReading } from '../../pipeline/reading.ts';
import { loadCase } from '../../store/cases.ts';
import { findInvestigation } from '../../store/investigations.ts';
import { readingRequestsOf, type ReadingRequest } from '../../store/reading-requests.ts';
import { caseSentence, officerNames } from '../case-words.ts';
import { readingsToAnswer, type WaitingReading } from '../reading.ts';
import { allowedTo, forbidden, formErrors, goTo, notFound, view, type Page } from '../route.ts';
import type { Route } from '../route.ts';

// Requests to read privileged mail (domain H.3): those that this officer may answer, and their own.

const OWN_DAYS = 30;
const MOST_OWN = 50;

async function show(page: Page, more: Record<string, unknown> = {}, status = 200) {
  const { db } = page.services.road;
  const { id: officer } = page.officer;
  const since = new Date(page.at.getTime() - OWN_DAYS * 86_400_000);
  const [waiting, own] = await Promise.all([
    readingsToAnswer(page),
    readingRequestsOf(db, { officer, since, limit: MOST_OWN }),
  ]);
  const names = await officerNames(db, [
    ...waiting.map(({ request }) => request.officer),
    ...own.map(({ answeredBy }) => answeredBy),
  ]);
  const data = {
    waiting: await Promise.all(waiting.map((each) => waitingOf(page, each, names))),
    own: own.map((each) => ownOf(page, each, names)),
  };
  return view('readings', { ...data, ...more }, status);
}

type Names = ReadonlyMap<string, string>;

/** What whoever answers is shown: who asks and why, and of the message nothing that it says. */
async function waitingOf(page: Page, { request, message }: WaitingReading, names: Names) {
  const { db, policy } = page.services.road;
  const { caseId, investigation } = request;
  const found = caseId === null ? null : await loadCase(db, caseId);
  const formal = investigation === null ? null : await findInvestigation(db, investigation);
  const reasons = policy().councils.get(request.council)?.settings.casework.reasons ?? [];
  return {
    ...request,
    who: names.get(request.officer) ?? request.officer,
    why: formal?.reference ?? reasons.find(({ id }) => id === request.reason)?.text,
    formal: formal && { id: formal.id, reference: formal.reference },
    about: found ? caseSentence(policy(), found.rule) : null,
    receivedAt: message.receivedAt,
    recipients: message.recipients
      .filter(({ route }) => route === 'outward')
      .map(({ address }) => address ?? '(erased)'),
  };
}

function ownOf({ at }: Page, request: ReadingRequest, names: Names) {
  const { caseId, queueId, answer, opensUntil } = request;
  const isOpen = opensUntil !== null && opensUntil > at;
  const isWaiting = answer === null && request.lapsesAt > at;
  const state = isWaiting ? 'waiting' : isOpen ? 'open' : (answer ?? 'lapsed');
  return {
    ...request,
    state: STATES[state],
    isWaiting,
    href: caseId === null ? `/messages/${queueId}` : `/cases/${caseId}`,
    answeredBy: names.get(request.answeredBy ?? '') ?? request.answeredBy,
  };
}

const STATES = {
  waiting: { text: 'Waits', colour: 'yellow' },
  open: { text: 'Open', colour: 'green' },
  approved: { text: 'Its time is over', colour: 'grey' },
  refused: { text: 'Not agreed', colour: 'red' },
  withdrawn: { text: 'Taken back', colour: 'grey' },
  lapsed: { text: 'Nobody answered', colour: 'grey' },
};

const ANSWER = z.object({
  answer: z.enum(['approved', 'refused'], { error: 'Choose an answer' }),
  words: z.string().trim().max(1000, 'Shorten it').default(''),
});

async function answer(page: Page) {
  const id = page.params['id'] ?? '';
  const form = page.form(ANSWER);
  // Whether there is such a request for this officer comes before what is wrong with the form.
  const waiting = await readingsToAnswer(page);
  const again = (fields: Record<string, string>) =>
    show(page, { errors: formErrors(fields), at: id, entered: page.request.body }, 422);
  if (waiting.some(({ request }) => request.id === id)) {
    if (!form.ok) return again({ [`answer-${id}`]: 'Choose an answer' });
    const { words } = form.value;
    if (form.value.answer === 'refused' && words === '') {
      return again({ [`words-${id}`]: 'Say why not' });
    }
  }
  const given = form.ok ? form.value : { answer: 'refused' as const, words: '' };
  const words = given.answer === 'refused' ? given.words : null;
  const { road } = page.services;
  const result = await answerReading(road, page.officer, { id, answer: given.answer, words });
  switch (result.kind) {
    case 'answered':
      return goTo('/readings', 'Your answer is recorded, and whoever asked is told.');
    case 'asker-may-not':
      return goTo('/readings', 'Whoever asked may not read it any more. You can still refuse.');
    case 'not-allowed':
      throw forbidden(result.text);
    case 'no-such-request':
      throw notFound();
    case 'answered-before': {
      const { answeredBy } = result.request;
      const names = await officerNames(road.db, [answeredBy]);
      const who = names.get(answeredBy ?? '') ?? 'Somebody';
      return goTo('/readings', `${who} was quicker: it is answered, or waits no longer.`);
    }
  }
}

async function withdraw(page: Page) {
  const id = page.params['id'] ?? '';
  const isDone = await withdrawReading(page.services.road, page.officer.id, id);
  if (!isDone) throw notFound();
  return goTo('/readings', 'Taken back. Nobody needs to answer it any more.');
}

const title = 'Requests to read';
const READERS = allowedTo('view-content', 'view-other-mail', 'investigations');

export const READINGS: readonly Route[] = [
  { method: 'GET', path: '/readings', title, access: READERS, handle: (page) => show(page) },
  { method: 'POST', path: '/readings/:id/answer', title, access: READERS, handle: answer },
  { method: 'POST', path: '/readings/:id/withdraw', title, access: READERS, handle: withdraw },
];

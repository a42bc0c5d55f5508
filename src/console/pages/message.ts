import { z } from 'zod';
import { personSubjectOf } from '../../pipeline/case-subject.ts';
import type { PersonSubject, Verdict } from '../../policy/permissions.ts';
import { appendAudit } from '../../store/audit.ts';
import { timelineOf } from '../../store/case-history.ts';
import { investigationsOn } from '../../store/investigations.ts';
import { loadMessage, type StoredMessage } from '../../store/messages.ts';
import { attachmentFile, contentOf, harmlessHtml, noteView } from '../message-content.ts';
import { searchReasons } from '../person-gate.ts';
import { askSecond, lookOf, readingAt, readingView, type Reading } from '../reading.ts';
import { allowedTo, goTo, notFound, view, type Page, type Route } from '../route.ts';
import { entriesOf } from '../timeline.ts';

// One message of one person outside a held case: what became of it, and its content, only behind
// the investigation gate (St Helens 3.2.5).

interface Opened {
  message: StoredMessage;
  subject: PersonSubject;
  /** What the look rests on; `null` where the council asks for a reason alone. */
  investigation: string | null;
  /** Whether it may be read. */
  verdict: Verdict;
}

/** @throws {Problem} 404 also for what is there and not for this officer */
async function opened(page: Page): Promise<Opened> {
  const { db, policy } = page.services.road;
  const message = await loadMessage(db, page.params['id'] ?? '');
  const { council = '', actorAddress: address } = message ?? {};
  if (message?.origin !== 'received' || !address) throw notFound();
  const all = await investigationsOn(db, { council, members: [address] });
  const subject = personSubjectOf(policy(), message, all, page.at);
  if (!subject) throw notFound();
  const verdict = page.may('view-other-mail', subject);
  const looking = verdict.allowed ? verdict : page.may('search-person', subject);
  if (!looking.allowed) throw notFound();
  return { message, subject, investigation: looking.investigation, verdict };
}

async function show(page: Page) {
  const at = await opened(page);
  const { message, investigation } = at;
  const { db } = page.services.road;
  await appendAudit(db, {
    event: 'message-viewed',
    queueId: message.queueId,
    actor: page.officer.id,
    data: investigation === null ? {} : { investigation },
  });
  const reading = await readingOf(page, at);
  const { reason } = reading;
  const history = await timelineOf(db, message.queueId);
  return view('message', {
    message,
    base: `/messages/${message.queueId}`,
    sender: { name: message.facts?.actor.name, address: message.actorAddress },
    recipients: message.recipients.filter(({ route }) => route === 'outward'),
    entries: entriesOf(history, message, [], new Map()),
    mayRead: at.verdict.allowed && message.wrappedKey !== null,
    mayDownload: at.verdict.allowed,
    reading: readingView(reading, page.at),
    reasons: investigation === null ? searchReasons(page, message.council) : [],
    content: reason === null ? null : await contentOf(page, message, lookOf(reading), reason),
  });
}

/** How far this officer has come; what was given before counts where the look still rests on it. */
async function readingOf(page: Page, at: Opened): Promise<Reading> {
  const { message, investigation, verdict } = at;
  const { queueId, council, wrappedKey } = message;
  const place = { queueId, caseId: null, investigation };
  const reading = await readingAt(page, place, verdict, (given) =>
    investigation === null
      ? searchReasons(page, council).some(({ id }) => id === given)
      : given === investigation,
  );
  return wrappedKey ? reading : { ...reading, reason: null };
}

async function read(page: Page) {
  const at = await opened(page);
  if (!at.verdict.allowed) throw notFound();
  const { message, subject } = at;
  const { queueId, council } = message;
  const form = page.form(z.object({ reason: z.string().max(60).default('') }));
  const asked = form.ok ? form.value.reason : '';
  const isKnown = searchReasons(page, council).some(({ id }) => id === asked);
  const reason = at.investigation ?? (isKnown ? asked : null);
  if (reason === null) return goTo(`/messages/${queueId}`, 'Choose why you need to read it.');
  const reading = await readingOf(page, at);
  if (reading.needsSecond && reading.reason === null) {
    const words = await askSecond(page, { place: reading.place, message, subject }, reason);
    return goTo(`/messages/${queueId}#message`, words);
  }
  await noteView(page, lookOf(reading), 'reason', reason);
  return goTo(`/messages/${queueId}#message`);
}

const CONFIRM_FIRST = 'Confirm that you need the file itself.';
const ASK_FIRST = 'Open the message for reading first.';

async function html(page: Page) {
  const at = await opened(page);
  const reading = await readingOf(page, at);
  const { reason } = reading;
  if (reason === null) return goTo(`/messages/${at.message.queueId}`, ASK_FIRST);
  const body = await harmlessHtml(page, at.message);
  if (body === null) throw notFound();
  await noteView(page, lookOf(reading), 'html', reason);
  return { kind: 'frame', body } as const;
}

async function download(page: Page) {
  const at = await opened(page);
  const reading = await readingOf(page, at);
  const { reason } = reading;
  if (reason === null) return goTo(`/messages/${at.message.queueId}`, ASK_FIRST);
  const file = await attachmentFile(page, at.message, lookOf(reading), reason);
  return file ?? goTo(`/messages/${at.message.queueId}#attachments`, CONFIRM_FIRST);
}

const title = 'Message';
const READ = allowedTo('view-other-mail');

export const MESSAGE: readonly Route[] = [
  {
    method: 'GET',
    path: '/messages/:id',
    title,
    access: allowedTo('search-person', 'view-other-mail'),
    handle: show,
  },
  { method: 'POST', path: '/messages/:id/read', title, access: READ, handle: read },
  { method: 'GET', path: '/messages/:id/html', title, access: READ, handle: html },
  {
    method: 'POST',
    path: '/messages/:id/attachments/:number',
    title,
    access: READ,
    handle: download,
  },
];

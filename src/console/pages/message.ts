import { z } from 'zod';
import { mattersAt, RETURNING_OFFICER_MAIL } from '../../policy/permissions.ts';
import { appendAudit } from '../../store/audit.ts';
import { timelineOf } from '../../store/case-history.ts';
import { investigationsOn, withinDates } from '../../store/investigations.ts';
import { loadMessage, type StoredMessage } from '../../store/messages.ts';
import { partiesOf } from '../case-subject.ts';
import {
  attachmentFile,
  contentOf,
  harmlessHtml,
  noteView,
  reasonGiven,
} from '../message-content.ts';
import { searchReasons } from '../person-gate.ts';
import { allowedTo, goTo, notFound, view, type Page, type Route } from '../route.ts';
import { entriesOf } from '../timeline.ts';

// One message of one person outside a held case: what became of it, and its content, only behind
// the investigation gate (St Helens 3.2.5).

interface Opened {
  message: StoredMessage;
  /** What the look rests on; `null` where the council asks for a reason alone. */
  investigation: string | null;
  mayRead: boolean;
}

/** @throws {Problem} 404 also for what is there and not for this officer */
async function opened(page: Page): Promise<Opened> {
  const { db } = page.services.road;
  const message = await loadMessage(db, page.params['id'] ?? '');
  const address = message?.actorAddress;
  if (message?.origin !== 'received' || !address || isSeparate(page, message)) throw notFound();
  const { council, receivedAt } = message;
  const all = await investigationsOn(db, { council, members: [address] });
  const subject = {
    kind: 'person',
    council,
    addresses: [address],
    investigations: all.filter((each) => withinDates(each, receivedAt)),
    parties: partiesOf(message),
    at: page.at,
  } as const;
  const reading = page.may('view-other-mail', subject);
  const looking = reading.allowed ? reading : page.may('search-person', subject);
  if (!looking.allowed) throw notFound();
  return { message, investigation: looking.investigation, mayRead: reading.allowed };
}

/** Mail of the Returning Officer's team is a matter of its own, whatever is investigated. */
function isSeparate(page: Page, { facts, council }: StoredMessage): boolean {
  if (facts?.actor.class !== 'returning-officer') return false;
  const { areas } = mattersAt(page.services.road.policy(), page.officer, 'view-content', council);
  return !areas.includes(RETURNING_OFFICER_MAIL);
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
  const reason = await readingReason(page, at);
  const history = await timelineOf(db, message.queueId);
  return view('message', {
    message,
    base: `/messages/${message.queueId}`,
    sender: { name: message.facts?.actor.name, address: message.actorAddress },
    recipients: message.recipients.filter(({ route }) => route === 'outward'),
    entries: entriesOf(history, message, [], new Map()),
    mayRead: at.mayRead && message.wrappedKey !== null,
    mayDownload: at.mayRead,
    reasons: investigation === null ? searchReasons(page, message.council) : [],
    content: reason === null ? null : await contentOf(page, message, lookOf(at), reason),
  });
}

/** Given before, and still what the look rests on; `null` where it is to be asked for. */
async function readingReason(page: Page, at: Opened): Promise<string | null> {
  const { message, investigation, mayRead } = at;
  if (!mayRead || message.wrappedKey === null) return null;
  const { queueId, council } = message;
  const given = await reasonGiven(page, queueId);
  const counts =
    investigation === null
      ? searchReasons(page, council).some(({ id }) => id === given)
      : given === investigation;
  return counts ? given : null;
}

function lookOf({ message, investigation }: Opened) {
  return { queueId: message.queueId, caseId: null, investigation };
}

async function read(page: Page) {
  const at = await opened(page);
  if (!at.mayRead) throw notFound();
  const { queueId, council } = at.message;
  const form = page.form(z.object({ reason: z.string().max(60).default('') }));
  const asked = form.ok ? form.value.reason : '';
  const isKnown = searchReasons(page, council).some(({ id }) => id === asked);
  const reason = at.investigation ?? (isKnown ? asked : null);
  if (reason === null) return goTo(`/messages/${queueId}`, 'Choose why you need to read it.');
  await noteView(page, lookOf(at), 'reason', reason);
  return goTo(`/messages/${queueId}#message`);
}

const CONFIRM_FIRST = 'Confirm that you need the file itself.';
const ASK_FIRST = 'Open the message for reading first.';

async function html(page: Page) {
  const at = await opened(page);
  const reason = await readingReason(page, at);
  if (reason === null) return goTo(`/messages/${at.message.queueId}`, ASK_FIRST);
  const body = await harmlessHtml(page, at.message);
  if (body === null) throw notFound();
  await noteView(page, lookOf(at), 'html', reason);
  return { kind: 'frame', body } as const;
}

async function download(page: Page) {
  const at = await opened(page);
  const reason = await readingReason(page, at);
  if (reason === null) return goTo(`/messages/${at.message.queueId}`, ASK_FIRST);
  const file = await attachmentFile(page, at.message, lookOf(at), reason);
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

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RecipientStatus } from '../../mail/disposition.ts';
import {
  answerOfficer,
  appealDecision,
  releaseBySender,
  SENDER,
  withdrawMessage,
} from '../../pipeline/ask-sender.ts';
import { reviewRoad } from '../../pipeline/case-clock.ts';
import { linkedMessage } from '../../pipeline/status-link.ts';
import { caseOfMessage } from '../../store/case-history.ts';
import { loadCase, type StoredCase } from '../../store/cases.ts';
import { loadMessage, type StoredMessage, type StoredRecipient } from '../../store/messages.ts';
import { revokeStatusLinks } from '../../store/status-links.ts';
import { formErrors, goTo, LINK_HOLDERS, notFound, view, type Page, type Route } from '../route.ts';

// The sender's own page behind the link in a notice. Links get forwarded: it names no address,
// subject, word or clause of the message, and looking at it changes nothing.

const VIEWS_PER_MINUTE = 60;
const ACTS_PER_MINUTE = 20;

const WORDS: Record<RecipientStatus, string> = {
  spooled: 'being checked',
  held: 'waiting for an officer',
  diverted: 'not sent on',
  queued: 'being sent now',
  deferred: 'not sent yet, we keep trying',
  delivered: 'sent',
  rejected: 'not sent',
  bounced: 'not delivered, the other side refused it',
  expired: 'not delivered, we stopped trying',
  withdrawn: 'taken back by the sender',
};

interface Linked {
  message: StoredMessage;
  found: StoredCase | null;
}

/** @throws {Problem} the same 404 for links that are unknown, expired or revoked */
async function linked(page: Page): Promise<Linked> {
  const { db } = page.services.road;
  const queueId = await linkedMessage(db, page.params['token'] ?? '', page.at);
  const message = queueId === null ? null : await loadMessage(db, queueId);
  if (!message?.decision) throw notFound();
  return { message, found: await caseOfMessage(db, message.queueId) };
}

/** Those whom the sender wrote to: the council's own copy of a diverted message is none. */
function asked({ recipients, decision }: StoredMessage): StoredRecipient[] {
  return recipients.filter(({ position }) => position < (decision?.recipients.length ?? 0));
}

async function statusData(page: Page, { message, found }: Linked) {
  const { db, policy } = page.services.road;
  const council = policy().councils.get(message.council);
  const recipients = asked(message);
  const isHeld = recipients.some(({ status }) => status === 'held');
  const isOpen = isHeld && found?.kind === 'hold' && found.closedAt === null;
  const mayReleaseAt = isOpen ? found.senderMayReleaseAt : null;
  const history = isOpen && found.askedAt ? await loadCase(db, found.id) : null;
  const tried = recipients.filter(({ status }) => status === 'queued' || status === 'deferred');
  return {
    base: `/m/${page.params['token']}`,
    councilName: council?.name ?? null,
    contacts: council?.settings.contacts ?? [],
    reference: message.queueId,
    sentAt: message.receivedAt,
    recipients: recipients.map(({ status }) => WORDS[status]),
    isHeld,
    dueAt: isOpen ? found.dueAt : null,
    endsAt: isOpen ? found.endsAt : null,
    mayReleaseAt,
    maySend: mayReleaseAt !== null && mayReleaseAt <= page.at,
    triedUntil: latest(tried.flatMap(({ giveUpAt }) => giveUpAt ?? [])),
    isTried: tried.length > 0,
    question: history?.actions.findLast(({ action }) => action === 'ask')?.reason ?? null,
    mayAnswer: isOpen,
    mayAppeal: found !== null,
    ids: { answer: randomUUID(), appeal: randomUUID() },
  };
}

function latest(times: Date[]): Date | null {
  return times.length === 0 ? null : new Date(Math.max(...times.map(Number)));
}

async function show(page: Page) {
  return view('status', await statusData(page, await linked(page)));
}

async function again(page: Page, at: Linked, field: string, error: string) {
  const entered = page.request.body as Record<string, unknown>;
  const errors = formErrors({ [field]: error });
  return view('status', { ...(await statusData(page, at)), errors, entered }, 400);
}

const TOO_LATE = 'Nothing waits any more, so nothing was changed.';

/** A form with words for the officers: an answer or comment, or why to look again. */
function words(
  field: 'answer' | 'appeal',
  act: typeof appealDecision,
  said: { done: string; not: string },
) {
  return async (page: Page) => {
    const at = await linked(page);
    const form = page.form(
      z.object({
        [field]: z.string().trim().min(1).max(2000),
        requestId: z.uuid().optional().catch(undefined),
      }),
    );
    if (!form.ok) return again(page, at, field, 'Write up to 2,000 letters');
    const { requestId = null } = form.value as { requestId?: string };
    const text = String((form.value as Record<string, unknown>)[field]);
    const { queueId } = at.message;
    const isDone = await act(reviewRoad(page.services.road), { queueId, text, requestId });
    return goTo(`/m/${page.params['token']}`, isDone ? said.done : said.not);
  };
}

const answer = words('answer', answerOfficer, {
  done: 'The officers have what you wrote. The message waits on.',
  not: TOO_LATE,
});

const appeal = words('appeal', appealDecision, {
  done: 'The officers are asked to look again.',
  not: 'No officer decides this message. Please ask one of the contacts below.',
});

async function withdraw(page: Page) {
  const at = await linked(page);
  const form = page.form(z.object({ sure: z.literal('yes') }));
  if (!form.ok) return again(page, at, 'sure', 'Tick the box if it must not be sent');
  const count = await withdrawMessage(page.services.road, { queueId: at.message.queueId });
  const done = `Taken back. It will not go to ${count} recipient(s) who had not got it.`;
  return goTo(`/m/${page.params['token']}`, count > 0 ? done : TOO_LATE);
}

async function send(page: Page) {
  const { queueId } = (await linked(page)).message;
  const { road } = page.services;
  const count = await releaseBySender(reviewRoad(road), { queueId });
  if (count > 0) await road.queues.wake('deliver', [queueId]);
  const done = `It is on its way to ${count} recipient(s).`;
  const not = 'Nothing was sent: it is not yours to send, went already, or could not be checked.';
  return goTo(`/m/${page.params['token']}`, count > 0 ? done : not);
}

async function close(page: Page) {
  const { queueId, council } = (await linked(page)).message;
  const { db, policy } = page.services.road;
  await revokeStatusLinks(db, { queueId, actor: SENDER, at: page.at });
  return view('status-closed', { councilName: policy().councils.get(council)?.name ?? null });
}

const title = 'Your message';
const post = (path: string, handle: Route['handle']): Route => ({
  method: 'POST',
  path: `/m/:token/${path}`,
  title,
  access: LINK_HOLDERS,
  perMinute: ACTS_PER_MINUTE,
  handle,
});

export const STATUS: readonly Route[] = [
  {
    method: 'GET',
    path: '/m/:token',
    title,
    access: LINK_HOLDERS,
    perMinute: VIEWS_PER_MINUTE,
    handle: show,
  },
  post('answer', answer),
  post('appeal', appeal),
  post('withdraw', withdraw),
  post('send', send),
  post('close', close),
];

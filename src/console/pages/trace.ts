import { z } from 'zod';
import { isQueueId } from '../../mail/queue-id.ts';
import { mattersAt, RETURNING_OFFICER_MAIL } from '../../policy/permissions.ts';
import { appendAudit } from '../../store/audit.ts';
import { timelineOf } from '../../store/case-history.ts';
import { loadMessage } from '../../store/messages.ts';
import { traceMessages, type Traced, type TraceClue } from '../../store/trace.ts';
import { enteredTime } from '../entered-dates.ts';
import { allowedTo, formErrors, view, type Page, type Route } from '../route.ts';
import { contentFree, entriesOf } from '../timeline.ts';

const MAY = allowedTo('trace');
const MOST_FOUND = 25;
/** People remember when they pressed Send to the quarter of an hour. */
const AROUND_MS = 15 * 60_000;

const CLUE_ADVICE =
  'Enter the number in a notice, a Message-ID, a whole address, or a time like 26/11/2026 09:30';

const question = z.object({
  // It is kept in the audit, where no address and no words may stand.
  ticket: z
    .string()
    .trim()
    .min(1, 'Enter the number of the ticket')
    .regex(/^(?=.*\d)[\p{L}\d][\p{L}\d/#_.-]{0,39}$/u, 'Enter the ticket’s number, without spaces'),
  clue: z
    .string()
    .trim()
    .min(1, CLUE_ADVICE)
    .max(1000, 'Enter a shorter one')
    .transform((words, context): TraceClue => {
      const clue = clueOf(words);
      if (clue) return clue;
      context.addIssue({ code: 'custom', message: CLUE_ADVICE });
      return z.NEVER;
    }),
});

/** What the words are a clue to; `null` where they are none. */
function clueOf(words: string): TraceClue | null {
  const id = words.replaceAll(/[\s-]/g, '').toUpperCase();
  if (isQueueId(id)) return { kind: 'queue-id', queueId: id };
  if (/^[^\s@]+@[^\s@]+$/.test(words)) return { kind: 'address', address: words };
  const at = enteredTime(words)?.getTime();
  if (at === undefined) return null;
  return { kind: 'time', from: new Date(at - AROUND_MS), until: new Date(at + AROUND_MS) };
}

/** By POST: each search is recorded, and neither addresses nor tickets belong in an address bar. */
async function search(page: Page) {
  const form = page.form(question);
  if (!form.ok) {
    const { errors, entered } = form;
    return view('trace', { errors, entered }, 422);
  }
  const { ticket, clue } = form.value;
  const { db } = page.services.road;
  const councils = page.councils('trace');
  const all = await traceMessages(db, {
    clue,
    councils,
    returningOfficersAt: councils.filter((council) => seesReturningOfficers(page, council)),
    limit: MOST_FOUND + 1,
  });
  const found = all.slice(0, MOST_FOUND);
  await appendAudit(db, {
    event: 'trace',
    ...(found.length === 1 && found[0] ? { queueId: found[0].queueId } : {}),
    actor: page.officer.id,
    data: { ticket, by: clue.kind, messages: found.map(({ queueId }) => queueId) },
  });
  const entered = { ticket, clue: (page.request.body as Record<string, string>)['clue'] };
  if (found.length === 0) {
    const errors = formErrors({ clue: 'No message of your council’s members fits. Check it' });
    return view('trace', { errors, entered }, 404);
  }
  const message = found.length === 1 ? await opened(page, found[0] as Traced) : null;
  const more = all.length > MOST_FOUND;
  return view('trace', {
    entered,
    ticket,
    found: message ? null : found.map(listed),
    more,
    message,
  });
}

function seesReturningOfficers(page: Page, council: string): boolean {
  const policy = page.services.road.policy();
  const { areas } = mattersAt(policy, page.officer, 'view-metadata', council);
  return areas.includes(RETURNING_OFFICER_MAIL);
}

/** In a list of several: where each went, and not to whom. */
function listed({ recipients, ...message }: Traced) {
  const domains = [...new Set(recipients.map(({ domain }) => domain ?? 'erased'))];
  const statuses = [...new Set(recipients.map(({ status }) => status))];
  return { ...message, domains, statuses, recipientCount: recipients.length };
}

async function opened(page: Page, { queueId }: Traced) {
  const { db } = page.services.road;
  const [message, history] = await Promise.all([loadMessage(db, queueId), timelineOf(db, queueId)]);
  if (!message) throw new Error(`Message ${queueId} was found and is not there`);
  const { receivedAt, erasedAt, recipients } = message;
  return {
    queueId,
    receivedAt,
    erasedAt,
    recipients: recipients
      .filter(({ route }) => route === 'outward')
      .map(({ address, status, nextAttemptAt, protectedBy, protection }) => ({
        address,
        status,
        nextAttemptAt,
        protectedBy,
        protection,
      })),
    entries: entriesOf(contentFree(history), message, [], new Map()),
  };
}

export const TRACE: readonly Route[] = [
  {
    method: 'GET',
    path: '/trace',
    title: 'Where is my e-mail?',
    access: MAY,
    nav: 'Find mail',
    handle: async () => view('trace'),
  },
  {
    method: 'POST',
    path: '/trace',
    title: 'Where is my e-mail?',
    access: MAY,
    perMinute: 30,
    handle: search,
  },
];

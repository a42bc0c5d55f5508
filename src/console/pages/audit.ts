import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { isQueueId } from '../../mail/queue-id.ts';
import { appendAudit, verifyAudit, type AuditHead } from '../../store/audit.ts';
import {
  auditEvents,
  newestBatches,
  searchAudit,
  SEARCHED_ROWS,
  type AuditScope,
} from '../../store/audit-search.ts';
import { eventTitle, officersIn, rowWords } from '../audit-words.ts';
import { officerNames } from '../case-words.ts';
import { allowedTo, forbidden, formErrors, view, type Page, type Route } from '../route.ts';

const SHOWN_ROWS = 50;
const SHOWN_BATCHES = 10;

async function overview(page: Page) {
  const find = (page.query['find'] ?? '').trim().slice(0, 100);
  const event = (page.query['event'] ?? '').slice(0, 100);
  const queueId = find.replaceAll(/[\s-]/g, '').toUpperCase();
  if (find !== '' && !isQueueId(queueId)) {
    const errors = formErrors({ find: 'Enter a message’s number: 18 letters and digits' });
    return view('audit', { ...(await frame(page)), find, event, errors }, 422);
  }
  if (find === '' && event === '') return view('audit', { ...(await frame(page)), find, event });
  const { db } = page.services.road;
  const rows = await searchAudit(db, {
    scope: scopeOf(page),
    queueId: find === '' ? undefined : queueId,
    event: event === '' ? undefined : event,
    limit: SHOWN_ROWS + 1,
  });
  await appendAudit(db, {
    event: 'audit-searched',
    actor: page.officer.id,
    data: { message: find === '' ? null : queueId, event: /^[a-z-]+$/.test(event) ? event : null },
  });
  const shown = rows.slice(0, SHOWN_ROWS);
  const names = await officerNames(db, shown.flatMap(officersIn));
  return view('audit', {
    ...(await frame(page)),
    find,
    event,
    rows: shown.map((row) => ({ ...row, ...rowWords(row, names) })),
    isMore: rows.length > SHOWN_ROWS,
  });
}

/** What stands on the page whatever was asked. */
async function frame(page: Page) {
  const { db } = page.services.road;
  const [events, batches] = await Promise.all([auditEvents(db), newestBatches(db, SHOWN_BATCHES)]);
  const choices = events.map((event) => ({ value: event, text: eventTitle(event) }));
  return {
    events: choices.toSorted((a, b) => a.text.localeCompare(b.text)),
    batches,
    isWhole: scopeOf(page).isWhole,
    searchedRows: SEARCHED_ROWS.toLocaleString('en-GB'),
    mayVerify: page.councils('verify-audit').length > 0,
  };
}

/** Rows about no message tell of every council's officers, so they take the role at each. */
function scopeOf(page: Page): AuditScope {
  const councils = page.councils('view-audit');
  const isWhole = page.services.settings.councils.every((id) => councils.includes(id));
  return { councils, isWhole };
}

const HEAD_ADVICE = 'Enter the 64 letters and digits of its hash, or leave both empty';
const head = z
  .object({
    batch: z.union([z.literal(''), z.string().regex(/^\d{1,15}$/, 'Enter the batch’s number')]),
    hash: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^(?:[0-9a-f]{64})?$/, HEAD_ADVICE),
  })
  .transform(({ batch, hash }, context): AuditHead | null => {
    if ((batch === '') === (hash === '')) return batch === '' ? null : { batchId: +batch, hash };
    const [path, message] =
      batch === '' ? ['batch', 'Enter its number too'] : ['hash', HEAD_ADVICE];
    context.addIssue({ code: 'custom', path: [path], message });
    return z.NEVER;
  });

async function verify(page: Page) {
  if (!scopeOf(page).isWhole) {
    throw forbidden('The trail is one for every council here: it takes the role at each of them.');
  }
  const form = page.form(head);
  if (!form.ok) {
    const { errors, entered } = form;
    return view('audit', { ...(await frame(page)), find: '', event: '', errors, entered }, 422);
  }
  const { db, auditKey } = page.services.road;
  const options = form.value ? { expectedHead: form.value } : {};
  const verdict = await verifyAudit(db, createPublicKey(auditKey), options);
  await appendAudit(db, {
    event: 'audit-verified',
    actor: page.officer.id,
    data: { batches: verdict.batches, rows: verdict.rows, isWhole: verdict.problem === null },
  });
  const compared = form.value !== null;
  return view('audit', { ...(await frame(page)), find: '', event: '', verdict, compared });
}

export const AUDIT: readonly Route[] = [
  {
    method: 'GET',
    path: '/audit',
    title: 'Audit',
    access: allowedTo('view-audit'),
    nav: 'Audit',
    handle: overview,
  },
  {
    method: 'POST',
    path: '/audit/verify',
    title: 'Audit',
    access: allowedTo('verify-audit'),
    perMinute: 6,
    handle: verify,
  },
];

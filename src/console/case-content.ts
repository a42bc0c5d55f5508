import type { Readable } from 'node:stream';
import { simpleParser } from 'mailparser';
import sanitizeHtml from 'sanitize-html';
import { parseMessage } from '../mail/parse.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { lastViewReason, recordView } from '../store/case-work.ts';
import { transaction } from '../store/connect.ts';
import type { StoredMessage } from '../store/messages.ts';
import type { OpenedCase } from './case-subject.ts';
import type { Page } from './route.ts';

/** A reason that an officer gave to look into a message holds for so long. */
const REASON_HOURS = 8;
/** Larger messages are not shown as HTML: the text is there. */
const HTML_BYTES = 10 * 1024 * 1024;

/**
 * Why this officer may look into the message now: the reason given before, `null` where it must be
 * asked for or the role does not include it.
 */
export async function viewReason(page: Page, { message, subject }: OpenedCase) {
  if (!page.may('view-content', subject).allowed || !message.wrappedKey) return null;
  const since = new Date(page.at.getTime() - REASON_HOURS * 3_600_000);
  const { db } = page.services.road;
  return lastViewReason(db, { queueId: message.queueId, officer: page.officer.id, since });
}

/** Writes the look into the trail before anything is shown. */
export async function noteView(
  page: Page,
  { found, message }: OpenedCase,
  what: string,
  reason: string,
): Promise<void> {
  const { db } = page.services.road;
  await transaction(db, (tx) =>
    recordView(tx, {
      caseId: found.id,
      queueId: message.queueId,
      officer: page.officer.id,
      what,
      reason,
      at: page.at,
    }),
  );
}

/** The message as the detectors read it. */
export async function readContent(page: Page, message: StoredMessage): Promise<ParsedMessage> {
  const { parseLimits, attachmentReader } = page.services.road;
  return parseMessage(rawOf(page, message), parseLimits, attachmentReader());
}

function rawOf(page: Page, { queueId, wrappedKey }: StoredMessage): Readable {
  if (!wrappedKey) throw new Error(`Message "${queueId}" was erased`);
  return page.services.road.spool.read(queueId, wrappedKey);
}

/** One attachment's own bytes, by its number in the order of the message; `null` where none. */
export async function attachmentBytes(
  page: Page,
  message: StoredMessage,
  sha256: string,
): Promise<Buffer | null> {
  const mail = await simpleParser(rawOf(page, message), { skipTextToHtml: true });
  const { createHash } = await import('node:crypto');
  const found = mail.attachments.find(
    ({ content }) => createHash('sha256').update(content).digest('hex') === sha256,
  );
  return found?.content ?? null;
}

/** Elements of text and tables; nothing that runs, loads, sends, plays or leads away. */
const ALLOWED_TAGS = (
  'a abbr b blockquote br center code dd div dl dt em font h1 h2 h3 h4 h5 h6 hr i li ol p pre s ' +
  'small span strong sub sup table tbody td tfoot th thead tr u ul'
).split(' ');

/**
 * The HTML of a message made harmless, as a page of its own; `null` where it has none. It is shown
 * in a sandboxed frame under a policy that allows nothing, so that each of the three alone would
 * do. Links are words: where one leads is written behind it.
 */
export async function harmlessHtml(page: Page, message: StoredMessage): Promise<string | null> {
  if (message.sizeBytes > HTML_BYTES) return null;
  const mail = await simpleParser(rawOf(page, message), {
    skipTextToHtml: true,
    skipImageLinks: true,
  });
  if (mail.html === false) return null;
  return framed(harmless(mail.html));
}

/** @param html whatever a stranger wrote */
export function harmless(html: string): string {
  return sanitizeHtml(html, {
    allowedTags: ALLOWED_TAGS,
    allowedAttributes: { td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan'], '*': ['dir'] },
    allowedSchemes: [],
    disallowedTagsMode: 'discard',
    nestingLimit: 60,
    transformTags: {
      a: (_tag, { href = '' }) => ({
        tagName: 'span',
        attribs: {},
        ...(href !== '' && { text: `[link to ${href.slice(0, 200)}] ` }),
      }),
    },
  });
}

function framed(body: string): string {
  return (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The message</title>' +
    '</head><body>' +
    `${body}</body></html>`
  );
}

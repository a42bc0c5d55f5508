import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { simpleParser } from 'mailparser';
import sanitizeHtml from 'sanitize-html';
import { z } from 'zod';
import { parseMessage } from '../mail/parse.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { recordView, type ContentView } from '../store/case-work.ts';
import { transaction } from '../store/connect.ts';
import type { StoredMessage } from '../store/messages.ts';
import { markedParts } from './evidence-text.ts';
import { notFound, type Answer, type Page } from './route.ts';

const HEADERS_THAT_MATTER = ['from', 'sender', 'reply-to', 'to', 'cc', 'date', 'message-id'];

/** Larger messages are not shown as HTML: the text is there. */
const HTML_BYTES = 10 * 1024 * 1024;

/** What a look into a message is about, and rests on beside its reason. */
export type Look = Pick<ContentView, 'queueId' | 'caseId' | 'investigation' | 'request'>;

/** Writes the look into the trail before anything is shown. */
export async function noteView(
  page: Page,
  look: Look,
  what: string,
  reason: string,
): Promise<void> {
  const { db } = page.services.road;
  const view = { ...look, officer: page.officer.id, what, reason, at: page.at };
  await transaction(db, (tx) => recordView(tx, view));
}

/** The message for `message-content.njk`, once the look is in the trail. */
export async function contentOf(page: Page, message: StoredMessage, look: Look, reason: string) {
  await noteView(page, look, 'text', reason);
  const parsed = await readContent(page, message);
  return {
    parts: markedParts(parsed, message.decision),
    headers: parsed.headers.filter(({ name }) => HEADERS_THAT_MATTER.includes(name)),
    attachments: parsed.attachments,
    hasHtml: parsed.structure.includes('text/html'),
    limits: parsed.limitsReached,
  };
}

/**
 * The attachment that the route names, as a file that nothing opens by itself; `null` until the
 * form confirms that the file itself is needed.
 */
export async function attachmentFile(
  page: Page,
  message: StoredMessage,
  look: Look,
  reason: string,
): Promise<Answer | null> {
  const form = page.form(z.object({ confirmed: z.literal('yes') }));
  if (!form.ok) return null;
  const parsed = await readContent(page, message);
  const attachment = parsed.attachments.find(
    ({ number }) => String(number) === page.params['number'],
  );
  const body = attachment && (await attachmentBytes(page, message, attachment.sha256));
  if (!body) throw notFound();
  await noteView(page, look, `attachment:${attachment.number}`, reason);
  const name = `${look.caseId ?? look.queueId}-${attachment.number}.held`;
  return { kind: 'file', name, type: 'application/octet-stream', body };
}

/** The message as the detectors read it. */
async function readContent(page: Page, message: StoredMessage): Promise<ParsedMessage> {
  const { parseLimits, attachmentReader } = page.services.road;
  return parseMessage(rawOf(page, message), parseLimits, attachmentReader());
}

function rawOf(page: Page, { queueId, wrappedKey }: StoredMessage): Readable {
  if (!wrappedKey) throw new Error(`Message "${queueId}" was erased`);
  return page.services.road.spool.read(queueId, wrappedKey);
}

/** One attachment's own bytes, by its number in the order of the message; `null` where none. */
async function attachmentBytes(
  page: Page,
  message: StoredMessage,
  sha256: string,
): Promise<Buffer | null> {
  const mail = await simpleParser(rawOf(page, message), { skipTextToHtml: true });
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

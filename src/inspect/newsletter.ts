import { headerValues } from '../mail/message.ts';
import type { ParsedMessage } from '../mail/message.ts';
import type { Facts } from '../mail/facts.ts';

const HEADINGS = new RegExp(
  String.raw`\b(?:newsletter|ward (?:update|news|report|round-?up)|bulletin|e-?news|` +
    String.raw`round-?up|latest news from|in touch)\b`,
  'i',
);
const UNSUBSCRIBE = new RegExp(
  String.raw`\bunsubscribe\b|\bno longer wish to (?:receive|get|hear)\b|` +
    String.raw`\btake you off (?:the|my) list\b`,
  'i',
);
const MASS_RECIPIENTS = 25;

/**
 * Newsletter or mass shape (domain D.8): two of heading words, a way to unsubscribe, 25 or more
 * outside recipients, a file named newsletter. Shape alone is never a finding: ward newsletters
 * are allowed.
 */
export function hasNewsletterShape(message: ParsedMessage, facts: Facts): boolean {
  const body = message.texts.map((part) => part.text.slice(0, 20_000)).join('\n');
  const signs = [
    HEADINGS.test(message.subject) || HEADINGS.test(body.slice(0, 400)),
    UNSUBSCRIBE.test(body) || headerValues(message, 'list-unsubscribe').length > 0,
    facts.recipients.filter((recipient) => !recipient.internal).length >= MASS_RECIPIENTS,
    message.attachments.some((attachment) => /newsletter/i.test(attachment.filename)),
  ];
  return signs.filter(Boolean).length >= 2;
}

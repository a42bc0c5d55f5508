import type { Mailbox } from './address.ts';
import { multipart, noticeHeader, textEntity } from './compose.ts';
import {
  composeDsn,
  dsnAllowed,
  type DsnAction,
  type DsnInput,
  type OriginalMessage,
} from './dsn.ts';
import { renderTemplate } from './notice-template.ts';
import { NOTICE_SHAPE, type Contact, type NoticeVariables } from './notice-variables.ts';
import { clauseWords, maskAddress } from './plain-words.ts';

export const NOTICE_KINDS = [
  'held', // waits for an officer, or for us
  'diverted', // an automatic forward, kept back
  'refused', // an officer or the policy refused it
  'nudge', // sent; something to do better next time
  'delayed', // not delivered yet
  'undelivered', // will not be delivered: the other side refused it
  'released', // was held, has been sent
  'expired', // will not be delivered: we stopped trying
  'returned', // an officer sent it back: it must be encrypted first
  'question', // waits, and an officer has a question
  'preflight', // what would happen to a draft
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/**
 * What happened, in words (see plain-words.ts) and flags (see NOTICE_SHAPE). No content of the
 * message.
 */
export interface NoticeData extends Omit<
  NoticeVariables,
  'councilName' | 'contacts' | 'clauses' | 'reference'
> {
  clauses: readonly { section: string; document: string; quote: string | null }[];
  /** Of the message that the notice is about. */
  queueId: string;
}

export interface NoticeInput {
  kind: NoticeKind;
  council: { name: string; noticeFrom: string; contacts: readonly Contact[] };
  /** The actor, at a council mailbox. */
  to: Mailbox;
  /** Text of policies/notices/<kind>.md. */
  template: string;
  /** What that text is written in; English where it is not said. */
  language?: 'en' | 'cy';
  data: NoticeData;
  /** The notice's own, the same each time it is written. */
  messageId: string;
  at: Date;
  original: OriginalMessage;
  /** For delayed, undelivered and expired: what the delivery report says. */
  includeDsn: DsnInput | null;
  /** Value of `X-Portreeve-Notice`: `<queueId> <hmac>`. */
  token: string | null;
}

/** A notice ready for the queue: 7-bit, CRLF, and the sender its envelope needs. */
export interface ComposedNotice {
  raw: Buffer;
  /** `''` for a DSN (RFC 3461 §6.1); else the council's notice address (RFC 5321 §4.5.5). */
  mailFrom: string;
}

const REPORTED: Record<NoticeKind, DsnAction | null> = {
  held: null,
  diverted: null,
  refused: null,
  nudge: null,
  delayed: 'delayed',
  undelivered: 'failed',
  released: null,
  expired: 'failed',
  returned: null,
  question: null,
  preflight: null,
};

const LISTED = 40;

/**
 * Composes a notice in one of two forms (RFC 5321 §4.5.5, RFC 3461 §5.2.5): a DSN about those
 * recipients for which the client allows one, or, where there are none, the same words as ordinary
 * automatic mail, since St Helens 6.2.3 promises the notice whatever NOTIFY said.
 * @throws {RangeError} for a template, address, Message-ID or status that cannot be written.
 */
export function composeNotice(input: NoticeInput): ComposedNotice {
  const { council, to, at, messageId, token, original, language } = input;
  const { subject, text, html } = renderTemplate(
    input.template,
    noticeVariables(input),
    NOTICE_SHAPE,
    language,
  );
  const from = { name: `${council.name} e-mail service`, address: council.noticeFrom };
  const header = { from, to, subject, at, messageId, token, language };
  const report = allowedReport(input);
  if (report !== null) {
    const raw = Buffer.from(composeDsn({ header, text, report, original }));
    return { raw, mailFrom: '' };
  }
  const parts = [textEntity('text/plain', text), textEntity('text/html', html)];
  const fields = noticeHeader({
    ...header,
    inReplyTo: original.messageId,
    autoSubmitted: 'auto-generated',
  });
  const raw = Buffer.from(fields + multipart('multipart/alternative', parts, messageId));
  return { raw, mailFrom: council.noticeFrom };
}

function allowedReport({ kind, includeDsn }: NoticeInput): DsnInput | null {
  const action = REPORTED[kind];
  if (action === null || includeDsn === null) return null;
  const recipients = includeDsn.recipients.filter(
    (recipient) => recipient.action === action && dsnAllowed(recipient.notify, action),
  );
  return recipients.length === 0 ? null : { ...includeDsn, recipients };
}

function noticeVariables({ kind, council, data }: NoticeInput): NoticeVariables {
  const { queueId, ...variables } = data;
  // Even to its owner a private address is named by its domain only: others may see the screen.
  const shown = (address: string) => (kind === 'diverted' ? maskAddress(address) : address);
  return {
    ...variables,
    councilName: council.name,
    contacts: council.contacts,
    reference: queueId,
    clauses: data.clauses.map((clause) => ({ words: clauseWords(clause), quote: clause.quote })),
    recipients: firstFew(
      data.recipients.map((line) => ({ ...line, address: shown(line.address) })),
      (rest) => ({ address: rest, outcome: 'not listed here', reason: null }),
    ),
    notAffected: firstFew(data.notAffected.map(shown), (rest) => rest),
  };
}

/** The lines of a list that somebody would read, and one that counts the rest. */
function firstFew<Line>(lines: readonly Line[], more: (rest: string) => Line): readonly Line[] {
  if (lines.length <= LISTED) return lines;
  return [...lines.slice(0, LISTED), more(`${lines.length - LISTED} more addresses`)];
}

import { addressKey, domainOf, isWithin } from '../mail/address.ts';
import { headerValues, type ParsedMessage } from '../mail/message.ts';
import type { SendingView } from './sending.ts';

/** Subjects of automatic replies: English, Welsh and what visitors' mailboxes write. */
const REPLY_SUBJECT = new RegExp(
  `^\\s*(?:(?:re|aw|sv)\\s*:\\s*)?(?:${[
    'automatic reply|auto(?:matic)?[- ]?(?:reply|response)|autoreply',
    'out[- ]of[- ](?:the[- ])?office|ooo\\b|away from (?:the|my) (?:office|desk)',
    "on (?:annual )?leave\\b|(?:ymateb|ateb) awtomatig|allan o'r swyddfa",
    'automatische antwort|abwesenheit|r[ée]ponse automatique|respuesta autom[áa]tica',
  ].join('|')})`,
  'i',
);

const CALENDAR_SUBJECT = new RegExp(
  `^\\s*(?:${[
    'accepted|declined|tentative|tentatively accepted|cancell?ed|updated invitation|invitation',
    'new time proposed|meeting forward notification',
  ].join('|')})\\s*:`,
  'i',
);

/**
 * What kind of automatic mail, other than forwarding, the message is by its own headers, or `null`.
 * It does not ask who generated it: a resident's automatic reply that a rule sends on is one, too.
 */
export function automaticKind(message: ParsedMessage): string | null {
  const submitted = headerValues(message, 'auto-submitted').join(' ');
  const type = message.contentType.type;
  const parameters = message.contentType.parameters;
  if (REPLY_SUBJECT.test(message.subject)) return 'automatic-reply'; // N01
  if (/\bauto-replied\b/i.test(submitted)) return 'automatic-reply'; // N03, N04
  if (/\bauto-notified\b/i.test(submitted)) return 'notification'; // N05
  // N07
  if (type === 'multipart/report' || parameters['report-type'] !== undefined) return 'report';
  if (message.structure.includes('message/disposition-notification')) return 'report';
  if (message.structure.includes('text/calendar')) return 'calendar'; // N06
  if (CALENDAR_SUBJECT.test(message.subject)) return 'calendar';
  if (/^\s*(?:read|not read|delivered)\s*:/i.test(message.subject)) return 'report';
  if (headerValues(message, 'x-ms-journal-report').length > 0) return 'journal'; // N11
  return null;
}

/**
 * Addresses of a list or group of the council's own that hands its mail to its members (N08). A
 * List-Id is written with dots alone: its first label is the list's name.
 */
function ownLists(view: SendingView): string[] {
  return ['list-id', 'list-post', 'x-mailing-list', 'mailing-list']
    .flatMap((name) => headerValues(view.message, name))
    .flatMap((value) => {
      const written = value.split(/[^\w.@+-]+/).findLast((word) => word !== '') ?? '';
      const address = written.includes('@') ? written : written.replace('.', '@');
      const host = written.slice(written.indexOf('@') + 1);
      return view.isOurs(`list@${host}`) ? [addressKey(address)] : [];
    });
}

/** `allotments-bounces@` is what the server of `allotments@` calls itself in the envelope. */
const SERVER_OF = /[-+](?:bounces?|request|owner|admin)(?=@)/;

/**
 * Whether the list's own server handed it on. Whoever else is named as having sent it on did so
 * after the list had delivered it.
 */
function isHandedOnByOwnList(view: SendingView, forwarders: readonly string[]): boolean {
  const lists = ownLists(view);
  if (lists.length === 0) return false;
  return forwarders.every((address) => lists.includes(address.replace(SERVER_OF, '')));
}

/**
 * The counter-evidence of domain C.4a: why this sending is not an automatic forward, or `null`.
 * `mailbox` is the one that the traces point to, `forwarders` those that machinery names outright.
 * A reply, a receipt or a calendar answer excuses only the mailbox that wrote it: the same thing
 * from a resident, sent on by a rule, is forwarded. The headers of journals and lists come with a
 * message from anywhere: they excuse nobody whom machinery names.
 */
export function automaticMail(
  view: SendingView,
  { mailbox, forwarders }: { mailbox: string | null; forwarders: readonly string[] },
): string | null {
  const { message } = view;
  const wroteItself = view.isOurs(view.from) && (mailbox === null || mailbox === view.from);
  const kind = automaticKind(message);
  if (kind === 'journal' && forwarders.length === 0) return kind;
  if (wroteItself && kind !== null) return kind;
  if (wroteItself && !view.forwardShape) {
    const suppress = headerValues(message, 'x-auto-response-suppress').length > 0;
    const answers = headerValues(message, 'in-reply-to').length > 0;
    // N02: a server reply may have any Subject. It answers somebody, which a forward does not.
    if (suppress || answers || answersParent(view) || view.mailFrom === '') {
      return 'automatic-reply';
    }
  }
  if (wroteItself && /^\s*re\s*:/i.test(message.subject)) return 'reply';
  if (isHandedOnByOwnList(view, forwarders)) return 'list';
  return null;
}

/**
 * Rule of thumb of domain C.4a: a reply goes to the author of the parent, a forward to anyone else.
 */
function answersParent(view: SendingView): boolean {
  return headerValues(view.message, 'x-ms-exchange-parent-message-id').some((parent) => {
    const host = /@([\w.-]+)>?\s*$/.exec(parent)?.[1] ?? '-';
    return isWithin(host, [domainOf(view.recipient)]);
  });
}

/**
 * True for the Redirect or Resend command of a mail program (N10): a person's act. It writes the
 * whole Resent block of RFC 5322 §3.6.6, where a server adds Resent-From alone, and is submitted.
 */
export function isPersonsRedirect(view: SendingView): boolean {
  const { message } = view;
  const has = (name: string) => headerValues(message, name).length > 0;
  if (!has('resent-from') || !has('resent-date')) return false;
  if (has('resent-user-agent') || view.arrival.via === 'login') return true;
  const [newest = ''] = headerValues(message, 'received');
  const resentTo = headerValues(message, 'resent-to').join(' ').toLowerCase();
  const submitted = /\bwith\s+(?:UTF8)?E?SMTPS?A\b/i.test(newest);
  return submitted && addressKey(resentTo).includes(view.recipient);
}

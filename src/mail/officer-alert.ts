import { noticeHeader, textEntity } from './compose.ts';

/** Why officers get mail about a case. */
export const ALERT_KINDS = [
  'urgent',
  'overdue',
  'ends-soon',
  'stuck',
  'assigned',
  'appeal',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export interface AlertInput {
  kind: AlertKind;
  council: { name: string; noticeFrom: string };
  /** The mailbox of a role, or of one officer, at the council. */
  to: string;
  caseId: string;
  /** The case page; `null` where no console is configured. */
  link: string | null;
  messageId: string;
  at: Date;
  token: string | null;
}

const WORDS: Record<AlertKind, { subject: string; text: string }> = {
  urgent: {
    subject: 'Urgent',
    text: 'An officer marked this case as urgent. The reason stands on its page.',
  },
  overdue: {
    subject: 'Overdue',
    text: 'This case was to be decided by now, and nobody has. The message still waits.',
  },
  'ends-soon': {
    subject: 'Released soon',
    text:
      'Nobody has decided this case. The council’s service levels let the message go by itself ' +
      'soon, unless an officer decides before.',
  },
  stuck: {
    subject: 'Released, not delivered',
    text:
      'An officer released this message, and the next mail server has not taken it. It is tried ' +
      'again by itself; its page shows what the server said.',
  },
  appeal: {
    subject: 'Second look asked for',
    text: 'The sender asks for a second look at this case. Their words stand on its page.',
  },
  assigned: { subject: 'Assigned to you', text: 'Somebody gave you this case to work on.' },
};

/**
 * Composes mail to officers about a case: its id and a link, nothing of the message, its sender or
 * the clause, since mail is read on locked screens and gets forwarded.
 * @throws {RangeError} for an address or Message-ID that cannot be written.
 */
export function composeAlert(input: AlertInput): Buffer {
  const { kind, council, to, caseId, link, messageId, at, token } = input;
  const { subject, text } = WORDS[kind];
  const where = link ?? 'Open it in the review console, or with: portreeve case show ' + caseId;
  const fields = noticeHeader({
    from: { name: `${council.name} e-mail service`, address: council.noticeFrom },
    to: { name: '', address: to },
    subject: `${subject}: case ${caseId}`,
    at,
    messageId,
    inReplyTo: '',
    autoSubmitted: 'auto-generated',
    token,
  });
  const lines = [`Case ${caseId}`, '', text, '', where, ''];
  return Buffer.from(fields + textEntity('text/plain', lines.join('\n')));
}

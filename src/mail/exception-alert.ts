import { noticeHeader, textEntity } from './compose.ts';

export interface ExceptionAlertInput {
  council: { name: string; noticeFrom: string };
  /** The mailbox of its owner, its approver or a role, at the council. */
  to: string;
  /** The exception's id in the council's file. */
  exception: string;
  /** What it permits, in words: `a redirect`, `mail past the rule "bulk-personal-data"`. */
  permits: string;
  /** Its last day, `2026-12-24`. */
  until: string;
  messageId: string;
  at: Date;
  token: string | null;
}

/**
 * Composes mail that an exception ends soon. It names neither member nor recipient, since mail is
 * read on locked screens and gets forwarded; the policy's own file does.
 * @throws {RangeError} for an address or Message-ID that cannot be written.
 */
export function composeExceptionAlert(input: ExceptionAlertInput): Buffer {
  const { council, to, exception, permits, until, messageId, at, token } = input;
  const fields = noticeHeader({
    from: { name: `${council.name} e-mail service`, address: council.noticeFrom },
    to: { name: '', address: to },
    subject: `Ends after ${until}: exception ${exception}`,
    at,
    messageId,
    inReplyTo: '',
    autoSubmitted: 'auto-generated',
    token,
  });
  const lines = [
    `Exception ${exception} permits ${permits}.`,
    `Its last day is ${until}. From the day after, such mail may be stopped again.`,
    '',
    'If it is still needed, have it approved anew, with a later "until" in the policy.',
    'If not, nothing needs to be done.',
    '',
    'All of them: portreeve policy exceptions',
    '',
  ];
  return Buffer.from(fields + textEntity('text/plain', lines.join('\n')));
}

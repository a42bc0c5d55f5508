import { noticeHeader, textEntity } from './compose.ts';

/** What an announcement says. Nothing of a message: mail is read on locked screens. */
export interface AnnouncedWords {
  subject: string;
  lines: string[];
}

export interface AnnouncementInput {
  council: { name: string; noticeFrom: string };
  /** The mailbox of an officer or a role, at the council. */
  to: string;
  words: AnnouncedWords;
  messageId: string;
  at: Date;
  token: string | null;
}

/**
 * Composes mail to those who answer for something: that it ends, or waits for them.
 * @throws {RangeError} for an address or Message-ID that cannot be written.
 */
export function composeAnnouncement(input: AnnouncementInput): Buffer {
  const { council, to, words, messageId, at, token } = input;
  const fields = noticeHeader({
    from: { name: `${council.name} e-mail service`, address: council.noticeFrom },
    to: { name: '', address: to },
    subject: words.subject,
    at,
    messageId,
    inReplyTo: '',
    autoSubmitted: 'auto-generated',
    token,
  });
  return Buffer.from(fields + textEntity('text/plain', [...words.lines, ''].join('\n')));
}

/**
 * That an exception ends soon. It names neither member nor recipient; the policy's own file does.
 * @param ending `exception`: its id in the council's file; `permits`: in words; `until`: its last
 *   day, `2026-12-24`
 */
export function exceptionEndsWords(ending: {
  exception: string;
  permits: string;
  until: string;
}): AnnouncedWords {
  const { exception, permits, until } = ending;
  return {
    subject: `Ends after ${until}: exception ${exception}`,
    lines: [
      `Exception ${exception} permits ${permits}.`,
      `Its last day is ${until}. From the day after, such mail may be stopped again.`,
      '',
      'If it is still needed, have it approved anew, with a later "until" in the policy.',
      'If not, nothing needs to be done.',
      '',
      'All of them: portreeve policy exceptions',
    ],
  };
}

/** The investigation by its id in the record, and where its page is; never whom it is about. */
interface InvestigationNamed {
  id: string;
  /** `null` where no console is configured. */
  link: string | null;
}

/** @param until the last day of the investigation, `2026-12-24` */
export function investigationEndsWords(
  { id, link }: InvestigationNamed,
  until: string,
): AnnouncedWords {
  return {
    subject: `Ends after ${until}: investigation ${id}`,
    lines: [
      `Investigation ${id} ends by itself after ${until}. Whoever it names can look at nothing`,
      'under it from then on.',
      '',
      'If it is not finished by then, its authoriser opens it anew, with a later end.',
      'If it is, nothing needs to be done.',
      '',
      ...whereIs(id, link),
    ],
  };
}

export function investigationEndedWords({ id, link }: InvestigationNamed): AnnouncedWords {
  return {
    subject: `Ended: investigation ${id}`,
    lines: [
      `Investigation ${id} has ended: its time is over. Nobody can look at anything under it any`,
      'more. What was done under it stays in the record.',
      '',
      'If it is not finished, its authoriser opens it anew.',
      '',
      ...whereIs(id, link),
    ],
  };
}

/** @param link where officers answer; `null` where no console is configured */
export function readingAskedWords(link: string | null): AnnouncedWords {
  return {
    subject: 'A second officer is needed',
    lines: [
      'An officer asks to read a message to an adviser, a Member of Parliament, a trade union or a',
      'whistleblowing line. A second officer must agree first, and you may be the one.',
      '',
      link ?? 'Answer it in the review console, under "Requests to read".',
    ],
  };
}

/** @param link the officer's own requests; `null` where no console is configured */
export function readingAnsweredWords(link: string | null): AnnouncedWords {
  return {
    subject: 'Your request to read a message is answered',
    lines: [
      'A second officer has answered your request to read a message.',
      '',
      link ?? 'See it in the review console, under "Requests to read".',
    ],
  };
}

function whereIs(id: string, link: string | null): string[] {
  const command = `portreeve investigation list shows investigation ${id}`;
  return [link === null ? command : `For its authoriser: ${link}`];
}

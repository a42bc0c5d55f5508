import { domainOf } from './address.ts';
import type { RecipientStatus } from './disposition.ts';
import type { FindingKind } from './finding.ts';

/** Why a message could not go encrypted, by the cause that the record holds. */
const UNPROTECTED = {
  'starttls-not-offered': "the recipient's mail server does not offer encryption",
  'starttls-refused': "the recipient's mail server refused to use encryption",
  'tls-too-old': "the recipient's mail server offers only old, unsafe encryption",
  'tls-handshake': "the recipient's mail server broke off when we began to encrypt",
  'certificate-name': "the recipient's mail server could not prove its name",
  'certificate-expired': "the recipient's mail server's security certificate is out of date",
  'certificate-untrusted': "we do not trust the recipient's mail server's security certificate",
  'dane-mismatch': "the recipient's mail server is not the one that its owner vouches for",
  'sts-mx-mismatch': "the recipient's mail server is not on its owner's list of safe servers",
  'no-proof': "the recipient's mail system cannot prove that it is the right one",
  'requiretls-not-offered':
    "the recipient's mail server does not promise to keep it encrypted all the way",
  'dns-failure': "we could not safely look up the recipient's mail server",
  'sts-lookup': "we could not look up the security rules of the recipient's mail system",
  'sts-fetch': "we could not fetch the security rules of the recipient's mail system",
  'sts-store': "we could not read the security rules of the recipient's mail system",
  'route-not-protected': "the council's own way to the recipient's mail system is not safe enough",
  'pgp-key-expired': 'the key that we hold for the recipient has run out',
  'pgp-key-unusable': 'the key that we hold for the recipient can no longer be used',
  'pgp-failed': 'we tried to lock it with the key that we hold for the recipient, and that failed',
} as const satisfies Record<string, string>;

export type UnprotectedWord = keyof typeof UNPROTECTED;
/** Every cause that has words. */
export const UNPROTECTED_CAUSES = Object.keys(UNPROTECTED) as UnprotectedWord[];

/**
 * Why a message could not go encrypted: words that follow "because". An unknown cause is no reason
 * to say more.
 */
export function unprotectedWords(cause: string): string {
  return Object.hasOwn(UNPROTECTED, cause)
    ? UNPROTECTED[cause as UnprotectedWord]
    : "we could not set up safe encryption with the recipient's mail server";
}

/** Causes of a failed connection that are not the other side's. */
const OUR_FAULTS = ['body-unreadable', 'no-outcome', 'login-refused', 'courier'];

/** Why no answer came at all, by the cause that the record holds: words that follow "because". */
export function silenceWords(cause: string): string {
  return OUR_FAULTS.includes(cause)
    ? 'something on our own side did not work'
    : "the recipient's mail server did not answer";
}

const STATUS_WORDS: readonly [pattern: RegExp, words: string][] = [
  [/^[45]\.1\.[0136]$/, 'there is no mailbox with this address'],
  [/^[45]\.1\.10$/, 'this domain does not take e-mail'],
  [/^[45]\.1\.2$|^[45]\.4\.[34]$/, 'we could not find a mail server for this address'],
  [/^[45]\.2\.1$/, 'the mailbox is switched off'],
  [/^[45]\.2\.2$/, 'the mailbox is full'],
  [/^[45]\.[23]\.[34]$/, "the message is too large for the recipient's mail system"],
  [/^[45]\.4\.[12]$/, "the recipient's mail server did not answer"],
  [/^[45]\.4\.6$/, 'the message was going round in circles'],
  [/^[45]\.4\.7$/, "the recipient's mail system did not take the message in time"],
  [/^[45]\.6\.[79]$/, "the recipient's mail system cannot use the letters in this address"],
  [/^[45]\.7\.(?:10|30)$/, "we could not set up safe encryption with the recipient's mail server"],
  [/^[45]\.7\./, "the recipient's mail system refused the message"],
  [/^4\./, "the recipient's mail system asked us to try again later"],
];

/** What an RFC 3463 status of the far side means: words that follow "because". */
export function statusWords(status: string): string {
  const known = STATUS_WORDS.find(([pattern]) => pattern.test(status));
  return known?.[1] ?? "the recipient's mail system did not take the message";
}

const OUTCOMES: Record<RecipientStatus, string> = {
  spooled: 'not sent yet',
  held: 'not sent yet',
  diverted: 'not sent on',
  queued: 'being sent now',
  deferred: 'not sent yet',
  delivered: 'sent',
  rejected: 'not sent',
  bounced: 'not delivered',
  expired: 'not delivered',
  withdrawn: 'taken back by you',
};

/** Where a recipient stands, in two or three words. */
export function outcomeWords(status: RecipientStatus): string {
  return OUTCOMES[status];
}

/** A possible problem in plain words, and what the sender can do about it. */
export interface FindingWords {
  /** A whole sentence. It says "may": an officer decides, a gateway does not. */
  reason: string;
  /** Whole sentences, written so that they serve a held message and a next time alike. */
  advice: string[];
  /** The message may be sent again once the advice is followed. */
  mayResend: boolean;
}

const STOP_FORWARDING = [
  'Read your council e-mail in your council mailbox, and switch the forwarding off.',
];

const FINDINGS: Record<FindingKind, FindingWords> = {
  political: {
    reason: 'It may contain party political or election material.',
    advice: ["Leave the political part out, or send it from your own or your party's account."],
    mayResend: true,
  },
  'auto-forward': {
    reason: 'It was being forwarded by itself to a personal e-mail account.',
    advice: STOP_FORWARDING,
    mayResend: false,
  },
  'auto-forward-external': {
    reason: 'It was being forwarded by itself to an address outside the council.',
    advice: STOP_FORWARDING,
    mayResend: false,
  },
  'manual-forward-personal': {
    reason: 'It may be council e-mail sent on to a personal e-mail account.',
    advice: ['Keep council e-mail in your council mailbox, and read it there.'],
    mayResend: false,
  },
  'personal-data': {
    reason: 'It may contain private information about people.',
    advice: ['Take out what the other person does not need to know.'],
    mayResend: true,
  },
  abusive: {
    reason: 'It may contain words that could offend someone.',
    advice: ['Read it again, and change the words that could hurt.'],
    mayResend: true,
  },
  commercial: {
    reason: 'It may be about a private business.',
    advice: ['Use your own e-mail account for private business.'],
    mayResend: false,
  },
  'chain-letter': {
    reason: 'It may be a chain letter, or a joke that is passed on.',
    advice: ['Please do not pass on messages that ask to be passed on.'],
    mayResend: false,
  },
  'mass-mailing': {
    reason: 'It is for a large number of people.',
    advice: ['Write to fewer people, or ask the council to send it for you.'],
    mayResend: true,
  },
  identity: {
    reason: 'It may not be clear who sent it.',
    advice: ['Sign with your own name, and send from your own council address.'],
    mayResend: true,
  },
  criticism: {
    reason: 'It may contain personal criticism of a councillor or an officer.',
    advice: ['Write about the service or the decision, not about the person.'],
    mayResend: true,
  },
  'secret-or-above': {
    reason: 'It may be SECRET or TOP SECRET, and such things must not go by e-mail.',
    advice: ['Do not send it again. Ask one of the contacts below what to do.'],
    mayResend: false,
  },
  'already-encrypted': {
    reason: 'It was locked before it reached us, so we could not check it.',
    advice: ['Send it without your own lock. Where it must be encrypted, we do that for you.'],
    mayResend: true,
  },
  marking: {
    reason: 'It has a security marking.',
    advice: ['Check that the marking is the right one.'],
    mayResend: true,
  },
  'marking-elsewhere': {
    reason: 'It has a security marking, but not in the subject line.',
    advice: ['Check that the marking is the right one.'],
    mayResend: true,
  },
  credential: {
    reason: 'It may contain a password.',
    advice: ['Take the password out.', 'If it has already been sent to anyone, change it now.'],
    mayResend: true,
  },
  'exempt-content': {
    reason: 'It may have council papers in it that are not for publication.',
    advice: [
      'Check with Democratic Services whether the person may have these papers.',
      'Take exempt reports and appendices out, or send the public version.',
    ],
    mayResend: true,
  },
  malware: {
    reason: 'It may contain a virus or another harmful file.',
    advice: ['Do not open the file and do not send it again. Ring the ICT desk.'],
    mayResend: false,
  },
  uninspectable: {
    reason: 'It has a file that we could not open to check.',
    advice: ['Take the password off the file, or save it in a usual form such as PDF.'],
    mayResend: true,
  },
  'inspection-failed': {
    reason: 'Our own checks did not finish. This is our fault, not yours.',
    advice: [],
    mayResend: false,
  },
};

/**
 * A finding in words for the sender. `markingAdvised`: the council's protocol asks for
 * OFFICIAL-SENSITIVE in the subject (St Helens 6.2.3) and not for another way than e-mail (West
 * Lancashire 6.2), which decides the advice on private information.
 */
export function findingWords(kind: FindingKind, markingAdvised: boolean): FindingWords {
  const words = FINDINGS[kind];
  if (kind !== 'personal-data' && kind !== 'marking-elsewhere') return words;
  const further = markingAdvised
    ? 'Start the subject line with OFFICIAL-SENSITIVE, so that we encrypt the message.'
    : 'Send private information in another way, not by e-mail. If in doubt, ask.';
  return { ...words, advice: [...words.advice, further] };
}

/**
 * What to try where mail does not arrive at the police network's old names (domain B.7), `null`
 * elsewhere.
 */
export function policeNameWords(address: string): string | null {
  if (!domainOf(address).endsWith('.pnn.police.uk')) return null;
  return 'police addresses no longer have “pnn.” in them, so try the address without it';
}

/** `an address at gmail.com`: what a notice says of a private address. */
export function maskAddress(address: string): string {
  const domain = domainOf(address);
  return domain === '' ? 'an outside address' : `an address at ${domain}`;
}

/**
 * `clause 6.2.3 of the Members ICT Protocol`, or `“Council business only” in the …` where
 * unnumbered.
 */
export function clauseWords({ section, document }: { section: string; document: string }): string {
  return /^\d/.test(section)
    ? `clause ${section} of the ${document}`
    : `the part “${section}” of the ${document}`;
}

const LONDON = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  hourCycle: 'h12',
});

// "12 am" is read either way.
const NAMED_HOURS: Record<string, string> = { am: 'midnight', pm: 'noon' };

/** `Sunday 22 November 2026 at 2:41 pm`, in United Kingdom time. */
export function localWords(at: Date): string {
  const parts = LONDON.formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((piece) => piece.type === type)?.value ?? '';
  const half = part('dayPeriod').toLowerCase();
  const clock = part('minute') === '00' ? part('hour') : `${part('hour')}:${part('minute')}`;
  const day = `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}`;
  return `${day} at ${clock} ${clock === '12' ? NAMED_HOURS[half] : half}`;
}

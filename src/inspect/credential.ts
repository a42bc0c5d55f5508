import type { Finding } from '../mail/finding.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { ownPassages } from './passages.ts';

interface Kind {
  type: string;
  label: string;
  /** A code is found by its digits, for words are many; its first group says that it is one. */
  pattern: RegExp;
  /** Its word is also that of meetings, doors and wireless networks. */
  ambiguous: boolean;
}

/**
 * A value that can be a secret: it has a digit or a sign, or follows a colon; never a plain word.
 */
const SECRET = String.raw`["'\x60]?(?=[^\s"']{0,40}[\d!@#$%^&*_+=?-])[^\s"',;]{5,64}`;
const KINDS: readonly Kind[] = [
  {
    type: 'password',
    label: 'Password',
    ambiguous: true,
    pattern: new RegExp(
      String.raw`\b(?:password|passphrase|passcode|passwd|pwd|pass ?word)\b[^.!?\n]{0,30}?` +
        String.raw`(?:\bis\b|` +
        String.raw`[:=])\s{0,3}${SECRET}`,
      'gi',
    ),
  },
  {
    type: 'password',
    label: 'Password',
    ambiguous: true,
    pattern: new RegExp(
      String.raw`\b(?:password|passphrase|pwd)\s{0,2}[:=]\s{0,3}(?!(?:is|see|will|to|in|on|by|` +
        String.raw`sent)\b)\S{6,64}`,
      'gi',
    ),
  },
  {
    type: 'pin',
    label: 'PIN',
    ambiguous: true,
    pattern: new RegExp(
      String.raw`(?<=((?:(?-i:\bPIN\b)|\b(?:pin|door|alarm|gate|key ?safe|lock|entry)[- ](?:code|` +
        String.raw`number))\b[^.!?\n\d]{0,50}(?:\bis\b|[:=]|` +
        String.raw`\bto\b)\s{0,3}[A-Z]?))\d{4,8}\b(?![ -]?\d)`,
      'gi',
    ),
  },
  {
    type: 'one-time-code',
    label: 'One-time code',
    ambiguous: false,
    pattern: new RegExp(
      String.raw`(?<=(\b(?:one[- ]time|verification|security|authentication|login|log-?in|otp|` +
        String.raw`mfa|2fa)[- ]?(?:pass)?(?:code|password)?\b[^.!?\n\d]{0,30}(?:\bis\b|` +
        String.raw`[:=])\s{0,3}))\d{3}[ -]?\d{3,5}\b`,
      'gi',
    ),
  },
  {
    type: 'private-key',
    label: 'Private key',
    ambiguous: false,
    pattern: /-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g,
  },
  {
    type: 'access-key',
    label: 'Access key',
    ambiguous: false,
    pattern: /\b(?:AKIA[A-Z0-9]{16}|gh[ps]_[A-Za-z0-9]{36})\b/g,
  },
];

const MAX_MATCHES = 500;
const WITHIN = 80;
const NEAR_MEETING = 400;
const SENTENCE_END = /[\n!?;]|\.(?=\s|$)/;

/** Named beside it, it is the way into an account or a device, whatever else stands there. */
const ACCOUNT = new RegExp(
  String.raw`\b(?:e-?mail (?:account|log-?in|password)|my e-?mail|mailbox|portal|intranet|` +
    String.raw`outlook|vpn|laptop|computer|i-?pad|(?:my|work|council) (?:tablet|phone|mobile)|` +
    String.raw`voicemail|bank|card|council(?:'s|’s)? (?:network|system|account|log-?in))\b`,
  'i',
);
/** Named beside it, it is no meeting's even where a meeting is announced too. */
const SIGN_IN = new RegExp(
  String.raw`\b(?:user ?(?:name|id)s?|log(?:ging|s)?[- ]?(?:in|on)|sign(?:ing)?[- ]?in|accounts?|` +
    String.raw`my\s(?:(?!meeting|call)[\w-]{1,20}\s){0,2}(?:password|passphrase|pwd|pin))\b`,
  'i',
);
const PREMISES = new RegExp(
  String.raw`\b(?:wi-?fi|wireless|hot ?spots?|broadband|router|doors?|gates?|alarms?|` +
    String.raw`key[- ]?(?:safe|box)|locks?|padlocks?|lock ?box|entry|barriers?|shed|store ?room)\b`,
  'i',
);
const COUNCIL_SITE = new RegExp(
  String.raw`\b(?:(?:council|borough|county|district)(?:'s|’s)?(?! (?:house|flat|home|bungalow|` +
    String.raw`estate|tenants?|tax)\b)|civic (?:centre|offices?|suite)|town hall|county hall|` +
    String.raw`guildhall|members(?:'|’)? (?:room|lounge|library|area)|depot)\b`,
  'i',
);
/** What every visitor is told. */
const FOR_VISITORS = /\b(?:guests?|visitors?|public)\b/i;
const MEETING = new RegExp(
  String.raw`\b(?:(?:meeting|webinar|conference|event) (?:id|number|link|url)|` +
    String.raw`join (?:the |this |our |my |a )?(?:zoom |teams |online |video |skype )?` +
    String.raw`(?:meeting|webinar|call)|(?:zoom|teams|webex) (?:meeting|call|link|webinar)|` +
    String.raw`(?:zoom\.us|teams\.(?:microsoft|live)\.com|webex\.com|meet\.google\.com)\/|` +
    String.raw`(?:on|by|via|over) (?:zoom|teams|webex)|dial[- ]in|meeting pass(?:code|word))`,
  'i',
);
/** An invitation's address carries it. */
const JOIN_LINK =
  /(?:zoom\.us|teams\.(?:microsoft|live)\.com|webex\.com|gotomeeting\.com)\/\S{0,200}$/i;

/**
 * Passwords, PINs, one-time codes and private keys in the member's own text; the value is not
 * kept. The clauses are about the ways into the council's systems (West Lancashire 2.6, St Helens
 * 4.2.2, Middlesbrough 5.1, Redditch 5): the passcode of a meeting is given to those invited, and
 * the code of a hall's door or its wireless network is the hall's.
 */
export function createCredentialInspector(): Inspector {
  return { name: 'credential', inspect: inspectCredentials };
}

function inspectCredentials({ message }: Inspection): Finding[] {
  const passages = ownPassages(message);
  return KINDS.flatMap((kind) =>
    passages.flatMap((passage) => {
      const { type, label } = kind;
      const place = firstPlace(kind, passage.text);
      if (place === null) return [];
      const [start, end] = [passage.start + place.start, passage.start + place.end];
      return [
        {
          kind: 'credential' as const,
          type,
          score: 0.9,
          summary: `${label} in the text of the message`,
          evidence: [{ part: passage.part, text: `[${label}]`, start, end }],
          recipient: null,
          details: {},
        },
      ];
    }),
  );
}

function firstPlace({ pattern, ambiguous }: Kind, text: string) {
  let looked = 0;
  for (const match of text.matchAll(pattern)) {
    if ((looked += 1) > MAX_MATCHES) break;
    const start = match.index - (match[1]?.length ?? 0);
    const end = match.index + match[0].length;
    if (!ambiguous || !opensNoAccount(text, start, end)) return { start, end };
  }
  return null;
}

/** The passcode of a meeting, the code of a door, the key of a wireless network. */
function opensNoAccount(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - WITHIN), start);
  if (JOIN_LINK.test(text.slice(Math.max(0, start - 2 * WITHIN), start))) return true;
  const after = text.slice(end, end + WITHIN);
  const said =
    (before.split(SENTENCE_END).at(-1) ?? '') +
    text.slice(start, end) +
    (after.split(SENTENCE_END)[0] ?? '');
  if (ACCOUNT.test(said)) return false;
  if (PREMISES.test(said)) return !COUNCIL_SITE.test(said) || FOR_VISITORS.test(said);
  // The line before may name the account: "User name: jsmith" and, below it, "Password: ...".
  if (SIGN_IN.test(before + text.slice(start, end))) return false;
  return MEETING.test(text.slice(Math.max(0, start - NEAR_MEETING), end + NEAR_MEETING));
}

/**
 * One identifier of a person as it stands in a text: what it is, where, and its canonical value.
 */
export interface Identifier {
  type: IdentifierType;
  label: string;
  score: number;
  /** Without separators; only for counting distinct subjects, never kept. */
  value: string;
  start: number;
  end: number;
}

export type IdentifierType =
  | 'ni-number'
  | 'nhs-number'
  | 'bank-account'
  | 'payment-card'
  | 'iban'
  | 'passport'
  | 'driving-licence'
  | 'date-of-birth';

const MAX_MATCHES = 2000;
/** "For example" names somebody; "an example" and a sample form name nobody. */
const SPECIMEN = new RegExp(
  String.raw`\b(?:specimen|dummy|made[- ]up|fictitious|placeholder|` +
    String.raw`(?<!\b(?:for|good|another|one) )(?<![@.-])example(?! of\b)|` +
    String.raw`(?<!\b(?:blood|urine|stool|tissue|dna|saliva) )sample|` +
    String.raw`test (?:data|site|page|cards?|numbers?|system|booking))\b`,
  'i',
);
const SHOWN_BY_EXAMPLE = /\bfor example[\s,:(]{0,4}$/i;
/** An organisation's own account is public by its nature: said as one's own, or of a trader. */
const OUR_ACCOUNT = new RegExp(
  String.raw`\b(?:our (?:own )?(?:bank )?account|invoices?|supplier|contractor|vat|ltd|limited|` +
    String.raw`plc|donations?|(?:council|club|society|charity|church|parish|pta|trust|school|` +
    String.raw`association|committee|hall|appeal|fund|group)(?:'s)? (?:bank )?(?:account|funds))\b`,
  'i',
);
/** An organisation is named: the account may be its, or that of somebody who deals with it. */
const ORGANISATION = new RegExp(
  String.raw`\b(?:club(?:'s)?|society|charity|published|website|posters?|appeal|company|parish|` +
    String.raw`church|trust|school|association|pta|fund(?:s|raising)?|` +
    String.raw`committee(?:'s)? (?:account|funds?)|(?:village|community|church) hall|council)\b`,
  'i',
);
/** Money goes to a person. */
const TO_PERSON = new RegExp(
  String.raw`\b(?:refund|repay|repaid|reimburse\w{0,4}|compensat\w{1,4}|over-?pa(?:id|y\w{0,5})|` +
    String.raw`mr|mrs|ms|miss|mx|his|her|hers|their|tenant|resident|constituent)\b`,
  'i',
);

/** Words of those who ask to be paid, further from the numbers. */
const PAYEE = /\b(?:subs|gifts?|trustees|tickets?|payable to|pay us|remittance|terms \d)\b/i;

interface Recogniser {
  type: IdentifierType;
  label: string;
  score: number;
  /**
   * Finds the identifier by its digits where letters come first, for words are many and digits
   * few: the letters are then its first group, in a look-behind.
   */
  pattern: RegExp;
  /**
   * Whether it is one. What is said to be made up to show the form has been left out before.
   */
  accepts(seen: Seen): boolean;
}

/** What stands at a place that fits, and the words beside it. */
interface Seen {
  /** Upper case without separators. */
  value: string;
  written: string;
  /** Up to 60 characters either side. */
  near: string;
  /** Up to 120 characters either side. */
  around: string;
  /** Up to 60 characters before it. */
  before: string;
}

const RECOGNISERS: readonly Recogniser[] = [
  {
    type: 'ni-number',
    label: 'National Insurance number',
    score: 0.9,
    pattern: new RegExp(
      String.raw`(?<=\b([a-z][ .-]{0,3}[a-z][ .-]{0,3}))` +
        String.raw`\d(?:[ .-]{0,3}\d){5}(?:[ .-]{0,3}[a-d])?\b`,
      'gi',
    ),
    accepts: isNationalInsurance,
  },
  {
    type: 'nhs-number',
    label: 'NHS number',
    score: 0.9,
    pattern: /(?<![\d+])\d{3}[ .-]{0,3}\d{3}[ .-]{0,3}\d{4}(?!\d)/g,
    accepts: isNhsNumber,
  },
  {
    type: 'bank-account',
    label: 'Bank account',
    score: 0.8,
    pattern: /(?<!\d)\d{2}[ -]{0,3}\d{2}[ -]{0,3}\d{2}(?!\d)[^\d]{1,80}(?<!\d)\d{8}(?!\d)/g,
    accepts: isBankAccount,
  },
  {
    type: 'bank-account',
    label: 'Bank account',
    score: 0.8,
    pattern: /(?<!\d)\d{8}(?!\d)[^\d]{1,40}\d{2}[ -]{1,3}\d{2}[ -]{1,3}\d{2}(?!\d)/g,
    accepts: isBankAccount,
  },
  {
    type: 'payment-card',
    label: 'Payment card number',
    score: 0.9,
    pattern: /(?<!\d)(?:3[47]|4\d|5[1-5]|2[2-7]|6[05])\d{2}(?:[ -]{0,3}\d{2,7}){2,4}(?!\d)/g,
    accepts: isPaymentCard,
  },
  {
    type: 'iban',
    label: 'IBAN',
    score: 0.8,
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
    accepts: ({ value, near }) => isIban(value) && !isPublicAccount(near),
  },
  {
    type: 'passport',
    label: 'Passport number',
    score: 0.8,
    pattern: /(?<=(?<![\d+])([a-z]{2})|(?<![\d+]))\d{7}(?:\d{2})?(?!\d)/gi,
    accepts: ({ value, near }) =>
      /^(?:\d{9}|[A-Z]{2}\d{7})$/.test(value) && /\bpassport\b/i.test(near),
  },
  {
    type: 'driving-licence',
    label: 'Driving licence number',
    score: 0.9,
    pattern: /(?<=\b([a-z9]{5} ?))\d{6} ?[a-z9]{2}[a-z\d][a-z]{2}\b/gi,
    accepts: ({ value }) =>
      /^[A-Z]{1,5}9{0,4}\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d/.test(value) &&
      /^[A-Z]+9*$/.test(value.slice(0, 5)),
  },
  {
    type: 'date-of-birth',
    label: 'Date of birth',
    score: 0.4,
    pattern: new RegExp(
      String.raw`\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?|birth ?date|` +
        String.raw`\(b\.)[\s:,.-]{0,8}(?:the )?\d{1,2}(?:st|nd|rd|th)?[\s/.-](?:of )?(?:\d{1,2}|` +
        String.raw`[a-z]{3,9})[\s/.,-]{1,2}(?:19[2-9]\d|20[0-3]\d|\d{2}(?!\d))`,
      'gi',
    ),
    accepts: () => true,
  },
];

/**
 * Identifiers of persons in a text, with checksum where there is one and context where there is
 * none. Where dashes are typographic or letters spaced out, `plainText()` straightens them at the
 * same length.
 */
export function identifiersIn(text: string): Identifier[] {
  return RECOGNISERS.flatMap((recogniser) => {
    const { type, label, score, pattern } = recogniser;
    const found: Identifier[] = [];
    let looked = 0;
    for (const match of text.matchAll(pattern)) {
      if ((looked += 1) > MAX_MATCHES) break;
      const written = `${match[1] ?? ''}${match[0]}`;
      const end = match.index + match[0].length;
      const start = end - written.length;
      const value = written.replaceAll(/[^a-z0-9]/gi, '').toUpperCase();
      const near = text.slice(Math.max(0, start - 60), end + 60);
      const around = text.slice(Math.max(0, start - 120), end + 120);
      const before = text.slice(Math.max(0, start - 60), start);
      if (type !== 'date-of-birth' && isSpecimen(near, before)) continue;
      if (!recogniser.accepts({ value, written, near, around, before })) continue;
      found.push({ type, label, score, value, start, end });
    }
    return found;
  });
}

function isSpecimen(near: string, before: string): boolean {
  return SPECIMEN.test(near) || SHOWN_BY_EXAMPLE.test(before);
}

function isPublicAccount(near: string): boolean {
  return OUR_ACCOUNT.test(near) || (ORGANISATION.test(near) && !TO_PERSON.test(near));
}

/**
 * Format only: it has no check digit. Letters that are not issued and administrative prefixes as
 * HMRC lists them. A missing suffix or lower case needs the words near it.
 */
function isNationalInsurance({ value, near, written }: Seen): boolean {
  if (!/^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?$/.test(value)) return false;
  if (/^(?:BG|GB|NK|KN|TN|NT|ZZ)/.test(value)) return false;
  const context = new RegExp(
    String.raw`\b(?:n\.?i\.?(?:no|n)?|nino|national insurance|insurance (?:no|number))\b`,
    'i',
  ).test(near);
  const plain = value.length === 9 && written === written.toUpperCase();
  return context || (plain && !/\b(?:ref|reference|order|invoice|serial|product)\b/i.test(near));
}

const MEDICAL = /\b(?:nhs|patient|hospital|medical)\b/i;
const TELEPHONE = new RegExp(
  String.raw`\+44|0044|\(0\)|\b(?:tel|phone|telephone|mob|mobile|fax|ext|call|ring|dial|text|` +
    String.raw`contact|reach|desk|help ?line|hot ?line|line|lines|switchboard|reception|landline|` +
    String.raw`enquiries|whatsapp|sms)\b`,
  'i',
);
const OTHER_NUMBER = /\b(?:ref|reference|order|account|isbn)\b/i;
/** A telephone's word last before the digits, whatever stands further off. */
const BY_TELEPHONE = new RegExp(
  String.raw`(?:\+44|0044|\(0\)|\b(?:tel|phone|telephone|mob|mobile|fax|call|ring|dial|contact|` +
    String.raw`desk|help ?line|hot ?line|line|switchboard|reception)\b)` +
    String.raw`(?:[\s:,.(]|\b(?:us|me|them|him|her|number|no|is|on|at|free)\b){0,8}$`,
  'i',
);

/** Modulus 11 (NHS Data Dictionary). Telephone numbers in international form pass by chance. */
function isNhsNumber({ value, near, written, before }: Seen): boolean {
  if (/^(\d)\1+$/.test(value) || value === '9876543210' || value === '0123456789') return false;
  const sum = Array.from(value.slice(0, 9)).reduce(
    (total, d, index) => total + Number(d) * (10 - index),
    0,
  );
  const check = (11 - (sum % 11)) % 11;
  if (check === 10 || check !== Number(value[9]) || BY_TELEPHONE.test(before)) return false;
  if (MEDICAL.test(near)) return !/\+44|0044/.test(near);
  const grouped = /^\d{3}[ .-]{1,3}\d{3}[ .-]{1,3}\d{4}$/.test(written);
  return grouped && !TELEPHONE.test(near) && !OTHER_NUMBER.test(near);
}

/** The industry's modulus table is not public: form and context decide. */
function isBankAccount({ value, near, written, around }: Seen): boolean {
  if (value.replaceAll(/\D/g, '').length !== 14) return false;
  // No bank has these: they show how a form is filled in.
  if (/(?<!\d)(?:00[ -]?00[ -]?00|(\d)\1{7})(?!\d)/.test(written)) return false;
  const dashed = /\d{2} {0,2}- {0,2}\d{2} {0,2}- {0,2}\d{2}/.test(written);
  const context = new RegExp(
    String.raw`\b(?:sort|account|acct?|a/c|bank|pay|repay|refund|halifax|barclays|nat ?west|` +
      String.raw`lloyds|hsbc|santander|monzo|nationwide|building society)\b`,
    'i',
  );
  return (dashed || context.test(near)) && !isPublicAccount(near) && !PAYEE.test(around);
}

function isPaymentCard({ value, near, written }: Seen): boolean {
  if (value.length < 13 || value.length > 19 || !passesLuhn(value)) return false;
  const grouped = /^\d{4}[ -]{1,3}\d{4,6}[ -]{1,3}\d{4,5}/.test(written);
  const context = new RegExp(
    String.raw`\b(?:card|visa|mastercard|amex|expiry|exp|cvv|cvc|debit|credit|pay)\b`,
    'i',
  ).test(near);
  const other = new RegExp(
    String.raw`\b(?:catalogue|order|tracking|imei|isbn|serial|barcode|uprn|ref|reference)\b`,
    'i',
  ).test(near);
  return (grouped || context) && !other;
}

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

/** ISO 13616 with its check by ISO/IEC 7064: mod 97 equals 1. A British one has 22 characters. */
export function isIban(value: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(value)) return false;
  if (value.startsWith('GB') && value.length !== 22) return false;
  let remainder = 0;
  for (const character of value.slice(4) + value.slice(0, 4)) {
    const digits = String(Number.parseInt(character, 36));
    remainder = Number(`${remainder}${digits}`) % 97;
  }
  return remainder === 1;
}

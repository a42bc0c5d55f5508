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
const SPECIMEN = new RegExp(
  String.raw`\b(?:specimen|example|sample|dummy|made[- ]up|fictitious|placeholder|` +
    String.raw`test (?:data|site|page|cards?|numbers?|system|booking))\b`,
  'i',
);
/** Money details that are public by their nature: an organisation's own account. */
const PUBLIC_ACCOUNT = new RegExp(
  String.raw`\b(?:council|club(?:'s)?|society|charity|donations?|published|website|` +
    String.raw`posters?|appeal|ltd|limited|company|contractor|invoices?|supplier|vat|` +
    String.raw`our account|parish|church|trust|school|association|pta|fund(?:s|raising)?|` +
    String.raw`committee(?:'s)? (?:account|funds?)|(?:village|community|church) hall)\b`,
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
   * `value` is upper case without separators; `near` is the text up to 60 characters either side,
   * `around` up to 120.
   */
  accepts(value: string, near: string, written: string, around: string): boolean;
}

const RECOGNISERS: readonly Recogniser[] = [
  {
    type: 'ni-number',
    label: 'National Insurance number',
    score: 0.9,
    pattern: /(?<=\b([a-z]{2}[ .-]?))\d{2}[ .-]?\d{2}[ .-]?\d{2}[ .-]?[a-d]?\b/gi,
    accepts: isNationalInsurance,
  },
  {
    type: 'nhs-number',
    label: 'NHS number',
    score: 0.9,
    pattern: /(?<![\d+])\d{3}[ .-]?\d{3}[ .-]?\d{4}(?!\d)/g,
    accepts: isNhsNumber,
  },
  {
    type: 'bank-account',
    label: 'Bank account',
    score: 0.8,
    pattern: /(?<!\d)\d{2}[ -]?\d{2}[ -]?\d{2}(?!\d)[^\d]{1,80}(?<!\d)\d{8}(?!\d)/g,
    accepts: isBankAccount,
  },
  {
    type: 'bank-account',
    label: 'Bank account',
    score: 0.8,
    pattern: /(?<!\d)\d{8}(?!\d)[^\d]{1,40}\d{2}[ -]\d{2}[ -]\d{2}(?!\d)/g,
    accepts: isBankAccount,
  },
  {
    type: 'payment-card',
    label: 'Payment card number',
    score: 0.9,
    pattern: /(?<!\d)(?:3[47]|4\d|5[1-5]|2[2-7]|6[05])\d{2}(?:[ -]?\d{2,7}){2,4}(?!\d)/g,
    accepts: isPaymentCard,
  },
  {
    type: 'iban',
    label: 'IBAN',
    score: 0.8,
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
    accepts: (value, near) => isIban(value) && !PUBLIC_ACCOUNT.test(near) && !SPECIMEN.test(near),
  },
  {
    type: 'passport',
    label: 'Passport number',
    score: 0.8,
    pattern: /(?<=(?<![\d+])([a-z]{2})|(?<![\d+]))\d{7}(?:\d{2})?(?!\d)/gi,
    accepts: (value, near) =>
      /^(?:\d{9}|[A-Z]{2}\d{7})$/.test(value) && /\bpassport\b/i.test(near) && !SPECIMEN.test(near),
  },
  {
    type: 'driving-licence',
    label: 'Driving licence number',
    score: 0.9,
    pattern: /(?<=\b([a-z9]{5} ?))\d{6} ?[a-z9]{2}[a-z\d][a-z]{2}\b/gi,
    accepts: (value) =>
      /^[A-Z]{1,5}9{0,4}\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d/.test(value) &&
      /^[A-Z]+9*$/.test(value.slice(0, 5)),
  },
  {
    type: 'date-of-birth',
    label: 'Date of birth',
    score: 0.4,
    pattern: new RegExp(
      String.raw`\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?|birth ?date|` +
        String.raw`\(b\.)[\s:,-]{0,4}(?:the )?\d{1,2}(?:st|nd|rd|th)?[\s/.-](?:of )?(?:\d{1,2}|` +
        String.raw`[a-z]{3,9})[\s/.,-]{1,2}(?:19[2-9]\d|20[0-3]\d|\d{2}(?!\d))`,
      'gi',
    ),
    accepts: () => true,
  },
];

/**
 * Identifiers of persons in a text, with checksum where there is one and context where there is
 * none.
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
      if (!recogniser.accepts(value, near, written, around)) continue;
      found.push({ type, label, score, value, start, end });
    }
    return found;
  });
}

/**
 * Format only: it has no check digit. Letters that are not issued and administrative prefixes as
 * HMRC lists them. A missing suffix or lower case needs the words near it.
 */
function isNationalInsurance(value: string, near: string, written: string): boolean {
  if (!/^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?$/.test(value)) return false;
  if (/^(?:BG|GB|NK|KN|TN|NT|ZZ)/.test(value) || SPECIMEN.test(near)) return false;
  const context = new RegExp(
    String.raw`\b(?:n\.?i\.?(?:no|n)?|nino|national insurance|insurance (?:no|number))\b`,
    'i',
  ).test(near);
  const plain = value.length === 9 && written === written.toUpperCase();
  return context || (plain && !/\b(?:ref|reference|order|invoice|serial|product)\b/i.test(near));
}

/** Modulus 11 (NHS Data Dictionary). Telephone numbers in international form pass by chance. */
function isNhsNumber(value: string, near: string, written: string): boolean {
  if (/^(\d)\1+$/.test(value) || value === '9876543210' || value === '0123456789') return false;
  const sum = Array.from(value.slice(0, 9)).reduce(
    (total, d, index) => total + Number(d) * (10 - index),
    0,
  );
  const check = (11 - (sum % 11)) % 11;
  if (check === 10 || check !== Number(value[9]) || SPECIMEN.test(near)) return false;
  if (/\b(?:nhs|patient|hospital|medical)\b/i.test(near)) return !/\+44|0044/.test(near);
  const grouped = /^\d{3}[ .-]\d{3}[ .-]\d{4}$/.test(written);
  return (
    grouped &&
    !new RegExp(
      String.raw`\+44|0044|\(0\)|\b(?:tel|phone|mob|mobile|fax|ext|call|ring|ref|reference|` +
        String.raw`order|account|isbn)\b`,
      'i',
    ).test(near)
  );
}

/** The industry's modulus table is not public: form and context decide. */
function isBankAccount(value: string, near: string, written: string, around: string): boolean {
  if (value.replaceAll(/\D/g, '').length !== 14 || SPECIMEN.test(near)) return false;
  // No bank has these: they show how a form is filled in.
  if (/(?<!\d)(?:00[ -]?00[ -]?00|(\d)\1{7})(?!\d)/.test(written)) return false;
  const dashed = /\d{2}-\d{2}-\d{2}/.test(written);
  const context = new RegExp(
    String.raw`\b(?:sort|account|acct?|a/c|bank|pay|repay|refund|halifax|barclays|nat ?west|` +
      String.raw`lloyds|hsbc|santander|monzo|nationwide|building society)\b`,
    'i',
  );
  return (dashed || context.test(near)) && !PUBLIC_ACCOUNT.test(near) && !PAYEE.test(around);
}

function isPaymentCard(value: string, near: string, written: string): boolean {
  if (value.length < 13 || value.length > 19 || !passesLuhn(value)) return false;
  if (SPECIMEN.test(near)) return false;
  const grouped = /^\d{4}[ -]\d{4,6}[ -]\d{4,5}/.test(written);
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

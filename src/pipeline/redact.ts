import { identifiersIn, type Identifier, type IdentifierType } from '../inspect/identifiers.ts';
import { plainText } from '../inspect/passages.ts';
import { foldName, isGivenName } from '../inspect/person-names.ts';
import { addressKey, domainOf, localPartOf } from '../mail/address.ts';

/** What a message's own world says must not be read in an example. */
export interface Private {
  /** Names of people who are known: the directory's, and those of the header. */
  names: readonly string[];
  /** The council's own domains: who is inside stays inside. */
  domains: readonly string[];
}

export interface Redactor {
  /** The text with everything that may name a person replaced, alike each time. */
  text: (text: string) => string;
  /** An invented address for a real one, inside or outside as that was. */
  address: (address: string) => string;
}

// None holds "example" or "sample": beside such words a number counts as a specimen.
const INVENTED = ['Alex Marlow', 'Sam Thorne', 'Robin Hartley', 'Jo Pemberton', 'Kim Averill'];
const INSIDE = 'council.example';
const OUTSIDE = 'outside.test';

/** Numbers that are published as samples: each passes the checks of its kind, and is nobody's. */
const NUMBERS: Record<IdentifierType, (written: string) => string> = {
  'ni-number': () => 'AB123456C',
  'nhs-number': (written) => digitsOf(written, '9434765919'),
  'bank-account': (written) =>
    digitsOf(written, /^\d{8}/.test(written) ? '12345678123456' : '12345612345678'),
  'payment-card': () => '4111 1111 1111 1111',
  iban: () => 'GB82 WEST 1234 5698 7654 32',
  passport: (written) => digitsOf(written, '123456789'),
  'driving-licence': () => 'MORGA657054SM9IJ',
  'date-of-birth': (written) => written.replace(/\d.*$/s, '1 January 1970'),
};

/** The digits of `written` replaced in order, all else as it stands. */
function digitsOf(written: string, digits: string): string {
  let at = 0;
  return written.replaceAll(/\d/g, () => digits[at++ % digits.length] ?? '0');
}

const WORD = String.raw`\p{Lu}[\p{L}'’-]*`;
const TITLES =
  'Mr|Mrs|Ms|Miss|Mx|Dr|Cllr|Councillor|Sir|Dame|Lady|Lord|Rev|Reverend|Prof|Professor';
const STREETS = 'Street|Road|Rd|Avenue|Ave|Lane|Close|Drive|Crescent|Terrace|Gardens|Grove|Mews';
/** Words of the language too: a street only after a number. */
const NUMBERED = `${STREETS}|St|Court|Way|Place|Square|Row|Walk|Rise|View|House|Hill|Park|Green`;
const CLOSINGS =
  'regards|wishes|thanks|thank you|sincerely|faithfully|cheers|best|yours|truly|respectfully';
/** Words in a salutation that name nobody. */
const NOBODY = new RegExp(
  '^(?:' +
    'all|sir|madam|resident|residents|colleague|colleagues|friend|friends|both|' +
    'everyone|team|neighbour|neighbours|there' +
    ')$',
  'i',
);

/** Given names that are words too: alone they stay, for a person to see. */
const WORDS_TOO = new RegExp(
  '^(?:' +
    'will|mark|may|grace|bill|rose|hope|art|pat|sue|drew|rob|jack|frank|dot|bob|joy|' +
    'faith|jo|al|ken|ray|guy|dean|miles|june|april|iris|daisy|ivy|holly|lily|victor|' +
    'christian|max|don|ed|ted' +
    ')$',
  'i',
);

const URL = /\b(?:https?:\/\/|www\.)[^\s<>"')]+/gi;
const ADDRESS = /[^\s<>,;:"'()[\]@]{1,64}@[\p{L}\d](?:[\p{L}\d.-]{0,252}[\p{L}\d])?/gu;
const POSTCODE = /\b[a-z]{1,2}\d[a-z\d]?[ \t]*\d[a-z]{2}\b/gi;
const STREET = new RegExp(
  String.raw`\b(?:\d{1,4}[a-z]?,?[ \t]+(?:${WORD}[ \t]+){1,3}(?:${NUMBERED})|` +
    String.raw`(?:${WORD}[ \t]+){1,2}(?:${STREETS}))\b`,
  'gu',
);
const PHONE = /(?<![\d\w])(?:\+\d{2}[ ]?(?:\(0\)[ ]?)?|\(?0)\d(?:[\s().-]?\d){7,11}(?!\d)/g;
const DIGITS = /\d(?:[ -]?\d){4,}/g;
const TITLED = new RegExp(
  String.raw`\b(${TITLES})(\.?[ \t]+)(${WORD}(?:[ \t]+${WORD}){0,2})`,
  'gu',
);
const SALUTATION = new RegExp(
  String.raw`^([ \t>]*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|morning)[ \t]+)` +
    String.raw`([\p{L}'’-]+(?:[ \t]+(?:and[ \t]+)?[\p{L}'’-]+){0,2})(?=[ \t]*[,!.:-]?[ \t]*$)`,
  'gimu',
);
const SIGNATURE = new RegExp(
  String.raw`((?:^|[ \t,])(?:${CLOSINGS})[ \t]*[,.!]?[ \t]*\n(?:[ \t>]*\n){0,2}[ \t>]*)` +
    String.raw`([\p{L}'’.-]+(?:[ \t]+[\p{L}'’.-]+){0,3})(?=[ \t]*(?:\n|$))`,
  'gimu',
);
const PAIR = new RegExp(String.raw`\b(${WORD})(?:[ \t]+${WORD}){0,2}`, 'gu');

/**
 * A pure redactor for one message: equal things become equal inventions, so that the message still
 * reads as one. It errs on the side of replacing, and still a person must read the result.
 */
export function createRedactor({ names, domains }: Private): Redactor {
  const known = knownNames(names);
  const people = new Map<string, string>();
  const addresses = new Map<string, string>();
  const person = (name: string): string => {
    const key = foldName(name);
    const number = people.size;
    const next = INVENTED[number % INVENTED.length] ?? 'Alex Marlow';
    const invented = number < INVENTED.length ? next : `${next} ${roman(number)}`;
    if (!people.has(key)) people.set(key, invented);
    return people.get(key) ?? invented;
  };
  const address = (written: string): string => {
    const key = addressKey(written);
    const domain = domains.includes(domainOf(key)) ? INSIDE : OUTSIDE;
    if (!addresses.has(key)) addresses.set(key, `person${letters(addresses.size)}@${domain}`);
    return addresses.get(key) ?? '';
  };
  return { address, text: (text) => redactText(text, { known, person, address }) };
}

interface Inventor {
  known: ReadonlySet<string>;
  person: (name: string) => string;
  address: (written: string) => string;
}

function redactText(text: string, { known, person, address }: Inventor): string {
  const kept: string[] = [];
  // What is replaced once is not looked at again: it stands aside under a private character.
  const aside = (invented: string): string => `\uE000${letters(kept.push(invented) - 1)}\uE001`;
  const isName = (words: string): boolean => {
    const folded = words.split(/[\s.-]+/).map(foldName);
    if (folded.some((word) => known.has(word))) return true;
    return folded.some((word) => isGivenName(word) && (folded.length > 1 || !WORDS_TOO.test(word)));
  };
  const redacted = withoutIdentifiers(text.replaceAll(/[\uE000\uE001]/g, ''), aside)
    .replace(URL, () => aside('https://www.site.test/'))
    .replace(ADDRESS, (written) => aside(address(written)))
    .replace(POSTCODE, () => aside('ZZ99 3VZ'))
    .replace(STREET, () => aside('1 Acacia Avenue'))
    .replace(PHONE, () => aside('01632 960001'))
    .replace(DIGITS, (written) => aside(written.replaceAll(/\d/g, '0')))
    .replace(
      TITLED,
      (_, title: string, gap: string, name: string) => `${title}${gap}${aside(person(name))}`,
    )
    .replace(SALUTATION, (whole, greeting: string, name: string) =>
      NOBODY.test(name) ? whole : `${greeting}${aside(person(name))}`,
    )
    .replace(SIGNATURE, (_, closing: string, name: string) => `${closing}${aside(person(name))}`)
    .replace(PAIR, (whole) => (isName(whole) ? aside(person(whole)) : whole));
  const restore = (_: string, id: string): string => kept[numberOf(id)] ?? '';
  return redacted.replaceAll(/\uE000([a-z]+)\uE001/g, restore);
}

function withoutIdentifiers(text: string, aside: (invented: string) => string): string {
  const found = identifiersIn(plainText(text)).sort((a, b) => a.start - b.start || b.end - a.end);
  let out = '';
  let at = 0;
  for (const { type, start, end } of found satisfies Identifier[]) {
    if (start < at) continue;
    out += text.slice(at, start) + aside(NUMBERS[type](text.slice(start, end)));
    at = end;
  }
  return out + text.slice(at);
}

/** The words of known names, folded; short ones are words of the language too often. */
function knownNames(names: readonly string[]): ReadonlySet<string> {
  const words = names.flatMap((name) =>
    (name.includes('@') ? localPartOf(name) : name).split(/[^\p{L}'’]+/u),
  );
  const titles = new RegExp(`^(?:${TITLES})$`, 'i');
  return new Set(words.filter((word) => word.length > 2 && !titles.test(word)).map(foldName));
}

/** 0 is `a`, 26 is `ba`: numbers that no later step takes for digits. */
function letters(number: number): string {
  return Array.from(String(number), (digit) => 'abcdefghij'[Number(digit)]).join('');
}

function numberOf(id: string): number {
  return Number(Array.from(id, (letter) => 'abcdefghij'.indexOf(letter)).join(''));
}

function roman(number: number): string {
  return 'I'.repeat(Math.floor(number / INVENTED.length) + 1);
}

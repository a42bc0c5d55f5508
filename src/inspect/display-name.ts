import { addressKey } from '../mail/address.ts';
import type { Facts } from '../mail/facts.ts';
import { addressesIn } from './forwarded-block.ts';
import {
  foldName,
  isGivenName,
  isGivenNameOf,
  isSurnameOf,
  nameWords,
  type PersonName,
} from './person-names.ts';
import { alternatives } from './word-list.ts';

/** Words that say "a councillor of this place" and so pose as nobody. */
const PLAIN_OFFICE = new RegExp(
  `^(?:${alternatives(`
    councillors? cllr elected members? ward division for the of and at from borough council district
    city town county metropolitan your local my office iphone ipad mobile work phone sent via`)})$`,
);

/** Words of a function: beside the person's own name they are a title, alone they pose. */
const FUNCTION = new RegExp(
  `^(?:${alternatives(`
    team department dept office officer head director chief executive manager service planning
    highways
    housing council society association group committee ward surgery leader deputy mayor cabinet
    chair
    vice portfolio holder member opposition whip spokesperson councillor borough trust club party
    labour
    conservative liberal democrat green independent reform`)})s?$`,
);

/** Offices that members hold: whoever shows one alone is some member, and which is not asked. */
const MEMBERS_OFFICE =
  /^(?:mayor|mayoress|leader|chair|chairman|chairwoman|chairperson|councillor|member|holder)s?$/;

/** What stands beside such an office: its rank, its body, its subject. */
const OF_OFFICE = new RegExp(
  `^(?:${alternatives(`
    deputy vice cabinet executive portfolio opposition group committee whip spokesperson
    spokesman spokeswoman council planning licensing scrutiny audit standards housing highways
    finance environment lord labour conservative liberal democrat green independent reform`)})s?$`,
);

export interface NameVerdict {
  score: number;
  summary: string;
}

/**
 * Whether a display name on the person's own address hides them or poses as another. `null` where
 * it is theirs in any usual form: a short form, initials, middle names, titles before or after, a
 * blank.
 */
export function judgeDisplayName(
  displayName: string,
  person: PersonName,
  facts: Pick<Facts, 'council' | 'entitled' | 'actor' | 'namedPeople'>,
): NameVerdict | null {
  const shownAddress = addressesIn(displayName)[0];
  if (shownAddress !== undefined) {
    const shown = addressKey(shownAddress);
    if (facts.entitled.includes(shown)) return null;
    if (
      nameWords(displayName.replace(shownAddress, '')).some((word) => isSurnameOf(word, person))
    ) {
      return null;
    }
    return { score: 0.85, summary: 'The display name shows an address that is not the sender’s' };
  }
  const words = nameWords(displayName);
  if (words.length === 0) {
    // No letters but something all the same: dots, dashes, a row of stars.
    return /[^\s]/.test(displayName) && !/\p{L}/u.test(displayName)
      ? { score: 0.7, summary: 'The display name is blanked out' }
      : null;
  }
  const given = words.some((word) => isGivenNameOf(word, person));
  const surname = hasSurname(words, person);
  if (given && surname) return null;
  if (surname) return besideSurname(words, person);
  if (given) return besideGivenName(words, person, facts);
  if (areInitials(words, person)) return null;
  const places = new Set([facts.council.name, ...facts.council.wards].flatMap(nameWords));
  const office = words.some((word) => /^(?:councillor|member|ward|division)s?$/.test(word));
  const titled = /\b(?:cllr|councillor)\b/i.test(foldName(displayName));
  if (isMembersOffice(displayName, places)) return null;
  const plain = words.every((word) => PLAIN_OFFICE.test(word) || places.has(word));
  if (plain && (office || titled || words.every((word) => PLAIN_OFFICE.test(word)))) return null;
  return { score: 0.85, summary: "The display name is not the sender's" };
}

/**
 * "Mayor of Merebrook", "Leader of the Council", "Heath Ward Councillors": an office and its place,
 * and no name. A place is what precedes "ward" and follows "of"; no given name is one.
 */
function isMembersOffice(displayName: string, places: ReadonlySet<string>): boolean {
  const words = foldName(displayName)
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '' && !/^(?:cllrs?|the)$/.test(word));
  if (!words.some((word) => MEMBERS_OFFICE.test(word))) return false;
  // The office of a mayor is a team of officers.
  if (words.some((word) => /^(?:office|team|secretary|pa|assistant|support)s?$/.test(word))) {
    return false;
  }
  return words.every((word, index) => {
    if (MEMBERS_OFFICE.test(word) || OF_OFFICE.test(word)) return true;
    if (PLAIN_OFFICE.test(word) || places.has(word)) return true;
    if (isGivenName(word) || FUNCTION.test(word)) return false;
    const beforeWard = words
      .slice(index + 1, index + 6)
      .some((next) => /^(?:ward|division)s?$/.test(next));
    return beforeWard || /^(?:of|for|in)$/.test(words[index - 1] ?? '');
  });
}

/** Double-barrelled surnames stand as one word or two; either half will do. */
function hasSurname(words: string[], person: PersonName): boolean {
  return words.some(
    (word, index) =>
      isSurnameOf(word, person) ||
      isSurnameOf(word + (words[index + 1] ?? ''), person) ||
      (word.length >= 4 &&
        person.surnames.some((name) => name.endsWith(word) || name.startsWith(word))),
  );
}

function besideSurname(words: string[], person: PersonName): NameVerdict | null {
  const relative = words.some((word) => isGivenName(word) && !isSurnameOf(word, person));
  return relative
    ? {
        score: 0.75,
        summary: "The display name bears the sender's surname with another given name",
      }
    : null;
}

function besideGivenName(
  words: string[],
  person: PersonName,
  facts: Pick<Facts, 'council' | 'namedPeople'>,
): NameVerdict | null {
  const others = facts.namedPeople.filter(({ name }) => {
    const full = nameWords(name);
    return full.length >= 2 && full.every((word) => words.includes(word));
  });
  const [first = '', second = ''] = words;
  const initial = person.surnames.some((name) => name.startsWith(second.slice(0, 3)));
  const places = new Set([facts.council.name, ...facts.council.wards].flatMap(nameWords));
  const title = PLAIN_OFFICE.test(second) || FUNCTION.test(second) || places.has(second);
  const elsewhere = words.length === 2 && isGivenNameOf(first, person) && !initial && !title;
  if (others.length === 0 && !elsewhere) return null;
  return {
    score: 0.75,
    summary: "The display name joins the sender's given name to another surname",
  };
}

/** `JA`, `J A`, `J.M.A.`: the first and last letters are the person's. */
function areInitials(words: string[], person: PersonName): boolean {
  const letters = words.join('');
  if (letters.length > 4 || !words.every((word) => word.length <= 4)) return false;
  return (
    letters.length >= 2 &&
    person.givens.some((given) => given.startsWith(letters.charAt(0))) &&
    person.surnames.some((surname) => surname.startsWith(letters.slice(-1)))
  );
}

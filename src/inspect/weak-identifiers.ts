import type { Identifier } from './identifiers.ts';
import { namesPerson } from './person-reference.ts';

/** A detail that says nothing by itself and with others tells who somebody is. */
export interface WeakIdentifier {
  type: 'date-of-birth' | 'account' | 'case' | 'place';
  weight: number;
  value: string;
  start: number;
  end: number;
}

/** Weak identifiers of one neighbourhood with a named person. */
export interface Identified {
  score: number;
  /** Tells one subject from another; never kept. */
  subject: string;
  start: number;
  end: number;
}

const MAX_MATCHES = 2000;
const NEIGHBOURHOOD = 200;
/** As for the words of special categories: somebody is named. */
const NAMED = 0.3;
const MOST = 0.85;
/** By the first of them that is there one subject is told from another. */
const MOST_TELLING: readonly WeakIdentifier['type'][] = ['date-of-birth', 'account', 'case'];
/** "Date of birth" is asked on forms; "born" is said of anybody, in obituaries too. */
const BIRTH = { labelled: 0.4, digits: 0.3, words: 0.25 };

interface Form {
  type: WeakIdentifier['type'];
  weight: number;
  pattern: RegExp;
}

/** Case references of a planning application are public, and jobs are not about a person. */
const FORMS: readonly Form[] = [
  {
    type: 'account',
    weight: 0.3,
    pattern: new RegExp(
      String.raw`\b(?:(?:council|c) ?tax|rent|tenancy|housing benefit|benefits?|electricity|gas)` +
        String.raw` (?:account|a\/c|payment|customer|reference|ref|number|no)\b\.?` +
        String.raw`(?: (?:ref|reference|number|no)\b\.?)?(?: is)?[\s:#]{0,3}` +
        String.raw`([A-Z]{0,3}\d[\d -]{5,11}\d)`,
      'gi',
    ),
  },
  {
    type: 'case',
    weight: 0.2,
    pattern: new RegExp(
      String.raw`\b(?:case|claim|complaint|homeless(?:ness)?|housing|benefits?|social care|` +
        String.raw`safeguarding|client|tenancy) (?:ref|reference|number|no|id)\b\.?(?: is)?` +
        String.raw`[\s:#]{0,3}((?=[A-Z/-]{0,12}\d)[A-Z\d]{1,12}(?:[/-][A-Z\d]{1,10}){0,4})`,
      'gi',
    ),
  },
  {
    type: 'place',
    weight: 0.1,
    pattern: /\bUPRN(?: is)?[\s:#]{0,3}(\d{6,12})\b/gi,
  },
  {
    type: 'place',
    weight: 0.1,
    pattern: /\b([A-Z]{1,2}\d[A-Z\d]? {0,2}\d[ABD-HJLNP-UW-Z]{2})\b/g,
  },
  {
    type: 'place',
    weight: 0.1,
    pattern: new RegExp(
      String.raw`\b(\d{1,4}[a-z]?,? (?:\p{Lu}[\p{L}'-]{1,20} ){1,3}(?:Street|St|Road|Rd|Lane|` +
        String.raw`Avenue|Ave|Close|Drive|Court|Crescent|Terrace|Place|Row|Way|Gardens|Grove|` +
        String.raw`Mews|Walk|Square|Rise|View|House))\b`,
      'gu',
    ),
  },
];

/** Born before 1935 tells of the dead, as in `special-category`; so does a funeral. */
const OF_THE_DEAD = new RegExp(
  String.raw`\b(?:died|funeral|obituary|late|memorial|buried|anniversary|centenary)\b|` +
    String.raw`\b1(?:[0-8]\d|9[0-2])\d\b|\b193[0-4]\b`,
  'i',
);
const OWN_BIRTH = /\b(?:I was|I am|I'm)\b[^.!?]{0,20}$/i;

/**
 * Details that add up to telling who somebody is (domain F.4): a named person with a date of birth
 * asked for as such, or with two weak identifiers of different types, in one neighbourhood. One
 * reference, a name and an address are ordinary casework. `text` is plain, without the names of
 * writer and reader; `births` are the dates of birth that stand in it.
 */
export function identifiedIn(text: string, births: readonly Identifier[]): Identified[] {
  const all = [...births.flatMap((birth) => weighed(text, birth)), ...formsIn(text)].sort(
    (a, b) => a.start - b.start,
  );
  let from = 0;
  return all.flatMap((anchor) => {
    while ((all[from]?.start ?? 0) < anchor.start - NEIGHBOURHOOD) from += 1;
    if (anchor.type === 'place') return [];
    const near: WeakIdentifier[] = [];
    for (let at = from; (all[at]?.start ?? Infinity) < anchor.end + NEIGHBOURHOOD; at += 1) {
      near.push(all[at] ?? anchor);
    }
    const around = text.slice(
      Math.max(0, anchor.start - NEIGHBOURHOOD),
      anchor.end + NEIGHBOURHOOD,
    );
    if (!namesPerson(around)) return [];
    const heaviest = new Map<string, number>();
    for (const { type, weight } of near) {
      heaviest.set(type, Math.max(weight, heaviest.get(type) ?? 0));
    }
    const sum = [...heaviest.values()].reduce((total, weight) => total + weight, NAMED);
    const { start, end } = anchor;
    const subject = (
      MOST_TELLING.map((type) =>
        anchor.type === type ? anchor : near.find((each) => each.type === type),
      ).find((each) => each !== undefined) ?? anchor
    ).value;
    return [{ score: Math.min(MOST, Math.round(sum * 100) / 100), subject, start, end }];
  });
}

function weighed(text: string, birth: Identifier): WeakIdentifier[] {
  const { value, start, end } = birth;
  const around = text.slice(Math.max(0, start - NEIGHBOURHOOD), end + NEIGHBOURHOOD);
  if (OWN_BIRTH.test(text.slice(Math.max(0, start - 40), start))) return [];
  if (OF_THE_DEAD.test(around)) return [];
  const written = text.slice(start, end);
  const inWords = /[a-z]{3,9}[\s.,-]{1,2}\d{2,4}$/i.test(written);
  const born = inWords ? BIRTH.words : BIRTH.digits;
  const weight = /^\(?b/i.test(written) && !/^birth/i.test(written) ? born : BIRTH.labelled;
  return [{ type: 'date-of-birth', weight, value, start, end }];
}

function formsIn(text: string): WeakIdentifier[] {
  return FORMS.flatMap(({ type, weight, pattern }) =>
    [...first(text.matchAll(pattern))].map(({ 0: written, 1: value = '', index: start }) => ({
      type,
      weight,
      value,
      start,
      end: start + written.length,
    })),
  );
}

function* first<T>(items: Iterable<T>): Generator<T> {
  let count = 0;
  for (const item of items) {
    if ((count += 1) > MAX_MATCHES) return;
    yield item;
  }
}

import { isWithin } from '../mail/address.ts';
import type { Lists } from '../mail/lists.ts';
import { phrase } from './cues.ts';
import type { Inspection } from './inspect.ts';
import { forwardedPassages, ownPassages } from './passages.ts';
import type { Passage } from './passages.ts';
import { requiredLiterals } from './required-literals.ts';
import { mayHold, textMarks, wordMarks, type WordMarks } from './text-marks.ts';
import { WORD_CLASSES } from './wording-classes.ts';

/** One thing that the model weighs: how much of it there is, and where it is first seen. */
export interface Feature {
  value: number;
  /** `null` for what is no wording: recipients, an open election. */
  place: { passage: Passage; start: number; end: number } | null;
}

export type Features = ReadonlyMap<string, Feature>;

/** Beyond these nothing is read: a mail that is longer has said what it is by then. */
const MAX_CHARACTERS = 24_000;
const MAX_WORDS = 2500;
const MAX_MATCHES = 40;
const WORD = /\p{L}[\p{L}']*|£?\d[\d,.:/]*\p{L}{0,2}|[.!?;]+|\p{Extended_Pictographic}/gu;

interface WordClass {
  name: string;
  pattern: RegExp;
  /** Words of which a text must hold one, by their marks; `null` where that is not certain. */
  words: readonly WordMarks[] | null;
}

function wordClass(name: string, pattern: RegExp): WordClass {
  return { name, pattern, words: requiredLiterals(pattern.source)?.map(wordMarks) ?? null };
}

/** Makes the reader of features for the parties of `lists`. */
export function createFeatureReader(lists: Lists): (input: Inspection) => Features {
  const sure = lists.parties.flatMap((party) => party.phrases);
  const words = lists.parties.flatMap((party) => party.words);
  const classes = [
    ...Object.entries(WORD_CLASSES).map(([name, source]) =>
      wordClass(name, new RegExp(phrase(source).source, 'giu')),
    ),
    wordClass('party', partyPattern([...sure, ...words])),
  ];
  const domains = [...lists.parties.flatMap((party) => party.domains), ...lists.campaignDomains];
  return (input) => featuresOf(input, classes, domains);
}

function partyPattern(names: readonly string[]): RegExp {
  const forms = names.map((name) =>
    name.replaceAll(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '\\s'),
  );
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${forms.join('|')})(?![\\p{L}\\p{N}])`, 'gu');
}

function featuresOf(
  input: Inspection,
  classes: readonly WordClass[],
  domains: readonly string[],
): Features {
  const found = new Map<string, Feature>();
  const said = new Map<string, Set<string>>();
  let [characters, wordCount] = [0, 0];
  for (const whole of readPassages(input)) {
    const passage = beginningOf(whole, MAX_CHARACTERS - characters);
    characters += passage.plain.length;
    const marks = textMarks(passage);
    for (const { name, pattern, words } of classes) {
      if (words && !words.some((word) => mayHold(marks, word))) continue;
      addClass(found, said, passage, name, pattern);
    }
    wordCount += addWords(found, passage, MAX_WORDS - wordCount);
    if (characters >= MAX_CHARACTERS) break;
  }
  scaleWords(found);
  addCircumstances(found, input);
  addAddressees(found, input, domains);
  return found;
}

/** The passage itself where it is short enough, so that its marks are made once. */
function beginningOf(passage: Passage, length: number): Passage {
  if (passage.plain.length <= length) return passage;
  return { ...passage, plain: passage.plain.slice(0, length) };
}

/** A resident's opinion that is passed to officers is not the member's: not read. */
export function readPassages({ message, facts }: Inspection): Passage[] {
  const outside = facts.recipients.some((recipient) => !recipient.internal);
  return [...ownPassages(message), ...(outside ? forwardedPassages(message) : [])];
}

function addClass(
  found: Map<string, Feature>,
  said: Map<string, Set<string>>,
  passage: Passage,
  name: string,
  pattern: RegExp,
): void {
  let count = 0;
  for (const match of passage.plain.matchAll(pattern)) {
    if (match[0] === '' || (count += 1) > MAX_MATCHES) break;
    const forms = said.get(name) ?? new Set();
    said.set(name, forms.add(match[0].toLowerCase()));
    const place = { passage, start: match.index, end: match.index + match[0].length };
    const key = `c:${name}${forms.size > 1 ? Math.min(forms.size, 4) : ''}`;
    if (!found.has(key)) found.set(key, { value: 1, place });
  }
}

/** Single words and neighbouring pairs, folded; the number of words read. */
function addWords(found: Map<string, Feature>, passage: Passage, limit: number): number {
  let previous: { word: string; start: number } | null = null;
  let beginning = true;
  let count = 0;
  for (const match of passage.plain.matchAll(WORD)) {
    if (/^[.!?;]/.test(match[0])) {
      previous = null;
      beginning = true;
      continue;
    }
    if ((count += 1) > limit) break;
    const [start, end] = [match.index, match.index + match[0].length];
    const word = folded(match[0], beginning);
    const add = (name: string, from: number): void => {
      if (!found.has(name)) found.set(name, { value: 1, place: { passage, start: from, end } });
    };
    add(`w:${word}`, start);
    if (previous !== null) add(`b:${previous.word} ${word}`, previous.start);
    previous = { word, start };
    beginning = false;
  }
  return count;
}

/** Names and figures are of one message; what stays is what another writer may say as well. */
function folded(written: string, beginning: boolean): string {
  if (/\d/.test(written)) {
    if (written.startsWith('£')) return '<money>';
    if (/^\d{1,2}[:.]\d\d|[ap]m$/.test(written)) return '<time>';
    return /(?:st|nd|rd|th)$/.test(written) ? '<nth>' : '<number>';
  }
  const capital = /^\p{Lu}\p{Ll}/u.test(written);
  const word = written.toLowerCase().replace(/'s$|'$/, '');
  if (capital && !beginning && !KEPT.has(word)) return '<name>';
  return stem(word);
}

const KEPT = new Set(
  (
    'mr mrs miss ms dr sir madam dear councillor cllr council councillors leader mayor ' +
    'chair labour conservative conservatives tory tories reform green greens liberal ' +
    'democrat democrats independent independents residents association party monday ' +
    'tuesday wednesday thursday friday saturday sunday january february march april may ' +
    'june july august september october november december christmas easter i'
  ).split(' '),
);

/** The word without its commonest endings; crude, and the same in training and in use. */
function stem(word: string): string {
  if (word.length < 5) return word;
  const bare = word.replace(/(?:ings?|ed|ers?|ies|es|ly|s)$/, '');
  return bare.length < 3 ? word : bare.replace(/([^aeiouls])\1$/, '$1');
}

/** However long a letter is, its words weigh the same together. */
function scaleWords(found: Map<string, Feature>): void {
  for (const kind of ['w:', 'b:']) {
    const each = [...found].filter(([name]) => name.startsWith(kind));
    for (const [, feature] of each) feature.value = 3 / Math.sqrt(Math.max(each.length, 16));
  }
}

function addCircumstances(found: Map<string, Feature>, input: Inspection): void {
  const { facts, message } = input;
  const all = (test: (one: (typeof facts.recipients)[number]) => boolean): boolean =>
    facts.recipients.length > 0 && facts.recipients.every(test);
  const marks: [string, boolean][] = [
    ['internal', all((one) => one.internal)],
    ['many', facts.recipients.length > 4],
    ['press', facts.recipients.some((one) => PRESS.test(one.address))],
    ['election', facts.openElections.length > 0],
    ['reply', /^\s*re\s*:/i.test(message.subject)],
    ['forward', /^\s*fwd?\s*:/i.test(message.subject)],
  ];
  for (const [name, holds] of marks) {
    if (holds) found.set(`m:${name}`, { value: 1, place: null });
  }
}

const MAX_ADDRESSEES = 5;
const PARTY_ADDRESS =
  /labour|lib-?dem|conservatives?|\btor(?:y|ies)\b|greens\b|green-?party|reform|\bvote|4council/i;

/** Who it goes to: a party's people, somebody's own account. */
function addAddressees(
  found: Map<string, Feature>,
  { facts }: Inspection,
  domains: readonly string[],
): void {
  const add = (name: string): void => {
    if (!found.has(name)) found.set(name, { value: 1, place: null });
  };
  for (const one of facts.recipients.slice(0, MAX_ADDRESSEES)) {
    const party = isWithin(one.domain, domains) || PARTY_ADDRESS.test(one.address);
    if (party && !one.internal) add('m:party-address');
    if (one.personalProvider) add('m:personal-provider');
  }
}

const PRESS = /editor|letters|news|press|advertiser|mail\b|post\.|gazette|herald|radio|journal/i;

import type { Lists } from '../mail/lists.ts';
import { phrase } from './cues.ts';
import type { Inspection } from './inspect.ts';
import { partySource } from './party-names.ts';
import type { Passage } from './passages.ts';
import { requiredLiterals } from './required-literals.ts';
import { mayHold, textMarks, wordMarks, type WordMarks } from './text-marks.ts';
import { WORD_CLASSES } from './wording-classes.ts';
import { createMarkReader, type Mark } from './wording-marks.ts';

/** One thing that the model weighs: how much of it there is, and where it is first seen. */
export interface Feature {
  value: number;
  /** `null` for what is no wording: recipients, an open election. */
  place: { passage: Passage; start: number; end: number } | null;
}

export type Features = ReadonlyMap<string, Feature>;

/** Of one window. */
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

/**
 * Makes the reader of features for the parties of `lists`. It reads the passages that it is given,
 * which are of the message; see `windowsOf`.
 */
export function createFeatureReader(
  lists: Lists,
): (input: Inspection, passages: readonly Passage[]) => Features {
  const party = partySource(lists.parties);
  const own = (source: string) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${source})`, 'gu');
  const classes = [
    ...Object.entries(WORD_CLASSES).map(([name, source]) =>
      wordClass(name, new RegExp(phrase(source).source, 'giu')),
    ),
    wordClass('party', own(party)),
    wordClass('voteparty', own(`(?i:vot(?:e|ing)[\\s,]{1,20}(?:for )?(?:the )?)${party}`)),
  ];
  const readMarks = createMarkReader(lists);
  return (input, passages) => featuresOf(input, passages, classes, readMarks);
}

function featuresOf(
  input: Inspection,
  passages: readonly Passage[],
  classes: readonly WordClass[],
  readMarks: (input: Inspection, passages: readonly Passage[]) => readonly Mark[],
): Features {
  const found = new Map<string, Feature>();
  const said = new Map<string, Set<string>>();
  let wordCount = 0;
  for (const passage of passages) {
    const marks = textMarks(passage);
    for (const { name, pattern, words } of classes) {
      if (words && !words.some((word) => mayHold(marks, word))) continue;
      addClass(found, said, passage, name, pattern);
    }
    wordCount += addWords(found, passage, MAX_WORDS - wordCount);
  }
  scaleWords(found);
  for (const { name, place } of readMarks(input, passages)) {
    if (!found.has(`m:${name}`)) found.set(`m:${name}`, { value: 1, place });
  }
  return found;
}

function addClass(
  found: Map<string, Feature>,
  said: Map<string, Set<string>>,
  passage: Passage,
  name: string,
  pattern: RegExp,
): void {
  // Most classes are not there, and to iterate takes a copy of the pattern.
  if (passage.plain.search(pattern) === -1) return;
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

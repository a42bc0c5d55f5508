import { clip } from '../mail/finding.ts';
import type { Evidence } from '../mail/finding.ts';
import type { Passage } from './passages.ts';
import { requiredLiterals } from './required-literals.ts';
import { mayHold, textMarks, wordMarks, type WordMarks } from './text-marks.ts';

/** One thing that a writer may say, what class of signal it is, and how much it says. */
export interface Cue {
  class: string;
  /** Added to the score; negative where it speaks against. */
  weight: number;
  /** Beginnings of words: a text without any of them is passed over. Empty: every text is read. */
  stems: readonly string[];
  /** Words of which a text must hold one, by their marks; `null` where that is not certain. */
  words: readonly WordMarks[] | null;
  pattern: RegExp;
}

export interface CueHit {
  class: string;
  weight: number;
  cue: Cue;
  passage: Passage;
  /** Offsets into the passage. */
  start: number;
  end: number;
}

/**
 * Builds a cue. In `source` a space stands for white space, ` ~ ` for at most 50 characters
 * within one sentence; both are bounded, so a hostile text costs linear time.
 */
export function signal(kind: string, weight: number, source: string): Cue {
  const pattern = phrase(source);
  const words = requiredLiterals(pattern.source)?.map(wordMarks) ?? null;
  return { class: kind, weight, stems: [], words, pattern };
}

/** The same for texts that hold one of `stems`, beginnings of words of two to six letters. */
export function cue(kind: string, weight: number, stems: string, source: string): Cue {
  return {
    ...signal(kind, weight, source),
    stems: stems.split(' ').map((stem) => stem.slice(0, 6)),
  };
}

const GAP = String.raw`[\s,][^.!?;]{0,50}?(?<![a-z0-9])`;

/** The notation of `cue` as a case-insensitive pattern that begins and ends between words. */
export function phrase(source: string): RegExp {
  // A word has an end: without one, a long run of signs would be read from each of them again.
  const bounded = source.replaceAll('\\w+', '\\w{1,40}').replaceAll('\\w*', '\\w{0,40}');
  const spelt = bounded.replaceAll(' ~ ', GAP).replaceAll(/\[[^[\]]*\]| \?| /g, (token) => {
    if (token.startsWith('[')) return token.replaceAll(' ', '\\s');
    return token === ' ' ? '[\\s,]{1,20}' : '[\\s,]{0,20}';
  });
  return new RegExp(`(?<![a-z0-9])(?:${spelt})(?![a-z0-9])`, 'iu');
}

/** Runs every cue once over every passage that holds one of its stems. */
export function findCues(cues: readonly Cue[], passages: readonly Passage[]): CueHit[] {
  const hits: CueHit[] = [];
  for (const passage of passages) {
    const stems = cues.some((cue) => cue.stems.length > 0) ? stemsOf(passage.plain) : NO_STEMS;
    const marks = textMarks(passage);
    for (const cue of cues) {
      if (cue.words && !cue.words.some((word) => mayHold(marks, word))) continue;
      if (cue.stems.length > 0 && !cue.stems.some((stem) => stems.has(stem))) continue;
      const match = cue.pattern.exec(passage.plain);
      if (match === null) continue;
      const { class: kind, weight } = cue;
      const start = match.index;
      hits.push({ class: kind, weight, cue, passage, start, end: start + match[0].length });
    }
  }
  return hits;
}

const NO_STEMS: ReadonlySet<string> = new Set();

/** Every beginning of every word, of two to six letters: what `Cue.stems` are looked up in. */
function stemsOf(text: string): ReadonlySet<string> {
  const stems = new Set<string>();
  for (const word of new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))) {
    for (let length = 2; length <= 6 && length <= word.length; length += 1) {
      stems.add(word.slice(0, length));
    }
  }
  return stems;
}

/** Where a hit stands in the message, with the words as they were written. */
export function evidenceOf(hit: Pick<CueHit, 'passage' | 'start' | 'end'>): Evidence {
  const { passage, start } = hit;
  const end = writtenEnd(passage, hit.end);
  return {
    part: passage.part,
    text: clip(passage.text.slice(start, end).replaceAll(/\s+/g, ' ')),
    start: passage.start + start,
    end: passage.start + end,
  };
}

/** A word drawn together from spelt-out letters ends, as written, after its padding. */
function writtenEnd({ text, plain }: Passage, from: number): number {
  const letter = (index: number): boolean => /\S/.test(text[index] ?? ' ') && plain[index] === ' ';
  let end = from;
  while (letter(end) || letter(end + 1)) end += 1;
  return end;
}

/**
 * Score of each class: its strongest cue, half of the second, a quarter of the third. Saying one
 * thing in three ways is more than saying it once, and less than three things.
 */
export function classScores(hits: readonly CueHit[]): Map<string, number> {
  const byClass = Map.groupBy(new Map(hits.map((hit) => [hit.cue, hit])).values(), (h) => h.class);
  return new Map(
    [...byClass].map(([kind, found]) => {
      const weights = found.map((hit) => Math.abs(hit.weight)).sort((a, b) => b - a);
      const [first = 0, second = 0, third = 0] = weights;
      const sign = found.some((hit) => hit.weight < 0) ? -1 : 1;
      return [kind, sign * Math.min(0.9, first + second / 2 + third / 4)];
    }),
  );
}

import type { SentenceMeaning } from '../mail/meaning.ts';
import type { Passage } from './passages.ts';

/** One sentence of a passage, as it sounds to a reader. Offsets are into the passage. */
export interface Sentence {
  passage: Passage;
  start: number;
  end: number;
  text: string;
}

export interface MeantSentence extends Sentence {
  meaning: SentenceMeaning;
}

/** Beyond these nothing is asked: the words of the rest still count. */
const MAX_SENTENCES = 12;
const SENTENCE = /[^\s.!?;](?:[^.!?;]|[.!?;](?!\s|$)){0,280}[.!?;]{0,3}/g;
// Filler and codes are no words: they would cost as much as a sentence and mean nothing.
const WORD = /(?<!\p{L})\p{L}{2,24}(?!\p{L})/gu;

/** The sentences of these passages, those of two words at least. */
export function sentencesOf(passages: readonly Passage[]): Sentence[] {
  const found: Sentence[] = [];
  for (const passage of passages) {
    for (const match of passage.plain.matchAll(SENTENCE)) {
      if (found.length >= MAX_SENTENCES) return found;
      const written = match[0].trimEnd();
      if ((written.match(WORD)?.length ?? 0) < 2) continue;
      const [start, end] = [match.index, match.index + written.length];
      found.push({ passage, start, end, text: written.replaceAll(/\s+/g, ' ') });
    }
  }
  return found;
}

import type { Passage } from './passages.ts';

/** Which runs of three letters a text holds: 64 Ki bits, a run sets the one that it hashes to. */
type TextMarks = Uint8Array;

/** The marks of a word's first and last three letters. */
export type WordMarks = readonly [first: number, last: number];

const RUN = 3;
const MARKS = 1 << 16;

function markAt(text: string, at: number): number {
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  return (first * 961 + second * 31 + text.charCodeAt(at + 2)) % MARKS;
}

/** @param word three letters at least, in lower case */
export function wordMarks(word: string): WordMarks {
  return [markAt(word, 0), markAt(word, word.length - RUN)];
}

// Every detector asks about the same passages of a message.
const known = new WeakMap<Passage, TextMarks>();

export function textMarks(passage: Passage): TextMarks {
  const found = known.get(passage);
  if (found) return found;
  const text = passage.plain.toLowerCase();
  const marks = new Uint8Array(MARKS / 8);
  for (let at = 0; at + RUN <= text.length; at += 1) {
    const mark = markAt(text, at);
    marks[mark >> 3] = (marks[mark >> 3] ?? 0) | (1 << (mark & 7));
  }
  known.set(passage, marks);
  return marks;
}

/** False only where the text does not hold the word. */
export function mayHold(marks: TextMarks, [first, last]: WordMarks): boolean {
  return isSet(marks, first) && isSet(marks, last);
}

function isSet(marks: TextMarks, mark: number): boolean {
  return ((marks[mark >> 3] ?? 0) & (1 << (mark & 7))) !== 0;
}

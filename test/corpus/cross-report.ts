import { table } from '../../src/cli/context.ts';
import { WORDING_KINDS, type WordingKind } from '../../src/inspect/wording-model.ts';
import { crossValidate, type Scored } from './cross.ts';
import type { TrainingMessage } from './training-messages.ts';

/** Between these logits by words alone, sentences are read. */
export const DOUBT = { least: -3.5, most: 3.5 };

export interface Cut {
  threshold: number;
  precision: number;
  recall: number;
}

export type Score = (scored: Scored) => number;
export const byWords: Score = (scored) => scored.byWords;
export const byMeaning: Score = (scored) => scored.byMeaning;

function cutAt(scored: readonly Scored[], score: Score, threshold: number): Cut {
  const said = scored.filter((each) => score(each) >= threshold);
  const right = said.filter(({ positive }) => positive).length;
  const meant = scored.filter(({ positive }) => positive).length;
  return { threshold, precision: said.length === 0 ? 1 : right / said.length, recall: right / meant };
}

function bestCut(scored: readonly Scored[], score: Score): Cut {
  const measure = ({ precision, recall }: Cut): number =>
    Math.min(precision, recall) + (precision + recall) / 4;
  const cuts = Array.from({ length: 81 }, (_, step) => cutAt(scored, score, (step - 40) / 10));
  return cuts.reduce((best, cut) => (measure(cut) > measure(best) ? cut : best));
}

const isDoubtful = (byWords: number): boolean => byWords > DOUBT.least && byWords < DOUBT.most;

/** The lowest cut that takes at most one clean message in 200 for the kind. */
export function sureAt(scored: readonly Scored[], score: Score, least: number): number {
  const clean = scored.filter(({ message }) => message.clean).map(score);
  const descending = clean.toSorted((a, b) => b - a);
  return Math.max(least, (descending[Math.floor(clean.length / 200)] ?? 0) + 0.01);
}

/** Authors with more of a kind than this were asked for it: they do not tell how often it comes. */
const MOST_OF_A_KIND = 0.3;

/** What authors sent who wrote as mail comes, with a little of everything. */
function ofMixedMail(scored: readonly Scored[]): Scored[] {
  const byAuthor = Map.groupBy(scored, ({ message }) => message.author);
  return [...byAuthor.values()].flatMap((sent) => {
    const share = sent.filter(({ positive }) => positive).length / sent.length;
    return share > MOST_OF_A_KIND ? [] : sent;
  });
}

/** How one kind does on authors that its models were not fitted to, and the cuts that follow. */
export interface Crossed {
  words: Cut;
  meaning: Cut;
  scored: Scored[];
}

export function crossed(messages: readonly TrainingMessage[]): Map<WordingKind, Crossed> {
  return new Map(
    WORDING_KINDS.map((kind) => {
      const scored = crossValidate(messages, kind);
      const mixed = ofMixedMail(scored);
      return [kind, { words: bestCut(mixed, byWords), meaning: bestCut(mixed, byMeaning), scored }];
    }),
  );
}

/** Those that any kind is in doubt about: their sentences are read. */
function asking(kinds: ReadonlyMap<WordingKind, Crossed>): Set<TrainingMessage> {
  const doubtful = new Set<TrainingMessage>();
  for (const { scored } of kinds.values()) {
    for (const each of scored) if (isDoubtful(byWords(each))) doubtful.add(each.message);
  }
  return doubtful;
}

/** The table of precision and recall on authors unknown to the models. */
export function crossReport(kinds: ReadonlyMap<WordingKind, Crossed>): string {
  const doubtful = asking(kinds);
  const rows = [...kinds].map(([kind, { scored, words, meaning }]) => {
    const shift = words.threshold - meaning.threshold;
    const both: Score = (one) =>
      doubtful.has(one.message) ? byMeaning(one) + shift : byWords(one);
    const cuts = [cutAt(scored, byWords, words.threshold), cutAt(scored, both, words.threshold)];
    const clean = scored.filter(({ message }) => message.clean);
    const sure = cutAt(scored, byMeaning, sureAt(scored, byMeaning, meaning.threshold));
    return [
      kind,
      String(scored.filter(({ positive }) => positive).length),
      ...cuts.flatMap(({ recall, precision }) => [recall.toFixed(3), precision.toFixed(3)]),
      String(clean.filter((each) => both(each) >= words.threshold).length),
      sure.recall.toFixed(3),
    ];
  });
  const all = kinds.get('political')?.scored ?? [];
  const clean = all.filter(({ message }) => message.clean).length;
  const headings = ['kind', 'messages', 'by words: recall', 'precision'];
  const more = ['with meaning: recall', 'precision', 'clean taken for it', 'recall where sure'];
  return (
    `each author by models of the other authors: ${all.length} messages, ${clean} clean, ` +
    `the sentences of ${doubtful.size} read\n${table([...headings, ...more], rows)}\n`
  );
}

import { boundedLogit } from '../../src/inspect/meaning-features.ts';
import { CUE_FEATURE, type WordingKind } from '../../src/inspect/wording-model.ts';
import { MEANING_DIMENSIONS } from '../../src/mail/meaning.ts';
import { fit, logit, type Example, type Logistic } from './logistic.ts';
import { OWN_SAMPLES, type TrainingMessage } from './training-messages.ts';

/** Both stages of one kind: words alone, and the meaning of sentences beside what words say. */
export interface KindModel {
  names: ReadonlyMap<string, number>;
  words: Logistic;
  /** Weight 0 is that of the bounded logit by words, the rest as `meaningFeatures`. */
  meaning: Logistic;
}

export interface Scored {
  message: TrainingMessage;
  positive: boolean;
  /** Logits by words alone and with meaning. */
  byWords: number;
  byMeaning: number;
}

/** Parts in which the words of training messages are judged by words of others. */
const INNER_PARTS = 3;
const PENALTIES: Record<string, number> = { w: 3e-3, b: 4e-3, c: 2e-3, m: 3e-3 };
const MEANING_PENALTY = 1e-3;

/** Fits both stages. The second sees logits as they are for unseen authors, not for its own. */
export function trainKind(messages: readonly TrainingMessage[], kind: WordingKind): KindModel {
  const judged = messages.filter(({ labels }) => labels.has(kind));
  const authors = [...new Set(judged.map(({ author }) => author))];
  const part = ({ author }: TrainingMessage): number => authors.indexOf(author) % INNER_PARTS;
  const logits = new Map<TrainingMessage, number>();
  for (let held = 0; held < INNER_PARTS; held += 1) {
    const stage = trainWords(
      judged.filter((message) => part(message) !== held),
      kind,
    );
    for (const message of judged.filter((each) => part(each) === held)) {
      logits.set(message, wordsLogit(stage, message, kind));
    }
  }
  const examples = judged.flatMap((message): Example[] =>
    message.meaning === null
      ? []
      : [{ ...meaningRow(message.meaning, logits.get(message) ?? 0), ...target(message, kind) }],
  );
  const penalties = new Float64Array(1 + 2 * MEANING_DIMENSIONS).fill(MEANING_PENALTY);
  penalties[0] = 0;
  return { ...trainWords(judged, kind), meaning: fit(examples, penalties) };
}

function target(message: TrainingMessage, kind: WordingKind): { positive: boolean; weight: number } {
  const positive = message.labels.get(kind) === true;
  return { positive, weight: (message.author === OWN_SAMPLES ? 0.5 : 1) * (positive ? 1.5 : 1) };
}

type WordsStage = Pick<KindModel, 'names' | 'words'>;

function trainWords(messages: readonly TrainingMessage[], kind: WordingKind): WordsStage {
  const counts = new Map<string, number>();
  for (const { features } of messages) {
    for (const name of features.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const kept = [...counts].filter(([name, count]) => count >= leastOf(name));
  const names = new Map([CUE_FEATURE, ...kept.map(([name]) => name)].map((name, at) => [name, at]));
  const penalties = Float64Array.from(names.keys(), (name) => PENALTIES[name[0] ?? ''] ?? 1e-3);
  const examples = messages.map(
    (message): Example => ({ ...wordsRow(names, message, kind), ...target(message, kind) }),
  );
  return { names, words: fit(examples, penalties) };
}

/** A word that one message holds tells of that message only. */
function leastOf(name: string): number {
  return name.startsWith('b:') ? 3 : 2;
}

function wordsRow(
  names: ReadonlyMap<string, number>,
  message: TrainingMessage,
  kind: WordingKind,
): Pick<Example, 'at' | 'value'> {
  const held = [...message.features].filter(([name]) => names.has(name));
  if (message.cues.has(kind)) held.push([CUE_FEATURE, 1]);
  return {
    at: Int32Array.from(held, ([name]) => names.get(name) ?? 0),
    value: Float64Array.from(held, ([, value]) => value),
  };
}

function wordsLogit(stage: WordsStage, message: TrainingMessage, kind: WordingKind): number {
  return logit(stage.words, wordsRow(stage.names, message, kind));
}

const EVERY = Int32Array.from({ length: 1 + 2 * MEANING_DIMENSIONS }, (_, at) => at);

function meaningRow(meaning: Float64Array, byWords: number): Pick<Example, 'at' | 'value'> {
  const value = new Float64Array(EVERY.length);
  value[0] = boundedLogit(byWords);
  value.set(meaning, 1);
  return { at: EVERY, value };
}

/** Two or three authors are left out at a time: one by one would take twice as long. */
const FOLDS = 12;

/** Scores of each author's messages by models that were fitted to other authors alone. */
export function crossValidate(messages: readonly TrainingMessage[], kind: WordingKind): Scored[] {
  const authors = [...new Set(messages.map(({ author }) => author))].filter(
    (author) => author !== OWN_SAMPLES,
  );
  const folds = Map.groupBy(authors, (author) => authors.indexOf(author) % FOLDS);
  return [...folds.values()].flatMap((held) => {
    const model = trainKind(
      messages.filter(({ author }) => !held.includes(author)),
      kind,
    );
    return messages
      .filter(({ author, labels }) => held.includes(author) && labels.has(kind))
      .map((message) => {
        const byWords = wordsLogit(model, message, kind);
        const byMeaning =
          message.meaning === null
            ? byWords
            : logit(model.meaning, meaningRow(message.meaning, byWords));
        return { message, positive: message.labels.get(kind) === true, byWords, byMeaning };
      });
  });
}

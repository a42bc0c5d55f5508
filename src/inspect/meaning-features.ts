import { MEANING_DIMENSIONS } from '../mail/meaning.ts';
import type { SentenceMeaning } from '../mail/meaning.ts';

/** The mean weighs more in training than the extremes, which are noisier. */
const MEAN_SCALE = 3;
const LIMIT = 6;

/**
 * What a model weighs of the meaning of sentences: for every dimension the mean over them, times 3,
 * and the largest value. Both are sums over sentences, so that each sentence has its share.
 */
export interface MeaningFeatures {
  /** Twice `MEANING_DIMENSIONS`: the means, then the largest. */
  values: Float64Array;
  /** For each dimension, which sentence has the largest value. */
  largestIn: Int32Array;
}

export function meaningFeatures(sentences: readonly SentenceMeaning[]): MeaningFeatures {
  const values = new Float64Array(2 * MEANING_DIMENSIONS);
  const largestIn = new Int32Array(MEANING_DIMENSIONS);
  for (let at = 0; at < MEANING_DIMENSIONS; at += 1) {
    let [sum, most] = [0, -Infinity];
    for (const [index, sentence] of sentences.entries()) {
      const value = sentence[at] ?? 0;
      sum += value;
      if (value <= most) continue;
      most = value;
      largestIn[at] = index;
    }
    values[at] = (MEAN_SCALE * sum) / sentences.length;
    values[MEANING_DIMENSIONS + at] = most;
  }
  return { values, largestIn };
}

/** What each sentence adds to the weighted sum of the features; together they are that sum. */
export function sentenceShares(
  sentences: readonly SentenceMeaning[],
  weights: Float32Array,
): number[] {
  const { values, largestIn } = meaningFeatures(sentences);
  const shares = sentences.map((sentence) => {
    let sum = 0;
    for (let at = 0; at < MEANING_DIMENSIONS; at += 1) {
      sum += (weights[at] ?? 0) * (sentence[at] ?? 0);
    }
    return (MEAN_SCALE * sum) / sentences.length;
  });
  for (const [at, index] of largestIn.entries()) {
    const share = (weights[MEANING_DIMENSIONS + at] ?? 0) * (values[MEANING_DIMENSIONS + at] ?? 0);
    shares[index] = (shares[index] ?? 0) + share;
  }
  return shares;
}

/** The logit by words, as it stands beside the meaning: bounded, so that meaning keeps a say. */
export function boundedLogit(logit: number): number {
  return Math.max(-LIMIT, Math.min(LIMIT, logit)) / 2;
}

/** What a sentence means: a vector of `MEANING_DIMENSIONS` numbers, of length 1. */
export type SentenceMeaning = Float32Array;
export const MEANING_DIMENSIONS = 512;

/**
 * Tells what sentences mean. Detectors are given one and never have to know that the work is done
 * in another thread. The same sentences give the same vectors.
 */
export interface MeaningReader {
  /** In the order of `sentences`. @throws where our own reader fails or takes too long */
  read(sentences: readonly string[]): Promise<SentenceMeaning[]>;
}

import { describe, expect, it } from 'vitest';
import { withMeaning, type Inspector } from '../../src/inspect/inspect.ts';
import {
  boundedLogit,
  sentenceShares,
  meaningFeatures,
} from '../../src/inspect/meaning-features.ts';
import { ownPassages } from '../../src/inspect/passages.ts';
import { sentencesOf } from '../../src/inspect/sentences.ts';
import { MEANING_DIMENSIONS } from '../../src/mail/meaning.ts';
import { inspectionOf } from './inspection-of.ts';

const sentencesIn = (body: string) =>
  sentencesOf(ownPassages(inspectionOf({ subject: 'Re: gate', body }).message));

describe('sentencesOf()', () => {
  it('splits at stops, not within figures, and knows where each stands', () => {
    const body = 'The fee is £1.50 a bag. Who\nmended it? Ta';
    const found = sentencesIn(body).filter(({ passage }) => passage.part === 'body');
    expect(found.map(({ text }) => text)).toEqual(['The fee is £1.50 a bag.', 'Who mended it?']);
    for (const { passage, start, end, text } of found) {
      expect(passage.text.slice(start, end).replaceAll(/\s+/g, ' ')).toBe(text);
    }
  });

  it.each(['a. ', 'word ', '.', 'a.b', '? ! ', 'x'.repeat(300)])(
    'reads a mebibyte of "%s" in no time, and gives a bounded number',
    (unit) => {
      const start = performance.now();
      const found = sentencesIn(unit.repeat(Math.ceil(2 ** 20 / unit.length)));
      expect(performance.now() - start).toBeLessThan(1500);
      expect(found.length).toBeLessThanOrEqual(12);
      expect(Math.max(0, ...found.map(({ text }) => text.length))).toBeLessThanOrEqual(300);
    },
  );
});

describe('sentenceShares()', () => {
  it('shares out the whole of what the features weigh', () => {
    const sentence = (seed: number) =>
      Float32Array.from({ length: MEANING_DIMENSIONS }, (_, at) => Math.sin(seed * (at + 1)));
    const sentences = [sentence(1), sentence(2), sentence(3)];
    const weights = Float32Array.from({ length: 2 * MEANING_DIMENSIONS }, (_, at) => Math.cos(at));
    const whole = meaningFeatures(sentences).values.reduce(
      (sum, value, at) => sum + value * (weights[at] ?? 0),
      0,
    );
    const shares = sentenceShares(sentences, weights);
    expect(shares).toHaveLength(3);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(whole, 6);
  });
});

describe('boundedLogit()', () => {
  it('leaves meaning a say however sure the words are', () => {
    expect([boundedLogit(-90), boundedLogit(1), boundedLogit(90)]).toEqual([-3, 0.5, 3]);
  });
});

describe('withMeaning()', () => {
  const asking: Inspector = {
    name: 'asking',
    asks: (input) => sentencesOf(ownPassages(input.message)),
    inspect: () => [],
  };
  const input = inspectionOf({ subject: 'The gate', body: 'It is shut. It was open.' });

  it('brings each sentence its meaning', async () => {
    const read = (texts: readonly string[]) =>
      Promise.resolve(texts.map((text) => Float32Array.of(text.length)));
    const { input: after, failures } = await withMeaning([asking], input, { read });
    expect(failures).toEqual([]);
    expect(after.meaning?.map(({ text, meaning }) => [text, meaning[0]])).toEqual([
      ['The gate', 8],
      ['It is shut.', 11],
      ['It was open.', 12],
    ]);
  });

  it('asks nothing where no detector does', async () => {
    const read = () => Promise.reject(new Error('Was asked'));
    const { failures } = await withMeaning([{ ...asking, asks: () => [] }], input, { read });
    expect(failures).toEqual([]);
  });

  it('holds the message where the reader fails, and tells the log why', async () => {
    const causes: unknown[] = [];
    const read = () => Promise.reject(new Error('Out of memory'));
    const { failures } = await withMeaning([asking], input, { read }, (_, cause) =>
      causes.push(cause),
    );
    expect(failures).toMatchObject([{ kind: 'inspection-failed', type: 'meaning', score: 1 }]);
    expect(causes).toHaveLength(1);
  });
});

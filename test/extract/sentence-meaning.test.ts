import { afterAll, describe, expect, it, vi } from 'vitest';
import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import { MEANING_DIMENSIONS } from '../../src/mail/meaning.ts';

const reader = createSentenceReader();
// The first question loads the encoder, which takes a busy machine seconds.
vi.setConfig({ testTimeout: 60_000 });
afterAll(() => reader.close());

const likeness = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

describe('createSentenceReader()', () => {
  it('puts sentences that say the same nearer than sentences that do not', async () => {
    const [tablets, medicine, parking] = await reader.read([
      'She spits her tablets into the fern.',
      'Mrs Hill hides her medication in the plant pot.',
      'The car park on Mill Lane is full by nine.',
    ]);
    if (!tablets || !medicine || !parking) throw new Error('A sentence was left out');
    expect(tablets).toHaveLength(MEANING_DIMENSIONS);
    expect(likeness(tablets, medicine)).toBeGreaterThan(likeness(tablets, parking) + 0.2);
  });

  it('says the same of the same sentences', async () => {
    const sentences = ['Lend us your vote on Thursday.', 'Thank you for the cake.'];
    expect(await reader.read(sentences)).toEqual(await reader.read(sentences));
  });

  it('answers several messages at once, each with its own sentences', async () => {
    const one = await reader.read(['The hedge is cut.']);
    const both = await Promise.all([
      reader.read(['The hedge is cut.']),
      reader.read(['The lamp is lit.', 'The gate is shut.']),
    ]);
    expect(both.map((each) => each.length)).toEqual([1, 2]);
    expect(both[0]).toEqual(one);
  });

  it.each([
    ['dies', 'process.exit(1)', 20],
    ['throws', 'throw new Error("broken")', 20],
    ['hangs', 'while (true) {}', 0.2],
  ])(
    'rejects where its thread %s, and asks a fresh one next time',
    async (_, code, messageSeconds) => {
      const program = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
      const broken = createSentenceReader({ program, messageSeconds });
      await expect(broken.read(['One sentence.'])).rejects.toThrow(
        'The reader of sentences failed',
      );
      await expect(broken.read(['One more.'])).rejects.toThrow('The reader of sentences failed');
      await broken.close();
    },
  );
});

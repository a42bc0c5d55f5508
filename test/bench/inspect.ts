// `npm run bench:inspect`: how long the detectors take, parsing and pictures left out. Over the corpus the
// median and the 95th percentile, for messages whose sentences are read and for the others; then one
// text of 5 MiB; then the reader of sentences itself.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { performance } from 'node:perf_hooks';
import { table } from '../../src/cli/context.ts';
import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import {
  createInspectors,
  inspect,
  withMeaning,
  type Inspection,
} from '../../src/inspect/inspect.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { readSamples } from '../corpus/corpus.ts';
import { inspectionOfSample } from '../corpus/training-messages.ts';
import { inspectionOf } from '../inspect/inspection-of.ts';

const CORPUS = path.resolve(import.meta.dirname, '../corpus');
const WARM_UP = 300;
const ASKING = 60;
const { lists } = loadPolicy(path.resolve(import.meta.dirname, '../../policies'));
const inspectors = createInspectors(lists);

function timed(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function at(share: number, times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(2);
}

/** Detectors remember what they read of a message, so each is looked at once. */
const ask = (input: Inspection) => inspectors.flatMap((one) => one.asks?.(input) ?? []);
const files = readdirSync(CORPUS).filter((file) => file.endsWith('.jsonl'));
const measured: { isDoubtful: boolean; ms: number }[] = [];
const asking: { input: Inspection; sentences: number }[] = [];
let words = '';
// Messages are let go as on the road: memory that is kept for all would be measured with them.
for (const file of files) {
  for (const sample of readSamples(path.join(CORPUS, file))) {
    const input = await inspectionOfSample(sample);
    const askMs = timed(() => ask(input));
    const sentences = ask(input).length;
    measured.push({
      isDoubtful: sentences > 0,
      ms: askMs + timed(() => inspect(inspectors, input)),
    });
    if (sentences > 0 && asking.length < ASKING) asking.push({ input, sentences });
    words += `${input.message.texts.map(({ text }) => text).join(' ')}\n`;
  }
}
const warm = measured.slice(WARM_UP);
const groups = {
  doubtless: warm.filter(({ isDoubtful }) => !isDoubtful),
  doubtful: warm.filter(({ isDoubtful }) => isDoubtful),
  all: warm,
};
const rows = Object.entries(groups).map(([name, group]) => {
  const times = group.map(({ ms }) => ms);
  return [name, String(group.length), at(0.5, times), at(0.95, times)];
});
process.stdout.write(`${table(['messages', 'number', 'median ms', '95th'], rows)}\n\n`);

const body = words.repeat(40).slice(0, 5 * 2 ** 20);
const large = inspectionOf({ subject: 'Minutes', body });
process.stdout.write(`5 MiB of text: ${timed(() => inspect(inspectors, large)).toFixed(0)} ms\n`);

const reader = createSentenceReader();
await reader.read(['The first question loads the encoder.']);
const start = performance.now();
for (const { input } of asking) await withMeaning(inspectors, input, reader);
const ms = performance.now() - start;
const sentences = asking.reduce((sum, each) => sum + each.sentences, 0);
process.stdout.write(
  `Sentences: ${(ms / sentences).toFixed(1)} ms each, ${(ms / asking.length).toFixed(0)} ms a message that asks\n`,
);
await reader.close();

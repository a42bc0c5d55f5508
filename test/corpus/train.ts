// `node test/corpus/train.ts`: fits the model of wording to the corpus of this folder, without the part
// that is kept aside, and writes src/inspect/wording-weights.json. Prints how well a model does on
// messages, and on authors, that it was not fitted to. The same files give the same weights.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { examineBytes } from '../../src/cli/inspect-batch.ts';
import { table } from '../../src/cli/context.ts';
import { createCueInspectors, type Inspection, type Inspector } from '../../src/inspect/inspect.ts';
import { createFeatureReader } from '../../src/inspect/wording-features.ts';
import { CUE_FEATURE, WORDING_KINDS, type WordingKind } from '../../src/inspect/wording-model.ts';
import { DEFAULT_PARSE_LIMITS } from '../../src/mail/parse.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { inspectionOf, type Draft } from '../inspect/inspection-of.ts';
import { KIND_OF_LABEL, readSamples, type Sample } from './corpus.ts';
import { fit, probability, type Example, type Logistic } from './logistic.ts';

const HERE = import.meta.dirname;
const SAMPLES = path.resolve(HERE, '../inspect/samples');
const WEIGHTS = path.resolve(HERE, '../../src/inspect/wording-weights.json');
const HELD_OUT = 'held-out.jsonl';
const FOLDS = 5;
/** The cues were written with the samples of test/inspect at hand, so these are no proof of them. */
const OWN_SAMPLES = 'samples';
const policy = loadPolicy(path.resolve(HERE, '../../policies'));
const readFeatures = createFeatureReader(policy.lists);
const cues = createCueInspectors(policy.lists);

interface Message {
  author: string;
  features: ReadonlyMap<string, number>;
  cues: Set<WordingKind>;
  /** What is known of it; a kind that is missing was not judged. */
  labels: ReadonlyMap<WordingKind, boolean>;
}

/** The message as the detectors get it, by way of a detector that only listens. */
async function inspectionOfSample(sample: Sample): Promise<Inspection> {
  const heard: Inspection[] = [];
  const listener: Inspector = { name: 'listener', inspect: (input) => (heard.push(input), []) };
  await examineBytes(
    sample.raw,
    {
      file: sample.id,
      mailFrom: sample.mailFrom ?? sample.sender,
      rcptTo: sample.rcpt,
      at: sample.date,
      ...(sample.mailFrom === null ? { authenticatedAs: sample.sender } : {}),
    },
    {
      policy,
      inspectors: [listener],
      parseLimits: DEFAULT_PARSE_LIMITS,
      people: null,
      council: 'merebrook',
      baseDir: HERE,
    },
  );
  const [inspection] = heard;
  if (inspection === undefined) throw new Error(`Message "${sample.id}" was not inspected`);
  return inspection;
}

async function corpusMessages(): Promise<Message[]> {
  const files = readdirSync(HERE).filter((file) => file.endsWith('.jsonl') && file !== HELD_OUT);
  const messages: Message[] = [];
  for (const file of files) {
    for (const sample of readSamples(path.join(HERE, file))) {
      const input = await inspectionOfSample(sample);
      const kinds = new Set<string>(sample.labels.map((label) => KIND_OF_LABEL[label]));
      messages.push({
        author: file,
        features: valuesOf(input),
        cues: new Set(WORDING_KINDS.filter((kind) => cues[kind].inspect(input).length > 0)),
        labels: new Map(WORDING_KINDS.map((kind) => [kind, kinds.has(kind)])),
      });
    }
  }
  return messages;
}

/** Recipients and dates of these are the same for all, so only their words count. */
function sampleMessages(): Message[] {
  return [...WORDING_KINDS, 'ordinary' as const].flatMap((kind) =>
    readSampleFile(kind)
      .filter(({ heldOut }) => !heldOut)
      .map(({ expected, ...draft }) => ({
        author: OWN_SAMPLES,
        features: new Map([...valuesOf(inspectionOf(draft))].filter(([name]) => name[0] !== 'm')),
        cues: new Set<WordingKind>(),
        labels: new Map(
          (kind === 'ordinary' ? WORDING_KINDS : [kind]).map((each) => [each, expected]),
        ),
      })),
  );
}

function readSampleFile(kind: string): (Draft & { expected: boolean; heldOut: boolean })[] {
  const lines = readFileSync(path.join(SAMPLES, `${kind}.jsonl`), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Draft & { expected: boolean; heldOut: boolean });
}

function valuesOf(input: Inspection): ReadonlyMap<string, number> {
  return new Map([...readFeatures(input)].map(([name, { value }]) => [name, value]));
}

function penaltyOf(feature: string): number {
  return { w: 3e-3, b: 4e-3, c: 2e-3, m: 3e-3 }[feature[0] ?? ''] ?? 1e-3;
}

/** A word that one message holds tells of that message only. */
function leastOf(feature: string): number {
  return feature.startsWith('b:') ? 3 : 2;
}

function train(messages: readonly Message[], kind: WordingKind): Logistic {
  const counts = new Map<string, number>();
  for (const { features } of messages) {
    for (const name of features.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const examples = messages.map((message): Example => {
    const positive = message.labels.get(kind) === true;
    const kept = [...featuresFor(message, kind)].filter(
      ([name]) => name === CUE_FEATURE || (counts.get(name) ?? 0) >= leastOf(name),
    );
    const weight = (message.author === OWN_SAMPLES ? 0.5 : 1) * (positive ? 1.5 : 1);
    return { features: new Map(kept), positive, weight };
  });
  return fit(examples, penaltyOf);
}

function featuresFor(message: Message, kind: WordingKind): ReadonlyMap<string, number> {
  return message.cues.has(kind) ? new Map([...message.features, [CUE_FEATURE, 1]]) : message.features;
}

interface Scored {
  score: number;
  positive: boolean;
}

/** Scores of messages by models that were fitted without their group. */
function crossValidate(
  messages: readonly Message[],
  kind: WordingKind,
  groupOf: (message: Message, index: number) => string,
): Scored[] {
  const groups = Map.groupBy(messages, (message) => groupOf(message, messages.indexOf(message)));
  return [...groups].flatMap(([group, tested]) => {
    if (group === OWN_SAMPLES) return [];
    const held = new Set(tested);
    const model = train(
      messages.filter((message) => !held.has(message)),
      kind,
    );
    return tested.map((message) => ({
      score: probability(model, featuresFor(message, kind)),
      positive: message.labels.get(kind) === true,
    }));
  });
}

interface Cut {
  threshold: number;
  precision: number;
  recall: number;
}

function cutAt(scored: readonly Scored[], threshold: number): Cut {
  const said = scored.filter(({ score }) => score >= threshold);
  const right = said.filter(({ positive }) => positive).length;
  const meant = scored.filter(({ positive }) => positive).length;
  return { threshold, precision: said.length === 0 ? 1 : right / said.length, recall: right / meant };
}

/** The cut with the best F-measure that counts precision twice as much as recall (F 0.5). */
function bestCut(scored: readonly Scored[]): Cut {
  const measure = ({ precision, recall }: Cut): number =>
    precision + recall === 0 ? 0 : (1.25 * precision * recall) / (0.25 * precision + recall);
  const cuts = Array.from({ length: 61 }, (_, step) => cutAt(scored, (30 + step) / 100));
  return cuts.reduce((best, cut) => (measure(cut) > measure(best) ? cut : best));
}

const messages = [...(await corpusMessages()), ...sampleMessages()];
const models = new Map<WordingKind, { model: Logistic; threshold: number }>();
const rows = WORDING_KINDS.map((kind) => {
  const judged = messages.filter(({ labels }) => labels.has(kind));
  const own = ({ author }: Message): boolean => author === OWN_SAMPLES;
  const folds = crossValidate(judged, kind, (each, index) =>
    own(each) ? OWN_SAMPLES : `${index % FOLDS}`,
  );
  const authors = crossValidate(judged, kind, ({ author }) => author);
  const best = bestCut([...folds, ...authors]);
  models.set(kind, { model: train(judged, kind), threshold: best.threshold });
  const cuts = [cutAt(folds, best.threshold), cutAt(authors, best.threshold)];
  return [
    kind,
    String(authors.filter(({ positive }) => positive).length),
    best.threshold.toFixed(2),
    ...cuts.flatMap(({ recall, precision }) => [recall.toFixed(3), precision.toFixed(3)]),
  ];
});
const headings = ['kind', 'messages', 'threshold', 'recall', 'precision', 'by author: recall', 'precision'];
process.stdout.write(`${table(headings, rows)}\n`);
writeFileSync(WEIGHTS, weightsFile());

/** One line a feature, as the formatter would have it; weights in whole hundredths. */
function weightsFile(): string {
  const columns = WORDING_KINDS.map((kind) => models.get(kind));
  const names = new Set(columns.flatMap((column) => [...(column?.model.weights.keys() ?? [])]));
  const lines = [...names].sort().flatMap((name) => {
    const weights = columns.map((column) => Math.round((column?.model.weights.get(name) ?? 0) * 100));
    return weights.some((weight) => Math.abs(weight) >= 5)
      ? [`    ${JSON.stringify(name)}: [${weights.join(', ')}]`]
      : [];
  });
  const kinds = [...models].map(
    ([kind, { model, threshold }]) =>
      `    ${JSON.stringify(kind)}: { "threshold": ${threshold}, "bias": ${model.bias.toFixed(3)} }`,
  );
  return `{\n  "kinds": {\n${kinds.join(',\n')}\n  },\n  "weights": {\n${lines.join(',\n')}\n  }\n}\n`;
}

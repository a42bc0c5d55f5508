import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { examineBytes } from '../../src/cli/inspect-batch.ts';
import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import { createCueInspectors, type Inspection, type Inspector } from '../../src/inspect/inspect.ts';
import { meaningFeatures } from '../../src/inspect/meaning-features.ts';
import { sentencesOf } from '../../src/inspect/sentences.ts';
import { readPassages, windowsOf } from '../../src/inspect/passages.ts';
import { createFeatureReader } from '../../src/inspect/wording-features.ts';
import { WORDING_KINDS, type WordingKind } from '../../src/inspect/wording-model.ts';
import { MEANING_DIMENSIONS, type MeaningReader } from '../../src/mail/meaning.ts';
import { DEFAULT_PARSE_LIMITS } from '../../src/mail/parse.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { inspectionOf, type Draft } from '../inspect/inspection-of.ts';
import { KIND_OF_LABEL, readSamples, type Sample } from './corpus.ts';

const HERE = import.meta.dirname;
const SAMPLES = path.resolve(HERE, '../inspect/samples');
const CACHE = path.resolve(HERE, '../../var/corpus-meaning');
/** The cues were written with the samples of test/inspect at hand: these are never tested on. */
export const OWN_SAMPLES = 'samples';
const policy = loadPolicy(path.resolve(HERE, '../../policies'));
const readFeatures = createFeatureReader(policy.lists);
const cues = createCueInspectors(policy.lists);

/** One message as the model sees it. */
export interface TrainingMessage {
  id: string;
  author: string;
  features: ReadonlyMap<string, number>;
  cues: ReadonlySet<WordingKind>;
  /** See `meaningFeatures`; `null` where nothing is said in sentences. */
  meaning: Float64Array | null;
  /** What is known of it; a kind that is missing was not judged. */
  labels: ReadonlyMap<WordingKind, boolean>;
  /** Whether nothing at all is wrong with it. */
  clean: boolean;
}

/** Mail that is kept aside is called so, and never read here. */
export const BLIND = 'blind.jsonl';

/** The files that the detectors are tuned to, an author each. */
export function corpusFiles(): string[] {
  return readdirSync(HERE).filter((file) => file.endsWith('.jsonl') && file !== BLIND);
}

/** The messages of the whole corpus, an author a file, and of the samples of test/inspect. */
export async function readTraining(): Promise<TrainingMessage[]> {
  const reader = createSentenceReader({ messageSeconds: 600 });
  const cached = rememberingReader(reader);
  try {
    const messages: TrainingMessage[] = [];
    for (const file of corpusFiles()) {
      for (const sample of readSamples(path.join(HERE, file))) {
        const input = await inspectionOfSample(sample);
        const kinds = new Set<string>(sample.labels.map((label) => KIND_OF_LABEL[label]));
        messages.push({
          ...(await seen(input, cached.reader)),
          id: sample.id,
          author: file,
          labels: new Map(WORDING_KINDS.map((kind) => [kind, kinds.has(kind)])),
          clean: sample.labels.length === 0,
        });
      }
    }
    return [...messages, ...(await ownSamples(cached.reader))];
  } finally {
    cached.save();
    await reader.close();
  }
}

async function seen(input: Inspection, reader: MeaningReader) {
  const sentences = sentencesOf(readPassages(input)).map(({ text }) => text);
  const meanings = await reader.read(sentences);
  const [window = []] = windowsOf(readPassages(input));
  const cueFound = (kind: WordingKind): boolean =>
    (cues[kind]?.inspector.inspect(input).length ?? 0) > 0;
  return {
    features: new Map([...readFeatures(input, window)].map(([name, { value }]) => [name, value])),
    cues: new Set(WORDING_KINDS.filter(cueFound)),
    meaning: meanings.length === 0 ? null : meaningFeatures(meanings).values,
  };
}

/** The message as the detectors get it, by way of a detector that only listens. */
export async function inspectionOfSample(sample: Sample): Promise<Inspection> {
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

type SampleRow = Draft & { expected: boolean; heldOut: boolean };

/** Recipients and dates of these are the same for all, so only their words count. */
async function ownSamples(reader: MeaningReader): Promise<TrainingMessage[]> {
  const messages: TrainingMessage[] = [];
  for (const kind of [...WORDING_KINDS, 'ordinary' as const]) {
    const lines = readFileSync(path.join(SAMPLES, `${kind}.jsonl`), 'utf8').trim().split('\n');
    for (const line of lines) {
      const { expected, heldOut, ...draft } = JSON.parse(line) as SampleRow;
      if (heldOut) continue;
      const read = await seen(inspectionOf(draft), reader);
      messages.push({
        ...read,
        id: draft.subject ?? '',
        author: OWN_SAMPLES,
        features: new Map([...read.features].filter(([name]) => name[0] !== 'm')),
        cues: new Set<WordingKind>(),
        labels: new Map(
          (kind === 'ordinary' ? WORDING_KINDS : [kind]).map((each) => [each, expected]),
        ),
        clean: kind === 'ordinary',
      });
    }
  }
  return messages;
}

/** The encoder needs minutes for the corpus: what it said is kept under `var/`. */
function rememberingReader(reader: MeaningReader): { reader: MeaningReader; save: () => void } {
  const known = new Map<string, Float32Array>();
  if (existsSync(`${CACHE}.json`)) {
    const names = JSON.parse(readFileSync(`${CACHE}.json`, 'utf8')) as string[];
    const bytes = readFileSync(`${CACHE}.f32`);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    for (const [index, name] of names.entries()) {
      const start = index * MEANING_DIMENSIONS;
      known.set(name, values.slice(start, start + MEANING_DIMENSIONS));
    }
  }
  return {
    reader: {
      async read(sentences) {
        const fresh = [...new Set(sentences)].filter((sentence) => !known.has(sentence));
        const answers = await reader.read(fresh);
        for (const [index, sentence] of fresh.entries()) {
          known.set(sentence, answers[index] ?? new Float32Array(MEANING_DIMENSIONS));
        }
        return sentences.map((one) => known.get(one) ?? new Float32Array(MEANING_DIMENSIONS));
      },
    },
    save() {
      mkdirSync(path.dirname(CACHE), { recursive: true });
      writeFileSync(`${CACHE}.json`, JSON.stringify([...known.keys()]));
      writeFileSync(`${CACHE}.f32`, Buffer.concat([...known.values()].map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength))));
    },
  };
}

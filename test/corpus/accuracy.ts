// `npm run accuracy`: precision and recall of every kind over the corpus of this folder (which the detectors
// are tuned to), over blind.jsonl where it is there, and over the shared sample where it lies beside the
// checkout. --cross adds the kinds that are told by wording on authors that their models do not know;
// --wrong names the messages that went wrong; with --file PATH only that file is examined and nothing
// of it is named.
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { examineBytes } from '../../src/cli/inspect-batch.ts';
import { table } from '../../src/cli/context.ts';
import { createExtractorPool } from '../../src/extract/extractor-pool.ts';
import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import { CONFIG_SCHEMA } from '../../src/config-schema.ts';
import { createInspectors } from '../../src/inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS } from '../../src/mail/parse.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { crossed, crossReport } from './cross-report.ts';
import { KIND_OF_LABEL, LABELS, readDevSamples, readSamples, type Sample } from './corpus.ts';
import { BLIND, corpusFiles, readTraining } from './training-messages.ts';

const HERE = import.meta.dirname;
const policy = loadPolicy(path.resolve(HERE, '../../policies'));
const inspectors = createInspectors(policy.lists);
const extractors = createExtractorPool(CONFIG_SCHEMA.parse({}).attachments);
const meaningReader = createSentenceReader({ messageSeconds: 600 });

interface Judged {
  sample: Sample;
  found: Set<string>;
  stopped: boolean;
}

async function judge(sample: Sample): Promise<Judged> {
  const { decision } = await examineBytes(
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
      inspectors,
      parseLimits: DEFAULT_PARSE_LIMITS,
      people: null,
      council: 'merebrook',
      baseDir: HERE,
      attachmentReader: () => extractors.forMessage(),
      meaningReader,
    },
  );
  const found = new Set<string>(decision.findings.map(({ kind }) => kind));
  found.delete('marking');
  if (decision.marking === 'OFFICIAL-SENSITIVE') found.add('marking');
  return { sample, found, stopped: decision.gate !== 'release' };
}

async function report(name: string, samples: Sample[], naming: boolean): Promise<void> {
  const judged = await Promise.all(samples.map(judge));
  const rows = LABELS.map((label) => {
    const kind = KIND_OF_LABEL[label];
    const said = judged.filter(({ found }) => found.has(kind));
    const meant = judged.filter(({ sample }) => sample.labels.includes(label));
    const right = said.filter(({ sample }) => sample.labels.includes(label));
    const missed = meant.filter(({ found }) => !found.has(kind));
    const wrong = said.filter(({ sample }) => !sample.labels.includes(label));
    return [
      kind,
      String(meant.length),
      share(right.length, meant.length),
      share(right.length, said.length),
      ...(naming ? [ids(missed), ids(wrong)] : []),
    ];
  });
  const clean = judged.filter(({ sample }) => sample.labels.length === 0);
  const stopped = clean.filter((each) => each.stopped);
  const headings = ['kind', 'messages', 'recall', 'precision'];
  const named = naming ? ['missed', 'said in error'] : [];
  process.stdout.write(
    `\n${name}: ${samples.length} messages, ${clean.length} clean, ` +
      `${stopped.length} of these stopped${naming ? ` ${ids(stopped)}` : ''}\n` +
      `${table([...headings, ...named], rows)}\n`,
  );
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : (part / whole).toFixed(3);
}

function ids(judged: Judged[]): string {
  return judged.map(({ sample }) => sample.id).join(' ');
}

const { values } = parseArgs({
  options: {
    wrong: { type: 'boolean', default: false },
    cross: { type: 'boolean', default: false },
    file: { type: 'string' },
  },
});

async function reportAll(): Promise<void> {
  if (values.file !== undefined) {
    await report(path.basename(values.file), readSamples(values.file), false);
    return;
  }
  await report(
    'the corpus that the detectors are tuned to',
    corpusFiles().flatMap((file) => readSamples(path.join(HERE, file))),
    values.wrong,
  );
  if (values.cross) process.stdout.write(`\n${crossReport(crossed(await readTraining()))}`);
  const blind = path.join(HERE, BLIND);
  // Never named: whoever reads these messages while tuning has no measure left.
  if (existsSync(blind)) await report('the part kept aside', readSamples(blind), false);
  const dev = readDevSamples(path.resolve(HERE, '../../../shared/corpus/dev'));
  if (dev) await report('the shared sample', dev, values.wrong);
  else process.stdout.write('\nNo shared sample beside the checkout: left out.\n');
}

await reportAll();
await Promise.all([extractors.close(), meaningReader.close()]);

// `node test/corpus/train.ts`: fits the model of wording to the corpus of this folder and writes
// src/inspect/wording-weights.json. Prints how well such models do on messages of authors that they
// were not fitted to. The same files give the same weights.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { WORDING_KINDS, type WordingKind } from '../../src/inspect/wording-model.ts';
import { byMeaning, byWords, crossed, crossReport, DOUBT, sureAt, type Crossed } from './cross-report.ts';
import { trainKind, type KindModel } from './cross.ts';
import { readTraining } from './training-messages.ts';

const WEIGHTS = path.resolve(import.meta.dirname, '../../src/inspect/wording-weights.json');

interface Fitted extends Crossed {
  model: KindModel;
}

const messages = await readTraining();
const kinds = crossed(messages);
process.stdout.write(crossReport(kinds));
const fitted = new Map(
  [...kinds].map(([kind, each]): [WordingKind, Fitted] => [
    kind,
    { ...each, model: trainKind(messages, kind) },
  ]),
);
writeFileSync(WEIGHTS, weightsFile());

/** One line a feature; weights in whole hundredths, those of meaning in steps of one byte. */
function weightsFile(): string {
  const columns = WORDING_KINDS.map((kind) => fitted.get(kind)?.model);
  const names = new Set(columns.flatMap((column) => [...(column?.names.keys() ?? [])]));
  const lines = [...names].sort().flatMap((name) => {
    const weights = columns.map((column) => {
      const at = column?.names.get(name);
      return Math.round((at === undefined ? 0 : (column?.words.weights[at] ?? 0)) * 100);
    });
    return weights.some((weight) => Math.abs(weight) >= 5)
      ? [`    ${JSON.stringify(name)}: [${weights.join(', ')}]`]
      : [];
  });
  const kinds = [...fitted].map(([kind, each]) => `    ${JSON.stringify(kind)}: ${kindLine(each)}`);
  const doubt = JSON.stringify(DOUBT);
  return `{\n  "doubt": ${doubt},\n  "kinds": {\n${kinds.join(',\n')}\n  },\n  "weights": {\n${lines.join(',\n')}\n  }\n}\n`;
}

function kindLine({ model, words, meaning, scored }: Fitted): string {
  const [ofWords = 0, ...rest] = model.meaning.weights;
  const scale = Math.max(...rest.map(Math.abs)) / 127;
  const steps = Buffer.from(Int8Array.from(rest, (weight) => Math.round(weight / scale)).buffer);
  const round = (value: number): number => Number(value.toPrecision(4));
  return JSON.stringify({
    words: {
      threshold: words.threshold,
      sure: round(sureAt(scored, byWords, words.threshold)),
      bias: round(model.words.bias),
    },
    meaning: {
      threshold: meaning.threshold,
      sure: round(sureAt(scored, byMeaning, meaning.threshold)),
      bias: round(model.meaning.bias),
      words: round(ofWords),
      scale: round(scale),
      steps: steps.toString('base64'),
    },
  });
}

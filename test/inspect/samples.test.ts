import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import { createAbusiveInspector } from '../../src/inspect/abusive.ts';
import { createCredentialInspector } from '../../src/inspect/credential.ts';
import { createCriticismInspector } from '../../src/inspect/criticism.ts';
import {
  createInspectors,
  inspect,
  withMeaning,
  type Inspector,
} from '../../src/inspect/inspect.ts';
import { createPersonalDataInspector } from '../../src/inspect/personal-data.ts';
import { inspectionOf, LISTS } from './inspection-of.ts';

/** Invented mail. Held-out rows are measured as a whole, never tuned to one by one. */
interface Sample {
  expected: boolean;
  heldOut: boolean;
  subject: string;
  body: string;
  election?: 'by' | 'local';
}

const INSPECTORS: Record<string, Inspector> = {
  'personal-data': createPersonalDataInspector(),
  abusive: createAbusiveInspector(LISTS),
  criticism: createCriticismInspector(LISTS),
  credential: createCredentialInspector(),
};

const read = (kind: string): Sample[] =>
  readFileSync(new URL(`samples/${kind}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);

describe.each(Object.entries(INSPECTORS))('%s inspector', (kind, inspector) => {
  const samples = read(kind);
  const found = (sample: Sample): boolean =>
    inspector.inspect(inspectionOf(sample)).some((finding) => finding.kind === kind);

  it.each(samples.filter((sample) => !sample.heldOut))(
    'tells what "$subject" is ($expected)',
    (sample) => {
      expect(found(sample)).toBe(sample.expected);
    },
  );

  it('holds its precision and recall on mail that was held out', () => {
    const held = samples.filter((sample) => sample.heldOut);
    const hits = held.filter(found);
    const right = hits.filter((sample) => sample.expected).length;
    const expected = held.filter((sample) => sample.expected).length;
    const least = kind === 'political' || kind === 'personal-data' ? 0.95 : 0.83;
    expect(right / hits.length).toBeGreaterThanOrEqual(least);
    expect(right / expected).toBeGreaterThanOrEqual(least);
  });
});

const inspectors = createInspectors(LISTS);

const meaningReader = createSentenceReader();
// The first question loads the encoder, which takes a busy machine seconds.
vi.setConfig({ testTimeout: 60_000 });
afterAll(() => meaningReader.close());

// Told by the model of wording: as a whole, not one by one.
describe.each([
  ['political', 0.95],
  ['commercial', 0.83],
])('wording of the kind %s', (kind, least) => {
  it('is told apart in mail that was held out', async () => {
    const samples = read(kind).filter((sample) => sample.heldOut);
    const found: Sample[] = [];
    for (const sample of samples) {
      const draft = inspectionOf(sample);
      const { input } = await withMeaning(inspectors, draft, meaningReader);
      if (inspect(inspectors, input).some((finding) => finding.kind === kind)) found.push(sample);
    }
    const right = found.filter((sample) => sample.expected).length;
    const expected = samples.filter((sample) => sample.expected).length;
    expect(right / expected).toBeGreaterThanOrEqual(least);
    expect(found.length - right).toBeLessThanOrEqual(2);
  });
});

describe('ordinary council mail', () => {
  it.each(read('ordinary'))('passes "$subject" in and out of an election period', (sample) => {
    for (const election of ['', 'local'] as const) {
      const inspection = inspectionOf({ ...sample, election });
      const findings = Object.values(INSPECTORS).flatMap((one) => one.inspect(inspection));
      expect(findings).toEqual([]);
    }
  });
});

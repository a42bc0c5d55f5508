import { clip } from '../mail/finding.ts';
import type { Evidence, Finding, FindingKind } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { evidenceOf } from './cues.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { boundedLogit, sentenceShares } from './meaning-features.ts';
import { sentencesOf } from './sentences.ts';
import type { MeantSentence } from './sentences.ts';
import { createFeatureReader, readPassages } from './wording-features.ts';
import type { Feature, Features } from './wording-features.ts';
import trained from './wording-weights.json' with { type: 'json' };

/** Kinds that are told by wording, in the order of the weights. */
export const WORDING_KINDS = [
  'political',
  'criticism',
  'abusive',
  'commercial',
  'personal-data',
  'chain-letter',
] as const satisfies readonly FindingKind[];
export type WordingKind = (typeof WORDING_KINDS)[number];

/** Name of the feature that the cues of the kind itself were found. */
export const CUE_FEATURE = 'q:cues';
const MAX_EVIDENCE = 5;
/**
 * Score from which on the finding may stop a message (domain D.7). The logit that bears it is
 * where, among authors unknown to the model, one clean message in 200 was taken for the kind.
 */
const CERTAIN = 0.8;
/** Weights are kept as whole hundredths. */
const HUNDREDTH = 0.01;
const WEIGHTS: ReadonlyMap<string, readonly number[]> = new Map(Object.entries(trained.weights));
const MEANING_WEIGHTS = ofEachKind((kind) => {
  const { scale, steps } = trained.kinds[kind].meaning;
  return Float32Array.from(new Int8Array(Buffer.from(steps, 'base64')), (step) => step * scale);
});

const DESCRIPTIONS: Record<WordingKind, string> = {
  political: 'political campaigning',
  criticism: 'criticism of a member or an officer in person',
  abusive: 'abuse',
  commercial: 'private business',
  'personal-data': 'the private affairs of a particular person',
  'chain-letter': 'letters that are passed from person to person',
};

/** Classes of which one at least must be said; nobody is criticised where nobody is spoken of. */
const NEEDED: Partial<Record<WordingKind, readonly string[]>> = {
  criticism: ['c:third', 'c:youare', 'c:insult'],
};

/** What the words of a message say, before the meaning of its sentences is known. */
interface Reading {
  features: Features;
  found: Record<WordingKind, Finding[]>;
  /** Logit of each kind by words alone. */
  words: Record<WordingKind, number>;
}

/** Something that spoke for a kind: a word, a pair, a class of words or a sentence. */
interface Reason {
  place: Place;
  share: number;
}
type Place = NonNullable<Feature['place']>;

interface Judgement {
  /** Whether the detector stands behind it. */
  stands: boolean;
  /** From `CERTAIN` on as good as sure. */
  score: number;
  /** Strongest first. */
  reasons: Reason[];
}

/**
 * Puts the model of wording beside the cues of the six kinds that are told by wording. Logistic
 * regression over words, pairs of words, classes of words and recipients says how likely each kind
 * is; where that leaves doubt the meaning of the sentences is asked for and weighed with it. Where
 * the model is as sure as its threshold asks, the finding is listed, with the cues' own findings
 * where there are any; where it is not, only findings that `decisive` names stay. Weights come from
 * `test/corpus/train.ts`.
 */
export function createWordingInspector(
  lists: Lists,
  cues: Record<WordingKind, Inspector>,
  decisive: Record<WordingKind, (finding: Finding) => boolean>,
): Inspector {
  const readFeatures = createFeatureReader(lists);
  const known = new WeakMap<ParsedMessage, Reading>();
  const readingOf = (input: Inspection): Reading => {
    const reading = known.get(input.message) ?? readingFrom(input, readFeatures(input), cues);
    known.set(input.message, reading);
    return reading;
  };
  return {
    name: 'wording',
    asks: (input) => (isDoubtful(readingOf(input)) ? sentencesOf(readPassages(input)) : []),
    inspect: (input) => {
      const reading = readingOf(input);
      return WORDING_KINDS.flatMap((kind) => {
        const judgement = judge(kind, reading, input.meaning ?? []);
        const found = reading.found[kind];
        const needed = NEEDED[kind]?.some((name) => reading.features.has(name)) ?? true;
        if (!needed || !judgement.stands) return found.filter(decisive[kind]);
        if (found.length === 0) return [findingOf(kind, judgement)];
        return found.map((one) => (decisive[kind](one) ? one : { ...one, score: judgement.score }));
      });
    },
  };
}

function readingFrom(
  input: Inspection,
  features: Features,
  cues: Record<WordingKind, Inspector>,
): Reading {
  const found = ofEachKind((kind) => cues[kind].inspect(input));
  const words = ofEachKind((kind, column) => {
    let sum = trained.kinds[kind].words.bias;
    if (found[kind].length > 0) sum += weightOf(CUE_FEATURE, column);
    for (const [name, { value }] of features) sum += weightOf(name, column) * value;
    return sum;
  });
  return { features, found, words };
}

function ofEachKind<T>(value: (kind: WordingKind, column: number) => T): Record<WordingKind, T> {
  const entries = WORDING_KINDS.map((kind, column) => [kind, value(kind, column)]);
  return Object.fromEntries(entries) as Record<WordingKind, T>;
}

function weightOf(name: string, column: number): number {
  return (WEIGHTS.get(name)?.[column] ?? 0) * HUNDREDTH;
}

/** Whether words alone leave any kind open. */
function isDoubtful({ words }: Reading): boolean {
  return WORDING_KINDS.some((kind) => {
    const { least, most } = trained.doubt;
    return words[kind] > least && words[kind] < most;
  });
}

function judge(
  kind: WordingKind,
  reading: Reading,
  sentences: readonly MeantSentence[],
): Judgement {
  const column = WORDING_KINDS.indexOf(kind);
  const reasons: Reason[] = [];
  for (const [name, { value, place }] of reading.features) {
    if (place !== null) reasons.push({ place, share: weightOf(name, column) * value });
  }
  const { words, meaning } = trained.kinds[kind];
  let [logit, stage]: [number, { threshold: number; sure: number }] = [reading.words[kind], words];
  if (sentences.length > 0) {
    const meanings = sentences.map((sentence) => sentence.meaning);
    const shares = sentenceShares(meanings, MEANING_WEIGHTS[kind]);
    reasons.push(...sentences.map((place, index) => ({ place, share: shares[index] ?? 0 })));
    logit = shares.reduce(
      (sum, share) => sum + share,
      meaning.bias + meaning.words * boundedLogit(reading.words[kind]),
    );
    stage = meaning;
  }
  return {
    stands: logit >= stage.threshold,
    score: scoreOf(logit - stage.sure),
    reasons: reasons.filter(({ share }) => share > 0).toSorted((a, b) => b.share - a.share),
  };
}

/** Puts a logit on the scale of scores: 0 is `CERTAIN`. */
function scoreOf(logit: number): number {
  const score = 1 / (1 + Math.exp(-logit) * (1 / CERTAIN - 1));
  return Math.round(score * 100) / 100;
}

function findingOf(kind: WordingKind, { score, reasons }: Judgement): Finding {
  return {
    kind,
    type: 'wording',
    score,
    summary: `Wording like that of ${DESCRIPTIONS[kind]}`,
    evidence: evidenceFrom(kind, reasons),
    recipient: null,
    details: kind === 'personal-data' ? { subjects: 1, bulk: false } : {},
  };
}

/** The strongest reasons that do not overlap; of personal data only the place. */
function evidenceFrom(kind: WordingKind, reasons: readonly Reason[]): Evidence[] {
  const chosen: Evidence[] = [];
  for (const { place } of reasons) {
    if (chosen.length >= MAX_EVIDENCE) break;
    const evidence = evidenceOf(place);
    const overlaps = (other: Evidence): boolean =>
      other.part === evidence.part && other.start < evidence.end && evidence.start < other.end;
    if (chosen.some(overlaps)) continue;
    const text = kind === 'personal-data' ? '[Words about a person]' : clip(evidence.text);
    chosen.push({ ...evidence, text });
  }
  return chosen;
}

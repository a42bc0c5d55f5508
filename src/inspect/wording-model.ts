import { clip } from '../mail/finding.ts';
import type { Evidence, Finding, FINDING_TYPES, FindingKind } from '../mail/finding.ts';
import type { Facts } from '../mail/facts.ts';
import type { Lists } from '../mail/lists.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { evidenceOf } from './cues.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { boundedLogit, sentenceShares } from './meaning-features.ts';
import { sentencesOf } from './sentences.ts';
import type { MeantSentence } from './sentences.ts';
import { readPassages, windowsOf, type Passage } from './passages.ts';
import { leavesTheCouncil } from './personal-data.ts';
import { createFeatureReader } from './wording-features.ts';
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

/** Nobody is criticised where nobody is spoken of, and nothing disclosed that stays inside. */
function isPossible(kind: WordingKind, features: Features, facts: Facts): boolean {
  if (kind === 'personal-data') return leavesTheCouncil(facts);
  const aboutSomebody = ['c:third', 'c:youare', 'c:insult'];
  return kind !== 'criticism' || aboutSomebody.some((name) => features.has(name));
}

/** A detector that reads for cues of one kind. */
export interface CueInspector {
  inspector: Inspector;
  /** Findings that stand whatever the rest of the wording is like; missing: all of them. */
  decisive?: (finding: Finding) => boolean;
}
export type CueInspectors = Partial<Record<WordingKind, CueInspector>>;

/** What the words of a message say, before the meaning of its sentences is known. */
interface Reading {
  /** Of the first window; most messages have no other. */
  features: Features;
  found: Record<WordingKind, Finding[]>;
  /** Logit of each kind by words alone. */
  words: Record<WordingKind, number>;
  /** Kinds that a later window of a long text is sure of, by its words alone. */
  later: Map<WordingKind, { features: Features; logit: number }>;
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
  /** What it was judged by. */
  features: Features;
  /** What speaks for it where it stands, strongest first. */
  reasons: Reason[];
}

/**
 * Puts the model of wording beside the cues of the six kinds that are told by wording. Logistic
 * regression over words, pairs of words, classes of words and recipients says how likely each kind
 * is; where that leaves doubt the meaning of the sentences is asked for and weighed with it. Where
 * the model is as sure as its threshold asks, the finding is listed, with the cues' own findings
 * where there are any; where it is not, only findings of cues that are decisive stay. Weights come
 * from `test/corpus/train.ts`.
 */
export function createWordingInspector(lists: Lists, cues: CueInspectors): Inspector {
  const readFeatures = createFeatureReader(lists);
  const known = new WeakMap<ParsedMessage, Reading>();
  const readingOf = (input: Inspection): Reading => {
    const reading = known.get(input.message) ?? readingFrom(input, readFeatures, cues);
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
        const isDecisive = cues[kind]?.decisive ?? (() => true);
        const stands = judgement.stands && isPossible(kind, judgement.features, input.facts);
        if (!stands) return found.filter(isDecisive);
        if (found.length === 0) return [findingOf(kind, judgement)];
        return found.map((one) => (isDecisive(one) ? one : { ...one, score: judgement.score }));
      });
    },
  };
}

function readingFrom(
  input: Inspection,
  readFeatures: ReturnType<typeof createFeatureReader>,
  cues: CueInspectors,
): Reading {
  const [first = [], ...rest] = windowsOf(readPassages(input));
  const features = readFeatures(input, first);
  const found = ofEachKind((kind) => cues[kind]?.inspector.inspect(input) ?? []);
  const logits = wordsLogits(features);
  const words = ofEachKind(
    (kind, column) => logits[kind] + (found[kind].length > 0 ? weightOf(CUE_FEATURE, column) : 0),
  );
  return { features, found, words, later: surelySaid(rest, (each) => readFeatures(input, each)) };
}

/** A long text has much that is like a kind: only what is as good as sure counts. */
function surelySaid(
  windows: readonly Passage[][],
  read: (passages: readonly Passage[]) => Features,
): Reading['later'] {
  const said: Reading['later'] = new Map();
  for (const window of windows) {
    const features = read(window);
    const logits = wordsLogits(features);
    for (const kind of WORDING_KINDS) {
      const logit = logits[kind];
      const least = said.get(kind)?.logit ?? trained.kinds[kind].words.sure;
      if (logit > least) said.set(kind, { features, logit });
    }
  }
  return said;
}

function wordsLogits(features: Features): Record<WordingKind, number> {
  const sums = WORDING_KINDS.map((kind) => trained.kinds[kind].words.bias);
  for (const [name, { value }] of features) {
    const weights = WEIGHTS.get(name);
    if (weights === undefined) continue;
    for (let column = 0; column < sums.length; column += 1) {
      sums[column] = (sums[column] ?? 0) + (weights[column] ?? 0) * HUNDREDTH * value;
    }
  }
  return ofEachKind((_, column) => sums[column] ?? 0);
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
  const { words, meaning } = trained.kinds[kind];
  const { features } = reading;
  let [logit, stage]: [number, { threshold: number; sure: number }] = [reading.words[kind], words];
  let shares: readonly number[] = [];
  if (sentences.length > 0) {
    const meanings = sentences.map((sentence) => sentence.meaning);
    shares = sentenceShares(meanings, MEANING_WEIGHTS[kind]);
    logit = shares.reduce(
      (sum, share) => sum + share,
      meaning.bias + meaning.words * boundedLogit(reading.words[kind]),
    );
    stage = meaning;
  }
  const score = scoreOf(logit - stage.sure);
  if (logit >= stage.threshold) {
    const said = sentences.map((place, index) => ({ place, share: shares[index] ?? 0 }));
    const reasons = strongest([...wordReasons(kind, features), ...said]);
    return { stands: true, score, features, reasons };
  }
  const later = reading.later.get(kind);
  if (later === undefined) return { stands: false, score, features, reasons: [] };
  return {
    stands: true,
    score: scoreOf(later.logit - words.sure),
    features: later.features,
    reasons: strongest(wordReasons(kind, later.features)),
  };
}

function wordReasons(kind: WordingKind, features: Features): Reason[] {
  const column = WORDING_KINDS.indexOf(kind);
  return [...features].flatMap(([name, { value, place }]) =>
    place === null ? [] : [{ place, share: weightOf(name, column) * value }],
  );
}

function strongest(reasons: readonly Reason[]): Reason[] {
  return reasons.filter(({ share }) => share > 0).toSorted((a, b) => b.share - a.share);
}

/** Puts a logit on the scale of scores: 0 is `CERTAIN`. */
function scoreOf(logit: number): number {
  const score = 1 / (1 + Math.exp(-logit) * (1 / CERTAIN - 1));
  return Math.round(score * 100) / 100;
}

function findingOf(kind: WordingKind, { score, features, reasons }: Judgement): Finding {
  return {
    kind,
    type: kind === 'commercial' ? tradeOf(features) : 'wording',
    score,
    summary: `Wording like that of ${DESCRIPTIONS[kind]}`,
    evidence: evidenceFrom(kind, reasons),
    recipient: null,
    details: kind === 'personal-data' ? { subjects: 1, bulk: false } : {},
  };
}

const SCHEMES = ['bet', 'invest', 'recruit'];
const TRADES = ['sell', 'trade', 'letting'];

/** Betting and schemes promise money, a trade wants to be paid: of which there is more talk. */
function tradeOf(features: Features): (typeof FINDING_TYPES)['commercial'][number] {
  // A class that is said in several ways has one feature for each, four at most.
  const ways = (classes: readonly string[]): number =>
    classes
      .flatMap((name) => ['', '2', '3', '4'].map((way) => `c:${name}${way}`))
      .filter((name) => features.has(name)).length;
  return ways(SCHEMES) > ways(TRADES) ? 'betting-or-scheme' : 'private-business';
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

import { clip } from '../mail/finding.ts';
import type { Evidence, Finding, FindingKind } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { evidenceOf } from './cues.ts';
import type { Inspector } from './inspect.ts';
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
/** Weights are kept as whole hundredths. */
const HUNDREDTH = 0.01;
const WEIGHTS: ReadonlyMap<string, readonly number[]> = new Map(Object.entries(trained.weights));

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

/** How likely a message is of one kind by its wording, and what says so. */
interface Judgement {
  probability: number;
  threshold: number;
  /** What spoke for the kind, strongest first. */
  reasons: Feature[];
}

/**
 * Puts the model of wording (logistic regression over words, pairs of words, classes of words and
 * recipients) beside the cues of a detector. Where the model is as sure as its threshold asks, the
 * finding is listed, with the cues' own findings where there are any; where it is not, only
 * findings that `decisive` names stay. Weights come from `test/corpus/train.ts`.
 */
export function createWordingModel(
  lists: Lists,
): (kind: WordingKind, cues: Inspector, decisive: (finding: Finding) => boolean) => Inspector {
  const readFeatures = createFeatureReader(lists);
  // Every detector asks about the same message in turn: it is read once.
  const read = new WeakMap<ParsedMessage, Features>();
  return (kind, cues, decisive) => ({
    name: cues.name,
    inspect: (input) => {
      const found = cues.inspect(input);
      const features = read.get(input.message) ?? readFeatures(input);
      read.set(input.message, features);
      const judgement = judge(kind, features, found.length > 0);
      const needed = NEEDED[kind]?.some((name) => features.has(name)) ?? true;
      if (!needed || judgement.probability < judgement.threshold) return found.filter(decisive);
      return found.length > 0 ? found : [findingOf(kind, judgement)];
    },
  });
}

function judge(kind: WordingKind, features: Features, cuesFound: boolean): Judgement {
  const column = WORDING_KINDS.indexOf(kind);
  const weightOf = (name: string): number => (WEIGHTS.get(name)?.[column] ?? 0) * HUNDREDTH;
  const { threshold, bias } = trained.kinds[kind];
  let sum = bias + (cuesFound ? weightOf(CUE_FEATURE) : 0);
  const said: { feature: Feature; share: number }[] = [];
  for (const [name, feature] of features) {
    const share = weightOf(name) * feature.value;
    sum += share;
    if (share > 0 && feature.place !== null) said.push({ feature, share });
  }
  const reasons = said.toSorted((a, b) => b.share - a.share).map(({ feature }) => feature);
  return { probability: 1 / (1 + Math.exp(-sum)), threshold, reasons };
}

function findingOf(kind: WordingKind, { probability, reasons }: Judgement): Finding {
  return {
    kind,
    type: 'wording',
    score: Math.round(probability * 100) / 100,
    summary: `Wording like that of ${DESCRIPTIONS[kind]}`,
    evidence: evidenceFrom(kind, reasons),
    recipient: null,
    details: kind === 'personal-data' ? { subjects: 1, bulk: false } : {},
  };
}

/** The strongest reasons that do not overlap; of personal data only the place. */
function evidenceFrom(kind: WordingKind, reasons: readonly Feature[]): Evidence[] {
  const chosen: Evidence[] = [];
  for (const { place } of reasons) {
    if (chosen.length >= MAX_EVIDENCE) break;
    if (place === null) continue;
    const evidence = evidenceOf(place);
    const overlaps = (other: Evidence): boolean =>
      other.part === evidence.part && other.start < evidence.end && evidence.start < other.end;
    if (chosen.some(overlaps)) continue;
    const text = kind === 'personal-data' ? '[Words about a person]' : clip(evidence.text);
    chosen.push({ ...evidence, text });
  }
  return chosen;
}

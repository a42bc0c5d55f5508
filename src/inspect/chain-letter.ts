import type { Finding } from '../mail/finding.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { CHAIN_CUES } from './chain-cues.ts';
import { type CueHit, classScores, evidenceOf, findCues } from './cues.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { forwardedPassages, ownPassages } from './passages.ts';

const THRESHOLD = 0.6;

/** The sender speaks about such mail, and does not send it on. */
const ABOUT = new RegExp(
  [
    '\\bplease (?:delete|ignore|stop)\\b',
    "\\b(?:don't|do not|never|not to) (?:forward|pass|share|send|spread|click|reply)\\b",
    "\\b(?:is|was|it's|are) (?:just |only |probably )?(?:a|an|another) (?:\\w+ )?" +
      '(?:hoax|scam|chain letter|urban (?:myth|legend))',
    '\\b(?:stop sending|take me off|chain (?:letters|mails|e-?mails))\\b',
    '\\bhoax(?:es)? (?:e-?mails|going)\\b',
    '\\b(?:beware of|report (?:it|them|this) to)\\b',
  ].join('|'),
  'i',
);

/** Chain letters, hoaxes and schemes to be passed on, and jokes sent round. */
export function createChainLetterInspector(): Inspector {
  return {
    name: 'chain-letter',
    inspect: ({ message }: Inspection): Finding[] => {
      const found = chainLetter(message);
      return found === null ? [] : [found];
    },
  };
}

/** The finding for a message that is passed round, or `null`. What is forwarded counts as sent. */
export function chainLetter(message: ParsedMessage): Finding | null {
  const own = ownPassages(message);
  const hits = findCues(CHAIN_CUES, [...own, ...forwardedPassages(message)]);
  const scores = classScores(hits);
  const of = (kind: string) => scores.get(kind) ?? 0;
  const matter = 1 - (1 - of('chain')) * (1 - of('hoax')) * (1 - of('joke')) * (1 - of('pyramid'));
  // A threat of bad luck says of itself that it wants to be passed on; the others must be told so.
  const urge = Math.max(of('spread'), of('round'), of('chain') / 2);
  if (matter < 0.35 || urge < 0.2) return null;
  const spokenOf = own.some((passage) => passage.role === 'own' && ABOUT.test(passage.plain));
  const score = (1 - (1 - matter) * (1 - urge)) * (spokenOf ? 0.6 : 1);
  if (score < THRESHOLD) return null;
  return {
    kind: 'chain-letter',
    type: typeOf(of),
    score,
    summary: 'The text asks to be passed on from person to person',
    evidence: evidenceFor(hits),
    recipient: null,
    details: {},
  };
}

function typeOf(of: (kind: string) => number): string {
  const kinds = ['chain', 'hoax', 'joke', 'pyramid'].toSorted((a, b) => of(b) - of(a));
  return kinds[0] ?? 'chain';
}

function evidenceFor(hits: CueHit[]): Finding['evidence'] {
  return hits
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 5)
    .map(evidenceOf);
}

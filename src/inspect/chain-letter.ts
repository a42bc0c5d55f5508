import type { Finding } from '../mail/finding.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { CHAIN_CUES } from './chain-cues.ts';
import { type CueHit, classScores, evidenceOf, findCues } from './cues.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { LORE_CUES } from './lore-cues.ts';
import { forwardedPassages, ownPassages, windowsOf, type Passage } from './passages.ts';
import { alternatives } from './word-list.ts';

const CUES = [...CHAIN_CUES, ...LORE_CUES];
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

/** Words of public information, which councillors do ask people to pass on. */
const INFORMATION = new RegExp(
  `\\b(?:${alternatives(`
    consultation survey road roadworks closure closed closes closing residents agenda minutes
    planning
    highways council parish volunteers? tickets? book(?:ing)? meeting appeal deadline petition 101
    tombola funeral trust members website grant ring contact contractor officers? starts
    neighbours signed attached times? timetable`)})\\b`,
  'gi',
);

const MATTER = ['chain', 'hoax', 'joke', 'pyramid'] as const;

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
  const own = windowsOf(ownPassages(message)).flat();
  const forwarded = windowsOf(forwardedPassages(message)).flat();
  const hits = findCues(CUES, [...own, ...forwarded]);
  const scores = classScores(hits);
  const of = (kind: string) => scores.get(kind) ?? 0;
  const kinds = MATTER.map(of);
  const told = 1 - kinds.reduce((doubt, score) => doubt * (1 - score), 1);
  // What has been round twice and is to go round again needs little else.
  const information = informationIn(own);
  const matter = told > 0 || information > 0 ? told : of('round');
  // Bad luck and free money want to be passed on of themselves; the others must say so.
  const implied = of('chain') >= 0.6 || of('pyramid') >= 0.7 ? 0.3 : 0;
  const urge = Math.max(of('spread'), implied, told > 0 ? of('round') : 0);
  if (matter < 0.35 || urge < 0.3) return null;
  const spokenOf = own.some((passage) => passage.role === 'own' && ABOUT.test(passage.plain));
  const informs = of('chain') + of('pyramid') < 0.5 && information >= 2;
  const score = (1 - (1 - matter) * (1 - urge)) * (spokenOf || informs ? 0.6 : 1);
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
  return MATTER.toSorted((a, b) => of(b) - of(a))[0] ?? 'chain';
}

/** How many different words of public information the sender writes. */
function informationIn(own: readonly Passage[]): number {
  const words = own.flatMap((passage) => passage.plain.match(INFORMATION) ?? []);
  return new Set(words.map((word) => word.toLowerCase())).size;
}

function evidenceFor(hits: CueHit[]): Finding['evidence'] {
  return hits
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 5)
    .map(evidenceOf);
}

import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import { COMMERCE } from './commercial-signals.ts';
import { classScores, evidenceOf, findCues } from './cues.ts';
import type { Facts } from '../mail/facts.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { forwardedPassages, ownPassages } from './passages.ts';

const THRESHOLD = 0.7;
const MAX_EVIDENCE = 6;

/**
 * Private business, selling, betting and money-making schemes in the member's own text: an offer
 * (S) beside more of an offer or the writer's own trade (O), or a bet or a scheme (B), less what
 * speaks for council business, a resident's affairs or a good cause (N).
 */
export function createCommercialInspector(_lists: Lists): Inspector {
  return { name: 'commercial', inspect: inspectCommerce };
}

function inspectCommerce({ message, facts }: Inspection): Finding[] {
  const passages = [...ownPassages(message), ...forwardedPassages(message)];
  const hits = findCues(COMMERCE, passages);
  const scores = classScores(hits);
  const of = (kind: string): number => scores.get(kind) ?? 0;
  const named = passages.some((passage) => ownTrade(facts).test(passage.plain)) ? 0.4 : 0;
  const said = ['S', 'B', 'P', 'G', 'T'].reduce(
    (sum, kind) => sum + of(kind),
    Math.max(of('O'), named),
  );
  const score = Math.round(Math.min(1, said + Math.max(of('N'), -0.6)) * 100) / 100;
  // One's own shop may be mentioned: it is an offer or a scheme that makes it business.
  if (score < THRESHOLD || of('S') + of('B') + of('P') === 0) return [];
  return [
    {
      kind: 'commercial',
      type: of('B') > of('S') ? 'betting-or-scheme' : 'private-business',
      score,
      summary: 'Wording of private business, selling, betting or a money-making scheme',
      evidence: hits
        .filter((hit) => hit.weight > 0)
        .slice(0, MAX_EVIDENCE)
        .map(evidenceOf),
      recipient: null,
      details: {},
    },
  ];
}

/** `Eastaugh Farm`, `Winston's Vans`: a trade under the member's own name. */
function ownTrade(facts: Facts): RegExp {
  const names = facts.actor.name
    .split(/\s+/)
    .filter((word) => /^\p{L}[\p{L}'-]{2,40}$/u.test(word));
  if (names.length === 0) return /(?!)/;
  return new RegExp(
    String.raw`\b(?:${names.join('|')})(?:'s|s)?\s(?:\p{Lu}?\p{L}{1,14}\s)?(?:farm|` +
      String.raw`vans?|removals|` +
      String.raw`electricals?|` +
      String.raw`shop|stores?|builders?|garage|motors|plumbing|catering|bakery|lettings|estates|` +
      String.raw`interiors|joinery|` +
      String.raw`roofing|print(?:ers|ing)?|consult\p{L}{2,6}|solutions|services|properties|` +
      String.raw`& (?:sons?|co|daughters?))\b`,
    'iu',
  );
}

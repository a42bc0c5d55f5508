import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import { COMMERCE } from './commercial-signals.ts';
import { classScores, evidenceOf, findCues } from './cues.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { forwardedPassages, ownPassages } from './passages.ts';

const THRESHOLD = 0.6;
const MAX_EVIDENCE = 6;

/**
 * Private business, selling, betting and money-making schemes in the member's own text: an offer (S)
 * beside more of an offer or the writer's own trade (O), or a bet or a scheme (B), less what speaks
 * for council business, a resident's affairs or a good cause (N).
 */
export function createCommercialInspector(_lists: Lists): Inspector {
  return { name: 'commercial', inspect: inspectCommerce };
}

function inspectCommerce({ message }: Inspection): Finding[] {
  const passages = [...ownPassages(message), ...forwardedPassages(message)];
  const hits = findCues(COMMERCE, passages);
  const scores = classScores(hits);
  const of = (kind: string): number => scores.get(kind) ?? 0;
  const said = of('S') + of('O') + of('B');
  const score = Math.round(Math.min(1, said + Math.max(of('N'), -0.6)) * 100) / 100;
  // One's own shop may be mentioned: it is an offer or a scheme that makes it business.
  if (score < THRESHOLD || of('S') + of('B') === 0) return [];
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

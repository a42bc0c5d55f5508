import type { Finding } from '../mail/finding.ts';
import { clip } from '../mail/finding.ts';
import { markingOf } from '../mail/marking.ts';
import type { Inspection, Inspector } from './inspect.ts';

/**
 * The marking as findings: `secret-or-above` for SECRET and TOP SECRET, which no council system may
 * carry, and `marking` for OFFICIAL-SENSITIVE and OFFICIAL and for a request to encrypt.
 */
export function createMarkingInspector(): Inspector {
  return { name: 'marking', inspect };
}

function inspect({ message, facts }: Inspection): Finding[] {
  const marking = markingOf(message.headers, facts.council.labels);
  const { level, source, misspelt, negated, encryptRequested } = marking;
  if (level === 'NONE' && !encryptRequested) return [];
  const secret = level === 'SECRET' || level === 'TOP SECRET';
  const where = source === 'label' ? 'A sensitivity label' : 'The Subject';
  const asks = `${where} asks for encryption`;
  return [
    {
      kind: secret ? 'secret-or-above' : 'marking',
      type: level === 'NONE' ? 'encrypt-requested' : level.toLowerCase().replace(' ', '-'),
      score: misspelt || negated ? 0.8 : 1,
      summary: level === 'NONE' ? asks : `${where} marks the message ${level}`,
      evidence: marking.evidence
        ? [{ part: 'subject', ...marking.evidence, text: clip(marking.evidence.text) }]
        : [],
      recipient: null,
      details: { misspelt, negated, encryptRequested, source },
    },
  ];
}

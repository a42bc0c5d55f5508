import { addressKey } from '../mail/address.ts';
import type { Finding } from '../mail/finding.ts';
import { accountKind } from './account-kind.ts';
import { FORWARDING_THRESHOLD, forwardingEvidence } from './forwarding-evidence.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { personName } from './person-names.ts';
import { viewOf } from './sending.ts';

const MAX_EVIDENCE = 6;

/**
 * Mail that a mailbox rule or forwarding setting sends out, one finding a recipient: `auto-forward`
 * to a personal account, `auto-forward-external` to another outside address (a partner council,
 * say).
 */
export function createAutoForwardInspector(): Inspector {
  return { name: 'auto-forward', inspect };
}

function inspect({ message, facts }: Inspection): Finding[] {
  // Notices and diverted copies are ours and enter the queue inside.
  if (facts.arrival.via === 'internal') return [];
  const { arrival, envelope, council, actor } = facts;
  const owner = personName(actor.name, actor.address);
  const view = viewOf({ message, arrival, envelope, domains: council.domains });
  return facts.recipients
    .filter((recipient) => !recipient.internal)
    .flatMap((recipient) => {
      const key = addressKey(recipient.address);
      const { score, signals, mailbox } = forwardingEvidence({ ...view, recipient: key });
      if (score < FORWARDING_THRESHOLD) return [];
      const strongest = signals.toSorted((a, b) => b.weight - a.weight);
      const personal = accountKind(recipient, owner) === 'personal';
      return [
        {
          kind: personal ? 'auto-forward' : 'auto-forward-external',
          type: strongest[0]?.id ?? 'auto-forward',
          score,
          summary: strongest
            .slice(0, 3)
            .map((signal) => signal.sentence)
            .join('. '),
          evidence: strongest.slice(0, MAX_EVIDENCE).map((signal) => signal.evidence),
          recipient: key,
          details: { signals: signals.length, mailboxNamed: mailbox !== null },
        } satisfies Finding,
      ];
    });
}

import type { Facts } from '../mail/facts.ts';
import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { createAbusiveInspector } from './abusive.ts';
import { createAlreadyEncryptedInspector } from './already-encrypted.ts';
import { createAutoForwardInspector } from './auto-forward.ts';
import { createChainLetterInspector } from './chain-letter.ts';
import { createCommercialInspector } from './commercial.ts';
import { createCredentialInspector } from './credential.ts';
import { createCriticismInspector } from './criticism.ts';
import { createIdentityInspector } from './identity.ts';
import { createManualForwardInspector } from './manual-forward.ts';
import { createMarkingInspector } from './marking-inspector.ts';
import { createMassMailingInspector } from './mass-mailing.ts';
import { createPersonalDataInspector } from './personal-data.ts';
import { createPoliticalInspector } from './political.ts';
import { createUninspectableInspector } from './uninspectable.ts';

/** What a detector is given: the message as parsed once, and what is known of the world. */
export interface Inspection {
  message: ParsedMessage;
  facts: Facts;
}

/** One detector. Pure and bounded: no disk, clock, chance or network, and it judges nothing. */
export interface Inspector {
  name: string;
  inspect(input: Inspection): Finding[];
}

/** Every detector, in the order in which findings are listed. */
export function createInspectors(lists: Lists): Inspector[] {
  return [
    createMarkingInspector(),
    createAlreadyEncryptedInspector(),
    createUninspectableInspector(),
    createAutoForwardInspector(),
    createManualForwardInspector(),
    createIdentityInspector(),
    createMassMailingInspector(),
    createChainLetterInspector(),
    createPoliticalInspector(lists),
    createCriticismInspector(lists),
    createAbusiveInspector(lists),
    createCommercialInspector(lists),
    createPersonalDataInspector(lists),
    createCredentialInspector(lists),
  ];
}

/**
 * Runs every detector over one message. A detector that throws adds `inspection-failed`, which
 * alone holds, and the others go on: no path fails open. The error itself is for the log, through
 * `onFailure`; it may quote the message, so the finding does not. /
 */
export function inspect(
  inspectors: readonly Inspector[],
  input: Inspection,
  onFailure: (name: string, cause: unknown) => void = () => {},
): Finding[] {
  return inspectors.flatMap((inspector) => {
    try {
      return inspector.inspect(input);
    } catch (cause) {
      onFailure(inspector.name, cause);
      return [failed(inspector.name)];
    }
  });
}

function failed(name: string): Finding {
  return {
    kind: 'inspection-failed',
    type: name,
    score: 1,
    summary: `The detector "${name}" failed on this message`,
    evidence: [],
    recipient: null,
    details: {},
  };
}

import type { Facts } from '../mail/facts.ts';
import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { MeaningReader } from '../mail/meaning.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { createAbusiveInspector, SLUR } from './abusive.ts';
import { createAlreadyEncryptedInspector } from './already-encrypted.ts';
import { createAutoForwardInspector } from './auto-forward.ts';
import { createChainLetterInspector } from './chain-letter.ts';
import { createCredentialInspector } from './credential.ts';
import { createCriticismInspector } from './criticism.ts';
import { createExemptContentInspector } from './exempt-content.ts';
import { createIdentityInspector } from './identity.ts';
import { createImprintInspector } from './imprint.ts';
import { createMalwareInspector } from './malware.ts';
import { createManualForwardInspector } from './manual-forward.ts';
import { createMarkingElsewhereInspector } from './marking-elsewhere.ts';
import { createMarkingInspector } from './marking-inspector.ts';
import { createMassMailingInspector } from './mass-mailing.ts';
import { createPersonalDataInspector } from './personal-data.ts';
import { FAMILIES } from './special-category.ts';
import { createUninspectableInspector } from './uninspectable.ts';
import { createVoteAskInspector } from './vote-ask.ts';
import type { MeantSentence, Sentence } from './sentences.ts';
import { createWordingInspector } from './wording-model.ts';
import type { CueInspectors } from './wording-model.ts';

/** What a detector is given: the message as parsed once, and what is known of the world. */
export interface Inspection {
  message: ParsedMessage;
  facts: Facts;
  /** What the sentences mean that a detector asked about; missing where none did. */
  meaning?: readonly MeantSentence[];
}

/** One detector. Pure and bounded: no disk, clock, chance or network, and it judges nothing. */
export interface Inspector {
  name: string;
  /** Sentences whose meaning it wants to know first; none where it has no doubt without. */
  asks?(input: Inspection): readonly Sentence[];
  inspect(input: Inspection): Finding[];
}

/** The detectors that read for cues, beside the model of wording; commercial use has none. */
export function createCueInspectors(lists: Lists): CueInspectors {
  return {
    political: { inspector: both(createImprintInspector(), createVoteAskInspector(lists)) },
    criticism: { inspector: createCriticismInspector(lists) },
    abusive: {
      inspector: createAbusiveInspector(lists),
      decisive: ({ type, score }) => type === 'discrimination' && score >= SLUR,
    },
    'personal-data': {
      inspector: createPersonalDataInspector(),
      // Identifiers bear their own proof; special categories are told by words.
      decisive: ({ type }) => !FAMILIES.some((family) => family.name === type),
    },
    'chain-letter': {
      inspector: createChainLetterInspector(),
      decisive: ({ type, score }) => type !== 'joke' && score >= 0.8,
    },
  };
}

/** The findings of the first, or else those of the second. */
function both(first: Inspector, second: Inspector): Inspector {
  return {
    name: first.name,
    inspect: (input) => {
      const found = first.inspect(input);
      return found.length > 0 ? found : second.inspect(input);
    },
  };
}

/** Every detector, in the order in which findings are listed. */
export function createInspectors(lists: Lists): Inspector[] {
  return [
    createMarkingInspector(),
    createMarkingElsewhereInspector(),
    createAlreadyEncryptedInspector(),
    createMalwareInspector(),
    createUninspectableInspector(),
    createAutoForwardInspector(),
    createManualForwardInspector(),
    createIdentityInspector(),
    createMassMailingInspector(),
    createWordingInspector(lists, createCueInspectors(lists)),
    createCredentialInspector(),
    createExemptContentInspector(),
  ];
}

/**
 * Has the sentences read that the detectors ask about. Where that fails, what they would have said
 * is not known: the finding `inspection-failed` says so, and the message waits.
 */
export async function withMeaning(
  inspectors: readonly Inspector[],
  input: Inspection,
  reader: MeaningReader,
  onFailure: (name: string, cause: unknown) => void = () => {},
): Promise<{ input: Inspection; failures: Finding[] }> {
  try {
    const sentences = inspectors.flatMap((inspector) => inspector.asks?.(input) ?? []);
    if (sentences.length === 0) return { input, failures: [] };
    const meanings = await reader.read(sentences.map(({ text }) => text));
    const meaning = sentences.flatMap((sentence, index) => {
      const one = meanings[index];
      return one === undefined ? [] : [{ ...sentence, meaning: one }];
    });
    return { input: { ...input, meaning }, failures: [] };
  } catch (cause) {
    onFailure('meaning', cause);
    return { input, failures: [failed('meaning')] };
  }
}

/**
 * Runs every detector over one message. A detector that throws adds `inspection-failed`, which
 * alone holds, and the others go on: no path fails open. The error itself is for the log, through
 * `onFailure`; it may quote the message, so the finding does not.
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

import type { Gate, Protection } from './disposition.ts';
import type { Finding } from './finding.ts';

/** A clause of a council's own document, quoted exactly. */
export interface ClauseRef {
  council: string;
  document: string;
  section: string;
  /** Exact words of the document; `null` where the clause is our own choice. */
  quote: string | null;
}

/** One rule that matched for one recipient under one clause. */
export interface RuleHit {
  rule: string;
  clause: ClauseRef;
  /** `unknown`: the condition could not be evaluated; it holds where the clause gates. */
  outcome: 'match' | 'unknown';
  gate: Gate;
  protection: Protection;
  /** Obligations: the sender is nudged, the record is tagged, a role is told. */
  nudge: boolean;
  tag: boolean;
  notify: string[];
  /**
   * Recorded but not acted on: a shadow rule, members were not yet informed (domain H.4), or an
   * exception covers it. Only in shadow is its protection not asked for either.
   */
  inert: 'shadow' | 'members-not-informed' | 'exception' | null;
  /** Id of the council's exception that changed what the match does. */
  exception?: string;
  /** Findings that the rule's condition rests on, as indexes into `Decision.findings`. */
  findings: number[];
}

export interface RecipientDecision {
  address: string;
  gate: Gate;
  protection: Protection;
  hits: RuleHit[];
}

/** The whole verdict on one message, with everything that is needed to explain it. */
export interface Decision {
  /** Strictest over the recipients. */
  gate: Gate;
  protection: Protection;
  /** From Subject and labels only. */
  marking: 'OFFICIAL' | 'OFFICIAL-SENSITIVE' | 'SECRET' | 'TOP SECRET' | null;
  recipients: RecipientDecision[];
  findings: Finding[];
  /** Hash of the whole policy set. */
  policyVersion: string;
  /** SHA-256 over the message hash, the facts and the policy version. */
  inputsHash: string;
  /** Problems for ICT that changed no outcome (an unknown condition in a nudge, say). */
  faults: string[];
}

/** Kinds that other tools rely on; new kinds may stand beside them. */
export const FINDING_KINDS = [
  'political',
  'auto-forward',
  'auto-forward-external',
  'manual-forward-personal',
  'personal-data',
  'abusive',
  'commercial',
  'chain-letter',
  'mass-mailing',
  'identity',
  'criticism',
  'secret-or-above',
  'already-encrypted',
  'marking',
  'marking-elsewhere',
  'credential',
  'exempt-content',
  'malware',
  'uninspectable',
  'inspection-failed',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Finer types of the kinds that rules ask about by type: detectors write no others. */
export const FINDING_TYPES = {
  abusive: ['profanity', 'insult', 'threat', 'discrimination', 'wording'],
  commercial: ['private-business', 'betting-or-scheme'],
} as const satisfies Partial<Record<FindingKind, readonly string[]>>;

/** The finer types of a kind, `null` where they are not fixed. */
export function typesOf(kind: string | null): readonly string[] | null {
  return new Map<string | null, readonly string[]>(Object.entries(FINDING_TYPES)).get(kind) ?? null;
}

/**
 * Where something was seen. `part` names a text part of the parsed message (`subject`, `body`,
 * `attachment:2`, `header:from`); `start` and `end` are UTF-16 offsets into that part's text.
 * `text` is at most 120 characters, and for personal data and credentials it is masked.
 */
export interface Evidence {
  part: string;
  text: string;
  start: number;
  end: number;
}

/** What a detector stands behind (at or above its threshold). It judges nothing: policy does. */
export interface Finding {
  kind: FindingKind;
  /** Finer type within the kind, e.g. `nhs-number`, `exchange-inbox-rule`. */
  type: string;
  /** 0 to 1. */
  score: number;
  /** One sentence for an officer, without content of the message. */
  summary: string;
  evidence: Evidence[];
  /** Where the finding concerns one recipient only: that address as a key. */
  recipient: string | null;
  /** Typed extras that CEL conditions may read, e.g. `{ subjects: 12 }`. No content. */
  details: Record<string, string | number | boolean>;
}

/** Cuts evidence text to the length that a finding may keep. */
export function clip(text: string, limit = 120): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

import type { RuleHit } from '../mail/decision.ts';
import { concerns } from './condition.ts';
import type { View } from './variables.ts';

/** What our own choices are cited as. */
export const OWN_DOCUMENT = "The council's own gateway settings";

interface Floor {
  rule: string;
  section: string;
  applies(view: View): boolean;
  gate: 'hold' | 'release';
  protection: 'required' | 'none';
}

const failed = ({ findings, recipient }: View): boolean =>
  findings.some(
    (finding) => finding.kind === 'inspection-failed' && concerns(finding, recipient.address),
  );
const external = ({ recipient }: View): boolean => !recipient.internal;
const secret = ({ marking: { level } }: View): boolean =>
  level === 'SECRET' || level === 'TOP SECRET';

/**
 * What holds whatever the policy says: no rule can be edited, shadowed or switched off below these.
 */
const FLOORS: readonly Floor[] = [
  {
    rule: 'marked-official-sensitive',
    section: 'Marked mail leaves encrypted',
    applies: (view) =>
      external(view) && (view.marking.level === 'OFFICIAL-SENSITIVE' || secret(view)),
    gate: 'release',
    protection: 'required',
  },
  {
    rule: 'secret-or-above',
    section: 'SECRET and above is not for this system',
    applies: secret,
    gate: 'hold',
    protection: 'none',
  },
  {
    rule: 'inspection-failed',
    section: 'What could not be inspected waits',
    applies: failed,
    gate: 'hold',
    protection: 'none',
  },
  {
    rule: 'inspection-failed',
    section: 'What could not be inspected leaves encrypted',
    // Nobody has seen whether it holds personal data: doubt whether to encrypt resolves to
    // encrypting.
    applies: (view) => external(view) && failed(view),
    gate: 'release',
    protection: 'required',
  },
  {
    rule: 'unknown-actor',
    section: 'Mail that nobody answers for waits',
    applies: ({ facts }) => facts.actor.basis === 'unknown',
    gate: 'hold',
    protection: 'none',
  },
];

/** Rules below which nothing may be lowered: no exception names one. */
export const FLOOR_RULES: readonly string[] = [...new Set(FLOORS.map(({ rule }) => rule))];

/** The floors that the policy's own hits have not reached already. */
export function floorHits(council: string, view: View, hits: readonly RuleHit[]): RuleHit[] {
  return FLOORS.filter((floor) => floor.applies(view) && !reached(floor, hits)).map((floor) => ({
    rule: floor.rule,
    clause: { council, document: OWN_DOCUMENT, section: floor.section, quote: null },
    outcome: 'match',
    gate: floor.gate,
    protection: floor.protection,
    nudge: false,
    tag: false,
    notify: floor.gate === 'hold' ? ['ict'] : [],
    inert: null,
    findings: view.findings.flatMap(({ kind }, index) => (kind === floor.rule ? [index] : [])),
  }));
}

function reached(floor: Floor, hits: readonly RuleHit[]): boolean {
  return hits.some(
    (hit) =>
      hit.rule === floor.rule &&
      hit.inert === null &&
      (floor.gate === 'release' || hit.gate !== 'release') &&
      (floor.protection === 'none' || hit.protection === 'required'),
  );
}

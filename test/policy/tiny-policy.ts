import { policyFromFiles } from '../../src/policy/load.ts';
import { PolicyError, type Policy } from '../../src/policy/policy.ts';

export const RULE = `id: marked
why: The sender asked for encryption.
area: protection
when: message.marking.level == "OFFICIAL-SENSITIVE" && !recipient.internal
examples:
  - { subject: "OFFICIAL-SENSITIVE: x", matches: true }
  - { subject: x, matches: false }
`;

export const COUNCIL = `id: testing
name: Testing
domains: [testing.gov.uk]
wards: [North, South]
timezone: Europe/London
settings:
  retention: { deliveredDays: 30, keptYears: 2 }
  pgpFallback: auto
  acceptL2: { domains: [], mxSuffixes: [] }
  delayNoticeAfterMinutes: 30
  giveUpAfterHours: { marked: 24, other: 120 }
  membersInformedOn: 2026-01-05
  autoForwardScope: personal
  contacts: [{ role: ict, text: ICT }]
  noticeFrom: gateway@testing.gov.uk
  diverted: { deliverInwardAfterHours: 24 }
documents: [{ id: protocol, council: Testing, title: Protocol, date: 2026 }]
clauses:
  - { clause: "1", quote: Mark it., rule: marked, protection: required }
`.replace('date: 2026 ', 'date: "2026" ');

export const PERMISSIONS = `reasonFor: [view-content]
secondOfficerFor: [view-content]
roles:
  ict: [{ do: [list, view-content], on: [security] }, { do: [trace] }]
councils: {}
`;

const LISTS = {
  'lists/personal-providers.yaml': '- gmail.com\n',
  'lists/parties.yaml': '- { name: P, words: [P], phrases: [], hashtags: [], domains: [] }\n',
  'lists/campaign-domains.yaml': '- campaign.example\n',
  'lists/abusive-terms.yaml': '- rude\n',
  'lists/discriminatory-terms.yaml': '- ruder\n',
  'lists/dead-domains.yaml': '- gcsx.gov.uk\n',
};

/** A small whole policy, with files added, replaced or (`null`) taken away. */
export function tinyFiles(changes: Record<string, string | null> = {}): Record<string, string> {
  const files: Record<string, string | null> = {
    'rules/marked.yaml': RULE,
    'councils/testing.yaml': COUNCIL,
    'elections/calendar.yaml':
      'bankHolidays:\n  england-and-wales: { "2026": [2026-01-01] }\n  scotland: { "2026": [2026-01-01] }\n  northern-ireland: { "2026": [2026-01-01] }\notherDays: []\n',
    'officers/permissions.yaml': PERMISSIONS,
    ...LISTS,
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** A rule of one condition, with examples that are never run. */
export function rule(id: string, area: string, when: string, more = ''): Record<string, string> {
  const text = `id: ${id}\nwhy: Because.\narea: ${area}\nwhen: '${when}'\n${more}examples:
  - { matches: true }\n  - { matches: false }\n`;
  return { [`rules/${id}.yaml`]: text };
}

/** The small policy with more clauses of its council. */
export function tinyPolicy(clauses: string[], changes: Record<string, string> = {}): Policy {
  const lines = clauses.map((clause) => `  - { ${clause} }\n`).join('');
  return policyFromFiles(tinyFiles({ 'councils/testing.yaml': COUNCIL + lines, ...changes }));
}

/** Every problem of a policy as `file:line:column: message`. */
export function problemsOf(changes: Record<string, string | null>): string[] {
  try {
    policyFromFiles(tinyFiles(changes));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map(
      ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
    );
  }
  return [];
}

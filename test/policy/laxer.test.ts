import { describe, expect, it } from 'vitest';
import { laxerThan } from '../../src/policy/laxer.ts';
import { policyFromFiles } from '../../src/policy/load.ts';
import { COUNCIL, PERMISSIONS, rule, tinyFiles } from './tiny-policy.ts';

const AT = new Date('2026-11-26T12:00:00Z');
const BULK = `  - { clause: "9", quote: Q, rule: bulk, gate: hold, queue: ict, parameters: { most: 5 } }\n`;
const RULES = rule(
  'bulk',
  'conduct',
  'recipient.internal == false && params.most > 1',
  'parameters: { most: { type: int, meaning: M, default: 5 } }\n',
);
const EXCEPTION =
  'exceptions:\n  - { id: audit, permits: rule-off, rule: bulk, domain: auditor.example, reason: R, ' +
  'owner: O, approver: A, from: 2026-11-01, until: 2026-12-24 }\n';
const base = COUNCIL + BULK;

/** How the second of two policies may be laxer than the first, both given as changes of one. */
type Changes = Record<string, string | null>;
function ways(was: Changes, would: Changes, at = AT): string[] {
  const policy = (changes: Changes) =>
    policyFromFiles(tinyFiles({ ...RULES, 'councils/testing.yaml': base, ...changes }));
  return laxerThan(policy(was), policy(would), at);
}
const council = (from: string | RegExp, to: string): Record<string, string> => {
  expect(base.replace(from, to)).not.toBe(base);
  return { 'councils/testing.yaml': base.replace(from, to) };
};
const settings = (line: string) => council('settings:\n', `settings:\n  ${line}\n`);
const file = (name: string, from: string, to: string) => {
  const text = tinyFiles(RULES)[name] ?? '';
  expect(text.replace(from, to)).not.toBe(text);
  return { [name]: text.replace(from, to) };
};

// Each is a change from which going back is stricter, and going there laxer.
const ONE_WAY: [string, Changes, RegExp][] = [
  [
    'a clause and its rule are taken out',
    { 'councils/testing.yaml': COUNCIL, 'rules/bulk.yaml': null },
    /bulk: would not act/,
  ],
  ['a clause goes into shadow', council('gate: hold', 'shadow: true, gate: hold'), /would not act/],
  ['members count as not told', council('2026-01-05', 'null'), /members count as told later/],
  ['members count as told later', council('2026-01-05', '2026-10-05'), /told later/],
  [
    'an exception stands that did not',
    { 'councils/testing.yaml': base + EXCEPTION },
    /exception audit/,
  ],
  [
    'more hosts are accepted for marked mail',
    council('domains: [], mx', 'domains: [nhs.example], mx'),
    /more hosts are accepted/,
  ],
  ['officers see longer', settings('casework: { readingHours: 48 }'), /officers see more/],
];

describe('laxerThan()', () => {
  it('finds nothing in the same policy, nor in other words of it', () => {
    expect(ways({}, {})).toEqual([]);
    expect(ways({}, file('rules/bulk.yaml', 'why: Because', 'why: Since'))).toEqual([]);
    expect(ways({}, council('text: ICT', 'text: The desk'))).toEqual([]);
    expect(ways({}, council(', parameters: { most: 5 }', ''))).toEqual([]);
  });

  it.each(ONE_WAY)('tells where %s, and nothing the other way', (_what, laxer, said) => {
    expect(ways({}, laxer).join()).toMatch(said);
    expect(ways(laxer, {})).toEqual([]);
  });

  it('tells a lower gate or protection, and not a higher one', () => {
    const higher = council('gate: hold, queue: ict', 'gate: reject');
    expect(ways({}, higher)).toEqual([]);
    expect(ways(higher, {})).toEqual(['Testing, bulk: would do less, or be decided by others']);
    const open = council(', protection: required', ', tag: true');
    expect(ways({}, open).join()).toMatch(/marked: would do less/);
  });

  it('tells a second officer that is asked no more, and another queue', () => {
    const two = council('queue: ict', 'queue: ict, fourEyes: true');
    expect(ways({}, two)).toEqual([]);
    expect(ways(two, {})).toHaveLength(1);
    expect(ways({}, council('queue: ict', 'queue: democratic-services'))).toHaveLength(1);
  });

  it('counts what it cannot compare as laxer, both ways', () => {
    const changes = [
      file('rules/bulk.yaml', '> 1', '> 2'),
      council('most: 5', 'most: 6'),
      { 'lists/abusive-terms.yaml': '- rude\n- ruder\n' },
      { 'officers/permissions.yaml': PERMISSIONS.replace('[trace]', '[trace, keys]') },
      settings('perPersonSearch: reason'),
      council('keptYears: 2', 'keptYears: 3'),
      council('[North, South]', '[North]'),
    ];
    for (const change of changes) {
      expect([change, ways({}, change), ways(change, {})]).not.toContainEqual([]);
    }
  });

  it('tells an election that would be forgotten, unless it is over', () => {
    const spring = {
      'elections/spring.yaml':
        'id: spring\ncouncil: testing\nname: Spring\nkind: local\nnation: england\n' +
        'noticePublishedAt: 2026-03-24T09:00\nzone: Europe/London\npoll: 2026-05-07\nwards: []\n',
    };
    const during = new Date('2026-04-20T09:00:00Z');
    expect(ways(spring, {}, during)).toEqual(['election spring: is missing, or has other dates']);
    expect(ways({}, spring, during)).toEqual([]);
    expect(ways(spring, {}, AT)).toEqual([]);
  });

  it('leaves out an exception that is over', () => {
    const over = { 'councils/testing.yaml': base + EXCEPTION };
    expect(ways({}, over, new Date('2026-12-25T12:00:00Z'))).toEqual([]);
  });
});

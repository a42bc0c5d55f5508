import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicy, policyFromFiles } from '../../src/policy/load.ts';
import { COUNCIL, problemsOf, rule, RULE, tinyFiles } from './tiny-policy.ts';

const council = (from: string, to: string): Record<string, string> => {
  expect(COUNCIL).toContain(from);
  return { 'councils/testing.yaml': COUNCIL.replace(from, to) };
};
const changed = (from: string, to: string): Record<string, string> => {
  expect(RULE).toContain(from);
  return { 'rules/marked.yaml': RULE.replace(from, to) };
};
const clause = (text: string): Record<string, string> => ({
  'councils/testing.yaml': `${COUNCIL}  - { ${text} }\n`,
});

describe('policyFromFiles()', () => {
  it('loads a whole policy', () => {
    const policy = policyFromFiles(tinyFiles());
    expect([...policy.rules.keys()]).toEqual(['marked']);
    expect(policy.councils.get('testing')?.clauses).toHaveLength(1);
    expect(policy.lists.deadDomains).toEqual(['gcsx.gov.uk']);
  });

  it('gives equal files an equal version, and other files another', () => {
    const version = policyFromFiles(tinyFiles()).version;
    expect(version).toMatch(/^[0-9a-f]{64}$/);
    expect(policyFromFiles(tinyFiles()).version).toBe(version);
    const notice = policyFromFiles(tinyFiles({ 'notices/held.md': 'Held' }));
    expect(notice.version).not.toBe(version);
    expect(notice.notices).toEqual({ held: 'Held' });
  });

  const cases: [string, Record<string, string | null>, string | RegExp][] = [
    [
      'an unknown key of a rule, with its place and the closest name',
      changed('why:', 'whey:'),
      'rules/marked.yaml:2:1: Unknown key "whey"; allowed: id, why, area, when, shadow, words, parameters, examples; did you mean "why"?',
    ],
    [
      'an unknown key deep inside a council',
      council('{ deliveredDays: 30,', '{ deliveredDay: 30,'),
      /^councils\/testing.yaml:7:16: Unknown key "deliveredDay"; allowed: deliveredDays, keptYears; did/,
    ],
    [
      'an unknown key inside a list',
      clause('clause: "2", quote: Q, rule: marked, nudgee: true'),
      /^councils\/testing.yaml:20:44: Unknown key "nudgee"; .*did you mean "nudge"\?$/,
    ],
    [
      'an unknown word',
      changed('area: protection', 'area: protecton'),
      /:3:7: "area" is "protecton"; allowed: protection, .*did you mean "protection"\?/,
    ],
    [
      'YAML that does not parse',
      changed('area: protection', 'area: "protection'),
      /^rules\/marked.yaml:\d+:\d+: /,
    ],
    [
      'a key that stands twice',
      changed('area: protection', 'area: protection\narea: conduct'),
      /^rules\/marked.yaml:4:1: Map keys must be unique/,
    ],
    [
      'a section that YAML takes for a number',
      clause('clause: 6.10, quote: Q, rule: marked, nudge: true'),
      /:20:15: "clauses.1.clause" is 6.1; needs text; put numbers and dates in quotes/,
    ],
    [
      'a clause that names a missing rule',
      clause('clause: "2", quote: Q, rule: markd, nudge: true'),
      'councils/testing.yaml:20:36: No rule "markd" in policies/rules; did you mean "marked"?',
    ],
    [
      'a rule without a matching example',
      changed('matches: true', 'matches: false'),
      /:6:3: No example with "matches: true"/,
    ],
    [
      'a rule without a counter-example',
      changed('matches: false', 'matches: true'),
      /:6:3: No example with "matches: false"/,
    ],
    [
      'an id that is not the file name',
      changed('id: marked', 'id: market'),
      /:1:5: "id" is "market" but the file is named "marked"/,
    ],
    [
      'an invisible character',
      changed('asked for', 'asked\u200b for'),
      'rules/marked.yaml:2:22: Invisible character U+200B; delete it, or type what was meant',
    ],
    [
      'an invisible character behind an escape',
      changed('The sender asked for encryption.', '"The \\u00ad sender"'),
      /:2:6: Invisible character U\+00AD$/,
    ],
    [
      'a no-break space in a notice',
      { 'notices/held.md': 'Held\u00a0it' },
      'notices/held.md:1:5: Invisible character U+00A0; delete it, or type what was meant',
    ],
    [
      'a condition that does not parse',
      changed('!recipient.internal', '!'),
      /^rules\/marked.yaml:4:\d+: Condition: Unexpected token/,
    ],
    [
      'a condition on a variable that does not exist',
      changed('recipient.internal', 'recipient.internl'),
      'rules/marked.yaml:4:67: Condition: No such key: internl; did you mean "internal"?',
    ],
    [
      'a condition that compares apples with pears',
      changed('"OFFICIAL-SENSITIVE"', '3'),
      /:4:7: Condition: no such overload: string == int/,
    ],
    [
      'a condition that is not a yes or no',
      changed(
        'message.marking.level == "OFFICIAL-SENSITIVE" && !recipient.internal',
        'message.subject',
      ),
      /:4:7: Condition gives string; it must give true or false/,
    ],
    [
      'a condition that is always true',
      changed('&& !recipient.internal', '|| true'),
      /:4:7: Condition is always true/,
    ],
    [
      'a condition that is always false',
      changed('!recipient.internal', '1 > 2'),
      /:4:7: Condition is always false/,
    ],
    [
      'a parameter that its condition never reads',
      rule(
        'unread',
        'security',
        'recipient.closed',
        'parameters:\n  days: { type: int, meaning: D, default: 1 }\n',
      ),
      'rules/unread.yaml:6:3: The condition never reads "params.days"; use it or delete the parameter',
    ],
    [
      'a condition that can only fail',
      changed('!recipient.internal', '1 / 0 > 2'),
      /:4:7: Condition is always false/,
    ],
    [
      'a pattern that does not compile',
      changed('!recipient.internal', 'message.subject.matches("[")'),
      /:4:80: Condition: "\[" is no pattern/,
    ],
    [
      'a level that no marking has',
      changed('"OFFICIAL-SENSITIVE"', '"OFFICIAL SENSITIVE"'),
      /:4:32: Condition: message.marking.level is never "OFFICIAL SENSITIVE".*did you mean "OFFICIAL-SENSITIVE"\?/,
    ],
    [
      'a kind that no finding has',
      changed('!recipient.internal', 'findings.found("politcal")'),
      /Condition: the kind of a finding is never "politcal"; .*did you mean "political"\?/,
    ],
    [
      'a type that no finding of the kind has',
      changed('!recipient.internal', 'findings.found("abusive", "discriminatory")'),
      /Condition: the type of "abusive" is never "discriminatory"; .*did you mean "discrimination"\?/,
    ],
    [
      'a kind that no finding has, in a macro',
      changed('!recipient.internal', 'findings.exists(f, f.kind == "politcal")'),
      /Condition: f.kind is never "politcal"/,
    ],
    [
      'an empty list entry',
      { 'lists/abusive-terms.yaml': '- rude\n- ""\n' },
      'lists/abusive-terms.yaml:2:3: The entry "" holds no letter or digit',
    ],
    [
      'a list entry that normalises to nothing',
      { 'lists/abusive-terms.yaml': '- "***"\n' },
      /The entry "\*\*\*" holds no letter or digit/,
    ],
    [
      'an empty entry deep in a list',
      {
        'lists/parties.yaml':
          '- { name: P, words: [" "], phrases: [], hashtags: [], domains: [] }\n',
      },
      /lists\/parties.yaml:1:22: The entry " "/,
    ],
    [
      'a list entry that stands twice',
      { 'lists/abusive-terms.yaml': '- rude\n- RUDE\n' },
      /:2:3: The entry "RUDE" stands here twice/,
    ],
    [
      'a list that nothing reads',
      { 'lists/abuse.yaml': '- rude\n' },
      'lists/abuse.yaml:1:1: Nothing reads this list; delete it or correct its name',
    ],
    [
      'a missing list',
      { 'lists/parties.yaml': null },
      'lists/parties.yaml:1:1: This list is missing',
    ],
    [
      'a file that nothing reads',
      { 'rules/marked.yml': 'x: 1' },
      /^rules\/marked.yml:1:1: Nothing reads this file/,
    ],
    [
      'a rule that no council uses',
      rule('unused', 'security', 'recipient.closed'),
      /^rules\/unused.yaml:1:1: No council uses rule "unused"/,
    ],
    [
      'a parameter that the rule does not declare',
      clause('clause: "2", quote: Q, rule: marked, nudge: true, parameters: { limit: 3 }'),
      /:20:71: The rule declares no parameter "limit"; it declares none/,
    ],
    [
      'a hold without a queue',
      clause('clause: "2", quote: Q, rule: marked, gate: hold'),
      /:20:44: "gate: hold" needs a "queue"/,
    ],
    [
      'a queue without a hold',
      clause('clause: "2", quote: Q, rule: marked, nudge: true, queue: ict'),
      /"queue" is only for/,
    ],
    [
      'a clause that does nothing',
      clause('clause: "2", quote: Q, rule: marked'),
      /:20:5: A match does nothing/,
    ],
    [
      'a clause with neither rule nor reason',
      clause('clause: "2", quote: Q'),
      /Say one of: "rule", "kept" \(how/,
    ],
    [
      'a clause with rule and reason',
      clause('clause: "2", quote: Q, rule: marked, notEnforced: Why'),
      /Say one of: "rule", "kept" \(how/,
    ],
    [
      'a setting that keeps nothing',
      clause('clause: "2", quote: Q, notEnforced: Why, setting: retention'),
      /"setting" is only for "kept"/,
    ],
    [
      'a setting that there is none of',
      clause('clause: "2", quote: Q, kept: How, setting: retentions'),
      /"clauses.1.setting" is "retentions"; allowed: retention, .*did you mean "retention"\?/,
    ],
    [
      'an effect beside a reason',
      clause('clause: "2", quote: Q, notEnforced: Why, nudge: true'),
      /"nudge" says nothing beside "notEnforced"/,
    ],
    [
      'a clause without its quote',
      clause('clause: "2", rule: marked, nudge: true'),
      /:20:5: No "quote"/,
    ],
    [
      'our own choice with a quote',
      clause('clause: "2", ourChoice: true, quote: Q, rule: marked, nudge: true'),
      /Our own choice has no "quote"/,
    ],
    [
      'a clause and rule that stand twice',
      clause('clause: "1", quote: Mark it., rule: marked, nudge: true'),
      /This clause and rule stand here a second time/,
    ],
    [
      'an unknown document',
      clause('clause: "2", document: other, quote: Q, rule: marked, nudge: true'),
      /No such "document"; documents of this file: protocol/,
    ],
    [
      'notices from elsewhere',
      council('gateway@testing.gov.uk', 'gateway@other.gov.uk'),
      /"noticeFrom" is "gateway@other.gov.uk"; it must be at one of testing.gov.uk/,
    ],
    [
      'answers to a request for a key that go elsewhere',
      council('  diverted:', '  keyReplyTo: keys@other.gov.uk\n  diverted:'),
      /"keyReplyTo" is "keys@other.gov.uk"; it must be at one of testing.gov.uk/,
    ],
    [
      'a scope that no clause keeps',
      council('autoForwardScope: personal', 'autoForwardScope: external'),
      /a clause must divert "auto-forward-external"/,
    ],
    [
      'a domain of two councils',
      { 'councils/second.yaml': COUNCIL.replace('id: testing', 'id: second') },
      /Domain "testing.gov.uk" belongs to "second" already/,
    ],
    [
      'an empty policy',
      { 'rules/marked.yaml': null, 'councils/testing.yaml': null },
      /^councils:1:1: No council file; nothing may run/,
    ],
    [
      'a policy without rules',
      { 'rules/marked.yaml': null },
      /^rules:1:1: No rule; an empty policy may not run/,
    ],
    [
      'a policy without councils',
      { 'councils/testing.yaml': null },
      /^councils:1:1: No council file/,
    ],
    [
      'a policy without bank holidays',
      { 'elections/calendar.yaml': null },
      /^elections\/calendar.yaml:1:1: This file is missing/,
    ],
  ];
  for (const [name, changes, expected] of cases) {
    it(`refuses ${name}`, () => {
      const fits = (problem: string): boolean =>
        typeof expected === 'string' ? problem === expected : expected.test(problem);
      const problems = problemsOf(changes);
      expect(problems.find(fits) ?? problems).toBeTypeOf('string');
    });
  }

  it('reports every problem of every file at once, in order of their places', () => {
    const problems = problemsOf({
      ...changed('why:', 'whey:'),
      ...council('pgpFallback: auto', 'pgpFallback: atuo'),
      'lists/abusive-terms.yaml': '- ""\n',
    });
    expect(problems.map((line) => line.replace(/: .*/, ''))).toEqual([
      'councils/testing.yaml:8:16',
      'lists/abusive-terms.yaml:1:3',
      'rules/marked.yaml:1:1',
      'rules/marked.yaml:2:1',
    ]);
  });

  it('does not blame a clause for a rule whose own file is broken', () => {
    expect(problemsOf(changed('why:', 'whey:')).some((line) => line.includes('No rule'))).toBe(
      false,
    );
  });

  describe('parameters', () => {
    const declared = (more: string): Record<string, string> =>
      rule(
        'many',
        'security',
        'count.recipients >= params.limit',
        `parameters:\n  limit: { type: int, meaning: M${more} }\n`,
      );
    const use = (more: string): Record<string, string> =>
      clause(`clause: "2", quote: Q, rule: many, tag: true${more}`);

    it('take a default or a value of their type', () => {
      const files = { ...declared(', default: 3'), ...use('') };
      // Its own examples set nothing, which the default allows.
      expect(problemsOf(files)).toEqual([]);
      expect(problemsOf({ ...files, ...use(', parameters: { limit: 5 }') })).toEqual([]);
    });

    it('without a default must be set by every clause and example', () => {
      expect(problemsOf({ ...declared(''), ...use('') })).toContainEqual(
        expect.stringMatching(
          /^rules\/many.yaml:\d+:5: Parameter "limit" has no default and is not/,
        ),
      );
      const set = declared('')['rules/many.yaml']?.replaceAll(
        '{ matches',
        '{ parameters: { limit: 1 }, matches',
      );
      expect(problemsOf({ 'rules/many.yaml': set ?? '', ...use('') })).toEqual([
        'councils/testing.yaml:20:5: Parameter "limit" has no default and is not set; set it here',
      ]);
    });

    it('refuse a value of another type, in the rule and in the clause', () => {
      expect(problemsOf({ ...declared(', default: 1.5'), ...use('') })).toContainEqual(
        expect.stringMatching(/"default" of "limit" must be int/),
      );
      const wrong = { ...declared(', default: 3'), ...use(', parameters: { limit: many }') };
      expect(problemsOf(wrong)).toEqual([
        expect.stringMatching(/^councils\/testing.yaml:20:\d+: Parameter "limit" must be int$/),
      ]);
    });
  });

  describe('elections', () => {
    const election = (more: string): Record<string, string> => ({
      'elections/spring.yaml': `id: spring\nname: Spring\nzone: Europe/London\n${more}kind: local\nnation: england\n`,
    });
    const good =
      'council: testing\nnoticePublishedAt: 2026-10-02T09:30\npoll: 2026-11-12\nwards: [North]\n';

    it('start at the notice and end at 22:00 by the London clock of the polling day', () => {
      const [spring] = policyFromFiles(tinyFiles(election(good))).elections;
      expect(spring).toMatchObject({
        startsAt: '2026-10-02T09:30:00+01:00',
        endsAt: '2026-11-12T22:00:00+00:00',
        endedBecause: null,
      });
    });

    it('end early where that was entered with its reason', () => {
      const ended = `${good}ended: { at: 2026-10-20T12:00, reason: Uncontested }\n`;
      expect(policyFromFiles(tinyFiles(election(ended))).elections[0]).toMatchObject({
        endsAt: '2026-10-20T12:00:00+01:00',
        endedBecause: 'Uncontested',
      });
    });

    it('refuse a poll that the nation does not hold', () => {
      const files = election(good);
      const scottish = files['elections/spring.yaml']?.replace('england', 'scotland') ?? '';
      const parish = scottish.replace('kind: local', 'kind: parish');
      expect(problemsOf({ 'elections/spring.yaml': parish })).toContainEqual(
        expect.stringMatching(/There is no "parish" poll in scotland/),
      );
    });

    for (const [name, from, to, message] of [
      [
        'an unknown council',
        'council: testing',
        'council: testin',
        /:4:10: No council "testin"; did you mean "testing"\?/,
      ],
      ['an unknown ward', '[North]', '[Nroth]', /No ward "Nroth" in the council's file/],
      [
        'a poll before the notice',
        'poll: 2026-11-12',
        'poll: 2026-10-01',
        /:6:7: The period ends before the notice/,
      ],
      [
        'an hour that the spring took away',
        '2026-10-02T09:30',
        '2026-03-29T01:30',
        /"2026-03-29T01:30" is no time in London/,
      ],
      [
        'a year without its bank holidays',
        'poll: 2026-11-12',
        'poll: 2031-11-12',
        /:6:7: The bank holidays of "2031" for england-and-wales are not in/,
      ],
      ['a fixed offset', '2026-10-02T09:30', '2026-10-02T09:30Z', /without an offset/],
      [
        'a day that does not exist',
        '2026-11-12',
        '2026-11-31',
        /"poll" is "2026-11-31"; needs a date/,
      ],
    ] as const) {
      it(`refuses ${name}`, () => {
        expect(problemsOf(election(good.replace(from, to)))).toContainEqual(
          expect.stringMatching(message),
        );
      });
    }
  });
});

describe('loadPolicy()', () => {
  it('refuses a folder that is not there', () => {
    const empty = mkdtempSync(path.join(tmpdir(), 'policy-'));
    try {
      expect(() => loadPolicy(empty)).toThrow(/rules:1:1: The folder ".*" cannot be read/);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});

import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import { exceptionState } from '../../src/policy/exceptions.ts';
import { policyFromFiles } from '../../src/policy/load.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { finding, inputOf, type Draft } from './inputs.ts';
import { COUNCIL, problemsOf, rule, tinyFiles } from './tiny-policy.ts';

const ORLA = 'cllr.orla.kilbride@testing.gov.uk';
const RULES = {
  ...rule('auto-forward-personal', 'forwarding', 'findings.found("auto-forward")'),
  ...rule('bulk', 'protection', 'findings.found("personal-data")'),
};
const CLAUSES = `  - { clause: "1.4", quote: Q, rule: auto-forward-personal, gate: divert, queue: ict }
  - { clause: "9", quote: Q, rule: bulk, gate: hold, queue: ict, protection: required, nudge: true }
`;

function files(exceptions: string[], settings = 'redirectAllowed: true'): Record<string, string> {
  const council = COUNCIL.replace('settings:\n', `settings:\n  ${settings}\n`);
  const list = exceptions.map((each) => `  - { ${each}, owner: O, approver: A }\n`).join('');
  return { ...RULES, 'councils/testing.yaml': `${council}${CLAUSES}exceptions:\n${list}` };
}
const policyWith = (exceptions: string[]): Policy => policyFromFiles(tinyFiles(files(exceptions)));

function fate(policy: Policy, more: Draft): string {
  const draft = { council: 'testing', actor: { address: ORLA }, ...more };
  const [recipient] = decide(policy, inputOf(draft)).recipients;
  const hits = recipient?.hits.map(
    (hit) => `${hit.rule}${hit.inert ? ` (${hit.inert})` : ''} ${hit.exception ?? '-'}`,
  );
  return `${recipient?.gate} ${recipient?.protection}: ${hits?.join(', ')}`;
}

const REDIRECT =
  `id: orla, permits: redirect, member: Cllr.Orla.Kilbride@testing.gov.uk, ` +
  `recipient: orla@home.example, reason: R, from: 2026-09-01, until: 2026-09-30`;
const DOMAIN =
  'id: audit, permits: rule-off, rule: bulk, domain: auditor.example, reason: R, ' +
  'from: 2026-09-01, until: 2026-09-30';

describe('an approved redirect', () => {
  const policy = policyWith([REDIRECT]);
  const forward: Draft = { to: ['Orla@Home.example'], findings: [finding('auto-forward')] };
  it('passes over an encrypted channel only', () => {
    const passes = 'release required: auto-forward-personal orla';
    expect(fate(policy, forward)).toBe(passes);
    expect(fate(policy, { ...forward, at: '2026-09-30T22:59:59.000Z' })).toBe(passes);
  });
  const diverted = 'divert none: auto-forward-personal -';
  it('ends with its last day and begins with its first, in London', () => {
    expect(fate(policy, { ...forward, at: '2026-09-30T23:00:00.000Z' })).toBe(diverted);
    expect(fate(policy, { ...forward, at: '2026-08-31T22:59:59.000Z' })).toBe(diverted);
  });
  it('is for one member and one address', () => {
    expect(fate(policy, { ...forward, to: ['orla@elsewhere.example'] })).toBe(diverted);
    const other = { actor: { address: 'cllr.b@testing.gov.uk' } };
    expect(fate(policy, { ...forward, ...other })).toBe(diverted);
  });
});

describe('a rule that is off for somebody', () => {
  const policy = policyWith([DOMAIN]);
  const data: Draft = { to: ['desk@mail.auditor.example'], findings: [finding('personal-data')] };
  it('no longer holds, and still encrypts', () => {
    expect(fate(policy, data)).toBe('release required: bulk (exception) audit');
  });
  it('holds for everybody else', () => {
    expect(fate(policy, { ...data, to: ['desk@notauditor.example'] })).toBe(
      'hold required: bulk -',
    );
  });
  it('tells the sender nothing', () => {
    const input = inputOf({ council: 'testing', ...data });
    const [hit] = decide(policy, input).recipients[0]?.hits ?? [];
    expect(hit?.inert).toBe('exception');
  });
});

describe('exceptionState()', () => {
  const [exception] = policyWith([DOMAIN]).councils.get('testing')?.exceptions ?? [];
  it.each([
    ['2026-08-31', 'future'],
    ['2026-09-01', 'expiring'],
    ['2026-09-30', 'expiring'],
    ['2026-10-01', 'expired'],
  ])('on %s: %s', (today, state) => {
    expect(exception && exceptionState(exception, today)).toBe(state);
  });
  it('announces the end thirty days before', () => {
    const long = exception && { ...exception, until: '2026-12-31' };
    expect(long && exceptionState(long, '2026-12-01')).toBe('active');
    expect(long && exceptionState(long, '2026-12-02')).toBe('expiring');
  });
});

describe('the loader refuses an exception', () => {
  const change = (from: string, to: string, of = DOMAIN): string => {
    expect(of).toContain(from);
    return of.replace(from, to);
  };
  const cases: [string, string[], RegExp, string?][] = [
    ['of what stands in code', [change('bulk', 'marked-official-sensitive')], /stands in code/],
    ['of a rule that no clause enforces', [change('bulk', 'bulky')], /No clause .* "bulky"/],
    ['for everybody', [change('domain: auditor.example, ', '')], /Say for which "member"/],
    ['of no rule', [change('rule: bulk, ', '')], /Say which "rule"/],
    ['that ends first', [change('2026-09-30', '2026-08-30')], /ends before it begins/],
    ['that runs for years', [change('2026-09-30', '2027-09-30')], /more than a year/],
    ['without a reason', [change('reason: R, ', '')], /"exceptions.0.reason" is missing/],
    [
      'for a member of another council',
      [change('domain: auditor.example', 'member: a@other.gov.uk')],
      /is not at one of testing.gov.uk/,
    ],
    ['that stands twice', [DOMAIN, DOMAIN], /"audit" stands here a second time/],
    [
      'that lies within another',
      [DOMAIN, change('id: audit', 'id: desk, member: a@testing.gov.uk')],
      /"desk" overlaps "audit"/,
    ],
    [
      'that equals another',
      [DOMAIN, change('id: audit', 'id: again')],
      /exceptions.*"again" overlaps "audit"|"again" overlaps "audit"/,
    ],
    [
      'for a redirect without its address',
      [change('recipient: orla@home.example, ', '', REDIRECT)],
      /names its "member" and its "recipient"/,
    ],
    [
      'for a redirect where none is allowed',
      [REDIRECT],
      /No redirect may be approved/,
      'twoFactor: required',
    ],
  ];
  it.each(cases)('%s', (_, exceptions, message, settings) => {
    const problems = problemsOf(files(exceptions, settings));
    expect(problems.join('\n')).toMatch(message);
    expect(problems).toHaveLength(1);
  });

  it('but not two that follow each other', () => {
    const next = change('2026-09-01', '2026-10-01').replace('2026-09-30', '2026-10-31');
    expect(problemsOf(files([DOMAIN, next.replace('id: audit', 'id: later')]))).toEqual([]);
  });
});

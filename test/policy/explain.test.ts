import { describe, expect, it } from 'vitest';
import { explain } from '../../src/policy/explain.ts';
import { finding, inputOf } from './inputs.ts';
import { rule, tinyPolicy } from './tiny-policy.ts';

const policy = tinyPolicy(
  [
    'clause: "2", quote: No politics., rule: politics, gate: hold, queue: ict',
    'clause: "3", quote: No jokes., rule: politics, off: Members objected',
  ],
  rule('politics', 'political', 'findings.found("political") && !recipient.internal'),
);

describe('explain()', () => {
  it('says what matched, under which words, and what that does', () => {
    const input = inputOf({ council: 'testing', findings: [finding('political')] });
    expect(explain(policy, input)).toEqual([
      'resident@outside.example: hold, protection none',
      '  + politics: hold [Testing, Protocol, 2 "No politics."]',
      '  - marked: not so: message.marking.level == "OFFICIAL-SENSITIVE" [Protocol, 1]',
      '  - politics: off: Members objected [Protocol, 3]',
    ]);
  });

  it('says which terms failed where a rule did not match', () => {
    const input = inputOf({ council: 'testing' });
    expect(explain(policy, input)).toContain(
      '  - politics: not so: findings.found("political") [Protocol, 2]',
    );
  });

  it('says whose mail a rule looks at', () => {
    const findings = [finding('political')];
    const input = inputOf({ council: 'testing', findings, actor: { class: 'officer' } });
    expect(explain(policy, input)).toContain(
      `  - politics: looks at members' mail only, the sender is "officer" [Protocol, 2]`,
    );
  });

  it('says that members were not yet told', () => {
    const findings = [finding('political')];
    const input = inputOf({ council: 'testing', findings, at: '2025-12-01T00:00:00.000Z' });
    expect(explain(policy, input)).toContain(
      '  + politics: hold (members not yet informed: recorded only) [Testing, Protocol, 2 "No politics."]',
    );
  });

  it('explains a message of a council that has no policy', () => {
    expect(explain(policy, inputOf({ council: 'nowhere' }))[0]).toBe(
      'Fault: No active policy for this council',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { explain, explanationLines } from '../../src/policy/explain.ts';
import { decide, type DecisionInput } from '../../src/policy/decide.ts';
import { recordedInput } from '../../src/policy/recorded-input.ts';
import { readingsOf } from '../../src/policy/views.ts';
import { finding, inputOf } from './inputs.ts';
import { rule, tinyPolicy } from './tiny-policy.ts';

const policy = tinyPolicy(
  [
    'clause: "2", quote: No politics., rule: politics, gate: hold, queue: ict',
    'clause: "3", quote: No jokes., rule: politics, off: Members objected',
  ],
  rule(
    'politics',
    'political',
    'findings.score("political") >= 0.5 && !recipient.internal && message.subject != "x"',
  ),
);

const linesOf = (input: DecisionInput): string[] => explanationLines(explain(policy, input));

describe('explain()', () => {
  it('says what matched, with the value of each part, and where it was seen', () => {
    const evidence = [{ part: 'body', text: 'Vote for me', start: 4, end: 15 }];
    const findings = [finding('political', { evidence })];
    const input = inputOf({ council: 'testing', findings });
    const { policyVersion, inputsHash } = decide(policy, input);
    expect(linesOf(input)).toEqual([
      'resident@outside.example: hold, protection none',
      '  + politics: hold, tells ict [Testing, Protocol, 2 "No politics."]',
      '      findings.score("political") is 0.9: political (test) 0.90',
      '      recipient.internal is false',
      '      message.subject is "Your missed bin in High Street"',
      '      rests on political (test), score 0.90',
      '        body 4-15: "Vote for me"',
      '  - marked: not so: message.marking.level == "OFFICIAL-SENSITIVE" [Protocol, 1]',
      '      message.marking.level is "NONE"',
      '  - politics: off: Members objected [Protocol, 3]',
      `Policy version ${policyVersion}`,
      `Inputs hash ${inputsHash}`,
    ]);
  });

  it('says which terms failed where a rule did not match, and what stood in their way', () => {
    const lines = linesOf(inputOf({ council: 'testing' }));
    const at = lines.indexOf(
      '  - politics: not so: findings.score("political") >= 0.5 [Protocol, 2]',
    );
    expect(lines[at + 1]).toBe('      findings.score("political") is 0');
  });

  it('masks in the subject what a finding calls personal data', () => {
    const evidence = [{ part: 'subject', text: 'QQ•••', start: 5, end: 14 }];
    const findings = [finding('political'), finding('personal-data', { evidence })];
    const subject = 'NINO QQ123456C of Ann';
    const text = linesOf(inputOf({ council: 'testing', subject, findings })).join('\n');
    expect(text).toContain('message.subject is "NINO ********* of Ann"');
    expect(text).not.toContain('QQ123456C');
  });

  it('says the same from the record as from the message', () => {
    const input = inputOf({ council: 'testing', findings: [finding('political')] });
    const decision = decide(policy, input);
    const recorded = recordedInput({
      facts: input.facts,
      decision,
      readings: readingsOf(input, policy.lists),
      sha256: Buffer.from(input.sha256, 'hex'),
    });
    expect(explain(policy, recorded, decision)).toEqual(explain(policy, input));
    expect(decide(policy, recorded)).toEqual(decision);
  });

  it('says plainly that older mail has no values, and tells what fired', () => {
    const input = inputOf({ council: 'testing', findings: [finding('political')] });
    const decision = decide(policy, input);
    const { facts } = input;
    const older = recordedInput({ facts, decision, readings: null, sha256: Buffer.alloc(32) });
    const lines = explanationLines(explain(policy, older, decision));
    expect(lines[1]).toContain('+ politics: hold');
    expect(lines.join('\n')).toContain('was not recorded with this message');
    expect(lines.join('\n')).not.toContain('- marked');
  });

  it('says whose mail a rule looks at', () => {
    const findings = [finding('political')];
    const input = inputOf({ council: 'testing', findings, actor: { class: 'officer' } });
    expect(linesOf(input)).toContain(
      `  - politics: looks at members' mail only, the sender is "officer" [Protocol, 2]`,
    );
  });

  it('says that members were not yet told', () => {
    const findings = [finding('political')];
    const input = inputOf({ council: 'testing', findings, at: '2025-12-01T00:00:00.000Z' });
    expect(linesOf(input)).toContain(
      '  + politics: hold, tells ict (members not yet informed: recorded only) [Testing, Protocol, 2 "No politics."]',
    );
  });

  it('explains a message of a council that has no policy', () => {
    expect(linesOf(inputOf({ council: 'nowhere' }))[0]).toBe(
      'Fault: No active policy for this council',
    );
  });
});

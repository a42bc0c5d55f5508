import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../src/policy/condition.ts';

const problems = (when: string): string[] => {
  const compiled = compileCondition(when, {
    limit: { type: 'int', meaning: 'A number' },
    strict: { type: 'bool', meaning: 'A switch' },
  });
  return 'problems' in compiled ? compiled.problems.map(({ message }) => message) : [];
};

describe('a condition that no message can change is refused', () => {
  it.each([
    ['recipient.internal && !recipient.internal', 'Condition is always false'],
    ['recipient.internal || !recipient.internal', 'Condition is always true'],
    ['message.marking.level == "OFFICIAL" && message.marking.level == "SECRET"', 'always false'],
    ['message.marking.level != "OFFICIAL" || message.marking.level != "SECRET"', 'always true'],
    [
      'message.marking.level in ["NONE", "OFFICIAL", "OFFICIAL-SENSITIVE", "SECRET", "TOP SECRET"]',
      'always true',
    ],
    ['message.subject == "a" && message.subject == "b"', 'always false'],
    ['count.recipients > 10 && count.recipients < 5', 'always false'],
    ['count.recipients > 4 && 5 > count.recipients', 'always false'],
    ['count.recipients >= 0', 'always true'],
    ['message.attachmentCount < 0', 'always false'],
    ['findings.score("political") > 1.0', 'always false'],
    ['findings.score("political") >= 0.9 && findings.score("political") < 0.8', 'always false'],
    ['findings.number("personal-data", "subjects") < 0.0', 'always false'],
    ['findings.found("malware") && !findings.found("malware")', 'always false'],
    ['params.strict && !params.strict', 'always false'],
  ])('%s', (when, message) => {
    expect(problems(when)).toEqual([expect.stringContaining(message)]);
  });

  it('and so is one with a part that never matters, named', () => {
    const dead = 'message.marking.level == "SECRET" && message.marking.level == "NONE"';
    expect(problems(`recipient.closed || (${dead})`)).toEqual([
      `"${dead}" of the condition is always false; it must depend on the message`,
    ]);
    expect(problems('recipient.closed && (recipient.internal || true)')).toEqual([
      '"recipient.internal || true" of the condition is always true; it must depend on the message',
    ]);
  });
});

describe('a condition that can vary is never accused', () => {
  it.each([
    'recipient.internal && recipient.closed',
    'message.marking.level == "OFFICIAL" || message.marking.level == "SECRET"',
    'message.marking.level != "OFFICIAL" && message.marking.level != "SECRET"',
    'message.subject != "a" && message.subject != "b"',
    'message.subject == "a" || message.subject == "b"',
    'count.recipients > 4 && count.recipients < 6',
    'count.recipients >= params.limit && count.recipients < 5',
    'findings.score("political") > 0.8 && findings.score("political") < 0.81',
    'findings.score("political") >= 1.0',
    'findings.score("political") > 0.9 && findings.score("criticism") < 0.1',
    'findings.found("abusive") && !findings.found("abusive", "threat")',
    'findings.exists(f, f.score > 0.5) || findings.exists(f, f.score < 0.5)',
    'message.subject.contains("a") && !message.subject.contains("b")',
    'message.subject.size() > 5 && message.subject.size() < 3',
    'recipient.internal == recipient.closed',
    'params.strict || recipient.internal',
  ])('%s', (when) => {
    expect(problems(when)).toEqual([]);
  });

  it('nor one of more combinations than are tried', () => {
    const terms = Array.from({ length: 20 }, (_, at) => `message.subject.contains("${at}")`);
    expect(problems(`${terms.join(' && ')} && !message.subject.contains("0")`)).toEqual([]);
  });
});

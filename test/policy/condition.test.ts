import { describe, expect, it } from 'vitest';
import { compileCondition, FINDING_METHODS, type Condition } from '../../src/policy/condition.ts';
import { VARIABLES } from '../../src/policy/variables.ts';
import { viewsOf } from '../../src/policy/views.ts';
import { finding, inputOf, type Draft } from './inputs.ts';
import { tinyPolicy } from './tiny-policy.ts';

const { lists } = tinyPolicy([]);

function compile(when: string): Condition {
  const params = { minimum: { type: 'double', meaning: 'M', default: 0.5 } } as const;
  const compiled = compileCondition(when, params);
  if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems));
  return compiled.condition;
}

function verdict(when: string, draft: Draft = {}): unknown {
  const input = inputOf(draft);
  const [view] = viewsOf(input, lists);
  if (!view) throw new Error('No recipient');
  return compile(when).evaluate(view, {});
}

describe('the table of variables', () => {
  for (const { name, example } of [...VARIABLES, ...FINDING_METHODS]) {
    it(`${name}: its example "${example}" compiles and gives an answer`, () => {
      const runnable = example.replace('params.limit', '5');
      expect(verdict(runnable)).toBeTypeOf('boolean');
      expect(verdict(runnable, { message: null })).toBeTypeOf('boolean');
    });
  }
});

describe('compileCondition()', () => {
  const findings = [
    finding('political', { score: 0.9, details: { newsletter: true } }),
    finding('personal-data', { type: 'nhs-number', details: { subjects: 3 } }),
    finding('auto-forward', { recipient: 'other@outside.example' }),
  ];
  for (const [when, expected] of [
    ['findings.found("political")', true],
    ['findings.found("commercial")', false],
    ['findings.found("personal-data", "nhs-number")', true],
    ['findings.found("personal-data", "iban")', false],
    ['findings.score("political") > params.minimum', true],
    ['findings.score("commercial") > 0.0', false],
    ['findings.number("personal-data", "subjects") == 3.0', true],
    ['findings.number("personal-data", "nothing") == 0.0', true],
    ['findings.flag("political", "newsletter")', true],
    ['findings.flag("personal-data", "subjects")', false],
    ['findings.exists(f, f.kind == "political" && f.score > 0.8)', true],
    // The finding is about another recipient.
    ['findings.found("auto-forward")', false],
    ['message.plainSubject == "your missed bin in high street"', true],
    ['message.namesSender && !message.automatic', true],
    ['count.recipients == 1 && count.outsideRecipients == 1', true],
    ['recipient.domain.endsWith(".example")', true],
  ] as const) {
    it(`${when}: ${expected}`, () => expect(verdict(when, { findings })).toBe(expected));
  }

  it('answers unknown where evaluation fails, with a code and no content', () => {
    expect(verdict('int(message.subject) > 3', { subject: 'private words' })).toEqual({
      unknown: expect.not.stringContaining('private'),
    });
  });

  it('lets a decided term outweigh one that fails, as CEL does', () => {
    const broken = '1 / (count.recipients - 1) > 0';
    expect(verdict(`${broken} || !recipient.internal`)).toBe(true);
    expect(verdict(`${broken} && recipient.internal`)).toBe(false);
  });

  it('names the kinds of finding that a condition reads', () => {
    expect(compile('findings.found("political") && message.newsletter').kinds).toEqual([
      'political',
    ]);
    expect(compile('message.marking.misspelt').kinds).toEqual(['marking']);
    expect(compile('recipient.internal').kinds).toEqual([]);
  });

  it('splits a condition into the terms that must all hold', () => {
    const { terms } = compile(
      'recipient.internal && (elections.forSender || sender.known) && !sender.known',
    );
    expect(terms.map(({ source }) => source)).toEqual([
      'recipient.internal',
      'elections.forSender || sender.known',
      '!sender.known',
    ]);
  });

  it('refuses a condition of any size that would take long', () => {
    const long = Array.from({ length: 500 }, () => 'recipient.internal').join(' && ');
    expect(compileCondition(long, {})).toHaveProperty('problems');
    const deep = `${'('.repeat(5000)}recipient.internal${')'.repeat(5000)}`;
    expect(compileCondition(deep, {})).toHaveProperty('problems');
  });
});

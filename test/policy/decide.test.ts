import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GATES } from '../../src/mail/disposition.ts';
import { FINDING_KINDS } from '../../src/mail/finding.ts';
import { PERSON_CLASSES } from '../../src/mail/person.ts';
import { decide } from '../../src/policy/decide.ts';
import { explain, explanationLines } from '../../src/policy/explain.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { finding, inputOf, type Draft } from './inputs.ts';
import { rule, tinyPolicy } from './tiny-policy.ts';

const policy = loadPolicy(path.resolve(import.meta.dirname, '../../policies'));

const data = finding('personal-data', { details: { subjects: 1 } });

describe('decide()', () => {
  const political = rule('political', 'political', 'findings.found("political")');
  const hold = (id: string): string => `clause: "2", quote: Q, rule: ${id}, gate: hold, queue: ict`;

  it('acts on the day on which members were told, and not on the day before', () => {
    const tiny = tinyPolicy([hold('political')], political);
    const gate = (at: string): string =>
      decide(tiny, inputOf({ council: 'testing', at, findings: [finding('political')] })).gate;
    expect(gate('2026-01-04T23:59:59.000Z')).toBe('release');
    expect(gate('2026-01-05T00:00:00.000Z')).toBe('hold');
  });

  it('records a rule in shadow and does nothing about it', () => {
    const shadow = rule('leak', 'protection', 'findings.found("personal-data")', 'shadow: true\n');
    const tiny = tinyPolicy([`${hold('leak')}, protection: required`], shadow);
    const decision = decide(tiny, inputOf({ council: 'testing', findings: [data] }));
    expect([decision.gate, decision.protection]).toEqual(['release', 'none']);
    expect(decision.recipients[0]?.hits).toMatchObject([
      { rule: 'leak', gate: 'hold', inert: 'shadow' },
    ]);
  });

  it('tries a change in shadow beside the entry that acts, told apart by its parameters', () => {
    const many = rule(
      'many',
      'protection',
      'count.recipients >= params.least',
      'parameters: { least: { type: int, meaning: Least., default: 5 } }\n',
    );
    const entry = 'clause: "2", quote: Q, rule: many';
    const tiny = tinyPolicy(
      [
        `${entry}, gate: hold, queue: ict, shadow: true, parameters: { least: 1 }`,
        `${entry}, tag: true, parameters: { least: 5 }`,
      ],
      many,
    );
    const input = inputOf({ council: 'testing' });
    const decision = decide(tiny, input);
    expect(decision.gate).toBe('release');
    expect(decision.recipients[0]?.hits).toMatchObject([
      { rule: 'many', gate: 'hold', inert: 'shadow' },
    ]);
    const lines = explanationLines(explain(tiny, input)).join('\n');
    expect(lines).toContain('+ many: hold, tells ict (in shadow: recorded only)');
    expect(lines).toContain('- many: not so: count.recipients >= params.least');
  });

  it('protects marked mail though the rule is in shadow, and names its own floor', () => {
    const shadow = rule(
      'other',
      'protection',
      'message.marking.level == "SECRET"',
      'shadow: true\n',
    );
    const tiny = tinyPolicy(['clause: "2", quote: Q, rule: other, tag: true'], {
      ...shadow,
      'rules/marked.yaml': `id: marked\nwhy: W\narea: protection\nshadow: true
when: message.marking.level == "OFFICIAL-SENSITIVE"\nexamples: [{ matches: true }, { matches: false }]\n`,
    });
    const decision = decide(tiny, inputOf({ council: 'testing', marking: 'OFFICIAL-SENSITIVE' }));
    expect(decision.protection).toBe('required');
    expect(decision.recipients[0]?.hits.map(({ rule, inert }) => [rule, inert])).toContainEqual([
      'marked-official-sensitive',
      null,
    ]);
  });

  describe('where a condition cannot be evaluated', () => {
    // A division by zero fails at evaluation only, as anything unforeseen would.
    const broken = rule('broken', 'security', 'count.recipients / (count.recipients - 1) > 0');
    const decideWith = (effect: string) =>
      decide(
        tinyPolicy([`clause: "2", quote: Q, rule: broken, ${effect}`], broken),
        inputOf({ council: 'testing' }),
      );
    for (const [effect, gate, protection] of [
      ['gate: hold, queue: monitoring-officer', 'hold', 'none'],
      ['gate: divert, queue: monitoring-officer', 'hold', 'none'],
      ['gate: reject', 'hold', 'none'],
      ['protection: required', 'release', 'required'],
      ['protection: required, gate: hold, queue: ict', 'hold', 'required'],
      ['nudge: true', 'release', 'none'],
      ['tag: true', 'release', 'none'],
    ] as const) {
      it(`${effect} gives ${gate}, ${protection} and a fault for ICT`, () => {
        const decision = decideWith(effect);
        expect([decision.gate, decision.protection]).toEqual([gate, protection]);
        expect(decision.faults).toEqual([
          'Rule "broken" under "Protocol, 2" could not be evaluated (division_by_zero)',
        ]);
        const hits = decision.recipients[0]?.hits.map(({ outcome, notify }) => [outcome, notify]);
        const silent = gate === 'release' && protection === 'none';
        const told = gate === 'hold' ? ['ict'] : [];
        expect(hits).toEqual(silent ? [] : [['unknown', told]]);
      });
    }

    it('evaluates the same condition for mail that it fits', () => {
      const tiny = tinyPolicy([hold('broken')], broken);
      const decision = decide(tiny, inputOf({ council: 'testing', to: ['a@b.test', 'c@d.test'] }));
      expect(decision.recipients[0]?.hits).toMatchObject([{ outcome: 'match', gate: 'hold' }]);
      expect(decision.faults).toEqual([]);
    });
  });

  describe('fails closed', () => {
    it('holds everybody for ICT, and encrypts, where the council has no policy', () => {
      const decision = decide(
        policy,
        inputOf({ council: 'nowhere', to: ['a@b.test', 'c@merebrook.gov.uk'] }),
      );
      expect(decision.recipients.map(({ gate, protection }) => [gate, protection])).toEqual([
        ['hold', 'required'],
        ['hold', 'none'],
      ]);
      expect(decision.recipients[0]?.hits[0]?.notify).toEqual(['ict']);
      expect(decision.faults).toEqual(['No active policy for this council']);
    });

    it('holds every RCPT TO where the facts speak of other recipients', () => {
      const input = inputOf({ to: ['a@b.test', 'c@d.test'] });
      const facts = { ...input.facts, recipients: input.facts.recipients.slice(1) };
      const decision = decide(policy, { ...input, facts });
      expect(decision.recipients.map(({ address, gate }) => [address, gate])).toEqual([
        ['a@b.test', 'hold'],
        ['c@d.test', 'hold'],
      ]);
    });

    it('holds where deciding itself throws, and does not repeat what the error says', () => {
      const decision = decide(
        policy,
        inputOf({ at: 'no time at all', findings: [finding('political')] }),
      );
      expect(decision.gate).toBe('hold');
      expect(decision.faults).toEqual(['Deciding failed (RangeError)']);
    });

    it('holds a message that could not be read', () => {
      const findings = [finding('inspection-failed')];
      const decision = decide(policy, inputOf({ message: null, findings }));
      expect([decision.gate, decision.protection]).toEqual(['hold', 'required']);
      expect(decision.recipients[0]?.hits.map(({ rule }) => rule)).toEqual([
        'inspection-failed',
        'inspection-failed',
      ]);
    });

    it('holds on a failed inspection though no rule says so', () => {
      const tiny = tinyPolicy([]);
      const decision = decide(
        tiny,
        inputOf({ council: 'testing', findings: [finding('inspection-failed')] }),
      );
      expect([decision.gate, decision.protection]).toEqual(['hold', 'required']);
    });

    it('holds SECRET and mail of nobody though no rule says so', () => {
      const tiny = tinyPolicy([]);
      const gate = (draft: Draft): string =>
        decide(tiny, inputOf({ council: 'testing', ...draft })).gate;
      expect(gate({ marking: 'TOP SECRET', to: ['officer@merebrook.gov.uk'] })).toBe('hold');
      expect(gate({ actor: { basis: 'unknown' } })).toBe('hold');
      expect(gate({})).toBe('release');
    });

    it('never throws, never releases what failed inspection, never sends marked mail in clear', () => {
      const drafts = fc.record({
        council: fc.constantFrom(...policy.councils.keys(), 'nowhere'),
        marking: fc.constantFrom('NONE', 'OFFICIAL', 'OFFICIAL-SENSITIVE', 'SECRET', 'TOP SECRET'),
        kinds: fc.uniqueArray(fc.constantFrom(...FINDING_KINDS)),
        person: fc.constantFrom(...PERSON_CLASSES),
        to: fc.uniqueArray(fc.constantFrom('a@b.test', 'c@merebrook.gov.uk', 'd@gmail.com'), {
          minLength: 1,
        }),
        message: fc.constantFrom(null, undefined),
      });
      fc.assert(
        fc.property(drafts, ({ kinds, person, marking, ...rest }) => {
          const findings = kinds.map((kind) => finding(kind));
          const input = inputOf({ ...rest, marking, findings, actor: { class: person } });
          const decision = decide(policy, input);
          expect(decision).toEqual(decide(policy, structuredClone(input)));
          for (const [index, { gate, protection }] of decision.recipients.entries()) {
            const failed = kinds.includes('inspection-failed');
            expect(failed && gate === 'release').toBe(false);
            const external = !(input.facts.recipients[index]?.internal ?? false);
            const marked = marking !== 'NONE' && marking !== 'OFFICIAL';
            expect(marked && external && protection === 'none').toBe(false);
            expect(GATES.indexOf(decision.gate)).toBeGreaterThanOrEqual(GATES.indexOf(gate));
          }
        }),
        { seed: 20260901, numRuns: 200 },
      );
    });
  });

  it('reads a long text once, however many recipients it has', () => {
    const to = Array.from({ length: 500 }, (_, index) => `r${index}@outside.example`);
    const input = inputOf({ to });
    let reads = 0;
    const message = new Proxy(input.message ?? {}, {
      get(target, key) {
        if (key === 'texts') reads += 1;
        return Reflect.get(target, key) as unknown;
      },
    }) as NonNullable<typeof input.message>;
    expect(decide(policy, { ...input, message }).recipients).toHaveLength(500);
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(20);
  });

  describe('inputsHash', () => {
    const hash = (draft: Draft, more = {}): string =>
      decide(policy, { ...inputOf(draft), ...more }).inputsHash;
    it('is the same for the same message, facts and policy', () => {
      expect(hash({})).toBe(hash({}));
      expect(hash({})).toMatch(/^[0-9a-f]{64}$/);
    });
    it('differs with the message, the facts and the policy', () => {
      const tiny = tinyPolicy([]);
      const all = [
        hash({}),
        hash({}, { sha256: 'cd'.repeat(32) }),
        hash({ actor: { ward: 'Other' } }),
        decide(tiny, inputOf()).inputsHash,
      ];
      expect(new Set(all).size).toBe(all.length);
    });
  });
});

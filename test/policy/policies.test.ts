import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createInspectors, inspect } from '../../src/inspect/inspect.ts';
import { markingOf } from '../../src/mail/marking.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../../src/mail/parse.ts';
import { runExamples, type Examine } from '../../src/policy/examples.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SOURCES = path.resolve(ROOT, '../shared/sources');
const policy = loadPolicy(path.join(ROOT, 'policies'));
const inspectors = createInspectors(policy.lists);

const examine: Examine = async (raw, facts) => {
  const message = await parseMessage(raw, DEFAULT_PARSE_LIMITS);
  const findings = inspect(inspectors, { message, facts });
  return { message, marking: markingOf(message.headers, facts.council.labels), findings };
};

const results = await runExamples(policy, { examine });

describe('the rules', () => {
  for (const { rule, number, subject, expected, got } of results) {
    it(`${rule}: example ${number} ("${subject}") is ${expected}`, () => {
      expect(got).toBe(expected);
    });
  }

  it('runExamples() fails an example that says the contrary', async () => {
    const rule = policy.rules.get('marked-official-sensitive');
    if (!rule) throw new Error('The rule is missing');
    const contrary = rule.examples.map((each) => ({ ...each, matches: !each.matches }));
    const rules = new Map([[rule.id, { ...rule, examples: contrary }]]);
    const failed = await runExamples({ ...policy, rules }, { examine });
    expect(failed.map(({ passed }) => passed)).toEqual(contrary.map(() => false));
  });
});

// Emphasis marks, line breaks and the date at the foot of a page belong to the page, not to the
// words.
const plain = (text: string): string =>
  text
    .replaceAll('**', '')
    .replace(/^Date: \d\d\.\d\d\.\d\d$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

const DOCUMENTS: Record<string, string> = {
  'West Lancashire': 'west-lancashire.txt',
  'St Helens': 'st-helens.txt',
  Havering: 'havering.txt',
  Middlesbrough: 'middlesbrough.txt',
  Redditch: 'redditch.txt',
};
const documentText = (council: string): string =>
  plain(readFileSync(path.join(SOURCES, DOCUMENTS[council] ?? ''), 'utf8'));

/** The numbers that clauses bear at the start of their line: `6.2.3`, `- 1.4`, `a)`. */
function numbersIn(council: string): string[] {
  const text = readFileSync(path.join(SOURCES, DOCUMENTS[council] ?? ''), 'utf8');
  const numbered = /^\s*(?:- )?(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)[ ,]+(?=["“A-Za-z])(?![^\n]*\t)/gm;
  const numbers = Array.from(text.matchAll(numbered), ([, number = '']) => number);
  // `6.0` is a heading.
  return [...new Set(numbers)].filter((number) => !number.endsWith('.0'));
}

describe(`the quotes ${existsSync(SOURCES) ? '' : `(not checked: no "${SOURCES}")`}`, () => {
  for (const council of policy.councils.values()) {
    it.skipIf(!existsSync(SOURCES))(`${council.name} quotes its documents word for word`, () => {
      const wrong = council.clauses.filter(
        ({ document, quote }) =>
          document && quote !== null && !documentText(document.council).includes(plain(quote)),
      );
      expect(wrong.map(({ section, quote }) => `${section}: ${quote}`)).toEqual([]);
    });

    if (council.id === 'merebrook') continue;
    it.skipIf(!existsSync(SOURCES))(`${council.name} goes through its document in order`, () => {
      const text = documentText(council.name);
      let place = 0;
      const misplaced = council.clauses.filter(({ quote }) => {
        if (quote === null) return false;
        const at = text.indexOf(plain(quote), place);
        if (at >= 0) place = at;
        return at < 0;
      });
      expect(misplaced.map(({ section, quote }) => `${section}: ${quote}`)).toEqual([]);
    });

    it.skipIf(!existsSync(SOURCES))(`${council.name} leaves no numbered clause out`, () => {
      const sections = council.clauses.map(({ section }) => section);
      const missing = numbersIn(council.name).filter(
        (number) => !sections.some((section) => section.startsWith(number)),
      );
      expect(missing).toEqual([]);
    });
  }

  it.skipIf(!existsSync(SOURCES))('sees the numbers of the documents that number clauses', () => {
    const counts = ['West Lancashire', 'St Helens', 'Middlesbrough'].map(
      (council) => numbersIn(council).length,
    );
    expect(counts).toEqual([52, 111, 32]);
  });
});

describe('what is not enforced', () => {
  const clauses = [...policy.councils.values()].flatMap(({ id, clauses: all }) =>
    all.map((clause) => ({ id, ...clause })),
  );

  it('says why in one or two whole sentences that a councillor can read', () => {
    const reasons = clauses.flatMap(({ id, section, enforcement }) => {
      if (enforcement.kind === 'rule') return [];
      const reason = enforcement.kind === 'kept' ? enforcement.how : enforcement.reason;
      return [`${id} ${section}: ${reason}`];
    });
    const odd = reasons.filter((reason) => !/: ["A-Z].{10,170}\.$/s.test(reason));
    expect(odd).toEqual([]);
  });

  it('is most of what the five say of equipment, and none of what they say of encryption', () => {
    const quoted = clauses.filter(({ quote }) => quote !== null && /encrypt/i.test(quote));
    const idle = quoted.filter(
      ({ enforcement, quote }) =>
        enforcement.kind === 'not-enforced' && !/memory stick|device/.test(quote ?? ''),
    );
    expect(idle.map(({ id, section }) => `${id} ${section}`)).toEqual([]);
  });
});

describe('the councils', () => {
  it('all six load', () => {
    expect([...policy.councils.keys()].sort()).toEqual([
      'havering',
      'merebrook',
      'middlesbrough',
      'redditch',
      'st-helens',
      'west-lancashire',
    ]);
  });

  it('St Helens, Redditch and the demo keep delivered mail for the two years of their clause', () => {
    const archives = [...policy.councils.values()]
      .filter(({ settings }) => settings.retention.deliveredDays === null)
      .map(({ id }) => id);
    expect(archives.sort()).toEqual(['merebrook', 'redditch', 'st-helens']);
  });

  it('the five accept no L2 and have told no member yet', () => {
    for (const { id, settings } of policy.councils.values()) {
      if (id === 'merebrook') continue;
      expect(settings.acceptL2).toEqual({ domains: [], mxSuffixes: [] });
      expect(settings.membersInformedOn).toBeNull();
    }
  });

  it('every council encrypts marked mail and holds what could not be inspected, by a clause', () => {
    for (const { clauses } of policy.councils.values()) {
      const enforced = clauses.flatMap(({ enforcement }) =>
        enforcement.kind === 'rule'
          ? [`${enforcement.rule.id} ${enforcement.gate} ${enforcement.protection}`]
          : [],
      );
      expect(enforced).toContain('marked-official-sensitive release required');
      expect(enforced).toContain('inspection-failed hold none');
    }
  });
});

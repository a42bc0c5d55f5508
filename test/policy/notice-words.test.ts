import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderTemplate } from '../../src/mail/notice-template.ts';
import { NOTICE_SHAPE, type NoticeVariables } from '../../src/mail/notice-variables.ts';
import { NOTICE_KINDS } from '../../src/mail/notice.ts';
import { findingWords } from '../../src/mail/plain-words.ts';
import { FINDING_KINDS } from '../../src/mail/finding.ts';
import { loadPolicy } from '../../src/policy/load.ts';

// What a busy councillor of seventy reads at once: short sentences and few long words.
const LONGEST_SENTENCE = 26;
const MEAN_SENTENCE = 14;
/** Flesch-Kincaid, years of school: 0.39 words a sentence + 11.8 syllables a word - 15.59. */
const HIGHEST_GRADE = 7.5;
const JARGON =
  /\b(?:SMTP|TLS|STARTTLS|DANE|MTA|MX|DNS|MIME|DSN|envelope|relay|payload|quarantined?|disposition|gateway|regex|null)\b/i;

const POLICIES = path.resolve(import.meta.dirname, '../../policies');
const policy = loadPolicy(POLICIES);
const examples = Object.fromEntries(
  Object.entries(NOTICE_SHAPE.variables).map(([name, { example }]) => [name, example]),
) as unknown as NoticeVariables;

/** Sentences of a rendered notice; quotes of documents, addresses and links are not our words. */
function sentencesOf(text: string): string[] {
  return text
    .split(/\n\s*\n|\n(?=\s*(?:-|\d+\.) )/)
    .map((block) => block.replace(/\s+/g, ' ').trim())
    .filter((block) => !block.startsWith('>') && !block.startsWith('Dear '))
    .map((block) => block.replace(/^(?:-|\d+\.) /, '').replace(/“[^”]*”/g, 'this'))
    .flatMap((block) => block.split(/(?<=[.?!:]) /))
    .filter((sentence) => !/[@]|https?:|Reference/.test(sentence))
    .filter((sentence) => /\p{L}/u.test(sentence));
}

const wordsOf = (sentence: string): string[] => sentence.match(/[\p{L}’'-]+/gu) ?? [];

/** Vowel groups, without the silent e: near enough for a mean. */
function syllables(word: string): number {
  const plain = word.toLowerCase().replace(/(?:[^l]e|ed|es)$/, '');
  return Math.max(1, plain.match(/[aeiouy]+/g)?.length ?? 1);
}

function grade(sentences: string[]): number {
  const words = sentences.flatMap(wordsOf);
  const beats = words.reduce((sum, word) => sum + syllables(word), 0);
  return (0.39 * words.length) / sentences.length + (11.8 * beats) / words.length - 15.59;
}

function tooLong(sentences: string[]): string[] {
  return sentences.filter((sentence) => wordsOf(sentence).length > LONGEST_SENTENCE);
}

describe('every notice', () => {
  for (const kind of NOTICE_KINDS) {
    const template = policy.notices[kind] ?? '';
    for (const council of policy.councils.values()) {
      const {
        markingAdvised,
        redirectAllowed,
        pgpFallback: pgp,
        contacts,
        roleNames,
      } = council.settings;
      const variables = {
        ...examples,
        markingAdvised,
        redirectAllowed,
        pgp,
        contacts,
        councilName: council.name,
        ictDesk: roleNames.ict ?? 'the ICT desk',
        waitsForOfficer: roleNames['data-protection-officer'] ?? 'the Data Protection Officer',
      };
      const { text, html } = renderTemplate(template, variables, NOTICE_SHAPE);

      it(`${kind} for ${council.id} is plain English`, () => {
        const sentences = sentencesOf(text);
        expect(sentences.length).toBeGreaterThan(5);
        expect(tooLong(sentences)).toEqual([]);
        const mean = sentences.flatMap(wordsOf).length / sentences.length;
        expect(mean).toBeLessThan(MEAN_SENTENCE);
        expect(grade(sentences)).toBeLessThan(HIGHEST_GRADE);
        expect(sentences.filter((sentence) => JARGON.test(sentence))).toEqual([]);
      });

      it(`${kind} for ${council.id} says whom to ask, in text and in HTML`, () => {
        for (const contact of contacts) {
          expect(text.replace(/\s+/g, ' ')).toContain(contact.text);
        }
        expect(html).toContain('<html lang="en">');
      });
    }
  }

  it('knows a text that is not plain', () => {
    const bad =
      'Notwithstanding the aforementioned considerations, your electronic communication has been ' +
      'quarantined pending authorisation by the responsible organisational authority.';
    expect(grade(sentencesOf(bad))).toBeGreaterThan(HIGHEST_GRADE);
    expect(JARGON.test(bad)).toBe(true);
    expect(sentencesOf('One. Two three.\n\n - Four\n - Five')).toEqual([
      'One.',
      'Two three.',
      'Four',
      'Five',
    ]);
  });
});

describe('the words of rules and findings', () => {
  const ruled = [...policy.councils.values()].flatMap(({ clauses }) =>
    clauses.flatMap(({ enforcement }) =>
      enforcement.kind === 'rule' ? [{ id: enforcement.rule.id, enforcement }] : [],
    ),
  );

  it('are there wherever a match reaches the sender', () => {
    const silent = ruled.filter(
      ({ enforcement: { gate, nudge, words, rule } }) =>
        (gate !== 'release' || nudge) && words === null && rule.condition.kinds.length === 0,
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it('are whole plain sentences that never say that somebody broke a rule', () => {
    const all = [
      ...ruled.flatMap(({ enforcement: { words } }) => (words ? [words] : [])),
      ...FINDING_KINDS.flatMap((kind) => [findingWords(kind, true), findingWords(kind, false)]),
    ].flatMap(({ reason, advice }) => [reason, ...advice]);
    expect(all.filter((each) => !/^[A-Z].*[.”]$/s.test(each))).toEqual([]);
    const sentences = all.flatMap(sentencesOf);
    expect(tooLong(sentences)).toEqual([]);
    expect(grade(sentences)).toBeLessThan(HIGHEST_GRADE);
    expect(sentences.filter((each) => JARGON.test(each))).toEqual([]);
    expect(
      sentences.filter((each) => /\b(?:breach|broke|violat|offence|guilty)/i.test(each)),
    ).toEqual([]);
  });

  it('name nobody but the roles that a council has', () => {
    const files = ['held', 'refused'].map((kind) =>
      readFileSync(path.join(POLICIES, 'notices', `${kind}.md`), 'utf8'),
    );
    expect(files.join('\n')).not.toMatch(/Monitoring Officer|Borough Solicitor/);
  });
});

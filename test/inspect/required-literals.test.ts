import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phrase } from '../../src/inspect/cues.ts';
import { requiredLiterals } from '../../src/inspect/required-literals.ts';

describe('requiredLiterals()', () => {
  it.each([
    ['vote', ['vote']],
    ['re-?elect', ['elect']],
    ['colou?r', ['colo']],
    ['cat|doghouse', ['cat', 'doghouse']],
    ['caterer|doghouse', ['caterer', 'doghouse']],
    ['(?:caterer|doghouse)s', ['caterer', 'doghouse']],
    ['bcd+efg', ['efg']],
    ['fo{2,3}bar', ['bar']],
    ['(?:abcd)?', null],
    ['(?:abcd){0,2}xyz', ['xyz']],
    ['(?!abcdef)xyz', ['xyz']],
    ['[abcdef]ghi', ['ghi']],
    ['\\p{Lu}abc|def', ['abc', 'def']],
    ['up|down', null],
    ['a)b', null],
  ])('of %s are %j', (source, words) => {
    expect(requiredLiterals(source)).toEqual(words);
  });

  it('never rule out a text that the pattern matches', () => {
    const word = fc.constantFrom('vote', 'labour', 'leaf', 'let', 'door', 'step', 'a', 'us');
    const part: fc.Arbitrary<string> = fc.oneof(
      word,
      word.map((text) => `${text}s?`),
      fc.tuple(word, word).map(([one, other]) => `(?:${one}|${other})`),
      fc.tuple(word, word).map(([one, other]) => `(?:${one} ${other})?`),
      fc.tuple(word, word).map(([one, other]) => `${one} ~ ${other}`),
      word.map((text) => `(?=${text})`),
      word.map((text) => `(?:${text}){1,2}`),
      fc.constantFrom('\\w{1,5}', '[a-z]+', '.'),
    );
    const source = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(' ?'));
    const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(source, { minLength: 1, maxLength: 3 }), text, (sources, written) => {
        const pattern = phrase(sources.join('|'));
        const words = requiredLiterals(pattern.source);
        const ruledOut = words !== null && !words.some((each) => written.includes(each));
        return !(ruledOut && pattern.test(written));
      }),
      { seed: 20_261_122, numRuns: 3000 },
    );
  });
});

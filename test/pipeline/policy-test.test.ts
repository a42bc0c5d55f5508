import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { testOutcomes } from '../../src/pipeline/policy-test.ts';
import { loadOutcomes, loadPolicy } from '../../src/policy/load.ts';
import { councilsOf, readOutcomes, type OutcomeCell } from '../../src/policy/outcomes.ts';

const POLICIES = path.resolve(import.meta.dirname, '../../policies');
const policy = loadPolicy(POLICIES);
const outcomes = loadOutcomes(POLICIES);
if (!outcomes) throw new Error('The table of outcomes is missing');
const results = await testOutcomes(policy, outcomes);

const cell = (message: string, council: string): OutcomeCell | undefined =>
  outcomes.messages.find(({ id }) => id === message)?.outcomes[council];
const row = (message: string): string[] =>
  councilsOf(outcomes).map((council) => {
    const { gate, protection, nudge, tag } = cell(message, council) ?? {};
    return `${gate}${protection === 'required' ? '+' : ''}${nudge ? ' nudge' : ''}${tag ? ' tag' : ''}`;
  });

describe('the table of outcomes', () => {
  it('has twenty messages, the five councils and the demo, no two of which agree in all', () => {
    expect(outcomes.messages).toHaveLength(20);
    const councils = councilsOf(outcomes);
    expect(councils).toEqual([
      'west-lancashire',
      'st-helens',
      'havering',
      'middlesbrough',
      'redditch',
      'merebrook',
    ]);
    const columns = councils.map((council) =>
      JSON.stringify(outcomes.messages.map(({ id }) => cell(id, council))),
    );
    expect(new Set(columns).size).toBe(6);
  });

  for (const { message, council, expected, got } of results) {
    it(`${message} from ${council}: ${expected}`, () => {
      expect(got).toBe(expected);
    });
  }

  it.each([
    // West Lancashire 1.4 alone permits a redirect, over an encrypted channel only.
    ['redirect-approved', ['release+ tag', 'divert', 'divert', 'divert', 'divert', 'divert']],
    ['redirect-not-approved', Array(6).fill('divert')],
    // Havering and Middlesbrough at any time; West Lancashire 4.2 asks for a statement.
    ['campaign', ['hold nudge', 'release tag', 'hold', 'hold', 'release', 'hold']],
    [
      'campaign-in-private-capacity',
      ['release nudge', 'release tag', 'hold', 'hold', 'release', 'hold'],
    ],
    // Newsletters and group business are allowed everywhere, and so is a personal opinion.
    ['newsletter-in-the-period', Array(6).fill('release')],
    ['group-meeting', Array(6).fill('release')],
    ['agrees-with-a-complaint', Array(6).fill('release')],
    [
      'criticises-an-officer',
      ['release', 'release tag', 'release nudge', 'release', 'release', 'release nudge'],
    ],
    ['nameless', ['release nudge', 'release', 'release', 'release', 'release', 'release nudge']],
  ])('%s is as the documents differ', (message, expected) => {
    expect(row(message)).toEqual(expected);
  });

  it('the demo, which takes the strictest of the five, is nowhere laxer than any of them', () => {
    const laxer = outcomes.messages.filter(({ outcomes: { merebrook, ...five } }) => {
      const others = Object.values(five);
      if (merebrook?.gate !== 'release') return false;
      // A nudge that comes with a marking is our choice of words, not a clause of its own.
      const nudged = others.some(({ nudge, protection }) => nudge && protection === 'none');
      return (
        others.some(({ gate }) => gate !== 'release') ||
        (others.some(({ protection }) => protection === 'required') &&
          merebrook.protection === 'none') ||
        (nudged && !merebrook.nudge)
      );
    });
    expect(laxer.map(({ id }) => id)).toEqual([]);
  });

  it('cites a clause of the council own document wherever conduct or politics act', () => {
    const ours = outcomes.messages.flatMap(({ outcomes: cells }) =>
      Object.values(cells).flatMap(({ by }) => by.filter((each) => each.startsWith('our choice'))),
    );
    const areas = new Set(
      ours.map((each) => policy.rules.get(each.replace('our choice: ', ''))?.area),
    );
    expect(areas).toEqual(new Set(['forwarding', 'identity', 'protection']));
  });
});

describe('testOutcomes()', () => {
  it('fails a cell that says something else, and says both', async () => {
    const wrong = structuredClone(outcomes);
    const first = wrong.messages[0]?.outcomes['redditch'];
    if (first) first.gate = 'hold';
    const failed = (await testOutcomes(policy, wrong)).filter(({ passed }) => !passed);
    expect(failed).toEqual([
      {
        message: 'agrees-with-a-complaint',
        council: 'redditch',
        expected: 'hold by no clause',
        got: 'release by no clause',
        passed: false,
      },
    ]);
  });

  it('only records conduct and politics while members were not told', async () => {
    const untold = structuredClone(outcomes);
    untold.assume.membersInformedOn = '2027-01-01';
    const held = (await testOutcomes(policy, untold)).filter(({ got }) => got.startsWith('hold'));
    expect(new Set(held.map(({ message }) => message))).toEqual(
      new Set(['private-data-of-twelve', 'borrowed-name']),
    );
  });

  it('refuses a table without a cell', async () => {
    const short = structuredClone(outcomes);
    delete short.messages[3]?.outcomes['havering'];
    await expect(testOutcomes(policy, short)).rejects.toThrow(
      'No outcome of "private-data-of-twelve" for "havering"; add the cell',
    );
  });
});

describe('readOutcomes()', () => {
  it('says where a table is wrong', () => {
    expect(() => readOutcomes('assume: {}\npeople: []\nmessages: []\n')).toThrow(
      /outcomes.yaml:1:9: "assume.membersInformedOn" is missing/,
    );
  });
});

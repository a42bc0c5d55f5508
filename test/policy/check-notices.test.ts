import { expect, it } from 'vitest';
import { checkNotices } from '../../src/policy/check-notices.ts';
import { loadPolicy } from '../../src/policy/load.ts';

const POLICIES = new URL('../../policies', import.meta.url).pathname;

it('checkNotices() has nothing against the notices of the folder', () => {
  expect(checkNotices(loadPolicy(POLICIES).files)).toEqual([]);
});

it('checkNotices() refuses a notice that could not be written, and one that nothing sends', () => {
  const problems = checkNotices({
    'notices/held.md': 'Subject: Held\n\n{{ surprise }}',
    'notices/helt.md': 'Held',
    'lists/parties.yaml': '{{ not a notice }}',
  });
  expect(problems.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['notices/held.md', 'notices/helt.md']),
  );
  expect(problems.find(({ file }) => file.endsWith('held.md'))?.message).toContain('surprise');
  expect(problems.find(({ file }) => file.endsWith('helt.md'))?.message).toContain('Nothing sends');
});

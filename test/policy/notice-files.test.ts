import { describe, expect, it } from 'vitest';
import { checkNotices } from '../../src/policy/check-notices.ts';
import { noticeTemplate, readNoticeName } from '../../src/policy/notice-files.ts';
import { tinyPolicy } from './tiny-policy.ts';

const council = tinyPolicy([]).councils.get('testing');
if (!council) throw new Error('The council is missing');
const welsh = { ...council, settings: { ...council.settings, noticeLanguage: 'cy' as const } };

describe('noticeTemplate()', () => {
  const notices = {
    held: 'all',
    'held.testing': 'own',
    'held.cy': 'pawb',
    'held.testing.cy': 'eu hun',
    'held.other': 'somebody else',
    nudge: 'all',
    'nudge.cy': 'pawb',
    refused: 'all',
  };
  it.each([
    ['held', council, 'own', 'en'],
    ['nudge', council, 'all', 'en'],
    ['held', welsh, 'eu hun', 'cy'],
    ['nudge', welsh, 'pawb', 'cy'],
    // Nothing in Welsh yet: English is better than silence.
    ['refused', welsh, 'all', 'en'],
  ] as const)('%s', (kind, whose, template, language) => {
    expect(noticeTemplate(notices, kind, whose)).toEqual({ template, language });
  });
  it('is null where there are no words at all', () => {
    expect(noticeTemplate(notices, 'expired', council)).toBeNull();
  });
});

describe('readNoticeName()', () => {
  it.each(['held', 'held.testing', 'held.cy', 'held.testing.cy', 'key-request.testing'])(
    'reads %s',
    (name) => {
      expect(readNoticeName(name, ['testing']).problem).toBeNull();
    },
  );
  it.each(['helt', 'held.nowhere', 'held.fr', 'held.cy.testing', 'held.testing.more'])(
    'refuses %s, which nothing would read',
    (name) => {
      expect(readNoticeName(name, ['testing']).problem).toMatch(/^Nothing (?:reads|sends)/);
    },
  );
});

it('checkNotices() checks the words of one council like those of all', () => {
  const problems = checkNotices({
    'councils/testing.yaml': '',
    'notices/held.testing.md': 'Subject: Held\n\n{{ surprise }}',
    'notices/held.elsewhere.md': 'Subject: Held\n\n',
  });
  expect(problems.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['notices/held.testing.md', 'notices/held.elsewhere.md']),
  );
});

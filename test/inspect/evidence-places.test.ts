import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInspectors, inspect } from '../../src/inspect/inspect.ts';
import type { Finding } from '../../src/mail/finding.ts';
import type { ParsedMessage } from '../../src/mail/message.ts';
import { LISTS } from './inspection-of.ts';
import { inspectionOfMail } from './mail-of.ts';

const FOLDER = path.join(import.meta.dirname, 'samples');
const SAMPLES = readdirSync(FOLDER).flatMap((file) =>
  readFileSync(path.join(FOLDER, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { subject: string; body: string }),
);
const INSPECTORS = createInspectors(LISTS);
/** Their words are masked in evidence; only the place says which they were. */
const MASKED = ['personal-data', 'credential'];

/** Ways in which the same words can come: what the text is then is the parser's affair. */
const DRESSES: Record<string, (body: string) => { headers: string[]; body: string }> = {
  plain: (body) => ({ headers: ['Content-Type: text/plain; charset=utf-8'], body }),
  'with invisible characters': (body) => ({
    headers: ['Content-Type: text/plain; charset=utf-8'],
    body: body.replaceAll(/(?<=\p{L})(?=\p{L}{2})/gu, '\u200B'),
  }),
  'as HTML with something hidden': (body) => ({
    headers: ['Content-Type: text/html; charset=utf-8'],
    body: `<p style="display:none">a preview</p>${body
      .split('\n')
      .map((line) => `<p>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`)
      .join('\n')}`,
  }),
  'below a sentence, in wide letters': (body) => ({
    headers: ['Content-Type: text/plain; charset=utf-8'],
    body: `Dear all,\n\n${body.replaceAll(/[a-z]/g, (letter) =>
      String.fromCharCode(letter.charCodeAt(0) + 0xfee0),
    )}`,
  }),
  attached: (body) => ({
    headers: ['Content-Type: multipart/mixed; boundary=bound'],
    body:
      '--bound\n\nSee below.\n--bound\nContent-Type: text/plain; charset=utf-8; name=a.txt\n' +
      `Content-Disposition: attachment; filename=a.txt\n\n${body}\n--bound--`,
  }),
};

/** What is wrong with where a finding's evidence points, `[]` where nothing is. */
function misplaced({ kind, evidence }: Finding, message: ParsedMessage): string[] {
  return evidence.flatMap(({ part, text, start, end }) => {
    const whole = message.texts.find(({ name }) => name === part)?.text;
    // Headers and the envelope are no parts of the text.
    if (whole === undefined) return part.includes(':') ? [] : [`${kind} names no part "${part}"`];
    if (start === end && text === '') return [];
    if (start < 0 || end > whole.length || start >= end) {
      return [`${kind} points from ${start} to ${end} of ${whole.length} in ${part}`];
    }
    const there = whole.slice(start, end);
    if (there.trim() === '') return [`${kind} points at blanks in ${part}`];
    if (MASKED.includes(kind)) return [];
    const plain = (words: string): string => words.replaceAll(/\s+/g, ' ').trim();
    const shown = plain(text.replace(/…$/, ''));
    return plain(there).startsWith(shown) ? [] : [`${kind}: "${text}" is "${there}" in ${part}`];
  });
}

describe('the evidence of every finding', () => {
  it('points exactly at its words in the text of its part, however the mail is dressed', async () => {
    let places = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SAMPLES),
        fc.constantFrom(...Object.entries(DRESSES)),
        async ({ subject, body }, [, dress]) => {
          const { headers, body: dressed } = dress(body);
          const encoded = `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`;
          const inspection = await inspectionOfMail({
            headers: [`Subject: ${encoded}`, 'Content-Transfer-Encoding: 8bit', ...headers],
            body: dressed,
          });
          const findings = inspect(INSPECTORS, inspection);
          places += findings.flatMap(({ evidence }) => evidence).length;
          expect(findings.flatMap((each) => misplaced(each, inspection.message))).toEqual([]);
        },
      ),
      { numRuns: 150, seed: 20261126 },
    );
    expect(places).toBeGreaterThan(50);
  }, 60_000);
});

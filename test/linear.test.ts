import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../src');
/** Where text that strangers wrote is matched. */
const FOLDERS = ['mail', 'inspect'];

/** What makes a backtracking matcher try again: what patterns look for, over and over, never whole. */
const UNITS = [
  'a',
  'A',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '.',
  '-',
  '_',
  ',',
  ';',
  ':',
  '=',
  '<',
  '>',
  '"',
  "'",
  '(',
  '/',
  '@',
  '0',
  '1 ',
  '07',
  '12-34-56 ',
  'é',
  'A. ',
  'a@',
  'a.',
  '<a ',
  '<b style="',
  'ab ',
  'the ',
  'to ',
  'not ',
  'vote ',
  'you ',
  'Mr ',
  'Cllr ',
  'promoted by ',
  'on behalf of ',
  '\\',
  'password ',
  'born ',
  'Re: ',
  '> ',
  '=?utf-8?q?',
  'From: ',
  'http://',
  '%20',
  'official ',
  'official-',
  'paragraph 3 ',
  'Name: ',
  '[',
  '&#',
  '#',
  '£1,',
  'a\n',
  ' \n',
  'x=',
  '*',
];
/** Quadratic matching shows itself here already, if not for certain. */
const PROBE = 2000;
const SHORT = 6000;
const LONG = 4 * SHORT;
/** Quadratic matching takes sixteen times as long for four times the text. */
const WORST_RATIO = 9;
/** What is this quick is not measured: far from quadratic at this length. */
const QUICK_MS = 4;

const patterns = new Map<string, RegExp>();

function note(pattern: RegExp, place: string): void {
  const plain = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
  patterns.set(`/${plain.source}/${plain.flags}`, plain);
  places.set(`/${plain.source}/${plain.flags}`, place);
}
const places = new Map<string, string>();

/** Literals, as the sources have them. */
function noteLiterals(file: string): void {
  const literal =
    /(?<=[(,=:[!&|?{}\s])\/(?![*/\s])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;
  readFileSync(path.join(SRC, file), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (/^\s*(?:\*|\/\/|\/\*)/.test(line)) return;
      for (const [, source = '', flags = ''] of line.matchAll(literal)) {
        try {
          note(new RegExp(source, flags), `${file}:${index + 1}`);
        } catch {
          // A division or a path, and no pattern.
        }
      }
    });
}

beforeAll(async () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(SRC, folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => path.join(folder, file)),
  );
  files.forEach(noteLiterals);
  // The libraries' own patterns are theirs to test.
  await Promise.all(['marked', 'nunjucks', 'html-to-text', 'mailparser'].map((it) => import(it)));
  // Those that are built from parts are caught as they are made.
  const { RegExp: Plain } = globalThis;
  let place = '';
  globalThis.RegExp = new Proxy(Plain, {
    construct(target, input: [string, string]) {
      const made = new target(...input);
      if (!patterns.has(made.source)) {
        const plain = new target(made.source, `${made.flags.replace('g', '').replace('y', '')}g`);
        patterns.set(`/${plain.source}/${plain.flags}`, plain);
        places.set(`/${plain.source}/${plain.flags}`, place);
      }
      return made;
    },
  });
  try {
    for (const file of files) {
      place = file;
      await import(path.join(SRC, file));
    }
    place = 'built from the lists';
    const { loadPolicy } = await import('../src/policy/load.ts');
    const { createInspectors } = await import('../src/inspect/inspect.ts');
    createInspectors(loadPolicy(path.resolve(SRC, '../policies')).lists);
  } finally {
    globalThis.RegExp = Plain;
  }
}, 120_000);

function milliseconds(pattern: RegExp, text: string): number {
  const start = performance.now();
  text.replace(pattern, '');
  return performance.now() - start;
}

describe('every pattern that meets the text of strangers', () => {
  it('takes time that grows as the text does, whatever the text', () => {
    expect(patterns.size).toBeGreaterThan(300);
    const slow: string[] = [];
    for (const [name, pattern] of patterns) {
      for (const unit of UNITS) {
        // What stands at the end is what nothing looks for, so that nothing matches to the end.
        const of = (length: number): string =>
          `${unit.repeat(Math.ceil(length / unit.length))}\u00a7`;
        if (milliseconds(pattern, of(PROBE)) < QUICK_MS / 6) continue;
        // The first run compiles, and another process may have had the machine: the best counts.
        const best = (length: number): number =>
          Math.min(...[1, 2, 3].map(() => milliseconds(pattern, of(length))));
        const rounds = [1, 2, 3].map(() => ({ short: best(SHORT), long: best(LONG) }));
        if (rounds.some(({ short }) => short < QUICK_MS)) continue;
        const ratio = Math.min(...rounds.map(({ short, long }) => long / short));
        if (ratio > WORST_RATIO) {
          slow.push(
            `${places.get(name)} on ${JSON.stringify(unit)}: ${ratio.toFixed(0)} times ${name.slice(0, 120)}`,
          );
          break;
        }
      }
    }
    expect(slow).toEqual([]);
  }, 300_000);
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

// Who may import whom: a file may import only from rows above its own, or from its own folder.
const ROWS: Record<string, number> = {
  mail: 1,
  inspect: 2,
  policy: 3,
  'log.ts': 4,
  store: 4,
  queue: 4,
  delivery: 4,
  pgp: 4,
  extract: 4,
  scan: 4,
  embedded: 4,
  pipeline: 5,
  retention: 5,
  ingress: 6,
  console: 6,
  cli: 6,
};
const COMPOSITION_ROW = 7;
// The log's vocabulary is for everyone from row 4 on.
const OPEN_TO_ITS_ROW = ['log.ts'];

const FILE_LINES = 400;
const LINE_COLUMNS = 100;
const FUNCTION_LINES = 70;

const SRC = path.resolve(import.meta.dirname, '../src');

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

const files = filesBelow(SRC).map((file) => ({
  file,
  text: readFileSync(path.join(SRC, file), 'utf8'),
}));

function partOf(file: string): string {
  return file.split(path.sep)[0] ?? file;
}

function rowOf(file: string): number {
  return ROWS[partOf(file)] ?? COMPOSITION_ROW;
}

function importsOf(text: string): { target: string; typeOnly: boolean }[] {
  const pattern = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gms;
  return Array.from(text.matchAll(pattern), ([, typeOnly, target]) => ({
    target: target ?? '',
    typeOnly: typeOnly !== undefined,
  }));
}

describe('the import rows', () => {
  for (const { file, text } of files) {
    it(`hold in ${file}`, () => {
      for (const { target, typeOnly } of importsOf(text)) {
        if (!target.startsWith('.')) continue;
        const imported = path.join(path.dirname(file), target);
        if (partOf(imported) === partOf(file)) continue;
        // A shape may be known further down than its maker.
        const isConfigShape = typeOnly && partOf(imported).startsWith('config');
        if (isConfigShape && rowOf(file) >= 6) continue;
        const allowed =
          rowOf(imported) < rowOf(file) ||
          rowOf(file) === COMPOSITION_ROW ||
          (OPEN_TO_ITS_ROW.includes(partOf(imported)) && rowOf(file) >= 4);
        expect(allowed, `"${file}" (row ${rowOf(file)}) imports "${imported}"`).toBe(true);
      }
    });
  }
});

const ONLY_IN: { pattern: RegExp; places: string[] }[] = [
  { pattern: /from 'postgres'/, places: ['store'] },
  { pattern: /from '(bullmq|ioredis)'/, places: ['queue'] },
  { pattern: /from 'smtp-server'/, places: ['ingress', 'embedded'] },
  { pattern: /\bprocess\.env\b/, places: ['main.ts'] },
  { pattern: /\bconsole\.(log|error|warn)\b/, places: [] },
  { pattern: /\b(TODO|FIXME|XXX)\b/, places: [] },
];
// Rows 1 to 3 depend on their arguments alone.
const IMPURE = /\bnew Date\(\)|\bDate\.now\(|\bMath\.random\(|from 'node:(net|dns|http|https|tls)'/;
const READS_DISK = /from 'node:fs/;

describe('every source file', () => {
  for (const { file, text } of files) {
    it(`${file} keeps the limits and the bans`, () => {
      const lines = text.split('\n');
      expect(lines.length, 'lines').toBeLessThanOrEqual(FILE_LINES + 1);
      const long = lines.flatMap((line, index) => (line.length > LINE_COLUMNS ? [index + 1] : []));
      expect(long, 'lines over 100 columns').toEqual([]);
      for (const { pattern, places } of ONLY_IN) {
        if (!places.includes(partOf(file))) expect(text).not.toMatch(pattern);
      }
      if (rowOf(file) <= 3) {
        expect(text).not.toMatch(IMPURE);
        if (file !== path.join('policy', 'load.ts')) expect(text).not.toMatch(READS_DISK);
      }
    });

    it(`${file} has no function over ${FUNCTION_LINES} lines`, () => {
      expect(longFunctions(text)).toEqual([]);
    });
  }

  it('is named in kebab-case and never for a drawer', () => {
    for (const { file } of files) {
      expect(path.basename(file)).toMatch(/^[a-z0-9-]+(\.d)?\.ts$/);
      expect(path.basename(file)).not.toMatch(/^(utils?|helpers?|common|types|index|misc)\.ts$/);
    }
  });
});

/** Names of top-level functions and methods that are too long; formatting makes their ends plain. */
function longFunctions(text: string): string[] {
  const lines = text.split('\n');
  const found: string[] = [];
  lines.forEach((line, start) => {
    const match = /^(\s*)(?:export )?(?:async )?(?:function\*? (\w+)|(?:#?(\w+))\([^;]*\{$)/.exec(
      line,
    );
    if (!match || /^\s*(if|for|while|switch|catch|return)\b/.test(line)) return;
    const end = lines.findIndex((each, index) => index > start && each === `${match[1]}}`);
    if (end - start > FUNCTION_LINES) found.push(match[2] ?? match[3] ?? line.trim());
  });
  return found;
}

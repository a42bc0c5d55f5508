import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configReference } from '../src/cli/config-reference.ts';
import type { CliContext } from '../src/cli/context.ts';
import { DEMO_MESSAGES } from '../src/cli/demo-messages.ts';
import { createProgram } from '../src/cli/program.ts';
import { CONFIG_SCHEMA } from '../src/config-schema.ts';
import { loadConfig } from '../src/config.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const README = read('README.md');
const DOCS = readdirSync(path.join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
const PAGES = ['README.md', ...DOCS.map((file) => `docs/${file}`)];

describe('the README', () => {
  it('has the configuration reference of the schema', async () => {
    const reference = configReference(CONFIG_SCHEMA);
    const section =
      /(<!-- Generated from src\/config-schema\.ts: .* -->\n\n)[^]*?(\n\n<!-- end -->)/;
    expect(README).toMatch(section);
    const current = README.replace(section, (_all, start, end) => `${start}${reference}${end}`);
    // A snapshot, so that `-u` writes the section anew.
    await expect(current).toMatchFileSnapshot('../README.md');
  });

  it('names every command, and none that is not there', () => {
    const program = createProgram({ user: 'somebody' } as CliContext);
    const table = /## Commands\n([^]*?)\n## /.exec(README)?.[1] ?? '';
    const named = [...table.matchAll(/^\| (.*?) \| /gm)].flatMap(([, cell = '']) => {
      const [first = '', ...others] = [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
      const [group = ''] = first.split(' ');
      const isGroup = program.commands.find((each) => each.name() === group)?.commands.length;
      if (!isGroup) return [group];
      return [first, ...others.map((other) => `${group} ${other}`)].map((words) =>
        words.split(' ').slice(0, 2).join(' '),
      );
    });
    const real = program.commands.flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((each) => `${command.name()} ${each.name()}`),
    );
    expect(named.filter((name) => name !== '').toSorted()).toEqual(real.toSorted());
  });

  it('has a row for each folder of the sources', () => {
    const folders = readdirSync(path.join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    for (const folder of folders) expect(README).toContain(`| \`src/${folder}\` |`);
  });

  it('has a row for each message of the demo', () => {
    const table = /## The demo\n([^]*?)\n## /.exec(README)?.[1] ?? '';
    const rows = table
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    expect(rows).toHaveLength(DEMO_MESSAGES.length);
  });
});

describe('the documents', () => {
  it('link to files that are there', () => {
    for (const page of PAGES) {
      for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        const file = path.join(ROOT, path.dirname(page), target);
        expect(existsSync(file), `${page} links to ${target}`).toBe(true);
      }
    }
  });

  it('give configurations that load', () => {
    const deploy = path.join(ROOT, 'docs/deploy');
    const examples = readdirSync(deploy).filter((file) => file.endsWith('.yaml'));
    expect(examples).not.toHaveLength(0);
    for (const file of examples) {
      const { policy } = loadConfig(path.join(deploy, file), {});
      for (const council of policy.councils) {
        expect(existsSync(path.join(ROOT, 'policies/councils', `${council}.yaml`))).toBe(true);
      }
    }
  });
});

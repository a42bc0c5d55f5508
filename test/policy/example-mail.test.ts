import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testPolicy } from '../../src/pipeline/policy-test.ts';
import { MAX_EXAMPLE_BYTES } from '../../src/policy/example-mail.ts';
import { loadPolicy, policyFromFiles } from '../../src/policy/load.ts';
import { PolicyError } from '../../src/policy/policy.ts';
import { problemsOf, RULE, tinyFiles } from './tiny-policy.ts';

const MARKED = 'From: a@council.example\nSubject: OFFICIAL-\n SENSITIVE: x\n\nWords\n';
const FILE = 'rules/examples/marked.eml';
const named = (entry: string): string => `${RULE}  - { ${entry} }\n`;
const WHOLE = named('file: examples/marked.eml, to: a@charity.test, matches: true');

const found = (entry: string, mail: string | null = MARKED): string[] =>
  problemsOf({ 'rules/marked.yaml': named(entry), [FILE]: mail });

describe('an example that is a message of its own', () => {
  it('is run as it stands, its headers and all', async () => {
    const results = async (mail: string) =>
      testPolicy(policyFromFiles(tinyFiles({ 'rules/marked.yaml': WHOLE, [FILE]: mail })));
    expect((await results(MARKED)).at(-1)).toEqual({
      rule: 'marked',
      number: 3,
      subject: 'examples/marked.eml',
      expected: true,
      got: true,
      passed: true,
    });
    const unmarked = MARKED.replace('SENSITIVE', 'ORDINARY');
    expect((await results(unmarked)).at(-1)?.passed).toBe(false);
    expect((await results(MARKED.replaceAll('\n', '\r\n'))).at(-1)?.passed).toBe(true);
  });

  it('is part of what the version is a hash of, and of what the record keeps', () => {
    const files = tinyFiles({ 'rules/marked.yaml': WHOLE, [FILE]: MARKED });
    const policy = policyFromFiles(files);
    expect(policy.files[FILE]).toBe(MARKED);
    expect(policyFromFiles({ ...files, [FILE]: `${MARKED}More\n` }).version).not.toBe(
      policy.version,
    );
  });

  it('must be there', () => {
    expect(found('file: examples/markde.eml, to: a@b.test, matches: true')).toEqual([
      'rules/examples/marked.eml:1:1: No rule names this example; name it under "examples", ' +
        'or delete it',
      'rules/marked.yaml:8:13: There is no "rules/examples/markde.eml"; did you mean ' +
        '"examples/marked.eml"?',
    ]);
  });

  it.each(['../secret.eml', 'examples/../../x.eml', '/etc/passwd', 'examples/x.txt', 'marked.eml'])(
    'lies in the folder beside the rules, unlike %s',
    (file) => {
      expect(found(`file: ${file}, to: a@b.test, matches: true`, null)).toEqual([
        `rules/marked.yaml:8:13: "examples.2.file" is "${file}"; needs a file of the folder ` +
          'beside the rules: examples/NAME.eml',
      ]);
    },
  );

  it('is a message, and small', () => {
    const entry = 'file: examples/marked.eml, to: a@b.test, matches: true';
    expect(found(entry, 'Dear Jo,\n\nFrom: me\n')).toEqual([
      'rules/marked.yaml:8:13: "rules/examples/marked.eml" is no message: its first line must be ' +
        'a field such as "From: …"',
    ]);
    expect(found(entry, MARKED.padEnd(MAX_EXAMPLE_BYTES, 'x'))).toEqual([]);
    expect(found(entry, MARKED.padEnd(MAX_EXAMPLE_BYTES, 'é'))).toEqual([
      'rules/marked.yaml:8:13: "rules/examples/marked.eml" is larger than 256 KiB; shorten it',
    ]);
  });

  it('says its subject itself, and not whom the envelope names', () => {
    expect(found('file: examples/marked.eml, subject: x, matches: true')).toEqual([
      'rules/marked.yaml:8:5: With "file" an example needs "to": whom the envelope names',
      'rules/marked.yaml:8:34: "subject" stands in the message; delete it, or "file"',
    ]);
  });
});

describe('loadPolicy() of example messages', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'policy-'));
    mkdirSync(path.join(dir, 'notices'));
    for (const [file, text] of Object.entries(tinyFiles({ 'rules/marked.yaml': WHOLE }))) {
      mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
      writeFileSync(path.join(dir, file), text);
    }
    mkdirSync(path.join(dir, 'rules/examples'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const problems = (): string[] => {
    try {
      loadPolicy(dir);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      return error.problems.map((each) => `${each.file}:${each.line}: ${each.message}`);
    }
    return [];
  };

  it('reads them beside the rules', () => {
    writeFileSync(path.join(dir, FILE), MARKED);
    expect(loadPolicy(dir).rules.get('marked')?.examples.at(-1)?.eml).toBe(MARKED);
  });

  it('reads no more of one than an example may have', () => {
    writeFileSync(path.join(dir, FILE), MARKED.padEnd(2_000_000, '€'));
    expect(problems()).toEqual([
      'rules/marked.yaml:8: "rules/examples/marked.eml" is larger than 256 KiB; shorten it',
    ]);
  });

  it.each([
    ['Latin-1', Buffer.from('Subject: caf\xe9\n\n', 'latin1')],
    ['a NUL', Buffer.from('Subject: x\0\n\n')],
  ])('refuses %s, which the record could not keep', (_, bytes) => {
    writeFileSync(path.join(dir, FILE), bytes);
    expect(problems()).toEqual([`${FILE}:1: This is not UTF-8 text; encode its parts as base64`]);
  });

  it('follows no link out of the policy, and overlooks no folder', () => {
    symlinkSync('/etc/hostname', path.join(dir, FILE));
    expect(problems()).toEqual([`${FILE}:1: This link leads nowhere, or out of the policy folder`]);
    mkdirSync(path.join(dir, 'rules/more'));
    expect(problems()).toEqual(['rules/more:1: This is no file; nothing would read it']);
  });
});

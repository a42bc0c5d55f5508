import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { EXAMPLE_FOLDER, MAX_EXAMPLE_BYTES } from './example-mail.ts';
import { policyFromFiles } from './policy-from-files.ts';
import { OUTCOMES_FILE, readOutcomes, type Outcomes } from './outcomes.ts';
import { PolicyError, type Policy, type PolicyProblem } from './policy.ts';

export { policyFromFiles };

const FOLDERS = ['rules', 'councils', 'elections', 'lists', 'officers', 'notices'];

/**
 * Reads a policy folder whole; the only file of this folder that touches the disk.
 * @throws {PolicyError} with every problem as file, line and column.
 */
export function loadPolicy(dir: string): Policy {
  const files: Record<string, string> = {};
  for (const folder of FOLDERS) {
    for (const name of filesOf(dir, folder)) {
      files[`${folder}/${name}`] = readFileSync(join(dir, folder, name), 'utf8');
    }
  }
  return policyFromFiles({ ...files, ...exampleMessages(dir) });
}

/**
 * Messages that rules' examples name. They come from mail programs, so their bytes are looked at
 * before they are taken for text: a record in JSON cannot hold all of them.
 */
function exampleMessages(dir: string): Record<string, string> {
  if (!namesOf(dir, 'rules').includes('examples')) return {};
  const files: Record<string, string> = {};
  const problems: PolicyProblem[] = [];
  for (const name of filesOf(dir, EXAMPLE_FOLDER)) {
    const file = `${EXAMPLE_FOLDER}/${name}`;
    const bytes = beginningOf(join(dir, file));
    // One that is too large is cut short; which rule names it, and on which line, the linter says.
    const isText = bytes.length > MAX_EXAMPLE_BYTES || (isUtf8(bytes) && !bytes.includes(0));
    if (!isText) problems.push(atFile(file, 'This is not UTF-8 text; encode its parts as base64'));
    files[file] = bytes.toString('utf8');
  }
  if (problems.length > 0) throw new PolicyError(problems);
  return files;
}

/** A file's bytes, at most one more than an example may have. */
function beginningOf(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_EXAMPLE_BYTES + 1);
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads the table of outcomes beside the policy; `null` where there is none.
 * @throws {PolicyError} with every problem as file, line and column.
 */
export function loadOutcomes(dir: string): Outcomes | null {
  let yaml: string;
  try {
    yaml = readFileSync(join(dir, OUTCOMES_FILE), 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
  return readOutcomes(yaml);
}

/** A folder's files. Nothing would read what lies deeper, and a link may not lead out. */
function filesOf(dir: string, folder: string): string[] {
  const root = realpathSync(dir) + sep;
  const names = namesOf(dir, folder).filter((name) => `${folder}/${name}` !== EXAMPLE_FOLDER);
  const problems = names.flatMap((name) => {
    const path = join(dir, folder, name);
    const file = `${folder}/${name}`;
    if (!existsSync(path) || !realpathSync(path).startsWith(root)) {
      return [atFile(file, 'This link leads nowhere, or out of the policy folder')];
    }
    return statSync(path).isFile() ? [] : [atFile(file, 'This is no file; nothing would read it')];
  });
  if (problems.length > 0) throw new PolicyError(problems);
  return names;
}

function namesOf(dir: string, folder: string): string[] {
  try {
    // Dot files belong to editors and version control, not to the policy.
    return readdirSync(join(dir, folder)).filter((name) => !name.startsWith('.'));
  } catch {
    const message = `The folder "${join(dir, folder)}" cannot be read; policies live there`;
    throw new PolicyError([atFile(folder, message)]);
  }
}

function atFile(file: string, message: string): PolicyProblem {
  return { file, line: 1, column: 1, message };
}

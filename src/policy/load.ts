import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyFromFiles } from './policy-from-files.ts';
import { OUTCOMES_FILE, readOutcomes, type Outcomes } from './outcomes.ts';
import { PolicyError, type Policy } from './policy.ts';

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
  return policyFromFiles(files);
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

function filesOf(dir: string, folder: string): string[] {
  try {
    // Dot files belong to editors and version control, not to the policy.
    return readdirSync(join(dir, folder)).filter((name) => !name.startsWith('.'));
  } catch {
    const message = `The folder "${join(dir, folder)}" cannot be read; policies live there`;
    throw new PolicyError([{ file: folder, line: 1, column: 1, message }]);
  }
}

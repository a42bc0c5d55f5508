import { createInspectors, type Inspector } from '../inspect/inspect.ts';
import type { Directory } from '../mail/person.ts';
import { policyFromFiles } from '../policy/policy-from-files.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/connect.ts';
import { loadDirectory, peopleVersion } from '../store/people.ts';
import { activePolicy } from '../store/policies.ts';

/**
 * What changes while the gateway runs: the activated policy and the people. Read from the record
 * alone.
 */
export interface LiveState {
  readonly policy: Policy;
  readonly inspectors: readonly Inspector[];
  readonly directory: Directory;
  /** Looks whether either has changed. What cannot be read leaves the old state in force. */
  refresh(): Promise<void>;
}

/** No policy is active, or not for every council that is live: the gateway must not start. */
export class NoActivePolicy extends Error {
  override readonly name = 'NoActivePolicy';
}

/**
 * @param councils those that are live; each must have a policy
 * @throws {NoActivePolicy} with what to do
 */
export async function liveState(db: Db, councils: readonly string[]): Promise<LiveState> {
  const active = await activePolicy(db);
  if (!active) {
    throw new NoActivePolicy('No policy is active: run "portreeve policy activate" first');
  }
  let policy = policyFromFiles(active.files);
  const missing = councils.filter((council) => !policy.councils.has(council));
  if (missing.length > 0) {
    throw new NoActivePolicy(
      `The active policy has no council "${missing.join('", "')}": activate one that has, ` +
        'or take it out of policy.councils',
    );
  }
  let inspectors = createInspectors(policy.lists);
  let version = await peopleVersion(db);
  let directory = await loadDirectory(db);
  return {
    get policy() {
      return policy;
    },
    get inspectors() {
      return inspectors;
    },
    get directory() {
      return directory;
    },
    async refresh() {
      const newest = await activePolicy(db, policy.version);
      if (newest) {
        policy = policyFromFiles(newest.files);
        inspectors = createInspectors(policy.lists);
      }
      const now = await peopleVersion(db);
      if (now !== version) {
        directory = await loadDirectory(db);
        version = now;
      }
    },
  };
}

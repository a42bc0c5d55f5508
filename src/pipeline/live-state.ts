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
export async function liveState(
  db: Db,
  councils: readonly string[],
  clock: () => Date,
): Promise<LiveState> {
  const active = await activePolicy(db, { at: clock() });
  if (!active) {
    throw new NoActivePolicy('No policy is active: run "portreeve policy activate" first');
  }
  let policy = policyFromFiles(active.files);
  checkCouncils(policy, councils);
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
      const now = await peopleVersion(db);
      if (now !== version) {
        directory = await loadDirectory(db);
        version = now;
      }
      const newest = await activePolicy(db, { at: clock(), known: policy.version });
      if (!newest) return;
      // A set that this release cannot read, or that leaves a live council without rules, replaces
      // nothing: the throw is a fault for ICT, and the old one stays in force.
      const next = policyFromFiles(newest.files);
      checkCouncils(next, councils);
      inspectors = createInspectors(next.lists);
      policy = next;
    },
  };
}

/** @throws {NoActivePolicy} where a live council has no policy */
function checkCouncils(policy: Policy, councils: readonly string[]): void {
  const missing = councils.filter((council) => !policy.councils.has(council));
  if (missing.length === 0) return;
  throw new NoActivePolicy(
    `The active policy has no council "${missing.join('", "')}": activate one that has, ` +
      'or take it out of policy.councils',
  );
}

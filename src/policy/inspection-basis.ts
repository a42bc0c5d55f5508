import { canonicalHash } from './canonical-json.ts';
import type { Policy } from './policy.ts';

/**
 * A hash over what detectors and facts take from a policy: lists, election timetables, and what the
 * council is. Policies of the same basis find the same in a message, and differ only in what their
 * rules and clauses make of it.
 */
export function inspectionBasis(policy: Policy, councilId: string): string {
  const council = policy.councils.get(councilId);
  const files = Object.entries(policy.files).filter(
    ([file]) => file.startsWith('lists/') || file.startsWith('elections/'),
  );
  return canonicalHash({
    files: Object.fromEntries(files),
    council: council && {
      name: council.name,
      domains: council.domains,
      wards: council.wards,
      labels: council.settings.sensitivityLabels,
      electionStartsByLaw: council.settings.electionStartsByLaw,
    },
  });
}

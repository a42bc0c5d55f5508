import type { Decision } from '../mail/decision.ts';
import type { HoldCause } from './permissions.ts';
import { ROLES, type Policy, type Role } from './policy.ts';

/** Why a decided message waits in a case of this kind: the acting hits that brought it there. */
export function holdCauses(
  policy: Pick<Policy, 'rules'>,
  decision: Pick<Decision, 'recipients'>,
  kind: 'hold' | 'divert',
): HoldCause[] {
  const reasons = decision.recipients.flatMap(({ hits }) =>
    hits
      .filter((hit) => hit.gate === kind && hit.inert === null)
      .map((hit): HoldCause => {
        const area = policy.rules.get(hit.rule)?.area ?? null;
        return { area, queue: queueOf(hit.notify[0]) };
      }),
  );
  if (reasons.length === 0) return [{ area: 'security', queue: 'ict' }];
  return [...new Map(reasons.map((each) => [`${each.area} ${each.queue}`, each])).values()];
}

function queueOf(role: string | undefined): Role {
  return (ROLES as readonly string[]).includes(role ?? '') ? (role as Role) : 'ict';
}

import {
  CASE_ACTIONS,
  RETURNING_OFFICER_MAIL,
  type Action,
  type CaseAction,
  type CouncilAction,
  type Matter,
  type OfficerRole,
  type Permissions,
  type PersonAction,
  type RolePowers,
} from './permissions.ts';
import { ROLES, type PolicyProblem, type Role } from './policy.ts';
import { permissionsFile, type PermissionsFile } from './schema.ts';
import { checkShape, suggestion, type Source } from './source.ts';

type Grant = Extract<PermissionsFile['roles'][OfficerRole], readonly unknown[]>[number];
type Path = readonly (string | number)[];

/** Roles that administer or check and never meet mail (domain H.1): no council may change that. */
const WITHOUT_CASES: readonly OfficerRole[] = ['internal-audit', 'policy-author', 'administrator'];

/**
 * Reads the permission matrix. A role that it does not name may do nothing.
 * @param councils ids of the councils that there are
 */
export function buildPermissions(
  source: Source,
  councils: readonly string[],
): { permissions: Permissions | null; problems: PolicyProblem[] } {
  const { value, problems } = checkShape(source, permissionsFile);
  if (!value) return { permissions: null, problems };
  const found: PolicyProblem[] = [];
  const report = (path: Path, message: string): void => {
    found.push(source.problem(path, message));
  };
  const seconded = value.secondOfficerFor;
  if (seconded.includes('download') && !seconded.includes('view-content')) {
    report(['secondOfficerFor'], 'A file says what its message says: add "view-content"');
  }
  const roles = buildRoles(value.roles, ['roles'], new Map(), report);
  const exceptions = Object.entries(value.councils).map(([id, entries]) => {
    if (!councils.includes(id)) {
      report(['councils', id], `No council "${id}"${suggestion(id, councils)}`);
    }
    return [id, buildRoles(entries, ['councils', id], roles, report)] as const;
  });
  if (found.length > 0) return { permissions: null, problems: found };
  return {
    permissions: {
      reasonFor: new Set(value.reasonFor),
      secondOfficerFor: new Set(seconded),
      roles,
      councils: new Map(exceptions),
    },
    problems: [],
  };
}

function buildRoles(
  entries: PermissionsFile['roles'],
  path: Path,
  general: ReadonlyMap<OfficerRole, RolePowers>,
  report: (path: Path, message: string) => void,
): Map<OfficerRole, RolePowers> {
  const roles = new Map<OfficerRole, RolePowers>();
  const named = Object.entries(entries) as [OfficerRole, PermissionsFile['roles'][OfficerRole]][];
  for (const [role, entry] of named) {
    if (!Array.isArray(entry)) continue;
    const grants = entry;
    const queue = (ROLES as readonly string[]).includes(role) ? (role as Role) : null;
    roles.set(role, { ...powersOf(role, grants, [...path, role], report), queue });
  }
  // After those that they stand in for, in whatever order the file names them.
  for (const [role, entry] of named) {
    if (Array.isArray(entry)) continue;
    const { deputises } = entry as { deputises: OfficerRole };
    const powers = roles.get(deputises) ?? general.get(deputises);
    if (powers) roles.set(role, powers);
    else report([...path, role, 'deputises'], `"${deputises}" has no powers of its own here`);
  }
  return roles;
}

function powersOf(
  role: OfficerRole,
  grants: readonly Grant[],
  path: Path,
  report: (path: Path, message: string) => void,
): Omit<RolePowers, 'queue'> {
  const cases = new Map<CaseAction, Set<Matter>>();
  const others = new Set<PersonAction | CouncilAction>();
  grants.forEach(({ do: actions, on }, index) => {
    const at = [...path, index];
    const onCases = actions.filter(isCaseAction);
    if (onCases.length > 0 && !on)
      report(at, `"${onCases[0]}" needs "on": the matters it holds for`);
    if (onCases.length < actions.length && on) {
      const other = actions.find((action) => !isCaseAction(action));
      report(at, `"${other}" is not about a case; give it without "on"`);
    }
    if (onCases.length > 0 && WITHOUT_CASES.includes(role)) {
      report(at, `The role "${role}" never meets mail; "${onCases[0]}" cannot be granted to it`);
    }
    const foreign = isReturningOfficer(role) ? on?.find(isOrdinary) : on?.find(isSeparate);
    if (foreign && (isReturningOfficer(role) || !isHandOver(onCases))) {
      report(
        at,
        `The Returning Officer's mail and the council's stay apart; take out "${foreign}"`,
      );
    }
    for (const action of actions) {
      if (isCaseAction(action)) {
        cases.set(action, new Set([...(cases.get(action) ?? []), ...(on ?? [])]));
      } else {
        others.add(action);
      }
    }
  });
  return { cases, others };
}

function isCaseAction(action: Action): action is CaseAction {
  return (CASE_ACTIONS as readonly Action[]).includes(action);
}

const isReturningOfficer = (role: OfficerRole): boolean => role === 'returning-officer';
const isSeparate = (matter: Matter): boolean => matter === RETURNING_OFFICER_MAIL;
const isOrdinary = (matter: Matter): boolean => !isSeparate(matter);

/** What a role outside the Returning Officer's team may at most do with that team's mail. */
function isHandOver(actions: readonly CaseAction[]): boolean {
  return actions.every((each) => ['list', 'view-metadata', 'escalate'].includes(each));
}

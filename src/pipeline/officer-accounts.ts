import { randomUUID } from 'node:crypto';
import { addressKey } from '../mail/address.ts';
import type { Directory } from '../mail/person.ts';
import { OFFICER_ROLES, type OfficerRole } from '../policy/permissions.ts';
import type { Policy } from '../policy/policy.ts';
import { transaction, type Db } from '../store/connect.ts';
import {
  addOfficer,
  findOfficer,
  grantRole,
  resetOfficer,
  revokeRole,
  setDisabled,
  type StoredOfficer,
} from '../store/officers.ts';
import { addLink, type LinkPurpose } from '../store/sessions.ts';
import { tokenHash } from './officer-sign-in.ts';

/** What managing accounts needs of the world. */
export interface AccountsWorld {
  db: Db;
  clock: () => Date;
  random: (bytes: number) => Uint8Array;
  policy: () => Policy;
  directory: () => Directory;
}

export interface RoleAtCouncil {
  council: string;
  role: OfficerRole;
}

export type Managed =
  { kind: 'done'; officer: StoredOfficer } | { kind: 'refused'; advice: string };

const SET_UP_HOURS = 24;

/** Reads `council:role`; `null` where it is no such thing. */
export function readRole(text: string, policy: Policy): RoleAtCouncil | null {
  const [council = '', role = '', ...rest] = text.split(':');
  const isRole = (OFFICER_ROLES as readonly string[]).includes(role);
  if (rest.length > 0 || !isRole || !policy.councils.has(council)) return null;
  return { council, role: role as OfficerRole };
}

/**
 * Adds an officer, who then needs a set-up link or the council's directory to sign in. Members are
 * refused: nobody who is elected reviews mail (domain H.2).
 */
export async function addAccount(
  world: AccountsWorld,
  wanted: { name: string; addresses: string[]; roles: RoleAtCouncil[]; by: string },
): Promise<Managed> {
  const addresses = [...new Set(wanted.addresses.map(addressKey))];
  const advice = memberAdvice(world, addresses) ?? rolesAdvice(world.policy(), wanted.roles);
  if (advice) return { kind: 'refused', advice };
  const id = randomUUID();
  const at = world.clock();
  const { name, by } = wanted;
  return transaction(world.db, async (tx): Promise<Managed> => {
    if (!(await addOfficer(tx, { id, name, addresses, by, at }))) {
      return { kind: 'refused', advice: 'Somebody signs in with this address already' };
    }
    for (const role of wanted.roles) await grantRole(tx, { officerId: id, ...role, by, at });
    return found(tx, id);
  });
}

/** Gives or takes a role. Nobody changes their own. */
export async function changeRole(
  world: AccountsWorld,
  change: RoleAtCouncil & { officerId: string; give: boolean; by: string },
): Promise<Managed> {
  const { officerId, give, by, council, role } = change;
  if (officerId === by) return { kind: 'refused', advice: 'Somebody else must change your roles' };
  const at = world.clock();
  return transaction(world.db, async (tx): Promise<Managed> => {
    const officer = await findOfficer(tx, { id: officerId });
    if (!officer) return { kind: 'refused', advice: 'There is no such officer' };
    const held = officer.roles as RoleAtCouncil[];
    const advice =
      memberAdvice(world, officer.addresses) ??
      rolesAdvice(world.policy(), [...held, { council, role }]);
    if (give && advice) return { kind: 'refused', advice };
    const move = give ? grantRole : revokeRole;
    await move(tx, { officerId, council, role, by, at });
    return found(tx, officerId);
  });
}

/** Ends an officer's access at once, or gives it back. Nobody does that to themselves. */
export async function disableAccount(
  world: AccountsWorld,
  change: { officerId: string; disabled: boolean; by: string },
): Promise<Managed> {
  const { officerId, by } = change;
  if (officerId === by) return { kind: 'refused', advice: 'Somebody else must do that' };
  return transaction(world.db, async (tx): Promise<Managed> => {
    await setDisabled(tx, { ...change, at: world.clock() });
    return found(tx, officerId);
  });
}

/**
 * Takes away every way in, and makes the one link by which the officer sets the account up again.
 */
export async function resetAccount(
  world: AccountsWorld,
  change: { officerId: string; by: string },
): Promise<string> {
  return transaction(world.db, async (tx) => {
    await resetOfficer(tx, change);
    return newLink({ ...world, db: tx }, change.officerId, 'set-up');
  });
}

/** A link's token, which works once and for a day. */
export async function newLink(
  world: Pick<AccountsWorld, 'db' | 'clock' | 'random'>,
  officerId: string,
  purpose: LinkPurpose,
): Promise<string> {
  const token = Buffer.from(world.random(24)).toString('base64url');
  const expiresAt = new Date(world.clock().getTime() + SET_UP_HOURS * 3_600_000);
  await addLink(world.db, { tokenHash: tokenHash(token), officerId, purpose, expiresAt });
  return token;
}

/** Where a link leads. */
export function linkUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/sign-in/link/${token}`;
}

async function found(tx: Db, id: string): Promise<Managed> {
  const officer = await findOfficer(tx, { id });
  if (!officer) return { kind: 'refused', advice: 'There is no such officer' };
  return { kind: 'done', officer };
}

function memberAdvice({ directory }: AccountsWorld, addresses: string[]): string | null {
  const isMember = addresses.some((each) => directory().byAddress(each)?.class === 'member');
  return isMember ? 'This address belongs to a member; members never review mail' : null;
}

/** Whoever gives out access must not be able to read: domain H.1. */
function rolesAdvice({ permissions }: Policy, roles: readonly RoleAtCouncil[]): string | null {
  const isReader = ({ council, role }: RoleAtCouncil): boolean => {
    const powers = permissions.councils.get(council)?.get(role) ?? permissions.roles.get(role);
    return (powers?.cases.has('view-content') || powers?.others.has('view-other-mail')) ?? false;
  };
  const both = roles.some(({ role }) => role === 'administrator') && roles.some(isReader);
  return both ? 'An administrator cannot also hold a role that reads mail' : null;
}

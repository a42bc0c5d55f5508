import { addressKey } from '../mail/address.ts';
import { queueId as newId } from '../mail/queue-id.ts';
import type { Directory } from '../mail/person.ts';
import { councilsWhere, type Action, type OfficerIdentity } from '../policy/permissions.ts';
import type { Policy } from '../policy/policy.ts';
import { transaction, type Db } from '../store/connect.ts';
import {
  closeInvestigation,
  findInvestigation,
  openInvestigation,
  type ClosingResult,
  type NewInvestigation,
} from '../store/investigations.ts';
import { findOfficer, type StoredOfficer } from '../store/officers.ts';

/** What opening and closing investigations needs of the world. */
export interface InvestigationsWorld {
  db: Db;
  clock: () => Date;
  random: (bytes: number) => Uint8Array;
  policy: () => Policy;
  directory: () => Directory;
}

/** An investigation as it is asked for: officers by id, members by any of their addresses. */
export type Opening = Omit<NewInvestigation, 'id' | 'at'>;

export type OpeningResult =
  | { kind: 'opened'; id: string }
  | { kind: 'refused'; field: keyof NewInvestigation; advice: string };

/**
 * Opens an investigation (St Helens 3.2.5). It covers every address that its members have now. The
 * authoriser's role must hold `investigations` at the council, that of each officer named what they
 * are to do; neither is a party, and the authoriser is none of those named.
 */
export async function openFormalInvestigation(
  world: InvestigationsWorld,
  opening: Opening,
): Promise<OpeningResult> {
  const { db, policy } = world;
  const refuse = (field: keyof NewInvestigation, advice: string): OpeningResult => ({
    kind: 'refused',
    field,
    advice,
  });
  const { council, actions } = opening;
  const authoriser = await findOfficer(db, { id: opening.authorisedBy });
  if (!authoriser || !holds(policy(), authoriser, 'investigations', council)) {
    return refuse('authorisedBy', 'No role of this officer lets them authorise it');
  }
  const named = await Promise.all(opening.officers.map((id) => findOfficer(db, { id })));
  const officers = named.filter((officer) => officer !== null);
  const isAble = (officer: StoredOfficer): boolean =>
    actions.some((action) => holds(policy(), officer, action, council));
  if (officers.length < named.length || !officers.every(isAble)) {
    return refuse('officers', 'No role of an officer you named lets them do this');
  }
  const members = addressesOf(world.directory(), council, opening.members);
  if (members === null) {
    return refuse('members', 'Nobody at this council has one of these addresses');
  }
  const isParty = [authoriser, ...officers].some(({ addresses }) =>
    addresses.some((address) => members.includes(address)),
  );
  if (isParty) return refuse('members', 'An officer of this investigation is one of its members');
  const at = world.clock();
  const id = newId(at, world.random(8));
  const objection = await transaction(db, (tx) =>
    openInvestigation(tx, { ...opening, id, at, members }),
  );
  return objection ? refuse(objection.field, objection.text) : { kind: 'opened', id };
}

/** Every address of those who have these; `null` where one is nobody's at the council. */
function addressesOf(
  directory: Directory,
  council: string,
  addresses: readonly string[],
): string[] | null {
  const people = addresses.map((address) => directory.byAddress(addressKey(address)));
  if (people.some((person) => person?.council !== council)) return null;
  return [...new Set(people.flatMap((person) => person?.addresses ?? []))];
}

/** Whether an officer who may sign in has a role with this action at the council. */
export function holds(
  policy: Policy,
  officer: StoredOfficer,
  action: Action,
  council: string,
): boolean {
  if (officer.disabledAt !== null) return false;
  return councilsWhere(policy, officer as OfficerIdentity, action).includes(council);
}

/**
 * Closes an investigation early: one officer whose role holds `investigations` asks, another
 * confirms. `not-open` also for those who may not.
 */
export async function closeFormalInvestigation(
  world: InvestigationsWorld,
  closing: { id: string; officerId: string; reason: string },
): Promise<ClosingResult> {
  const { db, policy } = world;
  const found = await findInvestigation(db, closing.id);
  const officer = await findOfficer(db, { id: closing.officerId });
  const mayClose = found && officer && holds(policy(), officer, 'investigations', found.council);
  const isParty = officer?.addresses.some((address) => found?.members.includes(address));
  if (!mayClose || isParty || found.endsAt < world.clock()) return 'not-open';
  const { id, officerId: by, reason } = closing;
  return transaction(db, (tx) => closeInvestigation(tx, { id, by, reason, at: world.clock() }));
}

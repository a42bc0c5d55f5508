import type { PersonAction } from '../policy/permissions.ts';
import { appendAudit } from '../store/audit.ts';
import {
  investigationState,
  listInvestigations,
  type PersonScope,
  type StoredInvestigation,
} from '../store/investigations.ts';
import { forbidden, type Page } from './route.ts';

// The investigation gate (St Helens 3.2.5, domain H.3): who may search one person's mail, and of
// which days. Each use names the investigation in the trail; the page that uses it writes it.

/** A person whose mail the officer may search now. */
export interface OpenedPerson {
  scope: PersonScope;
  name: string;
  /** The person's id in the record, for the trail; `null` for those who have left it. */
  personId: string | null;
  /** What it rests on: an investigation, or a reason of the council's short list. */
  investigation: string | null;
  reason: string | null;
}

/** One member of one open investigation that names the officer. */
export interface CoveredPerson {
  /** What a form sends for this choice. */
  value: string;
  name: string;
  personId: string | null;
  addresses: string[];
  investigation: StoredInvestigation;
}

/** Whose mail the officer's open investigations cover, to choose from. */
export async function coveredPeople(page: Page): Promise<CoveredPerson[]> {
  const { db } = page.services.road;
  const councils = page.councils('search-person');
  if (councils.length === 0) return [];
  const found = await listInvestigations(db, { councils, officer: page.officer.id, at: page.at });
  return found
    .filter((each) => investigationState(each, page.at) === 'open')
    .flatMap((each) => membersOf(page, each))
    .filter((each) => allows(page, each, 'search-person'));
}

function membersOf(page: Page, investigation: StoredInvestigation): CoveredPerson[] {
  const directory = page.services.road.directory();
  const people = Map.groupBy(investigation.members, (address) => {
    return directory.byAddress(address)?.id ?? address;
  });
  return [...people].map(([key, addresses]) => {
    const person = directory.byAddress(addresses[0] ?? '');
    return {
      value: `${investigation.id}.${key}`,
      name: person?.name ?? key,
      personId: person?.id ?? null,
      addresses,
      investigation,
    };
  });
}

function allows(page: Page, covered: CoveredPerson, action: PersonAction): boolean {
  const { addresses, investigation } = covered;
  const { council } = investigation;
  const subject = { kind: 'person', council, addresses, at: page.at } as const;
  const verdict = page.may(action, { ...subject, investigations: [investigation] });
  return verdict.allowed && verdict.investigation === investigation.id;
}

/**
 * The mail of one whom an investigation covers.
 * @throws {Problem} 403 where it is none of the officer's open ones
 */
export async function personOfChoice(page: Page, value: string): Promise<OpenedPerson> {
  const covered = (await coveredPeople(page)).find((each) => each.value === value);
  if (!covered) {
    throw forbidden('The investigation is not open any more, or does not name you.');
  }
  const { investigation, addresses, name, personId } = covered;
  const { id, council, mailFrom: from, mailUntil: until } = investigation;
  const isReadable = allows(page, covered, 'view-other-mail');
  const sealedDomains = sealedDomainsAt(page, council);
  const scope = { council, addresses, isReadable, sealedDomains, period: { from, until } };
  return { scope, name, personId, investigation: id, reason: null };
}

/** Domains to which mail is read once a second officer agrees. */
function sealedDomainsAt(page: Page, council: string): string[] {
  const { permissions, councils } = page.services.road.policy();
  if (!permissions.secondOfficerFor.has('view-other-mail')) return [];
  return councils.get(council)?.settings.casework.privilegedDomains ?? [];
}

/** Councils whose protocol lets one person's mail be searched for a reason alone (WL 6.2). */
export function councilsByReason(page: Page): string[] {
  const { councils } = page.services.road.policy();
  return page
    .councils('search-person')
    .filter((id) => councils.get(id)?.settings.perPersonSearch === 'reason');
}

/** Reasons that may be given for such a search there. */
export function searchReasons(page: Page, council: string): { id: string; text: string }[] {
  const found = page.services.road.policy().councils.get(council);
  return (found?.settings.casework.reasons ?? []).filter((each) => each.for.includes('view'));
}

/**
 * The mail of whoever has an address at a council where a reason is enough; `null` where nobody
 * has, or the reason is none of the list.
 * @throws {Problem} 403 where the officer may not
 */
export function personByReason(page: Page, address: string, reason: string): OpenedPerson | null {
  const person = page.services.road.directory().byAddress(address);
  if (!person || !councilsByReason(page).includes(person.council)) return null;
  const { council, addresses, name, id } = person;
  if (!searchReasons(page, council).some((each) => each.id === reason)) return null;
  const subject = { kind: 'person', council, addresses, investigations: [], at: page.at } as const;
  page.require('search-person', subject);
  const isReadable = page.may('view-other-mail', subject).allowed;
  const sealedDomains = sealedDomainsAt(page, council);
  const scope = { council, addresses, isReadable, sealedDomains, period: null };
  return { scope, name, personId: id, investigation: null, reason };
}

/** Puts a search into the trail: by which fields, and how much was found; never what was sought. */
export async function noteSearch(
  page: Page,
  person: OpenedPerson | null,
  data: { by: string[]; found?: number },
): Promise<void> {
  const { investigation = null, reason = null, personId = null } = person ?? {};
  await appendAudit(page.services.road.db, {
    event: person ? 'person-searched' : 'record-searched',
    actor: page.officer.id,
    data: {
      ...(investigation !== null && { investigation }),
      ...(reason !== null && { reason }),
      ...(person && { person: personId }),
      ...data,
    },
  });
}

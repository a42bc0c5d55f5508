import {
  exceptionEndsWords,
  investigationEndedWords,
  investigationEndsWords,
  type AnnouncedWords,
} from '../mail/announcement.ts';
import { londonDate } from '../policy/elections.ts';
import { dueAnnouncements, toldDays, type ListedException } from '../policy/exceptions.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { transaction } from '../store/connect.ts';
import {
  endedInvestigations,
  endingInvestigations,
  noteEnd,
  type StoredInvestigation,
} from '../store/investigations.ts';
import { officersOf } from '../store/officers.ts';
import { announce, isInside } from './announce.ts';
import type { Road } from './road.ts';

/** Tells those who answer for an exception or an investigation that it ends soon. */
export async function announceEndings(road: Road): Promise<void> {
  await announceExceptions(road);
  await announceInvestigations(road);
}

async function announceExceptions(road: Road): Promise<void> {
  const policy = road.policy();
  for (const { exception, days } of dueAnnouncements(policy, road.clock())) {
    const council = policy.councils.get(exception.council);
    if (!council) continue;
    const { id, permits, rules, until } = exception;
    const what = permits === 'redirect' ? 'a redirect' : `mail past the rule "${rules.join(', ')}"`;
    await announce(road, {
      council,
      kind: 'exception',
      about: id,
      occasion: `${until} ${days}`,
      words: exceptionEndsWords({ exception: id, permits: what, until }),
      readers: readersOf(council, exception),
    });
  }
}

/** Addresses that owner and approver name inside the council, else the mailbox of its ICT. */
function readersOf(council: CouncilPolicy, { owner, approver }: ListedException): string[] {
  const named = `${owner} ${approver}`.match(/[^\s<>(),;:"]+@[^\s<>(),;:"]+/g) ?? [];
  const answering = named.filter((address) => isInside(council, address));
  if (answering.length > 0) return answering;
  const { ict } = council.settings.casework.alertsTo;
  return ict === undefined ? [] : [ict];
}

async function announceInvestigations(road: Road): Promise<void> {
  const at = road.clock();
  for (const found of await endingInvestigations(road.db, at)) {
    // It ends with its last day.
    const until = londonDate(new Date(found.endsAt.getTime() - 1));
    const days = toldDays(until, at);
    if (days === null) continue;
    const words = investigationEndsWords(named(road, found), until);
    await tellOfficers(road, found, `${until} ${days}`, words);
  }
}

/**
 * Notes investigations whose time is over: a row of the trail, and mail to those who looked and to
 * whoever let them (St Helens 3.2.5). Safe to run in several processes at once.
 */
export async function noteEndedInvestigations(road: Road): Promise<void> {
  const at = road.clock();
  for (const found of await endedInvestigations(road.db, at)) {
    // Told first: a run that dies between the two tells nobody twice and notes it the next time.
    await tellOfficers(road, found, 'ended', investigationEndedWords(named(road, found)));
    await transaction(road.db, (tx) => noteEnd(tx, found.id, at));
  }
}

function named(road: Road, { id }: StoredInvestigation) {
  const { consoleUrl } = road;
  const link = consoleUrl === null ? null : new URL(`/investigations/${id}`, consoleUrl).href;
  return { id, link };
}

/** Its authoriser and those whom it names, each at an address at the council. */
async function tellOfficers(
  road: Road,
  found: StoredInvestigation,
  occasion: string,
  words: AnnouncedWords,
): Promise<void> {
  const council = road.policy().councils.get(found.council);
  if (!council) return;
  const officers = await officersOf(road.db, [found.authorisedBy, ...found.officers]);
  const readers = officers.flatMap(({ disabledAt, addresses }) => {
    const own = addresses.find((address) => isInside(council, address));
    return disabledAt === null && own !== undefined ? [own] : [];
  });
  await announce(road, {
    council,
    kind: 'investigation',
    about: found.id,
    occasion,
    words,
    readers,
  });
}

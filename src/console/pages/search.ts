import { z } from 'zod';
import { addressKey } from '../../mail/address.ts';
import type { RecipientStatus } from '../../mail/disposition.ts';
import { isQueueId } from '../../mail/queue-id.ts';
import { londonDays } from '../../policy/elections.ts';
import { mattersAt, RETURNING_OFFICER_MAIL, type CaseAction } from '../../policy/permissions.ts';
import { wordsQuery } from '../../store/case-words.ts';
import { searchRecord, type FoundMessage, type RecordFilter } from '../../store/record-search.ts';
import { scopeOf } from '../case-subject.ts';
import { enteredDay } from '../entered-dates.ts';
import {
  councilsByReason,
  coveredPeople,
  noteSearch,
  personByReason,
  personOfChoice,
  searchReasons,
  type OpenedPerson,
} from '../person-gate.ts';
import { allowedTo, formErrors, view, type Page, type Route } from '../route.ts';
import { londonDay } from '../views.ts';

// Search over the whole record. Without a person it finds what is known of mail without reading it;
// one person's mail is found only behind the investigation gate. Each search is in the trail.

const PAGE_MESSAGES = 25;

const STATES: Record<string, { text: string; statuses: RecipientStatus[] }> = {
  waiting: { text: 'Waits for an officer', statuses: ['held'] },
  inside: { text: 'Kept inside the council', statuses: ['diverted'] },
  underWay: { text: 'On its way', statuses: ['spooled', 'queued', 'deferred'] },
  delivered: { text: 'Delivered', statuses: ['delivered'] },
  failed: { text: 'Not delivered', statuses: ['rejected', 'bounced', 'expired', 'withdrawn'] },
};

const some = (most: number) => z.string().trim().max(most, 'Shorten it').default('');
const day = (edge: 'from' | 'until') =>
  some(20).transform((words, context): Date | undefined => {
    if (words === '') return undefined;
    const iso = enteredDay(words);
    const days = iso === null ? null : londonDays(iso, iso);
    if (days) return days[edge];
    context.addIssue({ code: 'custom', message: 'Enter a day like 26/11/2026' });
    return z.NEVER;
  });

const SEARCHABLE = /(?:[\p{L}\p{N}].*){3}/su;

const QUESTION = z.object({
  number: some(1000).transform((words, context) => {
    const id = words.replaceAll(/[\s-]/g, '').toUpperCase();
    if (words === '' || isQueueId(id)) return { number: id || undefined };
    if (/^[^\s@]+@[^\s@]+$/.test(words)) return { messageId: words };
    const message = 'Enter a message’s or a case’s number, or a Message-ID';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }),
  // Less, or marks alone, would be looked for in every address there is.
  recipient: some(320).refine((words) => words === '' || SEARCHABLE.test(words), {
    error: 'Enter at least three letters or digits',
  }),
  words: some(300),
  from: day('from'),
  until: day('until'),
  state: z.enum(['', ...Object.keys(STATES)]).catch(''),
  person: some(400),
  member: some(320),
  reason: some(60),
  after: some(60),
});
type Question = z.output<typeof QUESTION>;

/** What stands on the page whatever was asked. */
async function frame(page: Page) {
  const people = await coveredPeople(page);
  const byReason = councilsByReason(page);
  return {
    people: people.map(({ value, name, investigation }) => ({
      value,
      text:
        `${name}, by ${investigation.reference}: mail of ${londonDay(investigation.mailFrom)} ` +
        `to ${londonDay(new Date(investigation.mailUntil.getTime() - 1))}`,
    })),
    reasons: byReason[0] === undefined ? [] : searchReasons(page, byReason[0]),
    mayAll: page.councils('trace').length > 0,
    states: Object.entries(STATES).map(([value, { text }]) => ({ value, text })),
  };
}

async function form(page: Page) {
  return view('search', await frame(page));
}

/** By POST: neither addresses nor words belong in an address bar. */
async function search(page: Page) {
  const asked = page.form(QUESTION);
  const entered = page.request.body as Record<string, unknown>;
  const again = async (fields: Record<string, string>) =>
    view('search', { ...(await frame(page)), errors: formErrors(fields), entered }, 422);
  if (!asked.ok) {
    return view('search', { ...(await frame(page)), errors: asked.errors, entered }, 422);
  }
  const question = asked.value;
  const person = await personOf(page, question);
  if (person === 'unknown') {
    return again({ member: 'Nobody there has this address, or the reason is missing' });
  }
  if (person === null && page.councils('trace').length === 0) {
    return again({ person: 'Choose whose mail you look at' });
  }
  const filter = filterOf(page, question);
  const by = Object.entries({ ...filter, contentQuery: undefined }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [name],
  );
  if (person === null && by.length === 0) {
    return again({ number: 'Enter something to search for' });
  }
  const answer = await searchRecord(page.services.road.db, {
    scope: recordScope(page, person),
    filter,
    person: person?.scope ?? null,
    limit: PAGE_MESSAGES,
    after: question.after,
  });
  if (answer === 'too-long') {
    await noteSearch(page, person, { by });
    return again({ from: 'That takes too long. Enter the days, or more of what you look for' });
  }
  const { rows, next } = answer;
  await noteSearch(page, person, { by, found: rows.length });
  return view('search', {
    ...(await frame(page)),
    entered,
    found: rows.map((row) => shown(row, person)),
    next,
    isFirst: question.after === '',
    of: person?.name ?? null,
  });
}

async function personOf(page: Page, asked: Question): Promise<OpenedPerson | 'unknown' | null> {
  if (asked.person !== '') return personOfChoice(page, asked.person);
  if (asked.member === '') return null;
  return personByReason(page, addressKey(asked.member), asked.reason) ?? 'unknown';
}

function filterOf(page: Page, asked: Question): RecordFilter {
  const { words, recipient, from, until, state } = asked;
  return {
    ...asked.number,
    recipient,
    words,
    contentQuery: words === '' ? null : wordsQuery(words, page.services.road.searchKey),
    from,
    until,
    statuses: STATES[state]?.statuses,
  };
}

function recordScope(page: Page, person: OpenedPerson | null) {
  const policy = page.services.road.policy();
  const { officer: _officer, ...scope } = scopeOf(page);
  const needed: CaseAction = person ? 'view-content' : 'view-metadata';
  const councils = page.councils('trace');
  const asked = person ? [person.scope.council] : councils;
  const returningOfficersAt = asked.filter((council) =>
    mattersAt(policy, page.officer, needed, council).areas.includes(RETURNING_OFFICER_MAIL),
  );
  return { ...scope, councils, returningOfficersAt };
}

function shown(row: FoundMessage, person: OpenedPerson | null) {
  const { recipients, recipientCount } = row;
  return {
    ...row,
    to: recipients.map(({ address, domain }) => address ?? (domain ? `at ${domain}` : 'erased')),
    moreRecipients: Math.max(0, recipientCount - recipients.length),
    statuses: [...new Set(recipients.map(({ status }) => status))],
    // One's own page for what the gate lets through; of a case, the case's.
    href: person ? `/messages/${row.queueId}` : row.caseId && `/cases/${row.caseId}`,
  };
}

const access = allowedTo('trace', 'search-person');
const title = 'Search';

export const SEARCH: readonly Route[] = [
  { method: 'GET', path: '/search', title, access, nav: 'Search', handle: form },
  { method: 'POST', path: '/search', title, access, perMinute: 60, handle: search },
];

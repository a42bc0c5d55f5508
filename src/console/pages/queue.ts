import { z } from 'zod';
import {
  AGES,
  COUNTED_CLOSED,
  countQueue,
  isReadable,
  queueFacets,
  queuePage,
  QUEUE_STATES,
  type Facet,
  type QueueFilter,
  type QueueRow,
} from '../../store/case-queue.ts';
import { wordsQuery } from '../../store/case-words.ts';
import { dropView, markRead, savedViews, saveView } from '../../store/case-work.ts';
import { transaction } from '../../store/connect.ts';
import { openedCase, scopeOf } from '../case-subject.ts';
import { coveredPeople, noteSearch, personOfChoice, type OpenedPerson } from '../person-gate.ts';
import {
  agoWords,
  caseSentence,
  dueWords,
  hitWords,
  officerNames,
  STATE_WORDS,
} from '../case-words.ts';
import { readingsToAnswer } from '../reading.ts';
import { allowedTo, goTo, notFound, view, type Page, type Route } from '../route.ts';

const PAGE_CASES = 25;

const choice = z.string().trim().min(1).max(300).optional().catch(undefined);
const QUERY = z.object({
  state: z.enum(QUEUE_STATES).catch('decide'),
  rule: choice,
  clause: choice,
  council: choice,
  marking: choice,
  domain: choice,
  age: z.enum(AGES).optional().catch(undefined),
  assignee: choice,
  person: choice,
  words: choice,
  unread: z.literal('1').optional().catch(undefined),
});
type Query = z.output<typeof QUERY>;

/** The query of a page address, without what is not there. */
function addressOf(query: Partial<Query>, change: Record<string, string | undefined> = {}): string {
  const parts = Object.entries({ ...query, ...change }).filter(
    (each): each is [string, string] => typeof each[1] === 'string' && each[1] !== '',
  );
  const text = new URLSearchParams(parts).toString();
  return text === '' ? '/cases' : `/cases?${text}`;
}

function filterOf(page: Page, query: Query, person: OpenedPerson | null): QueueFilter {
  const { searchKey } = page.services.road;
  const { unread, words, ...rest } = query;
  return {
    ...rest,
    words,
    person: person?.scope,
    unread: unread === '1',
    contentQuery: words === undefined ? null : wordsQuery(words, searchKey),
  };
}

const FACET_TITLES: readonly [Facet & keyof Query, string][] = [
  ['rule', 'Rule'],
  ['clause', 'Clause'],
  ['domain', 'Goes to'],
  ['age', 'Waiting since'],
  ['assignee', 'Assigned to'],
  ['marking', 'Marking'],
  ['council', 'Council'],
];

async function queue(page: Page) {
  const { db } = page.services.road;
  const { at } = page;
  const query = QUERY.parse(page.query);
  const scope = scopeOf(page);
  const person = query.person === undefined ? null : await personOfChoice(page, query.person);
  if (person) await noteSearch(page, person, { by: ['cases'] });
  const people = await coveredPeople(page);
  const filter = filterOf(page, query, person);
  const [found, facets, count, views, waiting] = await Promise.all([
    queuePage(db, { scope, filter, at, limit: PAGE_CASES, after: page.query['after'] }),
    queueFacets(db, { scope, filter, at }),
    countQueue(db, scope, at),
    savedViews(db, page.officer.id),
    readingsToAnswer(page),
  ]);
  const names = await officerNames(db, [
    ...found.rows.flatMap(({ claimedBy, assignedTo }) => [claimedBy, assignedTo]),
    ...(facets.assignee ?? []).map(({ value }) => value),
  ]);
  const chosen = FACET_TITLES.flatMap(([facet, title]) => {
    const value = query[facet];
    if (value === undefined) return [];
    const words = facetWords(page, facet, value, names);
    return [{ title, words, remove: addressOf(query, { [facet]: undefined }) }];
  });
  if (person) {
    const remove = addressOf(query, { person: undefined });
    chosen.push({ title: 'Member', words: person.name, remove });
  }
  if (query.unread) {
    const remove = addressOf(query, { unread: undefined });
    chosen.push({ title: 'Read', words: 'not by you since it last changed', remove });
  }
  return view('queue', {
    unreadOnly: addressOf(query, { unread: '1' }),
    people: person
      ? []
      : people.map(({ name, value, investigation }) => ({
          words: `${name}, by ${investigation.reference}`,
          href: addressOf(query, { person: value }),
        })),
    rows: found.rows.map((row) => rowOf(page, row, names)),
    next: found.next && addressOf(query, { after: found.next }),
    isFirst: page.query['after'] === undefined,
    first: addressOf(query),
    query,
    readingsWaiting: waiting.length,
    countedClosed: COUNTED_CLOSED.toLocaleString('en-GB'),
    chosen,
    count,
    views: views.map(({ id, name, query: saved }) => ({ id, name, href: addressOf(saved) })),
    tabs: QUEUE_STATES.map((state) => ({
      text: STATE_WORDS[state],
      href: addressOf({ ...query, state }),
      isCurrent: state === query.state,
    })),
    facets: FACET_TITLES.flatMap(([facet, title]) => {
      const values = query[facet] === undefined ? (facets[facet] ?? []) : [];
      if (values.length < 2 && facet !== 'rule') return [];
      const entries = values.map(({ value, count: cases }) => ({
        words: facetWords(page, facet, value, names),
        count: cases,
        href: addressOf(query, { [facet]: value }),
      }));
      return entries.length === 0 ? [] : [{ title, entries }];
    }),
  });
}

const AGE_WORDS = { today: 'Since yesterday', week: 'Up to a week', older: 'More than a week' };

function facetWords(
  page: Page,
  facet: Facet,
  value: string,
  names: ReadonlyMap<string, string>,
): string {
  if (facet === 'rule') return hitWords(value);
  if (facet === 'age') return AGE_WORDS[value as keyof typeof AGE_WORDS] ?? value;
  if (facet === 'assignee') return value === 'nobody' ? 'Nobody' : (names.get(value) ?? value);
  if (facet === 'council') return page.services.road.policy().councils.get(value)?.name ?? value;
  return value;
}

function rowOf(page: Page, row: QueueRow, names: ReadonlyMap<string, string>) {
  const { at, officer } = page;
  const council = page.services.road.policy().councils.get(row.council);
  const isMasked = council?.settings.casework.maskSender ?? true;
  const holder = row.claimedUntil && row.claimedUntil > at ? row.claimedBy : null;
  return {
    ...row,
    subject: isReadable(scopeOf(page), row) ? (row.subject ?? '') : null,
    sender: isMasked ? 'Hidden until you read it' : (row.actorAddress ?? 'Unknown'),
    reasonWords: caseSentence(page.services.road.policy(), row.rule),
    clause: [row.document, row.section].filter((each) => each !== null).join(', '),
    age: agoWords(row.openedAt, at),
    due: row.closedAt ? null : dueWords(row.dueAt, at),
    moreRecipients: Math.max(0, row.recipientCount - row.recipients.length),
    holder: holder === null ? null : holder === officer.id ? 'you' : (names.get(holder) ?? holder),
    assignee: row.assignedTo && (names.get(row.assignedTo) ?? row.assignedTo),
  };
}

async function count(page: Page) {
  const { db } = page.services.road;
  const counted = await countQueue(db, scopeOf(page), page.at);
  return { kind: 'json', value: counted } as const;
}

async function keepView(page: Page) {
  const form = page.form(QUERY.extend({ name: z.string().trim().min(1).max(60) }));
  if (!form.ok) return goTo('/cases', 'Give the view a name of at most 60 characters.');
  const { name, ...query } = form.value;
  const kept = Object.fromEntries(
    Object.entries(query).filter((each): each is [string, string] => each[1] !== undefined),
  );
  const { db } = page.services.road;
  const isKept = await transaction(db, (tx) =>
    saveView(tx, { officer: page.officer.id, name, query: kept, at: page.at }),
  );
  const words = isKept ? `Saved as “${name}”.` : 'You have 50 saved views. Remove one first.';
  return goTo(addressOf(query), words);
}

async function removeView(page: Page) {
  const id = Number(page.params['id']);
  const { db } = page.services.road;
  const isGone = Number.isSafeInteger(id) && (await dropView(db, page.officer.id, id));
  if (!isGone) throw notFound();
  return goTo('/cases', 'The saved view is removed.');
}

async function markAs(page: Page, read: boolean, caseIds: string[]) {
  const { db } = page.services.road;
  await markRead(db, { caseIds, officer: page.officer.id, at: page.at, read });
}

async function mark(page: Page) {
  const form = page.form(z.object({ case: z.string().max(40), read: z.enum(['yes', 'no']) }));
  if (!form.ok) throw notFound();
  const { found } = await openedCase(page, form.value.case);
  await markAs(page, form.value.read === 'yes', [found.id]);
  return goTo('/cases', form.value.read === 'yes' ? 'Marked as read.' : 'Marked as unread.');
}

export const QUEUE: readonly Route[] = [
  {
    method: 'GET',
    path: '/cases',
    title: 'Cases',
    access: allowedTo('list'),
    nav: 'Cases',
    handle: queue,
  },
  { method: 'GET', path: '/cases/count', title: 'Count', access: allowedTo('list'), handle: count },
  {
    method: 'POST',
    path: '/cases/views',
    title: 'Save view',
    access: allowedTo('list'),
    handle: keepView,
  },
  {
    method: 'POST',
    path: '/cases/views/:id/remove',
    title: 'Remove view',
    access: allowedTo('list'),
    handle: removeView,
  },
  { method: 'POST', path: '/cases/mark', title: 'Mark', access: allowedTo('list'), handle: mark },
];

import { z } from 'zod';
import {
  closeFormalInvestigation,
  holds,
  openFormalInvestigation,
} from '../../pipeline/investigations.ts';
import { londonDays } from '../../policy/elections.ts';
import { PERSON_ACTIONS, type PersonAction } from '../../policy/permissions.ts';
import {
  findInvestigation,
  investigationState,
  investigationUses,
  listInvestigations,
  type ClosingResult,
  type InvestigationState,
  type StoredInvestigation,
} from '../../store/investigations.ts';
import { listOfficers } from '../../store/officers.ts';
import { officerNames } from '../case-words.ts';
import { councilName } from '../clause-words.ts';
import { enteredDay } from '../entered-dates.ts';
import { allowedTo, formErrors, goTo, notFound, view, type Page, type Route } from '../route.ts';

// What a look at one member's mail rests on (St Helens 3.2.5): who may look, at whose mail, until
// when. Whoever authorises it signs in to do so and is none of those who look.

const SHOWN_USES = 50;

const STATES: Record<InvestigationState, { text: string; colour: string }> = {
  coming: { text: 'Not yet', colour: 'blue' },
  open: { text: 'Open', colour: 'yellow' },
  ended: { text: 'Ended', colour: 'grey' },
  closed: { text: 'Closed', colour: 'grey' },
};

export const PERSON_ACTION_WORDS: Record<PersonAction, string> = {
  'search-person': 'Search their mail and see its history',
  'view-other-mail': 'Read their mail',
  'member-statistics': 'See figures about them',
};

async function list(page: Page) {
  const councils = page.councils('investigations');
  const found = await listInvestigations(page.services.road.db, { councils, at: page.at });
  const theirs = found.filter((each) => !isCovered(page, each));
  const shown = await Promise.all(theirs.map((each) => shownOf(page, each)));
  return view('investigations', { shown });
}

async function shownOf(page: Page, found: StoredInvestigation) {
  const { db, policy, directory } = page.services.road;
  const names = await officerNames(db, [...found.officers, found.authorisedBy]);
  const people = found.members.map((address) => directory().byAddress(address)?.name ?? address);
  return {
    ...found,
    council: councilName(policy(), found.council),
    state: STATES[investigationState(found, page.at)],
    isEnding: found.closingAskedBy !== null && found.closedBy === null,
    people: [...new Set(people)],
    officerNames: found.officers.map((id) => names.get(id) ?? id),
    authoriser: names.get(found.authorisedBy) ?? found.authorisedBy,
    mayDo: found.actions.map((action) => PERSON_ACTION_WORDS[action]),
    lastMailDay: new Date(found.mailUntil.getTime() - 1),
    lastDay: new Date(found.endsAt.getTime() - 1),
  };
}

async function loaded(page: Page): Promise<StoredInvestigation> {
  const found = await findInvestigation(page.services.road.db, page.params['id'] ?? '');
  if (!found || !page.councils('investigations').includes(found.council)) throw notFound();
  if (isCovered(page, found)) throw notFound();
  return found;
}

/** Whoever is looked into does not learn of it, whatever their role. */
function isCovered({ officer }: Page, { members }: StoredInvestigation): boolean {
  return officer.addresses.some((address) => members.includes(address));
}

async function show(page: Page) {
  return view('investigation', await dataOf(page, await loaded(page)));
}

async function dataOf(page: Page, found: StoredInvestigation) {
  const { db } = page.services.road;
  const { uses, count } = await investigationUses(db, found.id, SHOWN_USES);
  const acting = [...uses.map(({ actor }) => actor), found.closingAskedBy, found.closedBy];
  const names = await officerNames(db, acting);
  return {
    found: await shownOf(page, found),
    uses: uses.map((use) => ({ ...use, who: names.get(use.actor) ?? use.actor })),
    useCount: count,
    askedBy: found.closingAskedBy && (names.get(found.closingAskedBy) ?? found.closingAskedBy),
    isMine: found.closingAskedBy === page.officer.id,
    mayClose: ['coming', 'open'].includes(investigationState(found, page.at)),
  };
}

const several = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .default([])
  .transform((values) => [...new Set(values.map((each) => each.trim()))].filter(Boolean));

const day = z.string().transform((words, context): string => {
  const iso = enteredDay(words);
  if (iso !== null) return iso;
  context.addIssue({ code: 'custom', message: 'Enter a day like 26/11/2026' });
  return z.NEVER;
});

const OPENING = z.object({
  council: z.string().min(1, 'Choose the council'),
  reference: z.string().trim().min(1, 'Enter the council’s reference').max(80, 'Shorten it'),
  allegation: z
    .string()
    .trim()
    .min(1, 'Say what is looked into')
    .max(500, 'Say it in at most 500 characters'),
  officers: several.pipe(z.array(z.uuid()).min(1, 'Choose who may look').max(20)),
  members: z
    .string()
    .transform((text) => text.split(/[\s,;]+/).filter((each) => each !== ''))
    .pipe(z.array(z.string().max(320)).min(1, 'Enter the address of a member').max(50)),
  actions: several.pipe(z.array(z.enum(PERSON_ACTIONS)).min(1, 'Choose what they may do')),
  mailFrom: day,
  mailUntil: day,
  endsAt: day,
});

async function newPage(page: Page) {
  return view('investigation-new', await choices(page));
}

/** Who may be named: officers of these councils whose roles include such a look; not oneself. */
async function choices(page: Page) {
  const { db, policy } = page.services.road;
  const councils = page.councils('investigations');
  const officers = (await listOfficers(db)).filter(
    (officer) =>
      officer.id !== page.officer.id &&
      councils.some((council) =>
        PERSON_ACTIONS.some((action) => holds(policy(), officer, action, council)),
      ),
  );
  return {
    councils: councils.map((id) => ({ value: id, text: councilName(policy(), id) })),
    officers: officers.map(({ id, name, addresses }) => ({
      value: id,
      text: name,
      hint: { text: addresses[0] },
    })),
    actions: PERSON_ACTIONS.map((action) => ({
      value: action,
      text: PERSON_ACTION_WORDS[action],
      isUsual: action !== 'member-statistics',
    })),
  };
}

async function open(page: Page) {
  const form = page.form(OPENING);
  const entered = page.request.body as Record<string, unknown>;
  const again = async (errors: ReturnType<typeof formErrors>) =>
    view('investigation-new', { ...(await choices(page)), errors, entered }, 422);
  if (!form.ok) return again(form.errors);
  const { mailFrom, mailUntil, endsAt, ...asked } = form.value;
  page.require('investigations', { kind: 'council', council: asked.council });
  const mail = londonDays(mailFrom, mailUntil);
  const last = londonDays(endsAt, endsAt);
  if (!mail || !last) throw new Error('A day that was read is no day');
  const result = await openFormalInvestigation(page.services.road, {
    ...asked,
    authorisedBy: page.officer.id,
    openedBy: page.officer.id,
    mailFrom: mail.from,
    mailUntil: mail.until,
    opensAt: page.at,
    endsAt: last.until,
  });
  if (result.kind === 'refused') return again(formErrors({ [result.field]: result.advice }));
  return goTo(`/investigations/${result.id}`, 'The investigation is open.');
}

const CLOSED: Record<ClosingResult, string> = {
  asked: 'Asked. It stays open until another officer confirms it.',
  closed: 'The investigation is closed.',
  'needs-another': 'You asked for it already: another officer must confirm it.',
  'not-open': 'It is not open any more, or covers you. Nothing was changed.',
};

async function close(page: Page) {
  const found = await loaded(page);
  const form = page.form(
    z.object({ reason: z.string().trim().min(1, 'Say why').max(500, 'Shorten it') }),
  );
  if (!form.ok) {
    return view('investigation', { ...(await dataOf(page, found)), errors: form.errors }, 422);
  }
  const result = await closeFormalInvestigation(page.services.road, {
    id: found.id,
    officerId: page.officer.id,
    reason: form.value.reason,
  });
  return goTo(`/investigations/${found.id}`, CLOSED[result]);
}

const access = allowedTo('investigations');
const title = 'Investigation';

export const INVESTIGATIONS: readonly Route[] = [
  {
    method: 'GET',
    path: '/investigations',
    title: 'Investigations',
    access,
    nav: 'Investigations',
    handle: list,
  },
  {
    method: 'GET',
    path: '/investigations/new',
    title: 'Open an investigation',
    access,
    handle: newPage,
  },
  {
    method: 'POST',
    path: '/investigations/new',
    title: 'Open an investigation',
    access,
    perMinute: 20,
    handle: open,
  },
  { method: 'GET', path: '/investigations/:id', title, access, handle: show },
  { method: 'POST', path: '/investigations/:id/close', title, access, handle: close },
];

import { z } from 'zod';
import {
  addAccount,
  changeRole,
  disableAccount,
  linkUrl,
  newLink,
  readRole,
  resetAccount,
  type AccountsWorld,
  type Managed,
} from '../../pipeline/officer-accounts.ts';
import { OFFICER_ROLES } from '../../policy/permissions.ts';
import { findOfficer, listOfficers, type StoredOfficer } from '../../store/officers.ts';
import {
  allowedTo,
  formErrors,
  goTo,
  notFound,
  Problem,
  view,
  type Page,
  type Route,
} from '../route.ts';
import { roleWords } from '../views.ts';

function world({ services }: Page): AccountsWorld {
  const { db, clock, random, policy, directory } = services.road;
  return { db, clock, random, policy, directory };
}

/** Officers of councils whose officers this one may see; those without a role are everybody's. */
function isVisible(page: Page, officer: StoredOfficer): boolean {
  const councils = page.councils('view-officers');
  return (
    officer.roles.length === 0 || officer.roles.some(({ council }) => councils.includes(council))
  );
}

async function list(page: Page) {
  const all = await listOfficers(page.services.road.db);
  const officers = all.filter((each) => isVisible(page, each));
  return view('officers', {
    officers,
    councilNames: councilNames(page),
    mayChange: page.councils('officers').length > 0,
  });
}

function councilNames(page: Page): Record<string, string> {
  const { councils } = page.services.road.policy();
  return Object.fromEntries([...councils].map(([id, { name }]) => [id, name]));
}

async function loaded(page: Page): Promise<StoredOfficer> {
  const { id = '' } = page.params;
  const isId = z.uuid().safeParse(id).success;
  const officer = isId ? await findOfficer(page.services.road.db, { id }) : null;
  if (!officer || !isVisible(page, officer)) throw notFound();
  return officer;
}

/** Whoever has a role at another council too is changed by administrators of all of them. */
async function changeable(page: Page): Promise<StoredOfficer> {
  const officer = await loaded(page);
  const councils = page.councils('officers');
  if (officer.roles.every(({ council }) => councils.includes(council))) return officer;
  throw new Problem(
    403,
    'You may not do this',
    'This officer also has a role at a council that is not yours. ' +
      'An administrator there must help.',
  );
}

async function show(page: Page) {
  const officer = await loaded(page);
  return view('officer', officerData(page, officer));
}

function officerData(page: Page, officer: StoredOfficer) {
  const isSelf = officer.id === page.officer.id;
  const choices = choicesOf(page);
  return {
    shown: officer,
    councilNames: councilNames(page),
    choices,
    isSelf,
    mayChange: choices.length > 0 && !isSelf,
  };
}

async function addPage(page: Page) {
  return view('officer-add', { choices: choicesOf(page) });
}

function choicesOf(page: Page) {
  const { policy } = page.services.road;
  return page.councils('officers').flatMap((council) =>
    OFFICER_ROLES.map((role) => ({
      value: `${council}:${role}`,
      text: `${roleWords(role)}, ${policy().councils.get(council)?.name ?? council}`,
    })),
  );
}

const newOfficer = z.object({
  name: z.string().trim().min(1, 'Enter the name').max(100, 'Enter a shorter name'),
  login: z
    .string()
    .trim()
    .max(254)
    .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'Enter an e-mail address, like name@council.gov.uk'),
  role: z.string().max(100),
});

async function add(page: Page) {
  const form = page.form(newOfficer);
  const again = (fields: Parameters<typeof formErrors>[0] | null, entered: object) =>
    view(
      'officer-add',
      {
        choices: choicesOf(page),
        errors: fields ? formErrors(fields) : form.ok ? null : form.errors,
        entered,
      },
      422,
    );
  if (!form.ok) return again(null, form.entered);
  const { name, login, role: text } = form.value;
  const role = readRole(text, page.services.road.policy());
  if (!role) return again({ role: 'Choose a role' }, form.value);
  page.require('officers', { kind: 'council', council: role.council });
  const by = page.officer.id;
  const accounts = world(page);
  const added = await addAccount(accounts, {
    name,
    addresses: [login],
    roles: [role],
    by,
  });
  if (added.kind === 'refused') return again({ login: added.advice }, form.value);
  const token = await newLink(accounts, added.officer.id, 'set-up');
  return linkShown(page, added.officer, token);
}

function linkShown(page: Page, officer: StoredOfficer, token: string) {
  const link = linkUrl(page.services.settings.publicUrl, token);
  return view('officer-link', { shown: officer, link });
}

async function setRole(page: Page) {
  const officer = await changeable(page);
  const form = page.form(z.object({ role: z.string().max(100), give: z.enum(['yes', 'no']) }));
  const role = form.ok ? readRole(form.value.role, page.services.road.policy()) : null;
  if (!form.ok || !role) {
    const errors = formErrors({ role: 'Choose a role' });
    return view('officer', { ...officerData(page, officer), errors }, 422);
  }
  page.require('officers', { kind: 'council', council: role.council });
  const change = {
    ...role,
    officerId: officer.id,
    give: form.value.give === 'yes',
  };
  const changed = await changeRole(world(page), {
    ...change,
    by: page.officer.id,
  });
  return after(page, officer, changed, 'The roles are changed.');
}

async function disable(page: Page) {
  const officer = await changeable(page);
  const disabled = officer.disabledAt === null;
  const change = { officerId: officer.id, disabled, by: page.officer.id };
  const said = disabled ? 'All access is ended, at once.' : 'Access is given back.';
  return after(page, officer, await disableAccount(world(page), change), said);
}

async function reset(page: Page) {
  const officer = await changeable(page);
  if (officer.id === page.officer.id) throw refusedFor('Somebody else must do that');
  const token = await resetAccount(world(page), {
    officerId: officer.id,
    by: page.officer.id,
  });
  return linkShown(page, officer, token);
}

async function after(page: Page, officer: StoredOfficer, changed: Managed, said: string) {
  if (changed.kind === 'done') return goTo(`/officers/${officer.id}`, said);
  const data = officerData(page, officer);
  return view('officer', { ...data, errors: formErrors({ role: changed.advice }) }, 422);
}

function refusedFor(advice: string): Problem {
  return new Problem(403, 'You may not do this', advice);
}

const SEE = allowedTo('view-officers');
const CHANGE = allowedTo('officers');

export const OFFICERS: readonly Route[] = [
  {
    method: 'GET',
    path: '/officers',
    title: 'Officers',
    access: SEE,
    nav: 'Officers',
    handle: list,
  },
  {
    method: 'GET',
    path: '/officers/add',
    title: 'Add an officer',
    access: CHANGE,
    handle: addPage,
  },
  {
    method: 'POST',
    path: '/officers/add',
    title: 'Add an officer',
    access: CHANGE,
    handle: add,
  },
  {
    method: 'GET',
    path: '/officers/:id',
    title: 'Officer',
    access: SEE,
    handle: show,
  },
  {
    method: 'POST',
    path: '/officers/:id/role',
    title: 'Officer',
    access: CHANGE,
    handle: setRole,
  },
  {
    method: 'POST',
    path: '/officers/:id/disable',
    title: 'Officer',
    access: CHANGE,
    handle: disable,
  },
  {
    method: 'POST',
    path: '/officers/:id/reset',
    title: 'Officer',
    access: CHANGE,
    handle: reset,
  },
];

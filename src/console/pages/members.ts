import { z } from 'zod';
import { transaction } from '../../store/connect.ts';
import { listPeople, setSuspended } from '../../store/people.ts';
import type { Person } from '../../mail/person.ts';
import { day } from '../case-words.ts';
import { allowedTo, formErrors, goTo, notFound, view, type Page, type Route } from '../route.ts';

const SEE = allowedTo('view-people');

async function everybody(page: Page): Promise<Person[]> {
  const { db } = page.services.road;
  const councils = page.councils('view-people');
  return (await Promise.all(councils.map((council) => listPeople(db, council)))).flat();
}

async function list(page: Page) {
  const wanted = (page.query['find'] ?? '').trim().toLowerCase().slice(0, 100);
  const people = (await everybody(page)).filter(({ name, addresses, ward }) =>
    [name, ward ?? '', ...addresses].some((text) => text.toLowerCase().includes(wanted)),
  );
  return view('members', { people, find: page.query['find'] ?? '' });
}

async function loaded(page: Page): Promise<Person> {
  const person = (await everybody(page)).find(({ id }) => id === page.params['id']);
  if (!person) throw notFound();
  return person;
}

async function show(page: Page) {
  return view('member', data(page, await loaded(page)));
}

function data(page: Page, person: Person) {
  const subject = { kind: 'council', council: person.council } as const;
  const office = {
    from: person.officeFrom && day(person.officeFrom),
    until: person.officeUntil && day(person.officeUntil),
  };
  return { person, office, maySuspend: page.may('suspend', subject).allowed };
}

const reason = z.object({
  reason: z
    .string()
    .trim()
    .min(1, 'Say why, and who authorised it')
    .max(500, 'Say it in at most 500 characters'),
});

async function suspend(page: Page) {
  const person = await loaded(page);
  page.require('suspend', { kind: 'council', council: person.council });
  const isLifting = person.suspended !== null;
  const form = page.form(reason);
  if (!form.ok && !isLifting) {
    return view('member', { ...data(page, person), errors: form.errors }, 422);
  }
  const change = {
    personId: person.id,
    reason: isLifting || !form.ok ? null : form.value.reason,
    by: page.officer.id,
    at: page.at,
  };
  if (person.addresses.some((address) => page.officer.addresses.includes(address))) {
    const errors = formErrors({
      reason: 'Somebody else must do that: this is you',
    });
    return view('member', { ...data(page, person), errors }, 422);
  }
  await transaction(page.services.road.db, (tx) => setSuspended(tx, change));
  return goTo(
    `/members/${person.id}`,
    isLifting ? 'Sending is allowed again.' : 'Sending is suspended.',
  );
}

export const MEMBERS: readonly Route[] = [
  {
    method: 'GET',
    path: '/members',
    title: 'Members',
    access: SEE,
    nav: 'Members',
    handle: list,
  },
  {
    method: 'GET',
    path: '/members/:id',
    title: 'Member',
    access: SEE,
    handle: show,
  },
  {
    method: 'POST',
    path: '/members/:id/suspend',
    title: 'Member',
    access: allowedTo('suspend'),
    handle: suspend,
  },
];

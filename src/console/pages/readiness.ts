import { z } from 'zod';
import { readinessOf } from '../../pipeline/readiness.ts';
import { allowedTo, notFound, view, type Page, type Route } from '../route.ts';

const READINESS = allowedTo('readiness');

async function form(page: Page) {
  return view('readiness', { councils: councilsOf(page) });
}

function councilsOf(page: Page) {
  const { policy } = page.services.road;
  return page
    .councils('readiness')
    .filter((id) => page.services.road.routes.has(id))
    .map((id) => ({ value: id, text: policy().councils.get(id)?.name ?? id }));
}

const question = z.object({
  council: z.string().max(100),
  target: z
    .string()
    .trim()
    .min(1, 'Enter an address or a domain')
    .max(254, 'Enter a shorter address')
    .regex(
      /^(?:[^\s@]+@)?[\p{L}\p{N}.-]+\.[\p{L}\p{N}-]+$/u,
      'Enter an address or a domain, like nhs.net',
    ),
});

/** Asked by POST: it opens connections to the recipient's servers, which no link should do. */
async function ask(page: Page) {
  const given = page.form(question);
  const councils = councilsOf(page);
  if (!given.ok) {
    const { errors, entered } = given;
    return view('readiness', { councils, errors, target: entered['target'] }, 422);
  }
  const { council: id, target } = given.value;
  page.require('readiness', { kind: 'council', council: id });
  const { road } = page.services;
  const council = road.policy().councils.get(id);
  const routes = road.routes.get(id);
  if (!council || !routes) throw notFound();
  const result = await readinessOf(road, council, routes, target);
  return view('readiness', { councils, target, council: id, result });
}

export const READINESS_PAGES: readonly Route[] = [
  {
    method: 'GET',
    path: '/readiness',
    title: 'Readiness',
    access: READINESS,
    nav: 'Readiness',
    handle: form,
  },
  {
    method: 'POST',
    path: '/readiness',
    title: 'Readiness',
    access: READINESS,
    perMinute: 20,
    handle: ask,
  },
];

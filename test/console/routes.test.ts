import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOpenTo } from '../../src/console/access.ts';
import { createConsole } from '../../src/console/console.ts';
import { ROUTES } from '../../src/console/pages/table.ts';
import type { Route } from '../../src/console/route.ts';
import { OFFICER_ROLES } from '../../src/policy/permissions.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { sampleOf } from './samples.ts';
import type { Visitor } from './visitor.ts';

// Generated from the table of routes: whoever adds a page gets these tests with it.

let world: ConsoleWorld;
/** A signed-in officer for each role, made when first asked for. */
const officers = new Map<string, Promise<Visitor>>();

beforeAll(async () => {
  world = await consoleWorld();
});
afterAll(() => world.close());

function officerOf(role: string): Promise<Visitor> {
  const known = officers.get(role) ?? world.signedIn(`merebrook:${role}`);
  officers.set(role, known);
  return known;
}

function rolesFor({ access }: Route): { may: string[]; mayNot: string[] } {
  const policy = world.gateway.road.policy();
  const holds = (role: (typeof OFFICER_ROLES)[number]): boolean =>
    isOpenTo(policy, access, {
      id: '',
      name: '',
      addresses: [],
      roles: [{ council: 'merebrook', role }],
    });
  return {
    may: OFFICER_ROLES.filter(holds),
    mayNot: OFFICER_ROLES.filter((role) => !holds(role)),
  };
}

const named = (route: Route): string => `${route.method} ${route.path}`;
const isOpen = ({ access }: Route): boolean => access.kind === 'public' || access.kind === 'link';

describe('the table of routes', () => {
  it('has each method and path once', () => {
    const all = ROUTES.map(named);
    expect(all).toEqual([...new Set(all)]);
  });

  it('refuses to start with a route that has no permission', async () => {
    const bare = { method: 'GET', path: '/bare', title: 'Bare', handle: async () => null };
    const { road } = world.gateway;
    const settings = {
      ...world.world.config.console,
      publicUrl: 'http://localhost',
      councils: ['merebrook'],
      secondOfficer: false,
      oidc: null,
    };
    const services = { road, settings, secret: Buffer.alloc(32), demo: false };
    const routes = [bare as unknown as Route];
    await expect(createConsole(services, { routes })).rejects.toThrow(/"GET \/bare" has no permi/);
  });
});

describe.each(ROUTES.map((route) => [named(route), route] as const))('%s', (_name, route) => {
  it.skipIf(isOpen(route))('shows nothing to somebody who is not signed in', async () => {
    const { own } = await sampleOf(route, world);
    const visitor = world.visitor();
    await visitor.get('/sign-in');
    const answer = route.method === 'GET' ? await visitor.get(own) : await visitor.post(own, {});
    if (route.method === 'GET') {
      expect(answer.status).toBe(303);
      expect(answer.location).toBe(`/sign-in?next=${encodeURIComponent(own)}`);
    } else {
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('You are signed out');
    }
  });

  it.skipIf(isOpen(route))('shows nothing for a made-up or an old session', async () => {
    const { own } = await sampleOf(route, world);
    const visitor = world.visitor();
    visitor.cookies.set('portreeve-session', 'A'.repeat(43));
    const answer = await visitor.send(own, { method: route.method });
    expect([303, 403, 415]).toContain(answer.status);
  });

  it.skipIf(route.access.kind !== 'action')('refuses every role without its action', async () => {
    const { own } = await sampleOf(route, world);
    const { may, mayNot } = rolesFor(route);
    expect(may.length, 'somebody may').toBeGreaterThan(0);
    for (const role of mayNot) {
      const officer = await officerOf(role);
      await officer.get('/');
      const answer = route.method === 'GET' ? await officer.get(own) : await officer.post(own, {});
      expect(answer.status, `at ${role}`).toBe(403);
      expect(answer.text, `at ${role}`).toContain('None of your roles includes this page');
    }
  });

  it('shows nothing of another council', async () => {
    // First the officer: an investigation names those who are there.
    const officer = await officerOf(rolesFor(route).may[0] ?? '');
    const { own, foreign } = await sampleOf(route, world);
    if (foreign === null) return;
    await officer.get('/');
    const send = (path: string) =>
      route.method === 'GET' ? officer.get(path) : officer.post(path, {});
    expect((await send(foreign)).status, `at ${foreign}`).toBeOneOf([403, 404]);
    expect((await send(own)).status, `at ${own}`).not.toBeOneOf([403, 404, 500]);
  });

  it.skipIf(route.method === 'GET')(
    'takes no form without our token, or from elsewhere',
    async () => {
      const { own } = await sampleOf(route, world);
      const officer = isOpen(route)
        ? world.visitor()
        : await officerOf(rolesFor(route).may[0] ?? '');
      await officer.get(isOpen(route) ? '/sign-in' : '/');
      const other = world.visitor();
      const page = await other.get('/sign-in');
      const stolen = /name="_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      const tries = [
        await officer.post(own, { _token: '' }),
        await officer.post(own, { _token: 'x'.repeat(43) }),
        await officer.post(own, { _token: stolen }),
        await officer.post(own, {}, { origin: 'https://evil.test' }),
        await officer.post(own, {}, { 'sec-fetch-site': 'cross-site' }),
        await officer.post(own, {}, { 'sec-fetch-site': 'same-site' }),
      ];
      for (const answer of tries) {
        expect(answer.status).toBe(403);
        expect(answer.text).toContain('This form has expired');
      }
    },
  );

  it('answers odd methods, giant bodies and other types without harm', async () => {
    const { own } = await sampleOf(route, world);
    const officer = isOpen(route) ? world.visitor() : await officerOf(rolesFor(route).may[0] ?? '');
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status, headers } = await officer.send(own, { method });
      expect(status, `at ${method}`).toBe(405);
      expect(headers.get('allow')).toContain(route.method);
    }
    if (route.method === 'GET') return;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const giant = { method: 'POST', headers: form, body: `x=${'a'.repeat(3_000_000)}` };
    expect((await officer.send(own, giant)).status).toBe(413);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await officer.send(own, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      });
      expect(answer.status, `at ${type}`).toBe(415);
    }
  });

  it('sends the security headers', async () => {
    const { own } = await sampleOf(route, world);
    const officer = isOpen(route) ? world.visitor() : await officerOf(rolesFor(route).may[0] ?? '');
    const { headers } = await officer.send(own, { method: route.method });
    const policy = headers.get('content-security-policy') ?? '';
    // What is saved as a file runs nothing at all, not even by nonce.
    const isFile = headers.get('content-disposition')?.startsWith('attachment;') ?? false;
    expect(policy).toMatch(
      isFile
        ? /^sandbox; default-src 'none';/
        : /default-src 'none';script-src 'nonce-[0-9a-f]{32}'/,
    );
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe(
      route.access.kind === 'link' ? 'no-referrer' : 'same-origin',
    );
  });
});

describe('limits of rate', () => {
  it('stop guesses at the sign-in from one address, and nobody else', async () => {
    const guesser = world.visitor('203.0.113.9');
    await guesser.get('/sign-in');
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1) {
      statuses.push((await guesser.post('/sign-in', { login: '', password: '' })).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(422), 429]);
    const said = await guesser.post('/sign-in', { login: '', password: '' });
    expect(said.text).toContain('Too many requests');
    const other = world.visitor('203.0.113.10');
    await other.get('/sign-in');
    expect((await other.post('/sign-in', { login: '', password: '' })).status).toBe(422);
  });
});

describe('every other path', () => {
  it.each([
    '/nothing',
    '/../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/x/console.css',
    '/assets/../../package.json',
    '/assets/%2e%2e%2fconsole.ts/x',
    `/${'a'.repeat(500)}`,
    '/sign-in/link/%00',
    '/officers/%ff',
  ])('%s is not there', async (path) => {
    const answer = await world.visitor().get(path);
    expect(answer.status).toBeOneOf([400, 404, 414, 303]);
    expect(answer.text).not.toMatch(/root:|"version"|at file:/);
  });

  it('serves its files under their own hash, to be kept, without the crown or its typeface', async () => {
    const page = await world.visitor().get('/sign-in');
    const names = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) {
      const file = await world.visitor().get(name ?? '');
      expect(file.status, `at ${name}`).toBe(200);
      expect(file.headers.get('cache-control')).toContain('immutable');
      if (name?.endsWith('.css')) {
        expect(file.text).not.toMatch(/GDS Transport|govuk-crest|@font-face|url\(\/assets/);
      }
    }
    expect(page.text).not.toMatch(/GOV\.UK|crown/i);
  });
});

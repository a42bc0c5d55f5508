import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/console/pages/table.ts';
import type { Route } from '../../src/console/route.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import {
  createWindows,
  faultsOf,
  HAS_CHROMIUM,
  lostControls,
  NARROW,
  roleFor,
  saidBy,
  sendForm,
  sideways,
  startChromium,
  unfold,
  WIDE,
  ZOOMED,
} from './in-browser.ts';
import { sampleOf } from './samples.ts';
import { STATES } from './states.ts';

// Every page of the table, every form of the table sent as it stands, every problem and the states
// of states.ts, in real Chromium: nothing that axe-core finds, nothing lost at 320 pixels or at 200 %.

const VIEWS = fileURLToPath(new URL('../../src/console/views', import.meta.url));
const PAGES = ROUTES.filter(({ method }) => method === 'GET');
const FORMS = ROUTES.filter(({ method }) => method === 'POST');
/** Answered by a file, by a frame or for a script. */
const NO_PAGES = ['/cases/count', '/cases/:id/html', '/messages/:id/html', '/figures/csv'];

describe.skipIf(!HAS_CHROMIUM)(
  'in Chromium (left out where /usr/bin/chromium is not there)',
  () => {
    let world: ConsoleWorld;
    let browser: Browser;
    let windowOf: ReturnType<typeof createWindows>;
    /** Templates that axe has looked at. */
    const seen = new Set<string>();
    /** Where each form stands, by its action. */
    const standsOn = new Map<string, string>();

    beforeAll(async () => {
      world = await consoleWorld();
      browser = await startChromium();
      windowOf = createWindows(world, browser);
    });
    afterAll(async () => {
      await browser?.close();
      await world?.close();
    });

    async function expectFine(page: Page, where: string, sizes = [WIDE, NARROW]): Promise<void> {
      expect(await page.locator('h1').count(), `headings of ${where}`).toBe(1);
      await unfold(page);
      for (const size of sizes) {
        await page.setViewportSize(size);
        expect(await faultsOf(page), `${where} at ${size.width}`).toEqual([]);
      }
      for (const size of [NARROW, ZOOMED]) {
        await page.setViewportSize(size);
        expect(await sideways(page), `${where} at ${size.width}`).toBe(0);
        expect(await lostControls(page), `${where} at ${size.width}`).toEqual([]);
      }
      await page.setViewportSize(WIDE);
      for (const link of await page.locator('.govuk-error-summary a').all()) {
        const target = (await link.getAttribute('href')) ?? '';
        expect(await page.locator(target).count(), `${target} of the summary ${where}`).toBe(1);
      }
      seen.add((await page.getAttribute('body', 'data-view')) ?? '');
    }

    async function openTo(route: Route): Promise<Page> {
      if (route.access.kind === 'stage') return windowOf('ict');
      return windowOf(roleFor(route, world));
    }

    describe('before anything is in the record', () => {
      const plain = PAGES.filter(({ nav }) => nav !== undefined);
      it.each(plain.map((route) => [route.path, route] as const))('%s', async (path, route) => {
        if (NO_PAGES.includes(path)) return;
        const page = await openTo(route);
        await page.goto(path);
        await expectFine(page, path, [NARROW]);
      });
    });

    it.each(PAGES.map((route) => [route.path, route] as const))('%s', async (path, route) => {
      // First the officer: an investigation names those who are there.
      const page = await openTo(route);
      const { own } = await sampleOf(route, world);
      if (NO_PAGES.includes(path)) {
        const { headers } = await world.visitor().get(own);
        expect(headers.get('content-type') ?? '').not.toContain('text/html');
        return;
      }
      await page.goto(own);
      await expectFine(page, own);
      const actions = await page.evaluate<string[]>(
        '[...document.querySelectorAll("main form[method=post]")].map((each) => each.getAttribute("action") ?? location.pathname)',
      );
      for (const action of actions) standsOn.set(action, own);
    });

    it.each(FORMS.map((route) => [route.path, route] as const))(
      'POST %s with nothing filled in',
      async (path, route) => {
        // Answers a script, or ends the session that the other forms need: states.ts has the latter.
        if (path.endsWith('/options') || path.includes('sign-out')) return;
        const page = await openTo(route);
        const { own } = await sampleOf(route, world);
        await page.goto(standsOn.get(own) ?? (route.access.kind === 'public' ? '/sign-in' : '/'));
        await sendForm(page, own);
        expect(await page.title()).not.toContain('Something went wrong');
        const isSignedIn = (await page.locator('text=Sign out').count()) > 0;
        expect(isSignedIn, `signed in after ${own}`).toBe(
          !['public', 'link'].includes(route.access.kind),
        );
        // Most send the officer on to a page that stands above.
        const view = (await page.getAttribute('body', 'data-view')) ?? '';
        const hasErrors = (await page.locator('.govuk-error-summary').count()) > 0;
        if (hasErrors || !seen.has(view)) await expectFine(page, `POST ${own}`, [NARROW]);
      },
    );

    it.each(STATES.map((state) => [state.name, state] as const))('%s', async (name, state) => {
      const { who } = state;
      const page = await windowOf(typeof who === 'function' ? await who(world) : who);
      await state.reach(page, world);
      expect(await saidBy(page, 'body')).toContain(state.shows);
      await expectFine(page, name, state.isWideToo ? [WIDE, NARROW] : [NARROW]);
    });

    it('leaves out no template', () => {
      // The others are parts of these.
      const templates = readdirSync(VIEWS)
        .filter((file) =>
          readFileSync(path.join(VIEWS, file), 'utf8').includes('{% extends "layout'),
        )
        .map((file) => file.replace('.njk', ''));
      expect(templates.length).toBeGreaterThan(40);
      expect(templates.filter((name) => !seen.has(name))).toEqual([]);
    });

    it('reaches the skip link, the account and sign-out by keyboard alone', async () => {
      const page = await windowOf(await world.signedIn('merebrook:ict'));
      await page.goto('/');
      const seen: string[] = [];
      for (let step = 0; step < 12; step += 1) {
        await page.keyboard.press('Tab');
        seen.push(await page.evaluate<string>('document.activeElement?.textContent?.trim() ?? ""'));
      }
      expect(seen[0]).toBe('Skip to main content');
      expect(seen).toContain('Sign out');
      const at = seen.indexOf('Sign out');
      await page.goto('/');
      for (let step = 0; step <= at; step += 1) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/sign-in');
      expect(await page.locator('h1').textContent()).toContain('Sign in');
    });

    it('signs in without JavaScript, and runs no script of its own making under the CSP', async () => {
      const context = await browser.newContext({ baseURL: world.url, javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto('/sign-in');
      await page.fill('#login', 'nobody@merebrook.gov.uk');
      await page.fill('#password', 'wrong wrong wrong');
      await page.click('text=Continue');
      expect(await page.locator('.govuk-error-summary').textContent()).toContain('not right');
      await context.close();
      const strict = await browser.newContext({ baseURL: world.url });
      const other = await strict.newPage();
      const blocked: string[] = [];
      other.on('console', (message) => {
        if (/Content Security Policy|Refused/i.test(message.text())) blocked.push(message.text());
      });
      await other.goto('/sign-in');
      expect(await other.locator('body.js-enabled').count(), 'our own scripts run').toBe(1);
      expect(blocked).toEqual([]);
      await strict.close();
    });

    it('adds a passkey, and signs in with it alone', async () => {
      const officer = await world.signedIn('merebrook:ict');
      const context = await browser.newContext({ baseURL: world.url });
      await context.addCookies(
        [...officer.cookies].map(([name, value]) => ({ name, value, url: world.url })),
      );
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send('WebAuthn.enable');
      await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      await page.goto('/account/second-factor');
      await page.fill('#passkey', 'Work laptop');
      await page.click('text=Add a passkey');
      await page.waitForURL('**/account');
      expect(await saidBy(page)).toContain('Work laptop');
      await page.click('text=Sign out');
      await page.waitForURL('**/sign-in');
      await page.click('text=Sign in with a passkey');
      await page.waitForURL(`${world.url}/`);
      expect(await page.textContent('h1')).toContain('Hello');
      await context.close();
    });
  },
);

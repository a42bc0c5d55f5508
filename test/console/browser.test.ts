import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOpenTo } from '../../src/console/access.ts';
import { ROUTES } from '../../src/console/pages/table.ts';
import { OFFICER_ROLES } from '../../src/policy/permissions.ts';
import { sealAudit } from '../../src/store/audit.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase } from './held-case.ts';
import { sampleOf } from './samples.ts';
import type { Visitor } from './visitor.ts';

// Every page of the table in real Chromium: accessibility, width, keyboard, passkeys.

const CHROMIUM = '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PAGES = ROUTES.filter(
  ({ method, access, path }) =>
    method === 'GET' && access.kind !== 'stage' && path !== '/sign-in/council/return',
);

describe.skipIf(!existsSync(CHROMIUM))(
  'in Chromium (left out where /usr/bin/chromium is not there)',
  () => {
    let world: ConsoleWorld;
    let browser: Browser;
    const officers = new Map<string, Promise<Visitor>>();

    beforeAll(async () => {
      world = await consoleWorld();
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    });
    afterAll(async () => {
      await browser?.close();
      await world?.close();
    });

    /** A window of an officer whose role may come to the route; of nobody where it is public. */
    async function windowFor(route: (typeof PAGES)[number], options = {}): Promise<BrowserContext> {
      const context = await browser.newContext({ baseURL: world.url, bypassCSP: true, ...options });
      const { access } = route;
      if (access.kind === 'public' || access.kind === 'link') return context;
      const role = OFFICER_ROLES.find((each) =>
        isOpenTo(world.gateway.road.policy(), access, {
          id: '',
          name: '',
          addresses: [],
          roles: [{ council: 'merebrook', role: each }],
        }),
      );
      const known = officers.get(role ?? '') ?? world.signedIn(`merebrook:${role}`);
      officers.set(role ?? '', known);
      const { cookies } = await known;
      await context.addCookies(
        [...cookies].map(([name, value]) => ({ name, value, url: world.url })),
      );
      return context;
    }

    async function shot(page: Page, name: string): Promise<void> {
      const dir = process.env['SCREENSHOTS'];
      if (dir) await page.screenshot({ path: `${dir}/${name}.png`, fullPage: true });
    }

    async function faultsOf(page: Page): Promise<string[]> {
      await page.addScriptTag({ path: AXE });
      return page.evaluate(async () => {
        const axe = (globalThis as unknown as { axe: { run(options: object): Promise<never> } })
          .axe;
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
        const { violations } = (await axe.run({ runOnly: { type: 'tag', values: tags } })) as {
          violations: { id: string; nodes: { html: string }[] }[];
        };
        return violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
        );
      });
    }

    describe.each(PAGES.map((route) => [route.path, route] as const))('%s', (_path, route) => {
      it('has nothing that axe finds, and does not scroll sideways at 320 pixels', async () => {
        // First the officer: an investigation names those who are there.
        const context = await windowFor(route, { viewport: { width: 1280, height: 900 } });
        const { own } = await sampleOf(route, world);
        const page = await context.newPage();
        const answer = await page.goto(own).catch((cause: unknown) => {
          if (String(cause).includes('Download is starting')) return null;
          throw cause;
        });
        // What a script asks for is no page, nor is a file to save.
        if (!answer?.headers()['content-type']?.startsWith('text/html')) return;
        expect(await faultsOf(page)).toEqual([]);
        expect(await page.locator('h1').count()).toBe(1);
        await page.setViewportSize({ width: 320, height: 700 });
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(wide).toBeLessThanOrEqual(320);
        expect(await faultsOf(page)).toEqual([]);
        await context.close();
      });
    });

    it('has nothing that axe finds where a search or a check has answered', async () => {
      const { queueId } = await heldCase(world);
      await heldCase(world);
      const { clock } = world.gateway.road;
      const forms: [string, Record<string, string>, string, string][] = [
        ['/trace', { ticket: 'INC-1', clue: queueId }, 'Find', 'What happened'],
        ['/trace', { ticket: 'INC-1', clue: 'ann@plain.example' }, 'Find', 'messages fit'],
        ['/trace', { ticket: '', clue: '' }, 'Find', 'There is a problem'],
        ['/audit', { find: queueId }, 'Find', 'pipeline'],
        ['/audit', {}, 'Verify the trail', 'Whole'],
      ];
      await sealAudit(world.gateway.road.db, world.gateway.road.auditKey, clock());
      for (const [path, fields, button, shown] of forms) {
        const isSent = button === 'Verify the trail';
        const route = ROUTES.find((each) => each.path === (isSent ? '/audit/verify' : path))!;
        const context = await windowFor(route, { viewport: { width: 1280, height: 900 } });
        const page = await context.newPage();
        await page.goto(path);
        for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
        await page.getByRole('button', { name: button, exact: true }).click();
        await page.getByText(shown).first().waitFor();
        expect(await faultsOf(page), `at ${path}, ${shown}`).toEqual([]);
        await shot(page, `${path.slice(1)}-${shown.toLowerCase().replaceAll(' ', '-')}`);
        await page.setViewportSize({ width: 320, height: 700 });
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(wide, `at ${path}, ${shown}`).toBeLessThanOrEqual(320);
        await context.close();
      }
    });

    it('reaches the skip link, the account and sign-out by keyboard alone', async () => {
      const context = await windowFor(PAGES[0] as (typeof PAGES)[number]);
      const page = await context.newPage();
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
      officers.clear();
      await context.close();
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
      expect(await page.textContent('main')).toContain('Work laptop');
      await page.click('text=Sign out');
      await page.waitForURL('**/sign-in');
      await page.click('text=Sign in with a passkey');
      await page.waitForURL(`${world.url}/`);
      expect(await page.textContent('h1')).toContain('Hello');
      await context.close();
    });
  },
);

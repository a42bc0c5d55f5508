import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import { isOpenTo } from '../../src/console/access.ts';
import type { Route } from '../../src/console/route.ts';
import { OFFICER_ROLES, type OfficerRole } from '../../src/policy/permissions.ts';
import type { ConsoleWorld } from './console-world.ts';
import type { Visitor } from './visitor.ts';

const CHROMIUM = '/usr/bin/chromium';
export const HAS_CHROMIUM = existsSync(CHROMIUM);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const WIDE = { width: 1280, height: 900 };
/** WCAG 2.2, 1.4.10: a window of 1280 pixels at 400 %. */
export const NARROW = { width: 320, height: 700 };
/** WCAG 2.2, 1.4.4: a window of 1280 pixels at 200 %. */
export const ZOOMED = { width: 640, height: 450 };

export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
}

/** What axe-core finds against WCAG 2.2 AA on the page as it stands. */
export async function faultsOf(page: Page): Promise<string[]> {
  // Not by a script element, which the page's own policy would refuse.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(options: object): Promise<never> } }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = (await axe.run({
      runOnly: { type: 'tag', values: tags },
      resultTypes: ['violations'],
    })) as { violations: { id: string; nodes: { html: string }[] }[] };
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** Pixels that the page is wider than its window; 0 where nothing scrolls sideways. */
export async function sideways(page: Page): Promise<number> {
  return page.evaluate<number>(
    'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
  );
}

/** Links, buttons and fields that lie beside the window, where no scrolling brings them. */
export async function lostControls(page: Page): Promise<string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('a, button, input, select, textarea')]
    .filter((each) => !each.closest('.app-scroll, .govuk-skip-link, pre') && each.checkVisibility())
    .filter((each) => {
      const { left, right, width } = each.getBoundingClientRect();
      return width > 1 && (right > innerWidth + 1 || left < -1);
    })
    .map((each) => each.outerHTML.slice(0, 120))`);
}

/** Whatever a page folds away, so that what is in it is looked at too. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(
    'document.querySelectorAll("details").forEach((each) => { each.open = true; })',
  );
}

/** The first role at Merebrook that may come to the route, `null` where everybody may. */
export function roleFor({ access }: Route, world: ConsoleWorld): OfficerRole | null {
  if (access.kind === 'public' || access.kind === 'link') return null;
  const policy = world.gateway.road.policy();
  const found = OFFICER_ROLES.find((role) =>
    isOpenTo(policy, access, {
      id: '',
      name: '',
      addresses: [],
      roles: [{ council: 'merebrook', role }],
    }),
  );
  return found ?? null;
}

/** One page a role, or a visitor, for the whole file: a window costs more than what it shows. */
export function createWindows(
  world: ConsoleWorld,
  browser: Browser,
): (who: string | null | Visitor) => Promise<Page> {
  const pages = new Map<string | null | Visitor, Promise<Page>>();
  let calls = 0;
  const open = async (who: string | null | Visitor): Promise<Page> => {
    const context = await browser.newContext({ baseURL: world.url, viewport: WIDE });
    // Each call has an address of its own, so that limits of rate do not stand in the way.
    await context.route('**/*', (route) => {
      if (!route.request().isNavigationRequest()) return route.continue();
      calls += 1;
      const address = `10.1.${calls >> 8}.${calls & 255}`;
      return route.continue({
        headers: { ...route.request().headers(), 'x-forwarded-for': address },
      });
    });
    if (who !== null) {
      const { cookies } = typeof who === 'string' ? await world.signedIn(`merebrook:${who}`) : who;
      await context.addCookies(
        [...cookies].map(([name, value]) => ({ name, value, url: world.url })),
      );
    }
    return context.newPage();
  };
  return (who) => {
    const known = pages.get(who) ?? open(who);
    pages.set(who, known);
    return known;
  };
}

/** What a page says once it is whole: a click is over when the next page has only begun. */
export async function saidBy(page: Page, part: 'main' | 'body' = 'main'): Promise<string> {
  await page.waitForLoadState();
  return (await page.textContent(part)) ?? '';
}

/**
 * Sends a form of the page to where it goes, or one like it where the page has none. Whatever can
 * be written in or ticked is empty, but for `fields`.
 */
export async function sendForm(
  page: Page,
  action: string,
  fields: Record<string, string | string[]> = {},
): Promise<void> {
  await Promise.all([
    page.waitForEvent('load'),
    page.evaluate<unknown>(`(() => {
      const action = ${JSON.stringify(action)};
      // A button named "action" would stand in the way of the form's own property.
      const goesTo = (each) => each.getAttribute('action') ?? location.pathname;
      const isIt = (each) => goesTo(each) === action && each.getAttribute('method') === 'post';
      let form = [...document.forms].find(isIt);
      if (!form) {
        form = document.createElement('form');
        form.method = 'post';
        form.action = action;
        form.append(document.querySelector('[name=_token]').cloneNode());
        document.body.append(form);
      }
      const fields = Object.entries(${JSON.stringify(fields)});
      for (const field of form.elements) {
        if (fields.some(([name]) => name === field.name)) field.disabled = true;
        else if (field.type === 'checkbox' || field.type === 'radio') field.checked = false;
        else if (field.type !== 'hidden' && 'value' in field) field.value = '';
      }
      for (const [name, values] of fields) {
        for (const value of [values].flat()) {
          form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
        }
      }
      HTMLFormElement.prototype.submit.call(form);
    })()`),
  ]);
}

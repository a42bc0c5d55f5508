import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keepCaseTimes } from '../../src/pipeline/case-clock.ts';
import { loadCase } from '../../src/store/cases.ts';
import { loadMessage } from '../../src/store/messages.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase, LEAFLET } from './held-case.ts';
import { faultsOf, saidBy, startChromium } from './in-browser.ts';

// The queue and the case page in real Chromium: the way of an officer. What axe finds on them is in
// browser.test.ts.

const SHOTS = process.env['SCREENSHOTS'];

// A real browser on a slow machine.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let world: ConsoleWorld;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** Minutes that the test has let pass. */
let passed = 0;
const clock = () => new Date(Date.now() + passed * 60_000);

beforeAll(async () => {
  world = await consoleWorld({ clock });
  browser = await startChromium();
  context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
  const officer = await world.signedIn('merebrook:monitoring-officer');
  const cookies = [...officer.cookies].map(([name, value]) => ({ name, value, url: world.url }));
  await context.addCookies(cookies);
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

async function shot(name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

async function isNarrowEnough(): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
}

async function open(path: string): Promise<void> {
  await page.goto(world.url + path);
}

describe('two officers and mail to an MP', () => {
  it('one asks, the other agrees, and then it is read', async () => {
    const deputy = await world.signedIn('merebrook:deputy-monitoring-officer');
    const to = ['cara.mp@parliament.uk', 'ann@plain.example'];
    const { caseId } = await heldCase(world, { to });
    await open(`/cases/${caseId}`);
    expect(await faultsOf(page)).toEqual([]);
    await shot('reading-before');
    await page.getByRole('button', { name: 'Ask a second officer' }).click();
    expect(await page.textContent('.govuk-notification-banner')).toContain('must agree');
    expect(await faultsOf(page)).toEqual([]);
    await shot('reading-asked');
    const asker = page;
    const other = await browser.newContext({ viewport: { width: 320, height: 900 } });
    await other.addCookies(
      [...deputy.cookies].map(([name, value]) => ({ name, value, url: world.url })),
    );
    page = await other.newPage();
    await open('/cases');
    await page.getByRole('link', { name: '1 request to read privileged mail' }).click();
    expect(await faultsOf(page)).toEqual([]);
    expect(await isNarrowEnough()).toBe(true);
    await page.getByLabel('They may not').check();
    await page.getByRole('button', { name: 'Answer' }).click();
    expect(await page.textContent('.govuk-error-summary')).toContain('Say why not');
    expect(await faultsOf(page)).toEqual([]);
    await shot('reading-error');
    await page.getByLabel('They may read it').check();
    await page.getByRole('button', { name: 'Answer' }).click();
    expect(await saidBy(page)).toContain('Nothing waits for you');
    await other.close();
    page = asker;
    await open(`/cases/${caseId}`);
    expect(await saidBy(page)).toContain(LEAFLET);
    expect(await faultsOf(page)).toEqual([]);
    await open('/readings');
    expect(await faultsOf(page)).toEqual([]);
    await shot('reading-own');
  });
});

describe('an officer’s way through the queue', () => {
  it('reads, releases one recipient and refuses another, and the record has it all', async () => {
    const { caseId, queueId } = await heldCase(world);
    for (let n = 0; n < 4; n += 1) await heldCase(world, { subject: `Leaflet ${n}` });
    await open('/cases');
    await shot('queue');
    await page.locator(`[data-case="/cases/${caseId}"] .app-case-link`).click();
    // Not a word of it before a reason is given.
    expect(await page.content()).not.toContain('Promoted by A. Agent');
    await shot('case-before');
    await page.getByRole('button', { name: 'Read the message' }).click();
    expect(await page.locator('mark').count()).toBeGreaterThan(0);
    expect(await page.locator('.app-text').allInnerTexts()).toContainEqual(
      expect.stringContaining(LEAFLET),
    );
    await shot('case-read');
    const [ann, ben] = (await loadMessage(world.gateway.road.db, queueId))!.recipients;
    await page.getByLabel('As chosen for each recipient').check();
    await page.getByText('Choose for each recipient', { exact: true }).click();
    await page.selectOption(`#recipient-${ann!.id}`, 'release');
    await page.selectOption(`#recipient-${ben!.id}`, 'reject');
    await page.selectOption('#releaseReason', 'casework');
    await page.selectOption('#refuseReason', 'campaign');
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    expect(await page.textContent('.govuk-notification-banner')).toMatch(/Released .* Refused/);
    await shot('case-decided');
    const { recipients } = (await loadMessage(world.gateway.road.db, queueId))!;
    expect(recipients.map(({ status }) => status)).toEqual(['queued', 'rejected']);
    await page.getByRole('button', { name: 'Take the refusal back' }).click();
    const undone = (await loadMessage(world.gateway.road.db, queueId))!.recipients;
    expect(undone.map(({ status }) => status)).toEqual(['queued', 'held']);
    const { actions } = (await loadCase(world.gateway.road.db, caseId))!;
    expect(actions.map(({ action, state }) => `${action} ${state}`)).toEqual([
      'claim done',
      'release done',
      'reject undone',
      'undo done',
    ]);
    const views = await world.gateway.road.db`
      select 1 from audit where queue_id = ${queueId} and event = 'content-viewed'`;
    expect(views.length).toBeGreaterThanOrEqual(2);
  });

  it('asks for a reason and for a choice, and keeps what was entered', async () => {
    const { caseId } = await heldCase(world);
    await open(`/cases/${caseId}`);
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    expect(await page.textContent('.govuk-error-summary')).toContain('Choose what happens');
    await page.getByLabel('Refuse', { exact: true }).check();
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    expect(await page.textContent('.govuk-error-summary')).toContain('Choose a reason');
    expect(await page.getByLabel('Refuse', { exact: true }).isChecked()).toBe(true);
    await shot('case-errors');
  });

  it('goes by keyboard alone, and no key decides anything', async () => {
    const { caseId, queueId } = await heldCase(world, { subject: 'By keyboard' });
    await open('/cases?words=keyboard');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    expect(await page.locator(`#case-${caseId}`).isChecked()).toBe(true);
    await page.keyboard.press('?');
    expect(await page.getByText('No key decides anything').isVisible()).toBe(true);
    await page.keyboard.press('r');
    await page.waitForURL(`**/cases/${caseId}#decide`);
    const { recipients } = (await loadMessage(world.gateway.road.db, queueId))!;
    expect(recipients.every(({ status }) => status === 'held')).toBe(true);
  });

  it('goes down and up by j and k, opens by o, searches by /, and by none once they are off', async () => {
    const { caseId } = await heldCase(world, { subject: 'By letters one' });
    await heldCase(world, { subject: 'By letters two' });
    await open('/cases?words=letters');
    const at = () =>
      page
        .locator('[data-case]')
        .evaluateAll((rows) =>
          rows.findIndex(({ classList }) => classList.contains('app-current')),
        );
    const seen: number[] = [];
    for (const key of ['j', 'j', 'j', 'k']) {
      await page.keyboard.press(key);
      seen.push(await at());
    }
    expect(seen).toEqual([0, 1, 1, 0]);
    await page.keyboard.press('/');
    await page.keyboard.type('jkorx');
    expect(await page.inputValue('#words'), 'what is typed is no key').toBe('jkorxletters');
    await page.locator('.app-case-link').first().focus();
    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Switch the keys off' }).click();
    await page.keyboard.press('j');
    expect(await at(), 'switched off').toBe(0);
    await open('/cases?words=letters');
    await page.keyboard.press('j');
    expect(await at(), 'still off on the next page').toBe(-1);
    await page.getByText('Keyboard', { exact: true }).click();
    await page.getByRole('button', { name: 'Switch the keys on' }).click();
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await page.waitForURL(`**/cases/${caseId}`);
  });

  it('tells that a case is overdue: in the count, on the case and in its timeline', async () => {
    const { caseId } = await heldCase(world, { subject: 'Late' });
    const { db } = world.gateway.road;
    await db`update cases set due_at = ${new Date(clock().getTime() - 60_000)} where id = ${caseId}`;
    await keepCaseTimes(world.gateway.road);
    await open('/cases');
    expect(await page.textContent('#live-count')).toMatch(/[1-9]\d* overdue/);
    await open(`/cases/${caseId}`);
    const timeline = await page.textContent('.app-timeline');
    expect(timeline).toContain('told the officers that it is overdue');
    expect(await page.textContent('.app-tags')).toContain('overdue');
  });

  it('tells what is new while the page stands, and what this officer has not read', async () => {
    const { caseId } = await heldCase(world, { subject: 'Unread one' });
    const tab = await context.newPage();
    await tab.clock.install();
    await tab.goto(`${world.url}/cases?words=unread`);
    const row = tab.locator(`[data-case="/cases/${caseId}"]`);
    const counts = async () =>
      (await tab.locator('#live-count strong').allInnerTexts()).map(Number);
    const before = await counts();
    expect(await row.getAttribute('class')).toContain('app-unread');
    await heldCase(world, { subject: 'Unread two' });
    await tab.clock.runFor(20_000);
    await expect.poll(counts, { timeout: 10_000 }).not.toEqual(before);
    const after = await counts();
    expect([after[0], after[3]]).toEqual([(before[0] ?? 0) + 1, (before[3] ?? 0) + 1]);
    // The page itself was not loaded again: the second one is not on it.
    expect(await tab.locator('[data-case]').count()).toBe(1);
    await row.locator('.app-case-link').click();
    await tab.goto(`${world.url}/cases?words=unread`);
    expect(await row.getAttribute('class')).not.toContain('app-unread');
    await row.locator('.app-case-link').click();
    await tab.getByRole('button', { name: 'Mark as unread' }).click();
    expect(await tab.textContent('.govuk-notification-banner')).toContain('Marked as unread');
    await tab.goto(`${world.url}/cases?words=unread&unread=1`);
    expect(await row.count()).toBe(1);
    await tab.close();
  });

  it('keeps what was filtered as a view, and shows what was handled where it belongs', async () => {
    const { caseId } = await heldCase(world, { subject: 'Viewed one' });
    await open('/cases?words=viewed&age=today');
    await page.getByLabel('Save this view as').fill('Viewed today');
    await page.getByRole('button', { name: 'Save view' }).click();
    await open('/cases?state=closed');
    await page.getByRole('link', { name: 'Viewed today' }).click();
    const row = page.locator(`[data-case="/cases/${caseId}"]`);
    expect([await row.count(), await page.locator('[data-case]').count()]).toEqual([1, 1]);
    expect(await page.locator('#words').inputValue()).toBe('viewed');
    await row.locator('.app-case-link').click();
    await page.getByLabel('Release', { exact: true }).check();
    await page.selectOption('#releaseReason', 'casework');
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    await open('/cases');
    await page.getByRole('link', { name: 'Viewed today' }).click();
    expect(await row.count(), 'handled, it waits for nobody').toBe(0);
    await open('/cases?state=under-way&words=viewed');
    expect(await row.count()).toBe(1);
    await page.getByRole('button', { name: 'Remove Viewed today' }).click();
    expect(await page.getByRole('link', { name: 'Viewed today' }).count()).toBe(0);
  });

  it('decides several at once after a confirmation, with a result for each', async () => {
    const one = await heldCase(world, { subject: 'Bulk one' });
    const two = await heldCase(world, { subject: 'Bulk two' });
    const { db } = world.gateway.road;
    await open('/cases?words=bulk');
    for (const { caseId } of [one, two]) {
      await page.locator(`label[for="case-${caseId}"]`).click();
    }
    await page.getByRole('button', { name: 'Refuse…' }).click();
    await shot('bulk');
    // Meanwhile another officer takes one of them.
    await db`update cases set claimed_by = 'omar', claimed_until = ${new Date(clock().getTime() + 60_000)}
      where id = ${two.caseId}`;
    await page.getByLabel('Party or election material').check();
    await page.getByRole('button', { name: 'Refuse them' }).click();
    expect(await saidBy(page)).toMatch(/1 of 2 done, 1 not/);
    expect(await saidBy(page)).toContain('omar works on this case');
    await shot('bulk-results');
    passed += 11;
    await keepCaseTimes(world.gateway.road);
    expect((await loadCase(db, one.caseId))?.closedAt).not.toBeNull();
  });

  it('fits 320 pixels, and works without scripts', async () => {
    const { caseId } = await heldCase(world);
    await page.setViewportSize({ width: 320, height: 700 });
    for (const path of ['/cases', `/cases/${caseId}`]) {
      await open(path);
      expect([path, await isNarrowEnough()]).toEqual([path, true]);
    }
    await shot('case-narrow');
    await page.setViewportSize({ width: 1280, height: 1000 });
    const plain = await browser.newContext({ javaScriptEnabled: false });
    await plain.addCookies(await context.cookies());
    const quiet = await plain.newPage();
    await quiet.goto(`${world.url}/cases/${caseId}`);
    await quiet.getByRole('button', { name: 'Read the message' }).click();
    await quiet.getByLabel('Release', { exact: true }).check();
    await quiet.selectOption('#releaseReason', 'casework');
    await quiet.getByRole('button', { name: 'Decide', exact: true }).click();
    expect(await quiet.textContent('.govuk-notification-banner')).toContain('Released for 2');
    await plain.close();
  });

  it('tells who was quicker, and when, in a second tab', async () => {
    const { caseId } = await heldCase(world);
    const other = await context.newPage();
    for (const tab of [page, other]) await tab.goto(`${world.url}/cases/${caseId}`);
    for (const tab of [page, other]) {
      await tab.getByLabel('Release', { exact: true }).check();
      await tab.selectOption('#releaseReason', 'casework');
      await tab.getByRole('button', { name: 'Decide', exact: true }).click();
    }
    expect(await other.textContent('.govuk-notification-banner')).toMatch(
      /You decided before: released it on .*Nothing was done twice/,
    );
    await other.close();
  });
});

import { mkdir } from 'node:fs/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase, LEAFLET } from './held-case.ts';

// `npm run screenshots`: pictures of the main pages, for looking at. Left out of every other run.

const DIR = process.env['SCREENSHOTS'];
const HOUR = 3_600_000;
/** The longest picture; what lies lower is seen by scrolling. */
const TALLEST = 1400;

/** A morning's post, the oldest first: hours after the start, subject, text, recipients. */
const HELD: [number, string, string, string[]][] = [
  [0, 'Thursday', LEAFLET, ['ann@plain.example', 'ben@plain.example']],
  [8, 'Ward newsletter', LEAFLET, ['friends@northgate-ward.example']],
  [25, 'Polling day lifts', LEAFLET, ['cara@plain.example', 'dev@plain.example']],
  [29, 'Our candidate', LEAFLET, ['residents@plain.example']],
];
/** Each page: its picture, its path, and who is signed in. */
const PAGES: [string, string, 'nobody' | 'reviewer' | 'administrator' | 'auditor'][] = [
  ['sign-in', '/sign-in', 'nobody'],
  ['home', '/', 'reviewer'],
  ['queue', '/cases', 'reviewer'],
  ['case', '', 'reviewer'],
  ['members', '/members', 'reviewer'],
  ['keys', '/keys', 'reviewer'],
  ['readiness', '/readiness', 'reviewer'],
  ['elections', '/elections', 'reviewer'],
  ['policy', '/policy', 'reviewer'],
  ['policy-council', '/policy/councils/merebrook', 'reviewer'],
  ['policy-rules', '/policy/rules', 'reviewer'],
  ['figures', '/figures', 'reviewer'],
  ['trace', '/trace', 'reviewer'],
  ['audit', '/audit?event=reception', 'auditor'],
  ['officers', '/officers', 'administrator'],
  ['account', '/account', 'reviewer'],
];

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe.skipIf(!DIR)('pictures of the console (only with SCREENSHOTS=folder)', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  let ofCase = '';
  let passed = 0;
  const cookies: Record<string, { name: string; value: string; url: string }[]> = {};

  beforeAll(async () => {
    world = await consoleWorld({ clock: () => new Date(Date.now() + passed) });
    for (const [hours, subject, text, to] of HELD) {
      passed = hours * HOUR;
      const { caseId } = await heldCase(world, { subject, text, to });
      if (ofCase === '') ofCase = `/cases/${caseId}`;
    }
    passed = 30 * HOUR;
    cookies['reviewer'] = await cookiesOf('merebrook:monitoring-officer', 'merebrook:ict');
    cookies['auditor'] = await cookiesOf('merebrook:internal-audit');
    cookies['administrator'] = await cookiesOf('merebrook:administrator');
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    await mkdir(DIR!, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  async function cookiesOf(...roles: string[]) {
    const officer = await world.signedIn(...roles);
    return [...officer.cookies].map(([name, value]) => ({ name, value, url: world.url }));
  }

  async function picture(page: Page, name: string, width: number): Promise<void> {
    await page.setViewportSize({ width, height: 900 });
    const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
    await page.setViewportSize({ width, height: Math.min(whole, TALLEST) });
    await page.screenshot({ path: `${DIR}/${name}.png` });
  }

  it.each(PAGES)('%s', async (name, path, who) => {
    const context = await browser.newContext({ baseURL: world.url });
    await context.addCookies(cookies[who] ?? []);
    const page = await context.newPage();
    const answer = await page.goto(path || ofCase);
    expect(answer?.status()).toBe(200);
    await picture(page, name, 1200);
    await picture(page, `${name}-narrow`, 320);
    await context.close();
  });
});

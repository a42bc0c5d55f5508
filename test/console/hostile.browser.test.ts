import { randomBytes } from 'node:crypto';
import { simpleParser } from 'mailparser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { queueId as makeQueueId } from '../../src/mail/queue-id.ts';
import { writeNotice } from '../../src/pipeline/notify.ts';
import { PERSON_ACTIONS } from '../../src/policy/permissions.ts';
import { addNote, saveView } from '../../src/store/case-work.ts';
import { openInvestigation } from '../../src/store/investigations.ts';
import { MEMBER } from '../support/gateway.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase, LEAFLET, statusToken } from './held-case.ts';
import { faultsOf, HAS_CHROMIUM, saidBy, startChromium } from './in-browser.ts';

// Mail that means harm, on every page that shows any of it, in a real Chromium with an alarm.

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const SCRIPT = '<script>alarm()</script><img src=x onerror=alarm()>';
const RTL = '\u202Egnp.exe';
const WORD = 'W'.repeat(3000);
const SUBJECT = `${SCRIPT} ${RTL} ${WORD.slice(0, 600)}`;
const RECIPIENT = '"<img src=x onerror=alarm()>"@plain.example';
const HTML = `<html><head><style>*{background:url(https://evil.test/css)}@import 'https://evil.test/x.css';</style>
<meta http-equiv="refresh" content="0;url=https://evil.test/"><base href="https://evil.test/"></head>
<body onload="alarm()"><script>alarm()</script><img src="https://evil.test/pixel" onerror="alarm()">
<svg onload="alarm()"><script>alarm()</script><foreignObject><iframe srcdoc="<script>alarm()</script>"></iframe></foreignObject></svg>
<math><mtext><table><mglyph><style><img src onerror=alarm()></style></mglyph></table></mtext></math>
<a href="javascript:alarm()">click</a><form action="https://evil.test/"><input name=a></form>
<iframe src="javascript:alarm()"></iframe><object data="data:text/html,<script>alarm()</script>"></object>
<p style="position:fixed;inset:0;background:red">over everything</p><noscript><p title="</noscript><img src=x onerror=alarm()>"></noscript>
${LEAFLET}</body></html>`;
const attachment = (name: string, type: string, body: string) => [
  '--b',
  `Content-Type: ${type}; name="${name}"`,
  `Content-Disposition: attachment; filename="${name}"`,
  '',
  body,
];
const RAW = [
  `From: "${SCRIPT}" <cllr.vera.lamb@merebrook.gov.uk>`,
  'To: ann@plain.example',
  `Subject: ${SUBJECT}`,
  'Message-ID: <hostile@merebrook.gov.uk>',
  'Date: Mon, 23 Nov 2026 09:00:00 +0000',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  '--b',
  'Content-Type: multipart/alternative; boundary="c"',
  '',
  '--c',
  'Content-Type: text/plain; charset=utf-8',
  '',
  `${SCRIPT} ${LEAFLET} {{ 7 * 7 }} {% raw %} ${WORD} \u202Eevil`,
  '--c',
  'Content-Type: text/html; charset=utf-8',
  '',
  HTML,
  '--c--',
  ...attachment(
    `${RTL}<img src=x onerror=alarm()>.svg`,
    'image/svg+xml',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alarm()"><script>alarm()</script></svg>',
  ),
  ...attachment('page.mhtml', 'multipart/related', '<script>alarm()</script>'),
  ...attachment('..\\..\\evil.html', 'text/html', '<script>alarm()</script>'),
  '--b--',
  '',
].join('\r\n');

describe.skipIf(!HAS_CHROMIUM)('hostile mail (left out without Chromium)', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let officerId = '';
  let hostile: { caseId: string; queueId: string };
  const alarms: string[] = [];
  const elsewhere: string[] = [];

  beforeAll(async () => {
    world = await consoleWorld();
    const roles = ['monitoring-officer', 'ict', 'investigator', 'internal-audit'];
    const officer = await world.signedIn(...roles.map((role) => `merebrook:${role}`));
    ({ officerId } = officer);
    const held = { raw: RAW, to: [RECIPIENT], subject: SUBJECT };
    hostile = await heldCase(world, held);
    browser = await startChromium();
    context = await browser.newContext({ baseURL: world.url });
    await context.addCookies(
      [...officer.cookies].map(([name, value]) => ({ name, value, url: world.url })),
    );
    page = await context.newPage();
    await context.exposeBinding('alarm', ({ frame }) => void alarms.push(frame.url()));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => alarms.push('dialog')));
    context.on('request', (request) => {
      if (!request.url().startsWith(world.url)) elsewhere.push(request.url());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  /** Nothing ran or was loaded, nothing is wider than the window, and no element came from mail. */
  async function expectHarmless(where: string): Promise<void> {
    const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect([where, width <= 0]).toEqual([where, true]);
    const strange = await page.evaluate<number>(
      `document.querySelectorAll('img[src="x"], [onerror], [onload], main script').length`,
    );
    expect([where, strange, alarms, elsewhere]).toEqual([where, 0, [], []]);
  }

  it('runs nothing, loads nothing, covers nothing: in the queue, the case, the frame and a download', async () => {
    const { caseId } = hostile;
    await page.goto('/cases');
    expect(await saidBy(page)).toContain(SCRIPT);
    await expectHarmless('the queue');
    await page.goto(`/cases/${caseId}`);
    await page.getByRole('button', { name: 'Read the message' }).click();
    expect(await saidBy(page)).toContain('<script>alarm()</script>');
    expect(await saidBy(page)).not.toContain('49');
    await page.getByText('As it was laid out').click();
    const frame = page.frameLocator('.app-frame');
    await frame.getByText('vote Labour', { exact: false }).first().waitFor();
    const inner = await frame.locator('html').innerHTML();
    expect(inner).not.toMatch(/<script|onerror=|onload=|<iframe|<svg|<form|style=|href=|src=/i);
    expect(inner).toContain('[link to javascript:alarm()]');
    await expectHarmless('the case');
    expect(await faultsOf(page)).toEqual([]);
    const answer = await context.request.get(`/cases/${caseId}/html`);
    expect(answer.headers()['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
    await page.locator('summary', { hasText: 'Download' }).first().click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download it all the same' }).first().click(),
    ]);
    expect(file.suggestedFilename()).toBe(`${caseId}-1.held`);
    await expectHarmless('the download');
  });

  it('does as little in bulk, search, trace, audit and the sender’s own page', async () => {
    await page.goto('/cases');
    await page.locator(`label[for="case-${hostile.caseId}"]`).click();
    await page.getByRole('button', { name: 'Mark as read…' }).click();
    await expectHarmless('bulk');
    await page.getByRole('button', { name: 'Mark them as read' }).click();
    await expectHarmless('results of bulk');
    await page.goto('/search');
    await page.fill('#words', 'alarm');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByText(hostile.queueId).waitFor();
    expect(await saidBy(page)).toContain(SCRIPT);
    await expectHarmless('search');
    await page.goto('/trace');
    await page.fill('#ticket', 'INC-1');
    await page.fill('#clue', hostile.queueId);
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByText(`Message ${hostile.queueId}`).waitFor();
    expect(await saidBy(page)).toContain(RECIPIENT);
    await expectHarmless('trace');
    await page.goto(`/audit?find=${hostile.queueId}`);
    await expectHarmless('audit');
    await page.goto(`/m/${await statusToken(world, hostile.queueId)}`);
    await page.fill('#answer', SUBJECT);
    await page.getByRole('button', { name: /send/i }).first().click();
    await expectHarmless('the sender’s page');
  });

  it('does as little by the words of officers, senders and directories', async () => {
    const { db, clock } = world.gateway.road;
    const at = clock();
    const { caseId, queueId } = hostile;
    await addNote(db, { caseId, officer: officerId, at, reason: SUBJECT });
    await saveView(db, { officer: officerId, name: SCRIPT, query: { words: SCRIPT }, at });
    await db`update people set name = ${SUBJECT}, ward = ${SCRIPT}, updated_at = now()
      where ${MEMBER} = any(addresses)`;
    const id = makeQueueId(at, randomBytes(8));
    const day = (days: number) => new Date(at.getTime() + days * 86_400_000);
    await openInvestigation(db, {
      id,
      council: 'merebrook',
      reference: SCRIPT,
      allegation: SUBJECT,
      authorisedBy: 'somebody',
      officers: [officerId],
      members: [MEMBER],
      actions: [...PERSON_ACTIONS],
      mailFrom: day(-30),
      mailUntil: day(1),
      opensAt: at,
      endsAt: day(1),
      openedBy: 'somebody',
      at,
    });
    const people = await db<{ id: string }[]>`
      select id from people where ${MEMBER} = any(addresses)`;
    const paths = ['/cases', `/cases/${caseId}`, '/search', `/messages/${queueId}`, '/members'];
    paths.push(`/members/${people[0]?.id}`, '/investigations', `/investigations/${id}`);
    for (const path of paths) {
      const answer = await page.goto(path);
      expect([path, answer?.status()]).toEqual([path, 200]);
      expect([path, await saidBy(page)]).toEqual([path, expect.stringContaining('alarm()')]);
      await expectHarmless(path);
    }
    await page.goto(`/messages/${queueId}`);
    await page.getByRole('button', { name: 'Read the message' }).click();
    await page.getByText('As it was laid out').click();
    await page.frameLocator('.app-frame').getByText('vote Labour').first().waitFor();
    await expectHarmless('the message outside a case');
  });

  it('comes into no notice: neither its words nor anything that runs', async () => {
    const { road } = world.gateway;
    const waiting = await road.db<{ id: string }[]>`
      select id from outbox where queue_id = ${hostile.queueId} and written_at is null`;
    expect(waiting.length).toBeGreaterThan(0);
    for (const { id } of waiting) {
      await writeNotice(road, id);
      const [row] = await road.db<{ wrappedKey: Buffer }[]>`
        select wrapped_key from messages where queue_id = ${id}`;
      const notice = await simpleParser(road.spool.read(id, row!.wrappedKey));
      expect(`${notice.subject} ${notice.text}`).not.toMatch(/<script|vote Labour|\u202E/);
      const bare = await browser.newPage();
      await bare.exposeBinding('alarm', () => void alarms.push('notice'));
      await bare.setContent(notice.html || '', { waitUntil: 'load' });
      expect(await bare.locator('script, img, iframe, form, [onerror], [onload]').count()).toBe(0);
      await bare.close();
    }
    expect(alarms).toEqual([]);
  });

  it('would have raised the alarm: a page without our care does', async () => {
    const bare = await browser.newPage();
    const raised: string[] = [];
    await bare.exposeBinding('alarm', ({ frame }) => void raised.push(frame.url()));
    await bare.setContent(HTML.replace(/<meta[^>]*>/, ''), { waitUntil: 'domcontentloaded' });
    expect(raised.length).toBeGreaterThan(0);
    await bare.close();
  });
});

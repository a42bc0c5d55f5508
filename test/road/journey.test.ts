import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { simpleParser } from 'mailparser';
import { Secret, TOTP } from 'otpauth';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { addAccount, newLink } from '../../src/pipeline/officer-accounts.ts';
import { caseOfMessage } from '../../src/store/case-history.ts';
import { run as portreeve } from '../cli/program.ts';
import { createVisitor } from '../console/visitor.ts';
import {
  eventually,
  mail,
  MEMBER,
  PASSWORD,
  testWorld,
  untilStatus,
  type TestWorld,
} from '../support/gateway.ts';

// The whole way of a held message, with everything real: swaks sends it, an officer decides it in
// Chromium, the recipient's and the council's own servers get what they should.

const run = promisify(execFile);
const CHROMIUM = '/usr/bin/chromium';
const isReady = existsSync(CHROMIUM) && spawnSync('swaks', ['--version']).status === 0;

const LOGIN = 'ada.ward@merebrook.gov.uk';
const SECRET_WORDS = 'heron candle gravel';
const LEAFLET =
  'Please vote Labour on Thursday. Promoted by A. Agent on behalf of V. Lamb, both at 1 High St, MB1 1AA';
const REFUSAL = 'Party or election material may not be sent from a council address.';

/** How somebody works a page: each finds what is named as they do, and uses nothing else. */
interface Hands {
  fill(field: Locator, text: string): Promise<void>;
  /** A button, a link, a summary. */
  press(target: Locator): Promise<void>;
  check(radio: Locator): Promise<void>;
  select(field: Locator, value: string): Promise<void>;
}

const mouse: Hands = {
  fill: (field, text) => field.fill(text),
  press: (target) => target.click(),
  check: (radio) => radio.check(),
  select: async (field, value) => void (await field.selectOption(value)),
};

/** Nothing but keys: Tab until the focus is there, then what the element answers to. */
function keyboard(page: Page): Hands {
  const has = (target: Locator, state: string): Promise<boolean> =>
    target.evaluate((element, asked) => {
      const field = element as unknown as {
        value: string;
        ownerDocument: { activeElement: unknown };
      };
      return asked === 'focus'
        ? field.ownerDocument.activeElement === element
        : field.value === asked;
    }, state);
  const until = async (key: string, target: Locator, state: string, most: number) => {
    for (let presses = 0; presses < most; presses += 1) {
      if (await has(target, state)) return;
      await page.keyboard.press(key);
    }
    throw new Error(`${most} times ${key} do not bring ${String(target)} to ${state}`);
  };
  return {
    async fill(field, text) {
      await until('Tab', field, 'focus', 80);
      await page.keyboard.type(text);
    },
    async press(target) {
      await until('Tab', target, 'focus', 120);
      await page.keyboard.press('Enter');
    },
    async check(radio) {
      const group = page.locator(`input[name="${await radio.getAttribute('name')}"]`);
      await until('Tab', group.first(), 'focus', 120);
      await page.keyboard.press('Space');
      await until('ArrowDown', radio, 'focus', 10);
    },
    async select(field, value) {
      await until('Tab', field, 'focus', 80);
      await until('ArrowDown', field, value, 30);
    },
  };
}

describe.skipIf(!isReady)('a held message (left out without Chromium and swaks)', () => {
  let world: TestWorld;
  let gateway: Gateway;
  let browser: Browser;
  let totp: TOTP;
  let passed = 0;
  const clock = () => new Date(Date.now() + passed * 60_000);

  beforeAll(async () => {
    world = await testWorld();
    const console = { ...world.config.console, port: 0, proxies: ['127.0.0.0/8', '::1/128'] };
    gateway = await startGateway(
      { ...world.config, console },
      { log: createLog('silent'), roles: ['smtp', 'worker', 'console'], clock },
    );
    totp = await enrol();
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await world?.close();
  });

  /** An officer with password and authenticator, set up by the link that an administrator sends. */
  async function enrol(): Promise<TOTP> {
    const { db, policy, directory } = gateway.road;
    const accounts = { db, clock, policy, directory, random: (n: number) => randomBytes(n) };
    const added = await addAccount(accounts, {
      name: 'Ada Ward',
      addresses: [LOGIN],
      roles: [
        { council: 'merebrook', role: 'monitoring-officer' },
        { council: 'merebrook', role: 'internal-audit' },
      ],
      by: 'test',
    });
    if (added.kind === 'refused') throw new Error(added.advice);
    const visitor = createVisitor(gateway.endpoints['console'] ?? '');
    const link = `/sign-in/link/${await newLink(accounts, added.officer.id, 'set-up')}`;
    await visitor.get(link);
    await visitor.post(link, {});
    await visitor.get('/account/password');
    await visitor.post('/account/password', { password: SECRET_WORDS });
    await visitor.get('/account/second-factor');
    const { text } = await visitor.post('/account/authenticator', {});
    const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(text)?.[1]?.replaceAll(' ', '') ?? '';
    const made = new TOTP({ secret: Secret.fromBase32(secret) });
    const code = made.generate({ timestamp: clock().getTime() });
    const { status } = await visitor.post('/account/authenticator/confirm', { code });
    expect(status).toBe(200);
    return made;
  }

  /** By swaks, as a councillor's mail program would: STARTTLS, login, two recipients outside. */
  async function submit(subject: string): Promise<{ queueId: string; raw: string }> {
    const to = ['ann@plain.example', 'ben@plain.example'];
    const raw = mail({ to: to.join(', '), subject, text: LEAFLET });
    const file = path.join(world.dir, 'message.eml');
    // Byte for byte as it is here: swaks would add an empty line.
    await writeFile(file, `${raw}.\r\n`);
    const { stdout } = await run('swaks', [
      '--server',
      gateway.endpoints['submission'] ?? '',
      ...`--tls --auth LOGIN --auth-user ${MEMBER} --from ${MEMBER}`.split(' '),
      ...`--to ${to.join(',')} --data @${file} --no-data-fixup --auth-password`.split(' '),
      PASSWORD,
    ]);
    const queueId = /250 2\.0\.0 queued as (\w+)/.exec(stdout)?.[1] ?? '';
    await untilStatus(gateway.db, queueId, ['held']);
    return { queueId, raw };
  }

  async function signIn(page: Page, hands: Hands): Promise<void> {
    // Each code counts once.
    passed += 1;
    await page.goto('/sign-in');
    await hands.fill(page.locator('#login'), LOGIN);
    await hands.fill(page.locator('#password'), SECRET_WORDS);
    await hands.press(page.getByRole('button', { name: 'Continue' }));
    await page.waitForURL('**/sign-in/code**');
    const code = totp.generate({ timestamp: clock().getTime() });
    await hands.fill(page.locator('#code'), code);
    await hands.press(page.getByRole('button', { name: 'Continue' }));
    await page.waitForURL((url) => url.pathname === '/');
  }

  /** Opens the case from the queue, takes it, reads it, releases to Ann and refuses to Ben. */
  async function decide(page: Page, hands: Hands, subject: string): Promise<void> {
    await hands.press(page.getByRole('link', { name: 'Cases', exact: true }).first());
    await page.waitForURL('**/cases');
    const row = page.locator('tr', { hasText: subject });
    await hands.press(row.locator('.app-case-link'));
    await page.waitForURL(/\/cases\/\w+$/);
    await hands.press(page.getByRole('button', { name: 'Take this case' }));
    await page.getByText('You have this case.').waitFor();
    expect(await page.content()).not.toContain('Promoted by A. Agent');
    await hands.press(page.getByRole('button', { name: 'Read the message' }));
    await page.waitForURL('**#message');
    const texts = await page.locator('.app-text').allInnerTexts();
    expect(texts).toContainEqual(expect.stringContaining(LEAFLET));
    await hands.check(page.getByLabel('As chosen for each recipient'));
    await hands.press(page.locator('summary', { hasText: 'Choose for each recipient' }));
    await hands.select(page.getByLabel('ann@plain.example'), 'release');
    await hands.select(page.getByLabel('ben@plain.example'), 'reject');
    await hands.select(page.locator('#releaseReason'), 'casework');
    await hands.select(page.locator('#refuseReason'), 'campaign');
    await hands.press(page.getByRole('button', { name: 'Decide', exact: true }));
    const banner = page.locator('.govuk-notification-banner');
    await banner.getByText('Refused').waitFor();
    expect(await banner.textContent()).toMatch(/Released for 1 recipient\..* Refused for 1/s);
  }

  /** The notice of the refusal goes once it cannot be taken back any more. */
  async function refusalNotice(queueId: string) {
    passed += 11;
    return eventually(async () => {
      const sent = world.inward.messages().filter(({ rcptTo }) => rcptTo.includes(MEMBER));
      const notices = await Promise.all(sent.map(({ data }) => simpleParser(data)));
      return notices.find(({ text }) => text?.includes(queueId) && text.includes(REFUSAL)) ?? null;
    }, `No notice tells the councillor why ${queueId} was refused`);
  }

  const WAYS: [string, { javaScriptEnabled: boolean }, (page: Page) => Hands][] = [
    ['with a mouse', { javaScriptEnabled: true }, () => mouse],
    ['by keyboard alone', { javaScriptEnabled: true }, keyboard],
    ['with JavaScript off', { javaScriptEnabled: false }, () => mouse],
  ];

  it.each(WAYS)(
    'is decided for each recipient %s, and everybody hears what they should',
    async (way, options, handsOf) => {
      const subject = `Thursday, ${way}`;
      const { queueId, raw } = await submit(subject);
      const context = await browser.newContext({
        ...options,
        baseURL: gateway.endpoints['console'] ?? '',
        viewport: { width: 1280, height: 900 },
      });
      const page = await context.newPage();
      const hands = handsOf(page);
      await signIn(page, hands);
      await decide(page, hands, subject);

      const { recipients } = await untilStatus(gateway.db, queueId, ['delivered', 'rejected']);
      expect(recipients.map(({ status }) => status)).toEqual(['delivered', 'rejected']);
      const arrived = world.plain.messages().filter(({ data }) => data.toString().endsWith(raw));
      expect(arrived.map(({ rcptTo }) => rcptTo)).toEqual([['ann@plain.example']]);
      const added = arrived[0]?.data.toString().slice(0, -raw.length);
      expect(added, 'before it stands our trace alone').toMatch(
        /^Received: [^\n]*\r\n(?:[ \t][^\n]*\r\n)*$/,
      );
      const notice = await refusalNotice(queueId);
      expect(notice.html).toContain(REFUSAL);
      expect(notice.text).not.toContain('vote Labour');

      const { caseId } = await eventually(async () => {
        const found = await caseOfMessage(gateway.db, queueId);
        return found?.closedAt ? { caseId: found.id } : null;
      }, `The case of ${queueId} is still open`);
      await page.reload();
      const timeline = await page.locator('.app-timeline').innerText();
      expect(timeline).toMatch(/Ada Ward\s+released it/);
      expect(timeline).toContain('250 2.0.0 Message taken');
      await hands.press(page.getByRole('link', { name: 'Audit', exact: true }).first());
      await page.waitForURL('**/audit');
      await hands.fill(page.locator('#find'), queueId);
      await hands.press(page.getByRole('button', { name: 'Find', exact: true }));
      await page.waitForURL('**/audit?**');
      const titles = await page.locator('main td strong').allInnerTexts();
      const told = ['Taken over', 'Content viewed', 'Decided by an officer', 'Delivered'];
      expect(titles).toEqual(expect.arrayContaining([...told, 'Case closed']));
      await hands.press(page.locator('summary', { hasText: 'The row as it stands' }).first());
      expect(await page.locator('main').innerText()).toContain(caseId);
      const pem = gateway.keys.auditPublicKey.export({ type: 'spki', format: 'pem' }).toString();
      const verdict = await portreeve(['audit', 'verify'], {
        db: gateway.db,
        auditPublicKey: () => Promise.resolve(pem),
      });
      expect(verdict.error).toBeNull();
      expect(verdict.out).toContain('The chain is whole');
      await context.close();
    },
  );
});

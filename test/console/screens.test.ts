import { mkdir, writeFile } from 'node:fs/promises';
import { crc32, deflateSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sealAudit } from '../../src/store/audit.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { closedHolds } from './figures-record.ts';
import { heldCase, LEAFLET, statusToken } from './held-case.ts';

// `npm run screenshots`: pictures of the main pages, for looking at. Left out of every other run.

const DIR = process.env['SCREENSHOTS'];
const HOUR = 3_600_000;
/** The longest picture; what lies lower is seen by scrolling. */
const TALLEST = 1100;

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
  ['case', 'case', 'reviewer'],
  ['status', 'status', 'nobody'],
  ['members', '/members', 'reviewer'],
  ['keys', '/keys', 'reviewer'],
  ['readiness', '/readiness', 'reviewer'],
  ['elections', '/elections', 'reviewer'],
  ['policy', '/policy', 'reviewer'],
  ['policy-council', '/policy/councils/merebrook', 'reviewer'],
  ['policy-rules', '/policy/rules', 'reviewer'],
  ['figures', '/figures', 'reviewer'],
  ['trace', '/trace', 'reviewer'],
  ['search', '/search', 'reviewer'],
  ['investigations', '/investigations', 'reviewer'],
  ['key-find', '/keys/find', 'reviewer'],
  ['officer-add', '/officers/add', 'administrator'],
  ['audit', '/audit?event=decision', 'auditor'],
  ['officers', '/officers', 'administrator'],
  ['account', '/account', 'reviewer'],
];

/** Pages that are also pictured at the width of a telephone. */
const NARROW = new Set(['queue', 'case', 'status']);

interface Pixels {
  width: number;
  height: number;
  /** Red, green, blue and alpha of each, an octet a character. */
  pixels: string;
}

/** The browser decodes its own pictures. */
const PIXELS_OF = `async (png) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { width, height, data } = context.getImageData(0, 0, image.width, image.height);
  let pixels = '';
  for (let at = 0; at < data.length; at += 32768) {
    pixels += String.fromCharCode(...data.subarray(at, at + 32768));
  }
  return { width, height, pixels };
}`;

/** `null` where it has more than 256 colours even so. PNG, third edition, §11.2. */
function paletted(width: number, height: number, pixels: Buffer): Buffer | null {
  const palette = new Map<number, number>();
  const rows = Buffer.alloc((width + 1) * height);
  for (let index = 0; index < width * height; index += 1) {
    const colour = pixels.readUInt32BE(index * 4) >>> 8;
    const step = [16, 8, 0].map((shift) => Math.round(((colour >> shift) & 255) / 17));
    const key = step.reduce((sum, each) => (sum << 8) | (each * 17), 0);
    if (!palette.has(key)) palette.set(key, palette.size);
    rows[Math.floor(index / width) * (width + 1) + 1 + (index % width)] = palette.get(key) ?? 0;
  }
  if (palette.size > 256) return null;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  const colours = Buffer.from(
    [...palette.keys()].flatMap((key) => [key >> 16, (key >> 8) & 255, key & 255]),
  );
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe.skipIf(!DIR)('pictures of the console (only with SCREENSHOTS=folder)', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  /** Addresses that only the record knows. */
  const found = { case: '', status: '' };
  let passed = 0;
  const cookies: Record<string, { name: string; value: string; url: string }[]> = {};

  beforeAll(async () => {
    world = await consoleWorld({ clock: () => new Date(Date.now() + passed) });
    const { db, auditKey, clock } = world.gateway.road;
    for (const [hours, subject, text, to] of HELD) {
      passed = hours * HOUR;
      const { caseId, queueId } = await heldCase(world, { subject, text, to });
      if (hours > 0) continue;
      found.case = `/cases/${caseId}`;
      found.status = `/m/${await statusToken(world, queueId)}`;
    }
    passed = 30 * HOUR;
    await pastQuarter();
    await sealAudit(db, auditKey, clock());
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

  /** Twelve weeks of closed holds, for the figures. */
  async function pastQuarter(): Promise<void> {
    const { db, clock } = world.gateway.road;
    for (let week = 1; week <= 12; week += 1) {
      // In the morning of working days, so that decisions take hours that count.
      const at = (day: number) =>
        `${new Date(clock().getTime() - (week * 7 + day) * 24 * HOUR).toISOString().slice(0, 10)}T10:00:00Z`;
      const wave = 5 + ((week * 7) % 12);
      const holds = [
        { rule: 'political-content', count: wave + 8, action: 'reject' },
        { rule: 'mass-mailing', count: wave, action: 'release' },
        { rule: 'bulk-personal-data', count: 17 - wave, action: 'reject' },
        { rule: 'identity-mismatch', count: 6, action: 'release' },
      ];
      const hours = 2 + ((week * 7) % 5);
      for (const [day, held] of holds.entries())
        await closedHolds(db, { ...held, hours, opened: at(day) });
    }
  }

  async function cookiesOf(...roles: string[]) {
    const officer = await world.signedIn(...roles);
    return [...officer.cookies].map(([name, value]) => ({ name, value, url: world.url }));
  }

  async function picture(page: Page, name: string, width: number): Promise<void> {
    await page.setViewportSize({ width, height: 900 });
    const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
    await page.setViewportSize({ width, height: Math.min(whole, TALLEST) });
    await writeFile(`${DIR}/${name}.png`, await smaller(await page.screenshot()));
  }

  /** The same with a palette, of 16 steps a colour: a third of the octets, as easy to read. */
  async function smaller(png: Buffer): Promise<Buffer> {
    const blank = await browser.newPage();
    const { width, height, pixels } = await blank.evaluate<Pixels>(
      `(${PIXELS_OF})('${png.toString('base64')}')`,
    );
    await blank.close();
    return paletted(width, height, Buffer.from(pixels, 'latin1')) ?? png;
  }

  it.each(PAGES)('%s', async (name, path, who) => {
    const context = await browser.newContext({ baseURL: world.url });
    await context.addCookies(cookies[who] ?? []);
    const page = await context.newPage();
    const answer = await page.goto(path in found ? found[path as keyof typeof found] : path);
    expect(answer?.status()).toBe(200);
    await picture(page, name, 1200);
    if (NARROW.has(name)) await picture(page, `${name}-narrow`, 320);
    await context.close();
  });
});

import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { returnPath } from '../../src/console/pages/sign-in.ts';
import { newLink } from '../../src/pipeline/officer-accounts.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import type { Visitor } from './visitor.ts';

const PASSWORD = 'heron candle gravel';
let world: ConsoleWorld;
let now = new Date('2026-11-26T09:00:00Z');
const later = (minutes: number): void => {
  now = new Date(now.getTime() + minutes * 60_000);
};

beforeAll(async () => {
  world = await consoleWorld({ clock: () => now });
});
afterAll(() => world.close());

const signIn = async (visitor: Visitor, login: string, password = PASSWORD) => {
  await visitor.get('/sign-in?next=/account');
  return visitor.post('/sign-in', { login, password, next: '/account' });
};

/** An officer who set the account up by link, with an authenticator and recovery codes. */
async function enrolled(name: string) {
  const { id, address } = await world.officer(['merebrook:ict'], name);
  const { db, clock } = world.gateway.road;
  const accounts = { db, clock, random: (n: number) => randomBytes(n) };
  const link = `/sign-in/link/${await newLink(accounts, id, 'set-up')}`;
  const visitor = world.visitor();
  await visitor.get(link);
  const opened = await visitor.post(link, {});
  expect(opened.location).toBe('/account/password');
  await visitor.get('/account/password');
  const chosen = await visitor.post('/account/password', { password: PASSWORD });
  expect(chosen.location).toBe('/account/second-factor');
  await visitor.get('/account/second-factor');
  const shown = await visitor.post('/account/authenticator', {});
  const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(shown.text)?.[1]?.replaceAll(' ', '') ?? '';
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = (): string => totp.generate({ timestamp: now.getTime() });
  const whole = await visitor.post('/account/authenticator/confirm', { code: code() });
  expect(whole.text).toContain('Keep these recovery codes');
  const codes = [...whole.text.matchAll(/<li>([a-z0-9]{5}-[a-z0-9]{5})<\/li>/g)].map(
    ([, each]) => each ?? '',
  );
  return { id, address, visitor, code, codes, link };
}

const audit = (officerId: string) => world.gateway.db<{ event: string; data: unknown }[]>`
  select event, data from audit where actor = ${officerId} and event like 'sign-in%' order by id`;

describe('an account of the console', () => {
  it('is set up by a link that works once, with a password and a second step', async () => {
    const { id, visitor, codes, link } = await enrolled('Ada Ward');
    expect(codes).toHaveLength(10);
    expect((await visitor.get('/account')).text).toContain('Authenticator app');
    expect((await world.visitor().get(link)).text).toContain('does not work any more');
    expect(await audit(id)).toMatchObject([{ event: 'sign-in' }]);
  });

  it('signs in by password and code, to the page that was asked for', async () => {
    const { address, code } = await enrolled('Ben Ward');
    later(1);
    const visitor = world.visitor();
    const first = await signIn(visitor, address.toUpperCase());
    expect(first.location).toBe('/sign-in/code?next=%2Faccount');
    expect((await visitor.get('/')).location, 'half a sign-in opens nothing').toBe('/sign-in/code');
    await visitor.get('/sign-in/code');
    const half = visitor.cookies.get('portreeve-session');
    const used = code();
    const done = await visitor.post('/sign-in/code', { code: used, next: '/account' });
    expect(done.location).toBe('/account');
    expect(visitor.cookies.get('portreeve-session'), 'another token').not.toBe(half);
    expect((await visitor.get('/account')).status).toBe(200);
    // The same code again, in another browser, within its half minute.
    const thief = world.visitor();
    await signIn(thief, address);
    await thief.get('/sign-in/code');
    expect((await thief.post('/sign-in/code', { code: used })).status).toBe(422);
  });

  it('takes each recovery code once', async () => {
    const { address, codes } = await enrolled('Cem Ward');
    const use = async (code: string) => {
      const visitor = world.visitor();
      await signIn(visitor, address);
      await visitor.get('/sign-in/code');
      return visitor.post('/sign-in/code', { code });
    };
    expect((await use(codes[0]?.toUpperCase() ?? '')).status).toBe(303);
    expect((await use(codes[0] ?? '')).status).toBe(422);
  });

  it('waits fifteen minutes after five wrong guesses, and says so to nobody', async () => {
    const { id, address } = await enrolled('Dot Ward');
    const wrong = await Promise.all(
      Array.from({ length: 5 }, () => signIn(world.visitor(), address, 'wrong wrong wrong')),
    );
    const right = await signIn(world.visitor(), address);
    const unknown = await signIn(world.visitor(), 'nobody@merebrook.gov.uk');
    for (const answer of [...wrong, right, unknown]) {
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('The e-mail address or password is not right');
    }
    expect((await audit(id)).map(({ data }) => (data as { why?: string }).why)).toContain(
      'now-locked',
    );
    later(16);
    expect((await signIn(world.visitor(), address)).status).toBe(303);
  });

  it('never removes its only second step', async () => {
    const { visitor } = await enrolled('Eve Ward');
    await visitor.get('/account');
    expect((await visitor.post('/account/authenticator/remove', {})).status).toBe(409);
    expect((await visitor.get('/account')).text).toContain('Authenticator app');
  });

  it('refuses passwords that are short or hold the officer’s name', async () => {
    const { visitor } = await enrolled('Fay Ward');
    await visitor.get('/account/password');
    for (const password of ['short', 'fay ward fay', 'passwordpassword']) {
      const answer = await visitor.post('/account/password', { current: PASSWORD, password });
      expect(answer.status).toBe(422);
    }
    const other = { current: 'not this one', password: 'lantern orchard pebble' };
    expect((await visitor.post('/account/password', other)).status).toBe(422);
  });
});

describe('a session', () => {
  it('ends after half an hour of silence, and after ten hours however busy', async () => {
    const visitor = await world.signedIn('merebrook:ict');
    later(29);
    expect((await visitor.get('/')).status).toBe(200);
    later(31);
    expect((await visitor.get('/')).status).toBe(303);
    const busy = await world.signedIn('merebrook:ict');
    for (let minutes = 0; minutes < 595; minutes += 25) {
      later(25);
      if (minutes < 575) expect((await busy.get('/')).status).toBe(200);
    }
    expect((await busy.get('/')).status).toBe(303);
  });

  it('ends at sign-out, everywhere else when asked, and when the officer is disabled', async () => {
    const one = await world.signedIn('merebrook:ict');
    const cookie = new Map(one.cookies);
    await one.get('/');
    await one.post('/sign-out', {});
    for (const [name, value] of cookie) one.cookies.set(name, value);
    expect((await one.get('/')).status, 'the old cookie').toBe(303);
    const admin = await world.signedIn('merebrook:administrator');
    const other = await world.signedIn('merebrook:ict');
    await admin.get(`/officers/${other.officerId}`);
    await admin.post(`/officers/${other.officerId}/disable`, {});
    expect((await other.get('/')).status).toBe(303);
  });

  it('is never one that was put into the browser beforehand', async () => {
    const { id } = await world.officer(['merebrook:ict'], 'Gus Ward');
    const { db, clock } = world.gateway.road;
    const accounts = { db, clock, random: (n: number) => randomBytes(n) };
    const visitor = world.visitor();
    visitor.cookies.set('portreeve-session', 'B'.repeat(43));
    const link = `/sign-in/link/${await newLink(accounts, id, 'demo')}`;
    await visitor.get(link);
    await visitor.post(link, {});
    expect(visitor.cookies.get('portreeve-session')).toMatch(/^[\w-]{43}$/);
    expect(visitor.cookies.get('portreeve-session')).not.toBe('B'.repeat(43));
  });
});

describe('an administrator', () => {
  it('adds officers, gives roles and shows a link, but never changes their own', async () => {
    const admin = await world.signedIn('merebrook:administrator');
    await admin.get('/officers/add');
    const added = await admin.post('/officers/add', {
      name: 'Hal Ward',
      login: 'hal.ward@merebrook.gov.uk',
      role: 'merebrook:ict',
    });
    expect(added.text).toMatch(/\/sign-in\/link\/[\w-]{32}/);
    const own = `/officers/${admin.officerId}`;
    await admin.get(own);
    const role = { role: 'merebrook:monitoring-officer', give: 'yes' };
    expect((await admin.post(`${own}/role`, role)).status).toBe(422);
    expect((await admin.post(`${own}/disable`, {})).status).toBe(422);
    const elsewhere = { name: 'X Y', login: 'x@y.gov.uk', role: 'havering:ict' };
    expect((await admin.post('/officers/add', elsewhere)).status).toBe(403);
  });

  it('cannot make an officer of a member, nor a reader of an administrator', async () => {
    const admin = await world.signedIn('merebrook:administrator');
    await admin.get('/officers/add');
    const member = {
      name: 'Vera Lamb',
      login: 'cllr.vera.lamb@merebrook.gov.uk',
      role: 'merebrook:ict',
    };
    expect((await admin.post('/officers/add', member)).text).toContain('members never review mail');
    const { id } = await world.officer(['merebrook:administrator'], 'Ida Ward');
    const answer = await admin.post(`/officers/${id}/role`, {
      role: 'merebrook:monitoring-officer',
      give: 'yes',
    });
    expect(answer.text).toContain('cannot also hold a role that reads mail');
  });
});

describe('returnPath()', () => {
  it.each([
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    '/%0d%0aX: y\r\n',
    '',
    'javascript:x',
    '/\tevil',
    '/sign-out',
  ])('never leads to %j', (next) => expect(returnPath(next)).toBe('/'));
  it.each(['/account', '/keys?x=1', '/members/1'])('leads to %s', (next) => {
    expect(returnPath(next)).toBe(next);
  });
});

import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { newLink } from '../../src/pipeline/officer-accounts.ts';
import { policyFromFiles } from '../../src/policy/policy-from-files.ts';
import { transaction } from '../../src/store/connect.ts';
import { activatePolicy } from '../../src/store/policies.ts';
import { CASE_STATES, RECORD_STATES } from './case-states.ts';
import type { ConsoleWorld } from './console-world.ts';
import { heldCase, statusToken } from './held-case.ts';
import { sendForm } from './in-browser.ts';
import { SAMPLES } from './samples.ts';
import type { Visitor } from './visitor.ts';

/** How a page looks that is not as its address alone gives it. */
export interface State {
  name: string;
  /** A role at Merebrook, nobody, or somebody whose session is not like those. */
  who: string | null | ((world: ConsoleWorld) => Promise<Visitor>);
  reach: (page: Page, world: ConsoleWorld) => Promise<unknown>;
  /** On the page once it is reached. */
  shows: string;
  /** Looked at on a wide window too, where it is laid out in another way. */
  isWideToo?: true;
}

const PASSWORD = 'heron candle gravel';
const DAY = 86_400_000;

const at =
  (path: string): State['reach'] =>
  (page) =>
    page.goto(path);

/** A form of the page, sent with these fields and all others empty. */
export const sent =
  (action: string, fields: Record<string, string | string[]> = {}, on = action): State['reach'] =>
  async (page) => {
    await page.goto(on);
    await sendForm(page, action, fields);
  };

const linkFor = async ({ gateway }: ConsoleWorld, officerId: string): Promise<string> => {
  const { db, clock } = gateway.road;
  const accounts = { db, clock, random: (n: number) => randomBytes(n) };
  return `/sign-in/link/${await newLink(accounts, officerId, 'set-up')}`;
};

/** Somebody whose password is right and whose second step is still to come. */
async function halfSignedIn(world: ConsoleWorld): Promise<Visitor> {
  const { id, address } = await world.officer(['merebrook:ict'], 'Half Way');
  const link = await linkFor(world, id);
  const first = world.visitor();
  await first.get(link);
  await first.post(link, {});
  await first.get('/account/password');
  await first.post('/account/password', { password: PASSWORD });
  await first.get('/account/second-factor');
  await first.post('/account/authenticator', {});
  const { db, clock } = world.gateway.road;
  await db`update officers set totp_confirmed_at = ${clock()} where id = ${id}`;
  const again = world.visitor();
  await again.get('/sign-in');
  await again.post('/sign-in', { login: address, password: PASSWORD, next: '/' });
  return again;
}

const anew: State['who'] = (world) => world.signedIn('merebrook:ict');

const PROBLEMS: State[] = [
  { name: 'signed out, at a page', who: null, reach: at('/cases?state=asked'), shows: 'Sign in' },
  {
    name: 'signed out, at a form',
    who: anew,
    reach: async (page) => {
      await page.goto('/keys/import');
      await page.context().clearCookies();
      await sendForm(page, '/keys/import');
    },
    shows: 'This form has expired',
  },
  {
    name: 'signing out',
    who: anew,
    reach: sent('/sign-out', {}, '/'),
    shows: 'You are signed out',
  },
  {
    name: 'signing out everywhere else',
    who: anew,
    reach: sent('/account/sign-out-everywhere', {}, '/account'),
    shows: 'Your account',
  },
  { name: '403', who: 'ict', reach: at('/officers/add'), shows: 'You may not do this' },
  { name: '404', who: 'ict', reach: at('/nothing-here'), shows: 'This page is not there' },
  { name: '405', who: 'ict', reach: at('/cases/mark'), shows: 'Not in this way' },
  {
    name: '409',
    who: 'policy-author',
    reach: sent('/policy/approve', { activation: '999999' }, '/policy'),
    shows: 'Somebody was quicker',
  },
  {
    name: '413',
    who: 'ict',
    reach: sent('/keys/find', { address: 'a'.repeat(70_000) }),
    shows: 'That is too large',
  },
  {
    name: '429',
    who: async (world) => world.visitor(),
    reach: async (page) => {
      await page.context().unroute('**/*');
      await page.context().setExtraHTTPHeaders({ 'x-forwarded-for': '203.0.113.77' });
      await page.goto('/sign-in');
      while ((await page.title()).includes('Sign in')) await sendForm(page, '/sign-in');
    },
    shows: 'Too many requests',
  },
  {
    name: '500',
    who: 'ict',
    reach: async (page, { gateway }) => {
      const { db } = gateway.road;
      await db`alter table pgp_keys rename to pgp_keys_away`;
      await page.goto('/keys');
      await db`alter table pgp_keys_away rename to pgp_keys`;
    },
    shows: 'Reference',
  },
];

const PEOPLE: State[] = [
  {
    name: 'a member whose sending is suspended',
    who: (world) => world.signedIn('merebrook:democratic-services', 'merebrook:ict'),
    reach: async (page, world) => {
      const { own } = await SAMPLES['/members/:id']!(world);
      const reason = 'The account may be in other hands. Authorised by H. Castle.';
      await sent(`${own}/suspend`, { reason }, own)(page, world);
    },
    shows: 'Allow sending',
  },
  {
    name: 'a set-up link for a new officer',
    who: 'administrator',
    reach: sent('/officers/add', {
      name: 'New Officer',
      login: 'new.officer@merebrook.gov.uk',
      role: 'merebrook:ict',
    }),
    shows: 'A set-up link for',
  },
  {
    name: 'an officer whose access has ended',
    who: 'administrator',
    reach: async (page, world) => {
      const { id } = await world.officer(['merebrook:ict'], 'Leaving Soon');
      await sent(`/officers/${id}/disable`, {}, `/officers/${id}`)(page, world);
    },
    shows: 'Give access back',
  },
  {
    name: 'recovery codes',
    who: 'ict',
    reach: sent('/account/recovery-codes', {}, '/account'),
    shows: 'Keep these recovery codes',
  },
  {
    name: 'the picture for an authenticator',
    who: anew,
    reach: sent('/account/authenticator', {}, '/account/second-factor'),
    shows: 'Or type this secret',
  },
  {
    name: 'an authenticator’s first code, wrong',
    who: anew,
    reach: sent('/account/authenticator/confirm', { code: '1' }, '/account/second-factor'),
    shows: 'There is a problem',
  },
  { name: 'half of a sign-in', who: halfSignedIn, reach: at('/sign-in/code'), shows: 'Continue' },
  {
    name: 'a code that is wrong',
    who: halfSignedIn,
    reach: sent('/sign-in/code', { code: '000000' }),
    shows: 'There is a problem',
  },
  {
    name: 'a set-up link that works',
    who: null,
    reach: async (page, world) => {
      const { id } = await world.officer(['merebrook:ict'], 'Link Holder');
      await page.goto(await linkFor(world, id));
    },
    shows: 'Link Holder',
  },
  {
    name: 'a password that is too easy',
    who: 'ict',
    reach: sent('/account/password', { password: 'password' }),
    shows: 'There is a problem',
  },
];

/** The sender's own page of a held message. */
const status =
  (act: string, fields = {}, change?: (world: ConsoleWorld, id: string) => Promise<unknown>) =>
  async (page: Page, world: ConsoleWorld): Promise<void> => {
    const { caseId, queueId } = await heldCase(world);
    await change?.(world, caseId);
    const path = `/m/${await statusToken(world, queueId)}`;
    await page.goto(path);
    if (act !== '') await sendForm(page, `${path}/${act}`, fields);
  };

const SENDERS: State[] = [
  {
    name: 'a cooling-off that is over',
    who: null,
    reach: status('', {}, ({ gateway }, id) => {
      const { db, clock } = gateway.road;
      const until = new Date(clock().getTime() - DAY);
      return db`update cases set sender_may_release_at = ${until} where id = ${id}`;
    }),
    shows: 'Send it now',
  },
  {
    name: 'a message that its sender took back',
    who: null,
    reach: status('withdraw', { sure: 'yes' }),
    shows: 'taken back by the sender',
  },
  { name: 'an empty answer', who: null, reach: status('answer'), shows: 'There is a problem' },
  { name: 'closed links', who: null, reach: status('close'), shows: 'The links are closed' },
];

const POLICY: State[] = [
  {
    name: 'readiness of a domain that is ready',
    who: 'ict',
    reach: sent('/readiness', { target: 'merevalleynhs.example' }),
    shows: 'Servers, in the order',
    isWideToo: true,
  },
  {
    name: 'readiness of no address',
    who: 'ict',
    reach: sent('/readiness', { target: 'not an address' }),
    shows: 'There is a problem',
  },
  {
    name: 'a policy that waits for approval',
    who: 'policy-author',
    reach: async (page, { gateway }) => {
      const { db, policy, clock } = gateway.road;
      const { version, files } = policy();
      const request = { version, files, at: clock(), by: 'somebody else', needsApproval: true };
      await transaction(db, (tx) => activatePolicy(tx, request));
      await page.goto('/policy');
    },
    shows: 'Waits for approval',
    isWideToo: true,
  },
  {
    name: 'rules in shadow',
    who: 'policy-author',
    reach: async (page, { gateway }) => {
      const { db, policy, clock } = gateway.road;
      const name = 'councils/merebrook.yaml';
      const { files: old } = policy();
      const acts = '    rule: commercial-use\n';
      const text = (old[name] ?? '').replace(acts, `${acts}    shadow: true\n`);
      const { version, files } = policyFromFiles({ ...old, [name]: text });
      const request = { version, files, at: clock(), by: 'somebody else' };
      await transaction(db, (tx) => activatePolicy(tx, request));
      do await page.goto('/policy/shadow');
      while (policy().version !== version);
      await page.goto('/policy/shadow');
    },
    shows: 'Would stop',
    isWideToo: true,
  },
  {
    name: 'an election whose notice is missing',
    who: 'returning-officer',
    reach: async (page, { gateway }) => {
      const { db, policy, clock } = gateway.road;
      const name = 'elections/merebrook-2026-by-election.yaml';
      const { files: old } = policy();
      const text = (old[name] ?? '').replace(/^noticePublishedAt:.*\n/m, '');
      const { version, files } = policyFromFiles({ ...old, [name]: text });
      const request = { version, files, at: clock(), by: 'somebody else' };
      await transaction(db, (tx) => activatePolicy(tx, request));
      do await page.goto('/elections');
      while (policy().version !== version);
      await page.goto('/elections');
    },
    shows: 'Elections',
  },
];

/** Every state; the policy is changed last. */
export const STATES: readonly State[] = [
  ...PROBLEMS,
  ...CASE_STATES,
  ...RECORD_STATES,
  ...PEOPLE,
  ...SENDERS,
  ...POLICY,
];

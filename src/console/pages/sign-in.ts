import { z } from 'zod';
import {
  complete,
  openSession,
  passSecondFactor,
  signInWithPassword,
  tokenHash,
  type SignIn,
} from '../../pipeline/officer-sign-in.ts';
import { transaction } from '../../store/connect.ts';
import { listPasskeys } from '../../store/officer-factors.ts';
import { findOfficer, noteSignIn } from '../../store/officers.ts';
import { endSession, findLink, useLink } from '../../store/sessions.ts';
import {
  atStage,
  formErrors,
  goTo,
  Problem,
  PUBLIC,
  SIGNED_IN,
  view,
  type Page,
  type Route,
} from '../route.ts';
import { signInWorld } from '../sign-in-world.ts';

const ATTEMPTS_PER_MINUTE = 10;

const WRONG =
  'The e-mail address or password is not right. ' +
  'After five wrong attempts an account waits 15 minutes.';

async function signInPage(page: Page) {
  if (page.visitor?.session.stage === 'full') return goTo(returnPath(page.query['next']));
  return view('sign-in', signInData(page, page.query['next']));
}

function signInData({ services }: Page, next: string | undefined) {
  const { localAccounts, oidc } = services.settings;
  return { next: returnPath(next), localAccounts, oidc: oidc && { name: oidc.name } };
}

const credentials = z.object({
  login: z.string().trim().min(1, 'Enter your e-mail address').max(254, 'Enter a shorter address'),
  password: z.string().min(1, 'Enter your password').max(1024, 'Enter a shorter password'),
  next: z.string().max(2000).default('/'),
});

async function signIn(page: Page) {
  if (!page.services.settings.localAccounts) throw switchedOff();
  const form = page.form(credentials);
  if (!form.ok) {
    const { errors, entered } = form;
    const data = { ...signInData(page, entered['next']), errors, login: entered['login'] };
    return view('sign-in', data, 422);
  }
  const { login, password, next } = form.value;
  const hasPasskey = async (...args: Parameters<typeof listPasskeys>) =>
    (await listPasskeys(...args)).length > 0;
  const result = await signInWithPassword(signInWorld(page.services), {
    login,
    password,
    hasPasskey,
  });
  if (result.kind === 'refused') {
    const data = { ...signInData(page, next), errors: formErrors({ login: WRONG }), login };
    return view('sign-in', data, 422);
  }
  page.setSession(result.token);
  const onward = encodeURIComponent(returnPath(next));
  return goTo(result.stage === 'enrol' ? '/account/second-factor' : `/sign-in/code?next=${onward}`);
}

async function codePage(page: Page) {
  return view('sign-in-code', await codeData(page, page.query['next']));
}

async function codeData({ services, officer }: Page, next: string | undefined) {
  const found = await findOfficer(services.road.db, { id: officer.id });
  return {
    next: returnPath(next),
    hasTotp: found?.hasTotp ?? false,
    hasPasskey: (found?.passkeys ?? 0) > 0,
  };
}

const secondFactor = z.object({
  code: z.string().trim().min(1, 'Enter the code').max(40, 'Enter six digits'),
  next: z.string().max(2000).default('/'),
});

async function enterCode(page: Page) {
  const form = page.form(secondFactor);
  if (!form.ok) {
    const data = { ...(await codeData(page, form.entered['next'])), errors: form.errors };
    return view('sign-in-code', data, 422);
  }
  const { code, next } = form.value;
  const { session } = page.officer;
  const result = await passSecondFactor(signInWorld(page.services), session, code);
  if (result.kind === 'refused') {
    const text = 'The code is not right, or was used before. Wait for the next one and enter that.';
    const data = { ...(await codeData(page, next)), errors: formErrors({ code: text }) };
    return view('sign-in-code', data, 422);
  }
  page.setSession(result.token);
  return goTo(returnPath(next));
}

async function linkPage(page: Page) {
  const link = await linkOf(page);
  return view('sign-in-link', { name: link.name, purpose: link.purpose });
}

async function linkOf({ services, params, at }: Page) {
  const { db } = services.road;
  const hash = tokenHash(params['token'] ?? '');
  const link = await findLink(db, { tokenHash: hash, at });
  const officer = link && (await findOfficer(db, { id: link.officerId }));
  if (!officer || (link.purpose === 'demo' && !services.demo)) {
    throw new Problem(
      404,
      'This link does not work any more',
      'Each link works once and for a limited time. Ask an administrator of your council for ' +
        'another; in the demo, start it again.',
    );
  }
  return { ...link, hash, name: officer.name };
}

/** A link is used by a press of the button: what scans links in mail only ever loads them. */
async function takeLink(page: Page) {
  const link = await linkOf(page);
  const world = signInWorld(page.services);
  const { officerId, purpose } = link;
  const result = await transaction(world.db, async (tx): Promise<SignIn> => {
    if (!(await useLink(tx, { tokenHash: link.hash, at: page.at }))) return { kind: 'refused' };
    if (purpose === 'demo') return complete(world, tx, null, 'demo link', officerId);
    return openSession(world, tx, { officerId, stage: 'enrol', method: 'set-up link' });
  });
  if (result.kind === 'refused') return goTo(page.request.url);
  page.setSession(result.token);
  return goTo(purpose === 'demo' ? '/' : '/account/password');
}

async function signOut(page: Page) {
  const { db } = page.services.road;
  const { session, id } = page.officer;
  await transaction(db, async (tx) => {
    await endSession(tx, session.tokenHash);
    await noteSignIn(tx, 'sign-out', id, {});
  });
  page.setSession(null);
  return goTo('/sign-in', 'You are signed out.');
}

function switchedOff(): Problem {
  return new Problem(403, 'Not here', 'Sign in with your council account instead.');
}

/**
 * Where to go after signing in: a path of ours, never another site. What a browser would read as
 * one (`//host`, a backslash, a control character) becomes the home page.
 */
export function returnPath(next: string | undefined): string {
  if (!next || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next) || next.includes('\\')) return '/';
  return next.startsWith('/sign-') ? '/' : next;
}

const post = { method: 'POST', perMinute: ATTEMPTS_PER_MINUTE } as const;

export const SIGN_IN: readonly Route[] = [
  { method: 'GET', path: '/sign-in', title: 'Sign in', access: PUBLIC, handle: signInPage },
  { ...post, path: '/sign-in', title: 'Sign in', access: PUBLIC, handle: signIn },
  {
    method: 'GET',
    path: '/sign-in/code',
    title: 'Enter your code',
    access: atStage('second-factor'),
    handle: codePage,
  },
  {
    ...post,
    path: '/sign-in/code',
    title: 'Enter your code',
    access: atStage('second-factor'),
    handle: enterCode,
  },
  {
    method: 'GET',
    path: '/sign-in/link/:token',
    title: 'Sign in',
    access: PUBLIC,
    handle: linkPage,
  },
  { ...post, path: '/sign-in/link/:token', title: 'Sign in', access: PUBLIC, handle: takeLink },
  { method: 'POST', path: '/sign-out', title: 'Sign out', access: SIGNED_IN, handle: signOut },
];

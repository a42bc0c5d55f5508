import { z } from 'zod';
import { complete } from '../../pipeline/officer-sign-in.ts';
import { transaction } from '../../store/connect.ts';
import { findOfficer, noteSignIn } from '../../store/officers.ts';
import { beginOidc, finishOidc, type OidcReturn } from '../oidc.ts';
import { askToUse, provenPasskey } from '../passkeys.ts';
import { goTo, Problem, PUBLIC, type Page, type Route } from '../route.ts';
import { cookieName } from '../session.ts';
import { signInWorld } from '../sign-in-world.ts';
import { returnPath } from './sign-in.ts';

const ATTEMPTS_PER_MINUTE = 20;

const response = z.object({
  ceremony: z.string().min(1).max(200),
  response: z.string().min(2).max(20_000),
  next: z.string().max(2000).default('/'),
});

/** The session so far, where it waits for a second factor; a passkey alone is two of them. */
function half({ visitor }: Page) {
  return visitor?.session.stage === 'second-factor' ? visitor.session : null;
}

async function passkeyOptions(page: Page) {
  if (!page.services.settings.localAccounts) throw refused();
  const officerId = half(page)?.officerId ?? null;
  return {
    kind: 'json',
    value: await askToUse(page.services, officerId),
  } as const;
}

async function signInByPasskey(page: Page) {
  const form = page.form(response);
  if (!form.ok || !page.services.settings.localAccounts) throw refused();
  const session = half(page);
  const world = signInWorld(page.services);
  const answer = { ...form.value, officerId: session?.officerId ?? null };
  const result = await transaction(world.db, async (tx) => {
    const passkey = await provenPasskey(page.services, tx, answer);
    const officer = passkey && (await findOfficer(tx, { id: passkey.officerId }));
    if (!officer || officer.disabledAt !== null) {
      const who = officer?.id ?? session?.officerId ?? null;
      await noteSignIn(tx, 'sign-in-refused', who, { method: 'passkey' });
      return null;
    }
    const method = session ? 'password and passkey' : 'passkey';
    return complete(world, tx, session, method, officer.id);
  });
  if (result?.kind !== 'signed-in') throw refused();
  page.setSession(result.token);
  return goTo(returnPath(form.value.next));
}

async function toCouncil(page: Page) {
  const { oidc } = page.services.settings;
  if (!oidc) throw refused();
  const next = returnPath((page.request.body as { next?: string } | undefined)?.next);
  const to = await beginOidc(page.services, oidc, {
    next,
    visit: visitOf(page),
  }).catch((error: unknown) => {
    page.services.road.log.fault('oidc', error);
    throw new Problem(
      503,
      'The council’s sign-in does not answer',
      'Try again in a minute. If it stays, tell ICT; officers with an account of this console ' +
        'can use that meanwhile.',
    );
  });
  return { kind: 'leave', to } as const;
}

const WHY: Record<Extract<OidcReturn, { kind: 'refused' }>['why'], string> = {
  stale: 'The sign-in took too long, or was begun elsewhere. Start again.',
  directory:
    'The council’s sign-in did not confirm who you are. Start again; if it stays, tell ICT.',
  'no-role': 'Your council account has no role here. Ask your administrator to be put in a group.',
  'second-factor': 'Your council account must sign in with a second step. Ask ICT to set one up.',
  disabled: 'Your access here has been ended. Ask an administrator of your council.',
};

async function fromCouncil(page: Page) {
  const { oidc } = page.services.settings;
  if (!oidc) throw refused();
  const found = await finishOidc(page.services, oidc, {
    path: page.request.url,
    state: page.query['state'] ?? '',
    visit: visitOf(page),
  });
  if (found.kind === 'refused') throw new Problem(403, 'You are not signed in', WHY[found.why]);
  page.setSession(found.signIn.token);
  return goTo(returnPath(found.next));
}

function visitOf({ services, request }: Page): string {
  return request.cookies[cookieName(services.settings, 'visit')] ?? '';
}

function refused(): Problem {
  return new Problem(
    403,
    'That did not sign you in',
    'Try again, or sign in another way. An administrator can give you a new set-up link.',
  );
}

const post = {
  method: 'POST',
  access: PUBLIC,
  perMinute: ATTEMPTS_PER_MINUTE,
} as const;
const title = 'Sign in';

export const SIGN_IN_OTHER: readonly Route[] = [
  { ...post, path: '/sign-in/passkey/options', title, handle: passkeyOptions },
  { ...post, path: '/sign-in/passkey', title, handle: signInByPasskey },
  { ...post, path: '/sign-in/council', title, handle: toCouncil },
  {
    method: 'GET',
    path: '/sign-in/council/return',
    title,
    access: PUBLIC,
    perMinute: ATTEMPTS_PER_MINUTE,
    handle: fromCouncil,
  },
];

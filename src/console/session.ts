import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import { tokenHash } from '../pipeline/officer-sign-in.ts';
import { findOfficer } from '../store/officers.ts';
import { findSession } from '../store/sessions.ts';
import type { OfficerRole } from '../policy/permissions.ts';
import type { SignedIn } from './route.ts';
import type { ConsoleServices, ConsoleSettings } from './services.ts';

/** Whoever comes with a cookie of a session that has not ended; `null` for everybody else. */
export async function visitorOf(
  { road, settings }: ConsoleServices,
  request: FastifyRequest,
): Promise<SignedIn | null> {
  const token = request.cookies[cookieName(settings, 'session')];
  if (!token) return null;
  const at = road.clock();
  const { idleMinutes } = settings;
  const session = await findSession(road.db, { tokenHash: tokenHash(token), at, idleMinutes });
  const officer = session && (await findOfficer(road.db, { id: session.officerId }));
  if (!officer) return null;
  const { id, name, addresses } = officer;
  // Nobody who is elected reviews mail, whenever and by whoever the role was given (domain H.2).
  const isMember = addresses.some((each) => road.directory().byAddress(each)?.class === 'member');
  const held = isMember ? [] : officer.roles;
  const roles = held.map(({ council, role }) => ({ council, role: role as OfficerRole }));
  return { id, name, addresses, roles, login: addresses[0] ?? '', session };
}

/** `__Host-` where browsers demand what it promises: this host alone, over TLS alone. */
export function cookieName({ publicUrl }: ConsoleSettings, name: 'session' | 'visit' | 'notice') {
  return publicUrl.startsWith('https:') ? `__Host-portreeve-${name}` : `portreeve-${name}`;
}

export function cookieOptions({ publicUrl }: ConsoleSettings) {
  return {
    path: '/',
    httpOnly: true,
    secure: publicUrl.startsWith('https:'),
    // Lax, not strict: a link in an alert mail must find the officer signed in.
    sameSite: 'lax' as const,
  };
}

/** Gives the browser a session, or takes it. */
export function setSessionCookie(
  settings: ConsoleSettings,
  reply: FastifyReply,
  token: string | null,
): void {
  const name = cookieName(settings, 'session');
  if (token === null) void reply.clearCookie(name, cookieOptions(settings));
  else void reply.setCookie(name, token, cookieOptions(settings));
}

/** What ties a form to a browser that nobody has signed in with yet. */
export function visitOf(
  settings: ConsoleSettings,
  request: FastifyRequest,
  reply: FastifyReply,
): string {
  const name = cookieName(settings, 'visit');
  const known = request.cookies[name];
  if (known && /^[\w-]{22}$/.test(known)) return known;
  const visit = randomBytes(16).toString('base64url');
  void reply.setCookie(name, visit, cookieOptions(settings));
  return visit;
}

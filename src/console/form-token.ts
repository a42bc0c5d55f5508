import type { FastifyRequest } from 'fastify';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Problem, type SignedIn } from './route.ts';
import type { ConsoleServices } from './services.ts';
import { cookieName } from './session.ts';

/** The hidden field that every form carries. */
export const FORM_TOKEN = '_token';

/**
 * A token that only our own pages can have put into a form: an HMAC over the session, or over the
 * visit where nobody is signed in yet.
 */
export function formToken(secret: Buffer, visitor: SignedIn | null, visit: string): string {
  const bound = visitor ? `session ${visitor.session.tokenHash.toString('hex')}` : `visit ${visit}`;
  return createHmac('sha256', secret).update(`form ${bound}`).digest('base64url');
}

/**
 * Lets a POST pass that comes from our own page, by token and by where the browser says it is from.
 * @throws {Problem} 403 for all others
 */
export function demandSameSite(
  { secret, settings }: ConsoleServices,
  request: FastifyRequest,
  visitor: SignedIn | null,
): void {
  const site = request.headers['sec-fetch-site'];
  const origin = request.headers.origin;
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    // Browsers write "null" where pages give no referrer, and say themselves whose form it is.
    (origin !== undefined &&
      origin !== new URL(settings.publicUrl).origin &&
      !(origin === 'null' && site === 'same-origin'));
  const visit = request.cookies[cookieName(settings, 'visit')] ?? '';
  const given = (request.body as Record<string, unknown> | undefined)?.[FORM_TOKEN];
  const expected = Buffer.from(formToken(secret, visitor, visit));
  const actual = Buffer.from(typeof given === 'string' ? given : '');
  const isOurs = actual.length === expected.length && timingSafeEqual(actual, expected);
  if (isForeign || !isOurs || (!visitor && visit === '')) {
    throw new Problem(
      403,
      'This form has expired',
      'Nothing was changed. Go back, load the page again and send the form once more. ' +
        'You may have signed in or out in another tab.',
    );
  }
}

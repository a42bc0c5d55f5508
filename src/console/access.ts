import type { FastifyRequest } from 'fastify';
import { mayAnywhere, type OfficerIdentity } from '../policy/permissions.ts';
import type { Policy } from '../policy/policy.ts';
import { forbidden, goTo, Problem, type Answer, type Route } from './route.ts';

/** Where a session goes that is not complete. */
const STAGE_PAGES = { 'second-factor': '/sign-in/code', enrol: '/account/second-factor' } as const;

/**
 * Where somebody is sent who may not come to this route yet; `null` for those who may.
 * @throws {Problem} 403 for those who may not, and for forms of nobody
 */
export function refusal(policy: Policy, { access }: Route, request: FastifyRequest): Answer | null {
  if (access.kind === 'public' || access.kind === 'link') return null;
  const { visitor } = request;
  if (!visitor) {
    if (request.method === 'POST') throw signInAgain();
    return goTo(`/sign-in?next=${encodeURIComponent(request.url)}`);
  }
  const { stage } = visitor.session;
  const wanted = access.kind === 'stage' ? access.stage : 'full';
  if (stage !== wanted && !(stage === 'full' && wanted === 'enrol')) {
    return goTo(stage === 'full' ? '/' : STAGE_PAGES[stage]);
  }
  if (isOpenTo(policy, access, visitor)) return null;
  throw forbidden(
    'None of your roles includes this page. Ask an administrator of your council if one should.',
  );
}

export function isOpenTo(
  policy: Policy,
  access: Route['access'],
  officer: OfficerIdentity,
): boolean {
  if (access.kind !== 'action') return true;
  return access.actions.some((action) => mayAnywhere(policy, officer, action));
}

function signInAgain(): Problem {
  return new Problem(
    403,
    'You are signed out',
    'Nothing was changed. Sign in again and send the form once more.',
  );
}

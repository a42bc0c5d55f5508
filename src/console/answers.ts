import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOpenTo } from './access.ts';
import { formToken } from './form-token.ts';
import { Problem, type Answer, type Route, type SignedIn } from './route.ts';
import type { ConsoleServices, ConsoleSettings } from './services.ts';
import { cookieName, cookieOptions, visitOf } from './session.ts';
import type { Render } from './views.ts';

/** What every page is made with. */
export interface Shell {
  services: ConsoleServices;
  render: Render;
  assetVersion: string;
  routes: readonly Route[];
}

/** Sends what a handler answered. `title` is the page's, before the council's name. */
export function sendAnswer(
  shell: Shell,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  title: string,
): FastifyReply {
  switch (answer.kind) {
    case 'redirect':
      if (answer.notice !== null) keepNotice(shell.services.settings, reply, answer.notice);
      return reply.redirect(answer.to, 303);
    case 'leave':
      return reply.redirect(answer.to, 303);
    case 'json':
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.value));
    case 'frame':
      // Whatever came through the sanitiser has no origin, runs nothing and loads nothing.
      void reply.header('content-security-policy', FRAME_POLICY);
      void reply.header('x-frame-options', 'SAMEORIGIN');
      return reply.type('text/html; charset=utf-8').send(answer.body);
    case 'file':
      void reply.header('content-disposition', `attachment; filename="${safeName(answer.name)}"`);
      void reply.header('content-security-policy', FILE_POLICY);
      return reply.type(answer.type).send(answer.body);
    case 'view': {
      const notice = takeNotice(shell.services.settings, request, reply);
      const shown = { notice, title, view: answer.view };
      const data = { ...pageData(shell, request, reply), ...shown, ...answer.data };
      const html = shell.render(answer.view, data);
      return reply.code(answer.status).type('text/html; charset=utf-8').send(html);
    }
  }
}

/** Sends the page for what went wrong: ours says what to do, the framework's is put into words. */
export function sendProblem(
  shell: Shell,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const { status, message: title, advice } = problemOf(error);
  if (status >= 500) shell.services.road.log.fault('console', error, { request: request.id });
  const data = { advice, reference: status >= 500 ? request.id : null };
  return sendAnswer(shell, request, reply, { kind: 'view', view: 'problem', data, status }, title);
}

/** What the layout shows on every page. */
function pageData(shell: Shell, request: FastifyRequest, reply: FastifyReply) {
  const { services, assetVersion } = shell;
  const { road, settings, secret } = services;
  const { visitor } = request;
  const full = visitor?.session.stage === 'full' ? visitor : null;
  const { councils } = road.policy();
  const own = [...new Set(full?.roles.map(({ council }) => council) ?? [])];
  const ids = own.length > 0 ? own : settings.councils;
  const names = ids.flatMap((id) => councils.get(id)?.name ?? []);
  return {
    assets: `/assets/${assetVersion}`,
    cspNonce: reply.cspNonce.script,
    formToken: formToken(secret, visitor, visitOf(settings, request, reply)),
    councilName: names.length === 1 ? names[0] : null,
    isDemo: services.demo,
    visitor: full,
    nav: full ? navigation(shell, full, request.url) : [],
    now: road.clock(),
  };
}

function navigation({ services, routes }: Shell, visitor: SignedIn, url: string) {
  const policy = services.road.policy();
  return routes.flatMap(({ nav, path, access }) => {
    if (nav === undefined || !isOpenTo(policy, access, visitor)) return [];
    const here = url.split('?')[0] ?? '/';
    const active = here === path || (path !== '/' && here.startsWith(`${path}/`));
    return [{ text: nav, href: path, active }];
  });
}

const FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'; form-action 'none'";
const FRAME_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'; form-action 'none'";

const NOTICE_SECONDS = 60;

/** Shown once, on the next page. Not signed: it is text in the officer's own browser. */
function keepNotice(settings: ConsoleSettings, reply: FastifyReply, text: string): void {
  const options = { ...cookieOptions(settings), maxAge: NOTICE_SECONDS };
  void reply.setCookie(cookieName(settings, 'notice'), text, options);
}

function takeNotice(
  settings: ConsoleSettings,
  request: FastifyRequest,
  reply: FastifyReply,
): string | null {
  const name = cookieName(settings, 'notice');
  const text = request.cookies[name];
  if (!text) return null;
  void reply.clearCookie(name, cookieOptions(settings));
  return text.slice(0, 300);
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status === 413) return new Problem(413, 'That is too large', 'Send less at once.');
  if (status === 415) {
    return new Problem(415, 'This is no form', 'Use the forms of the console’s own pages.');
  }
  if (status >= 400 && status < 500) {
    return new Problem(status, 'This request makes no sense', 'Go back and try it another way.');
  }
  return new Problem(
    500,
    'Something went wrong here',
    'Nothing was released. Try again in a minute; if it stays, give the reference below to ICT.',
  );
}

/** A file name that no header and no file system can misread. */
function safeName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '_').slice(0, 100) || 'file';
}

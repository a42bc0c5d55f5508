import type { FastifyReply, FastifyRequest } from 'fastify';
import { councilsWhere, may } from '../policy/permissions.ts';
import { forbidden, formErrors, type Page, type SignedIn } from './route.ts';
import type { ConsoleServices } from './services.ts';
import { setSessionCookie } from './session.ts';

/** What the handler of one request gets. */
export function createPage(
  services: ConsoleServices,
  request: FastifyRequest,
  reply: FastifyReply,
  visitor: SignedIn | null,
): Page {
  const { road, settings } = services;
  const officer = (): SignedIn => {
    if (!visitor) throw new Error('A handler asked for the officer of a public page');
    return visitor;
  };
  return {
    services,
    request,
    params: request.params as Record<string, string>,
    query: strings(request.query),
    at: road.clock(),
    visitor,
    get officer() {
      return officer();
    },
    councils: (action) => councilsWhere(road.policy(), officer(), action),
    may: (action, subject) => may(road.policy(), officer(), action, subject),
    require: (action, subject) => {
      const verdict = may(road.policy(), officer(), action, subject);
      if (!verdict.allowed) throw forbidden(verdict.text);
      return verdict;
    },
    form: (schema) => {
      const entered = request.body as Record<string, unknown>;
      const parsed = schema.safeParse(entered);
      if (parsed.success) return { ok: true, value: parsed.data };
      const fields: Record<string, string> = {};
      for (const { path, message } of parsed.error.issues) fields[String(path[0])] ??= message;
      return { ok: false, errors: formErrors(fields), entered: strings(entered) };
    },
    setSession: (token) => setSessionCookie(settings, reply, token),
  };
}

/** Text fields alone: what came twice came from no page of ours. */
function strings(values: unknown): Record<string, string> {
  const entries = Object.entries((values ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

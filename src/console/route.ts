import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Action, OfficerIdentity, Subject, Verdict } from '../policy/permissions.ts';
import type { SessionStage, StoredSession } from '../store/sessions.ts';
import type { ConsoleServices } from './services.ts';

/**
 * Who may come to a route. Actions are what the officer's roles must hold at some council, one of
 * them being enough; which object it is about is asked in the handler, by `page.require`. There is
 * no default.
 */
export type Access =
  | { kind: 'public' }
  /** Whoever has a link from a notice: the handler looks it up, and answers 404 without. */
  | { kind: 'link' }
  /** Signed in so far as the stage says, and no further. */
  | { kind: 'stage'; stage: SessionStage }
  | { kind: 'signed-in' }
  | { kind: 'action'; actions: readonly Action[] };

export const PUBLIC: Access = { kind: 'public' };
export const LINK_HOLDERS: Access = { kind: 'link' };
export const SIGNED_IN: Access = { kind: 'signed-in' };
export const atStage = (stage: SessionStage): Access => ({ kind: 'stage', stage });
export const allowedTo = (...actions: Action[]): Access => ({ kind: 'action', actions });

/** One line of the table of routes (`pages/table.ts`). */
export interface Route {
  method: 'GET' | 'POST';
  /** `/officers/:id`; a parameter is at most 200 characters and holds no slash. */
  path: string;
  /** Of the page, before the council's name. */
  title: string;
  access: Access;
  /** In the navigation, in the order of the table. */
  nav?: string;
  /** Largest body in octets, 65 536 unless given. */
  bodyBytes?: number;
  /** Requests a minute from one address, where fewer than for other pages. */
  perMinute?: number;
  handle: (page: Page) => Promise<Answer>;
}

export type Answer =
  | { kind: 'view'; view: string; data: Record<string, unknown>; status: number }
  | { kind: 'redirect'; to: string; notice: string | null }
  /** Leaves the console, for the council's own sign-in. */
  | { kind: 'leave'; to: string }
  | { kind: 'json'; value: unknown }
  /** A stranger's HTML, made harmless, for the sandboxed frame of a page of ours. */
  | { kind: 'frame'; body: string }
  | { kind: 'file'; name: string; type: string; body: string | Buffer };

/** A page by its template, without `.njk`. */
export function view(name: string, data: Record<string, unknown> = {}, status = 200): Answer {
  return { kind: 'view', view: name, data, status };
}

/** 303 to a path of ours, where `notice` says what was done. */
export function goTo(to: string, notice: string | null = null): Answer {
  return { kind: 'redirect', to, notice };
}

/** The officer who asks, with the session. */
export interface SignedIn extends OfficerIdentity {
  login: string;
  session: StoredSession;
}

/** What a handler gets of one request. */
export interface Page {
  services: ConsoleServices;
  request: FastifyRequest;
  params: Record<string, string>;
  /** Query of a GET; values that came twice are left out. */
  query: Record<string, string>;
  at: Date;
  /** @throws where nobody is signed in; routes that are not public never meet that. */
  officer: SignedIn;
  /** `null` on public routes where nobody is signed in. */
  visitor: SignedIn | null;
  /** Ids of the councils where the officer's roles hold the action. */
  councils: (action: Action) => string[];
  /** The verdict on one object. */
  may: (action: Action, subject: Subject) => Verdict;
  /** @throws {Problem} 403 with the reason where the verdict is no */
  require: (action: Action, subject: Subject) => Verdict & { allowed: true };
  /** Checks the form of a POST: fields that the schema does not know are left out. */
  form: <T extends z.ZodType>(schema: T) => FormResult<z.output<T>>;
  /** Gives or takes the session; the cookie goes with the answer. */
  setSession: (token: string | null) => void;
}

export type FormResult<T> =
  { ok: true; value: T } | { ok: false; errors: FormErrors; entered: Record<string, string> };

/** For `govukErrorSummary` and, by field, for the fields. */
export interface FormErrors {
  list: { text: string; href: string }[];
  fields: Record<string, { text: string }>;
}

/** Errors found after the schema, in the form that the views take. */
export function formErrors(fields: Record<string, string>): FormErrors {
  return {
    list: Object.entries(fields).map(([name, text]) => ({ text, href: `#${name}` })),
    fields: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, { text }])),
  };
}

/** Ends the request with an error page that says what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly advice: string;
  constructor(status: number, title: string, advice: string) {
    super(title);
    this.status = status;
    this.advice = advice;
  }
}

/** The same for what is not there and for what this officer may not know of. */
export function notFound(): Problem {
  return new Problem(
    404,
    'This page is not there',
    'The address may be mistyped, or what it showed has been erased. Start from the home page.',
  );
}

export function forbidden(advice: string): Problem {
  return new Problem(403, 'You may not do this', advice);
}

export function conflict(advice: string): Problem {
  return new Problem(409, 'Somebody was quicker', advice);
}

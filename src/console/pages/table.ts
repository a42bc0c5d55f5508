import type { Route } from '../route.ts';
import { ACCOUNT } from './account.ts';
import { AUDIT } from './audit.ts';
import { CASE_BULK } from './case-bulk.ts';
import { CASE_DECIDE } from './case-decide.ts';
import { CASE } from './case.ts';
import { ELECTIONS } from './elections.ts';
import { FIGURES } from './figures.ts';
import { HOME } from './home.ts';
import { INVESTIGATIONS } from './investigations.ts';
import { KEY_FIND_PAGES } from './key-find.ts';
import { KEY_PAGES } from './keys.ts';
import { MEMBERS } from './members.ts';
import { MESSAGE } from './message.ts';
import { OFFICERS } from './officers.ts';
import { POLICY_TRIALS } from './policy-trials.ts';
import { POLICY } from './policy.ts';
import { QUEUE } from './queue.ts';
import { READINESS_PAGES } from './readiness.ts';
import { READINGS } from './readings.ts';
import { SEARCH } from './search.ts';
import { SIGN_IN } from './sign-in.ts';
import { SIGN_IN_OTHER } from './sign-in-other.ts';
import { STATUS } from './status.ts';
import { TRACE } from './trace.ts';

/**
 * The table of routes, in the order of the navigation.
 *
 * A new page is one module in this folder: it exports its routes, each with its access and handler,
 * is named here, and has its templates in `../views`, each of which extends `layout.njk`. The
 * handler asks `page.require(action, subject)` before it touches an object, answers with `view()`
 * or `goTo()`, and throws a `Problem` that says what to do. Give a route with parameters an object
 * in `test/console/samples.ts`: the tests of access, forms, accessibility and width then cover it.
 */
export const ROUTES: readonly Route[] = [
  ...HOME,
  ...QUEUE,
  ...CASE_BULK,
  ...CASE,
  ...CASE_DECIDE,
  ...READINGS,
  ...SEARCH,
  ...MESSAGE,
  ...TRACE,
  ...INVESTIGATIONS,
  ...KEY_PAGES,
  ...KEY_FIND_PAGES,
  ...READINESS_PAGES,
  ...ELECTIONS,
  ...POLICY,
  ...POLICY_TRIALS,
  ...FIGURES,
  ...AUDIT,
  ...MEMBERS,
  ...OFFICERS,
  ...ACCOUNT,
  ...SIGN_IN,
  ...SIGN_IN_OTHER,
  ...STATUS,
];

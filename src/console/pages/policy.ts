import { z } from 'zod';
import { coverageOf } from '../../policy/coverage.ts';
import { laxerThan } from '../../policy/laxer.ts';
import { policyFromFiles } from '../../policy/policy-from-files.ts';
import { PolicyError, type Policy } from '../../policy/policy.ts';
import { exceptionsOf } from '../../policy/exceptions.ts';
import { transaction } from '../../store/connect.ts';
import {
  approveActivation,
  listActivations,
  policyOfVersion,
  rollBackTo,
  withdrawActivation,
  type Activation,
  type ActivationOutcome,
} from '../../store/policies.ts';
import { day, hitWords, officerNames } from '../case-words.ts';
import { clauseEffect, councilName, exceptionScope, exceptionWords } from '../clause-words.ts';
import {
  allowedTo,
  conflict,
  forbidden,
  goTo,
  notFound,
  view,
  type Page,
  type Route,
} from '../route.ts';

const SEE = allowedTo('view-policy');
/** Older ones stay in the record and in `portreeve policy versions`. */
const SHOWN_ACTIVATIONS = 20;
/** Of those that wait, so many are compared with what runs: reading one is slow. */
const COMPARED_VERSIONS = 3;

async function overview(page: Page) {
  const { road } = page.services;
  const policy = road.policy();
  const ours = page.councils('view-policy');
  const named = page.councils('view-people');
  const all = await listActivations(road.db, page.at);
  const waiting = all.filter(({ state }) => state === 'awaiting-approval');
  const shown = [...waiting, ...all.filter((each) => !waiting.includes(each))];
  const rows = shown.slice(0, Math.max(SHOWN_ACTIVATIONS, waiting.length));
  const names = await officerNames(
    road.db,
    rows.flatMap((each) => [each.requestedBy, each.approvedBy, each.withdrawnBy]),
  );
  const nameOf = (by: string | null) => by && (names.get(by) ?? by);
  const { councils, rules } = coverageOf(policy, null);
  const mayChange = mayChangeAll(page);
  const laxer = await laxerWays(page, waiting);
  return view('policy', {
    version: policy.version,
    activations: rows.map((each) => ({
      ...each,
      requestedBy: nameOf(each.requestedBy),
      approvedBy: nameOf(each.approvedBy),
      withdrawnBy: nameOf(each.withdrawnBy),
      mayApprove: mayChange && each.state === 'awaiting-approval' && !isOwn(page, each),
      mayWithdraw: mayChange && ['awaiting-approval', 'scheduled'].includes(each.state),
      laxer: each.state === 'awaiting-approval' ? (laxer.get(each.version) ?? []) : [],
      mayRollBack: mayChange && each.state === 'superseded' && each.version !== policy.version,
    })),
    olderCount: shown.length - rows.length,
    councils: councils
      .filter(({ council }) => ours.includes(council))
      .map((each) => ({
        ...each,
        name: councilName(policy, each.council),
        membersInformedOn: each.membersInformedOn && day(each.membersInformedOn),
      })),
    ruleCount: rules.length,
    exceptions: exceptionsOf(policy, page.at)
      .filter(({ council }) => ours.includes(council))
      .map((each) => ({
        ...each,
        councilName: councilName(policy, each.council),
        what: exceptionWords(each),
        scope: exceptionScope(each, named.includes(each.council)),
        until: day(each.until),
      })),
    severalCouncils: ours.length > 1,
  });
}

/** How each of the versions that wait may be laxer than what runs, for whoever approves one. */
async function laxerWays(page: Page, waiting: readonly Activation[]) {
  const { db, policy } = page.services.road;
  const versions = [...new Set(waiting.map(({ version }) => version))].slice(0, COMPARED_VERSIONS);
  const ways = await Promise.all(
    versions.map(async (version): Promise<[string, string[]]> => {
      const stored = await policyOfVersion(db, version);
      return [version, stored ? laxerOf(policy(), stored.files, page.at) : []];
    }),
  );
  return new Map(ways);
}

function laxerOf(running: Policy, files: Record<string, string>, at: Date): string[] {
  try {
    return laxerThan(running, policyFromFiles(files), at);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return ['this release cannot read it'];
  }
}

/** A policy set rules every live council at once, so whoever changes it must answer for all. */
function mayChangeAll(page: Page): boolean {
  const { settings } = page.services;
  const held = page.councils('policy');
  return settings.councils.length > 0 && settings.councils.every((id) => held.includes(id));
}

/** Asked for by this officer: here by account, by command by name or login. */
function isOwn({ officer }: Page, { requestedBy }: Activation): boolean {
  const selves = [officer.id, officer.login, officer.name, ...officer.addresses];
  return selves.some((self) => self.toLowerCase() === requestedBy.trim().toLowerCase());
}

async function council(page: Page) {
  const policy = page.services.road.policy();
  const found = policy.councils.get(page.params['id'] ?? '');
  if (!found || !page.councils('view-policy').includes(found.id)) throw notFound();
  const clauses = found.clauses.map((clause) => ({ ...clause, ...clauseEffect(clause) }));
  const documents = found.documents.map((document) => ({
    title: `${document.title}, ${document.council}, ${document.date}`,
    clauses: clauses.filter((each) => each.document?.id === document.id && !each.ourChoice),
  }));
  const own = clauses.filter(({ document, ourChoice }) => ourChoice || document === null);
  return view('policy-council', {
    title: `Clauses of ${found.name}`,
    council: found,
    groups: [...documents, { title: 'The council’s own choices', clauses: own }].filter(
      (group) => group.clauses.length > 0,
    ),
  });
}

async function rules(page: Page) {
  const policy = page.services.road.policy();
  const ours = page.councils('view-policy');
  const rows = coverageOf(policy, null).rules.flatMap(({ rule: id, ...counts }) => {
    const rule = policy.rules.get(id);
    if (!rule) return [];
    const named = (users: string[]) =>
      users.filter((each) => ours.includes(each)).map((each) => councilName(policy, each));
    const users = { councils: named(counts.councils), shadowIn: named(counts.shadowIn) };
    const { why, area, shadow } = rule;
    return [{ id, name: hitWords(id), why, area, shadow, ...counts, ...users }];
  });
  return view('policy-rules', { rules: rows });
}

const REFUSED: Record<Exclude<ActivationOutcome, 'done'>, string> = {
  unknown: 'There is no such version to approve. Look at the policy page again.',
  'not-open': 'It was approved or withdrawn meanwhile. Look at the policy page again.',
  'same-officer': 'You asked for this version yourself, so another officer must approve it.',
};

function mustChangeAll(page: Page): void {
  if (mayChangeAll(page)) return;
  throw forbidden('A version rules every council here: it takes the role at each of them.');
}

const approval = z.object({ activation: z.coerce.number().int().positive() });

async function approve(page: Page) {
  mustChangeAll(page);
  const form = page.form(approval);
  if (!form.ok) throw conflict(REFUSED.unknown);
  const { db } = page.services.road;
  const { activation: id } = form.value;
  const outcome = await transaction(db, async (tx): Promise<ActivationOutcome> => {
    const wanted = (await listActivations(tx, page.at)).find((each) => each.id === id);
    if (!wanted) return 'unknown';
    if (isOwn(page, wanted)) return 'same-officer';
    return approveActivation(tx, { id, by: page.officer.id, at: page.at });
  });
  if (outcome === 'same-officer') throw forbidden(REFUSED[outcome]);
  if (outcome !== 'done') throw conflict(REFUSED[outcome]);
  return goTo('/policy', 'Approved. The gateway follows within seconds, or at the time given.');
}

async function withdraw(page: Page) {
  mustChangeAll(page);
  const form = page.form(approval);
  if (!form.ok) throw conflict(REFUSED.unknown);
  const step = { id: form.value.activation, by: page.officer.id, at: page.at };
  const outcome = await transaction(page.services.road.db, (tx) => withdrawActivation(tx, step));
  if (outcome !== 'done') {
    throw conflict('It runs or was withdrawn meanwhile. Look at the policy page again.');
  }
  return goTo('/policy', 'Withdrawn. What runs stays as it is.');
}

const target = z.object({ version: z.string().regex(/^[0-9a-f]{64}$/) });

async function rollBack(page: Page) {
  mustChangeAll(page);
  const form = page.form(target);
  if (!form.ok) throw conflict(NOT_RAN);
  const { secondOfficer } = page.services.settings;
  const { version } = form.value;
  const step = { version, by: page.officer.id, at: page.at, secondOfficer };
  try {
    const result = await transaction(page.services.road.db, (tx) => rollBackTo(tx, step));
    if (result.kind === 'awaiting-approval') return goTo('/policy', AWAITS);
    if (result.kind !== 'done') throw conflict(NOT_RAN);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw conflict('This release cannot read that version any more. What runs stays as it is.');
  }
  return goTo('/policy', 'The earlier version runs again. The gateway follows within seconds.');
}

const AWAITS = 'It may be laxer than what runs, so another officer must approve it first.';
const NOT_RAN = 'No such version ever ran. Look at the policy page again.';

export const POLICY: readonly Route[] = [
  {
    method: 'GET',
    path: '/policy',
    title: 'Policy',
    access: SEE,
    nav: 'Policy',
    handle: overview,
  },
  { method: 'GET', path: '/policy/rules', title: 'Rules', access: SEE, handle: rules },
  { method: 'GET', path: '/policy/councils/:id', title: 'Clauses', access: SEE, handle: council },
  {
    method: 'POST',
    path: '/policy/approve',
    title: 'Approve',
    access: allowedTo('policy'),
    handle: approve,
  },
  {
    method: 'POST',
    path: '/policy/withdraw',
    title: 'Withdraw',
    access: allowedTo('policy'),
    handle: withdraw,
  },
  {
    method: 'POST',
    path: '/policy/rollback',
    title: 'Roll back',
    access: allowedTo('policy'),
    handle: rollBack,
  },
];

import { z } from 'zod';
import type { RuleHit } from '../../mail/decision.ts';
import { findingWords } from '../../mail/plain-words.ts';
import { previousCases, timelineOf } from '../../store/case-history.ts';
import { claimCase, markRead } from '../../store/case-work.ts';
import { transaction } from '../../store/connect.ts';
import { countStatusLinks } from '../../store/status-links.ts';
import { listOfficers, type StoredOfficer } from '../../store/officers.ts';
import { attachmentFile, contentOf, harmlessHtml, noteView } from '../message-content.ts';
import {
  askSecond,
  lookOf,
  readingAt,
  readingsToAnswer,
  readingView,
  type Reading,
} from '../reading.ts';
import { mayWorkOn, openedCase, type OpenedCase } from '../case-subject.ts';
import { agoWords, dueWords, hitWords, officerNames } from '../case-words.ts';
import { holderOf } from '../../pipeline/review.ts';
import { allowedTo, goTo, notFound, view, type Page, type Route } from '../route.ts';
import { entriesOf } from '../timeline.ts';

const PREVIOUS_CASES = 5;

async function show(page: Page) {
  const opened = await openedCase(page, page.params['id'] ?? '');
  return view('case', await caseData(page, opened));
}

/** Everything of the case page; the message itself only where a reason to read it was given. */
export async function caseData(page: Page, opened: OpenedCase): Promise<Record<string, unknown>> {
  const { found, message, subject } = opened;
  const { road } = page.services;
  const { at, officer } = page;
  const reading = await readingOf(page, opened);
  const { reason } = reading;
  const [history, previous, officers, links] = await Promise.all([
    timelineOf(road.db, message.queueId),
    previousCases(road.db, found, at, PREVIOUS_CASES),
    listOfficers(road.db),
    countStatusLinks(road.db, message.queueId, at),
    markRead(road.db, { caseIds: [found.id], officer: officer.id, at, read: true }),
  ]);
  const holder = holderOf(found, at);
  const ids = [...history.events.map(({ actor }) => actor), found.assignedTo, holder?.by ?? null];
  const names = await officerNames(road.db, [...ids, ...found.actions.map((each) => each.officer)]);
  const council = road.policy().councils.get(found.council);
  const may = (action: Parameters<Page['may']>[0]) => page.may(action, subject);
  const { casework } = council?.settings ?? {};
  const isMasked = (casework?.maskSender ?? true) && reason === null;
  return {
    title: `Case: ${found.rule === null ? 'we could not look inside' : hitWords(found.rule)}`,
    found,
    message,
    council: council?.name ?? found.council,
    sender: isMasked ? null : { name: message.facts?.actor.name, address: message.actorAddress },
    reasonWords: reasonOf(opened),
    clauses: clausesOf(opened),
    findings: findingsOf(opened),
    due: found.closedAt ? null : dueWords(found.dueAt, at),
    age: agoWords(found.openedAt, at),
    holder: holder && { name: names.get(holder.by) ?? holder.by, isMe: holder.by === officer.id },
    recipients: message.recipients.filter(({ route }) => route === 'outward'),
    may: {
      read: may('view-content').allowed && message.wrappedKey !== null,
      claim: may('claim').allowed,
      assign: may('assign').allowed,
      note: may('note').allowed,
      ask: may('ask').allowed,
      escalate: may('escalate').allowed,
      release: may('release').allowed,
      reject: may('reject').allowed,
      encrypt: may('release-encrypted').allowed,
      pgp: may('return-for-pgp').allowed,
      inward: may('deliver-inward').allowed && found.kind === 'divert',
    },
    refusal: refusalOf(page, opened),
    links,
    reasons: casework?.reasons ?? [],
    assignees: assigneesOf(page, opened, officers),
    undoable: found.actions.findLast(
      ({ state, undoUntil }) => state === 'done' && undoUntil !== null && undoUntil > at,
    ),
    proposed: found.actions.filter(({ state }) => state === 'proposed'),
    entries: entriesOf(history, message, found.actions, names),
    previous,
    names: Object.fromEntries(names),
    reading: readingView(reading, at),
    asking: await askingOf(page, found.id),
    content: reason === null ? null : await contentOf(page, message, lookOf(reading), reason),
    base: `/cases/${found.id}`,
    mayDownload: may('download').allowed,
  };
}

/** Others who ask to read it, where this officer may agree. */
async function askingOf(page: Page, caseId: string) {
  const requests = (await readingsToAnswer(page)).map(({ request }) => request);
  const here = requests.filter((request) => request.caseId === caseId);
  const names = await officerNames(
    page.services.road.db,
    here.map(({ officer }) => officer),
  );
  return here.map(({ id, officer }) => ({ id, who: names.get(officer) ?? officer }));
}

/** Whom the case can be given to. */
function assigneesOf(page: Page, { subject }: OpenedCase, officers: readonly StoredOfficer[]) {
  const able = officers.filter((each) => mayWorkOn(page, each, subject));
  return [
    { value: 'nobody', text: 'Nobody in particular' },
    ...able.map(({ id, name }) => ({ value: id, text: name })),
  ];
}

/** Why this officer cannot decide it, in a sentence; `null` for those who can. */
function refusalOf(page: Page, { subject, found }: OpenedCase): string | null {
  const action = found.kind === 'divert' ? 'deliver-inward' : 'release';
  const verdict = page.may(action, subject);
  return verdict.allowed ? null : verdict.text;
}

function actingHits({ message, found }: OpenedCase): RuleHit[] {
  return (message.decision?.recipients ?? [])
    .flatMap(({ hits }) => hits)
    .filter(({ gate, inert }) => gate === found.kind && inert === null);
}

/** The reason in one sentence: what was seen, not what somebody did. */
function reasonOf(opened: OpenedCase): string {
  const { decision } = opened.message;
  const hit = actingHits(opened)[0];
  if (!hit || !decision) return 'We could not look inside this message, so it waits.';
  const finding = decision.findings[hit.findings[0] ?? -1];
  const words = finding && findingWords(finding.kind, false);
  const what = (words?.reason ?? hitWords(hit.rule)).replace(/\.$/, '');
  const more = new Set(actingHits(opened).map(({ rule }) => rule)).size - 1;
  return `${what}${more > 0 ? `, and ${more} more reason${more > 1 ? 's' : ''}` : ''}.`;
}

function clausesOf(opened: OpenedCase) {
  const seen = new Map(
    actingHits(opened).map(({ rule, clause }) => [`${rule} ${clause.section}`, { rule, clause }]),
  );
  return [...seen.values()].map(({ rule, clause }) => ({ ...clause, rule: hitWords(rule) }));
}

function findingsOf({ message }: OpenedCase) {
  return (message.decision?.findings ?? []).map(({ kind, summary, score, evidence }) => ({
    kind: hitWords(kind),
    summary,
    score: Math.round(score * 100),
    places: [...new Set(evidence.map(({ part }) => part))],
  }));
}

/** How far this officer has come towards reading the message of a case. */
async function readingOf(page: Page, opened: OpenedCase): Promise<Reading> {
  const { message, subject } = opened;
  const verdict = page.may('view-content', subject);
  // One that an investigation rested on is none to decide this case.
  const { reasons } = casework(page, opened);
  const reading = await readingAt(page, placeOf(opened), verdict, (given) =>
    reasons.some(({ id }) => id === given),
  );
  return message.wrappedKey ? reading : { ...reading, reason: null };
}

function placeOf({ found, message }: OpenedCase): Reading['place'] {
  return { queueId: message.queueId, caseId: found.id, investigation: null };
}

async function read(page: Page) {
  const id = page.params['id'] ?? '';
  const opened = await openedCase(page, id);
  page.require('view-content', opened.subject);
  const form = page.form(z.object({ reason: z.string().max(60) }));
  const reasons = casework(page, opened).reasons.filter((each) => each.for.includes('view'));
  const reason = form.ok ? reasons.find((each) => each.id === form.value.reason) : undefined;
  if (!reason) return goTo(`/cases/${id}`, 'Choose why you need to read it.');
  const reading = await readingOf(page, opened);
  if (reading.needsSecond && reading.reason === null) {
    const { message, subject } = opened;
    const wanted = { place: reading.place, message, subject };
    return goTo(`/cases/${id}#message`, await askSecond(page, wanted, reason.id));
  }
  await noteView(page, lookOf(reading), 'reason', reason.id);
  const { claimMinutes: minutes } = casework(page, opened);
  if (page.may('claim', opened.subject).allowed) {
    const claim = { caseId: id, officer: page.officer.id, at: page.at, minutes };
    await transaction(page.services.road.db, (tx) => claimCase(tx, claim));
  }
  return goTo(`/cases/${id}#message`);
}

function casework(page: Page, { found }: OpenedCase) {
  const council = page.services.road.policy().councils.get(found.council);
  if (!council) throw notFound();
  return council.settings.casework;
}

const REASON_FIRST = 'Say why you need to read it first.';
const CONFIRM_FIRST = 'Confirm that you need the file itself.';

async function html(page: Page) {
  const id = page.params['id'] ?? '';
  const opened = await openedCase(page, id);
  page.require('view-content', opened.subject);
  const reading = await readingOf(page, opened);
  const { reason } = reading;
  if (reason === null) return goTo(`/cases/${id}`, REASON_FIRST);
  const body = await harmlessHtml(page, opened.message);
  if (body === null) throw notFound();
  await noteView(page, lookOf(reading), 'html', reason);
  return { kind: 'frame', body } as const;
}

async function download(page: Page) {
  const id = page.params['id'] ?? '';
  const opened = await openedCase(page, id);
  page.require('download', opened.subject);
  const reading = await readingOf(page, opened);
  const { reason } = reading;
  if (reason === null) return goTo(`/cases/${id}`, REASON_FIRST);
  const file = await attachmentFile(page, opened.message, lookOf(reading), reason);
  return file ?? goTo(`/cases/${id}#attachments`, CONFIRM_FIRST);
}

export const CASE: readonly Route[] = [
  { method: 'GET', path: '/cases/:id', title: 'Case', access: allowedTo('list'), handle: show },
  {
    method: 'POST',
    path: '/cases/:id/read',
    title: 'Read',
    access: allowedTo('view-content'),
    handle: read,
  },
  {
    method: 'GET',
    path: '/cases/:id/html',
    title: 'Message',
    access: allowedTo('view-content'),
    handle: html,
  },
  {
    method: 'POST',
    path: '/cases/:id/attachments/:number',
    title: 'Attachment',
    access: allowedTo('download'),
    handle: download,
  },
];

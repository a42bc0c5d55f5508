import { z } from 'zod';
import type { DecisionAction } from '../../pipeline/review.ts';
import { claimCase, markRead } from '../../store/case-work.ts';
import { transaction } from '../../store/connect.ts';
import { openedCase, type OpenedCase } from '../case-subject.ts';
import { resultWords } from '../case-results.ts';
import { caseSentence, officerNames } from '../case-words.ts';
import { allowedTo, goTo, Problem, view, type Page, type Route } from '../route.ts';
import { caseworkOf, decideOne, isRefusing, reasonText } from './case-decide.ts';

/** Cases of one go: each is decided by itself, and has a result of its own. */
const AT_ONCE = 100;

const ACTIONS = ['release', 'reject', 'claim', 'read'] as const;
type BulkAction = (typeof ACTIONS)[number];

const ids = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .pipe(z.array(z.string().max(40)).min(1).max(AT_ONCE));
const CHOICE = z.object({ cases: ids, action: z.enum(ACTIONS) });
const DECISION = CHOICE.extend({
  reason: z.string().max(60).default(''),
  words: z.string().trim().max(2000).optional(),
});

const TITLES: Record<BulkAction, string> = {
  release: 'Release these messages?',
  reject: 'Refuse these messages?',
  claim: 'Take these cases?',
  read: 'Mark these cases as read?',
};
const BUTTONS: Record<BulkAction, string> = {
  release: 'Release them',
  reject: 'Refuse them',
  claim: 'Take them',
  read: 'Mark them as read',
};

/** Nothing is done yet: what was chosen is shown again, with the reason to give. */
async function confirm(page: Page) {
  const form = page.form(CHOICE);
  if (!form.ok) return goTo('/cases', `Choose cases first, at most ${AT_ONCE} at once.`);
  return view('bulk', await confirmation(page, form.value));
}

async function confirmation(page: Page, { cases, action }: z.output<typeof CHOICE>) {
  const opened = await openedOnes(page, cases);
  const council = opened[0]?.found.council;
  const use = isDecision(action) ? action : null;
  const reasons = council && use ? caseworkOf(page, council).reasons : [];
  return {
    title: TITLES[action],
    button: BUTTONS[action],
    action,
    needsReason: use !== null,
    reasons: reasons.filter((each) => use !== null && each.for.includes(use)),
    items: opened.map(({ found, message }) => ({
      id: found.id,
      words: caseSentence(page.services.road.policy(), found.rule),
      recipients: message.recipients.filter(({ status }) => status === 'held').length,
    })),
  };
}

function isDecision(action: BulkAction): action is 'release' | 'reject' {
  return action === 'release' || action === 'reject';
}

async function openedOnes(page: Page, cases: string[]): Promise<OpenedCase[]> {
  const opened: OpenedCase[] = [];
  for (const id of new Set(cases)) {
    try {
      opened.push(await openedCase(page, id));
    } catch (error) {
      // What this officer may not see is not there, for them.
      if (!(error instanceof Problem)) throw error;
    }
  }
  return opened;
}

/** Each case by itself: one that fails leaves the others alone, and says why. */
async function act(page: Page) {
  const form = page.form(DECISION);
  if (!form.ok) return goTo('/cases', 'Choose cases first.');
  const { action, reason: code, words } = form.value;
  const opened = await openedOnes(page, form.value.cases);
  const council = opened[0]?.found.council;
  const reasons = council ? caseworkOf(page, council).reasons : [];
  const reason = reasons.find(
    (each) => isDecision(action) && each.id === code && each.for.includes(action),
  );
  if (isDecision(action) && !reason) {
    const errors = {
      list: [{ text: 'Choose a reason', href: '#reason' }],
      fields: { reason: { text: 'Choose a reason' } },
    };
    return view('bulk', { ...(await confirmation(page, form.value)), errors }, 400);
  }
  const results = [];
  for (const each of opened) {
    const result = await actOn(page, each, action, code, reasonText(reason, words));
    results.push({
      ...result,
      id: each.found.id,
      words: caseSentence(page.services.road.policy(), each.found.rule),
    });
  }
  const done = results.filter(({ isDone }) => isDone).length;
  return view('bulk-results', { title: 'What was done', results, done });
}

async function actOn(
  page: Page,
  opened: OpenedCase,
  action: BulkAction,
  reasonCode: string,
  reason: string,
): Promise<{ isDone: boolean; text: string }> {
  const { db } = page.services.road;
  const { found, subject, message } = opened;
  const { officer, at } = page;
  try {
    if (action === 'read') {
      await markRead(db, { caseIds: [found.id], officer: officer.id, at, read: true });
      return { isDone: true, text: 'Marked as read.' };
    }
    if (action === 'claim') {
      page.require('claim', subject);
      const { claimMinutes: minutes } = caseworkOf(page, found.council);
      const claim = { caseId: found.id, officer: officer.id, at, minutes };
      const { kind } = await transaction(db, (tx) => claimCase(tx, claim));
      const isDone = kind === 'claimed';
      return { isDone, text: isDone ? 'You have it.' : 'Another officer has it, or it is closed.' };
    }
    const recipients = message.recipients.filter(({ status }) => status === 'held');
    const wanted: DecisionAction = isRefusing(action) ? 'reject' : 'release';
    const given = { recipients: recipients.map(({ id }) => id), reasonCode, reason };
    const result = await decideOne(page, opened, wanted, given);
    const names = await officerNames(db, 'by' in result ? [result.by] : []);
    const isDone = result.kind === 'done' || result.kind === 'proposed';
    return { isDone, text: resultWords(wanted, result, { names, officer: officer.id }) };
  } catch (error) {
    if (error instanceof Problem) return { isDone: false, text: error.advice };
    page.services.road.log.fault('bulk', error, { case: found.id });
    return { isDone: false, text: 'Something went wrong here. Nothing of it was changed.' };
  }
}

export const CASE_BULK: readonly Route[] = [
  {
    method: 'POST',
    path: '/cases/bulk',
    title: 'Several cases',
    access: allowedTo('list'),
    handle: confirm,
  },
  {
    method: 'POST',
    path: '/cases/bulk/act',
    title: 'What was done',
    access: allowedTo('list'),
    handle: act,
  },
];

import { z } from 'zod';
import { askSender, type AskResult } from '../../pipeline/ask-sender.ts';
import { alert, reviewRoad } from '../../pipeline/case-clock.ts';
import {
  decideCase,
  DECISIONS,
  undoDecision,
  type DecisionAction,
  type ReviewResult,
} from '../../pipeline/review.ts';
import type { CaseReason, Casework } from '../../policy/casework.ts';
import { ROLES } from '../../policy/policy.ts';
import {
  addNote,
  assignCase,
  claimCase,
  escalateCase,
  setUrgent,
  unclaimCase,
} from '../../store/case-work.ts';
import { findOfficer } from '../../store/officers.ts';
import { revokeStatusLinks } from '../../store/status-links.ts';
import { transaction, type Db } from '../../store/connect.ts';
import { mayWorkOn, openedCase, type OpenedCase } from '../case-subject.ts';
import { resultWords } from '../case-results.ts';
import { officerNames } from '../case-words.ts';
import { allowedTo, formErrors, goTo, notFound, view, type Page, type Route } from '../route.ts';
import { caseData } from './case.ts';

const optionalText = z.string().trim().max(2000).optional();
const requestId = z.uuid().optional().catch(undefined);

const DECISION_FORM = z.object({
  decision: z.enum([...DECISIONS, 'each'], { error: 'Choose what happens' }),
  releaseReason: optionalText,
  refuseReason: optionalText,
  words: optionalText,
  requestId,
});

/** The council's own settings of casework. */
export function caseworkOf(page: Page, council: string): Casework {
  const found = page.services.road.policy().councils.get(council);
  if (!found) throw notFound();
  return found.settings.casework;
}

export function isRefusing(action: DecisionAction): boolean {
  return action === 'reject' || action === 'return-for-pgp';
}

/** The reason's sentence and the officer's own words, as the sender reads them. */
export function reasonText(reason: CaseReason | undefined, words: string | undefined): string {
  return [reason?.text, words].filter((each) => each !== undefined && each !== '').join(' ');
}

/** One decision on some recipients, with everything that the matrix asks for. */
export async function decideOne(
  page: Page,
  opened: OpenedCase,
  action: DecisionAction,
  given: { recipients: number[]; reasonCode: string; reason: string; requestId?: string },
): Promise<ReviewResult> {
  const { found, subject } = opened;
  const { needs } = page.require(action, subject);
  const result = await decideCase(reviewRoad(page.services.road), action, {
    caseId: found.id,
    officer: page.officer.id,
    needsSecond: needs.includes('second-officer'),
    ...given,
  });
  if (result.kind === 'done') await page.services.road.queues.wake('deliver', [result.queueId]);
  return result;
}

type Chosen = { action: DecisionAction; recipients: number[] };

async function decide(page: Page) {
  const id = page.params['id'] ?? '';
  const opened = await openedCase(page, id);
  const form = page.form(DECISION_FORM);
  if (!form.ok) return again(page, opened, form.errors.fields);
  const { decision, words } = form.value;
  const body = page.request.body as Record<string, unknown>;
  const chosen = chosenIn(opened, decision, body);
  if (chosen.length === 0) {
    return again(page, opened, { decision: { text: 'Choose what happens to at least one' } });
  }
  const { reasons } = caseworkOf(page, opened.found.council);
  const lines: string[] = [];
  for (const { action } of chosen) page.require(action, opened.subject);
  const withReasons = chosen.map(({ action, recipients }) => {
    const field = isRefusing(action) ? 'refuseReason' : 'releaseReason';
    const use = action === 'return-for-pgp' || action === 'reject' ? action : 'release';
    const code = form.value[field];
    const reason = reasons.find((each) => each.id === code && each.for.includes(use));
    return { action, recipients, reason, field };
  });
  const lacking = withReasons.find(({ reason }) => reason === undefined);
  if (lacking) return again(page, opened, { [lacking.field]: { text: 'Choose a reason' } });
  for (const { action, recipients, reason } of withReasons) {
    const result = await decideOne(page, opened, action, {
      recipients,
      reasonCode: reason?.id ?? '',
      reason: reasonText(reason, words),
      ...(chosen.length === 1 && form.value.requestId && { requestId: form.value.requestId }),
    });
    lines.push(await wordsFor(page, action, result));
  }
  return goTo(`/cases/${id}`, lines.join(' '));
}

async function wordsFor(page: Page, action: DecisionAction, result: ReviewResult) {
  const ids = 'by' in result ? [result.by] : [];
  const names = await officerNames(page.services.road.db, ids);
  return resultWords(action, result, { names, officer: page.officer.id });
}

/** What was chosen for whom: the same for all, or for each recipient by itself. */
function chosenIn(
  { message, found }: OpenedCase,
  decision: DecisionAction | 'each',
  body: Record<string, unknown>,
): Chosen[] {
  const status = found.kind === 'hold' ? 'held' : 'diverted';
  const waiting = message.recipients.filter((each) => each.status === status);
  if (decision !== 'each') {
    // Also where nothing waits: whoever comes second is told who was first.
    const all = waiting.length > 0 ? waiting : message.recipients.filter(({ gate }) => gate);
    return [{ action: decision, recipients: all.map(({ id }) => id) }];
  }
  return DECISIONS.flatMap((action) => {
    const recipients = waiting.filter(({ id }) => body[`recipient-${id}`] === action);
    return recipients.length > 0 ? [{ action, recipients: recipients.map(({ id }) => id) }] : [];
  });
}

/** The case page again, with what is missing. */
async function again(page: Page, opened: OpenedCase, fields: Record<string, { text: string }>) {
  const texts = Object.entries(fields).map(([name, { text }]) => [name, text]);
  const errors = formErrors(Object.fromEntries(texts) as Record<string, string>);
  const entered = page.request.body as Record<string, unknown>;
  return view('case', { ...(await caseData(page, opened)), errors, entered }, 400);
}

async function undo(page: Page) {
  const id = page.params['id'] ?? '';
  const opened = await openedCase(page, id);
  page.require('reject', opened.subject);
  const road = reviewRoad(page.services.road);
  const result = await undoDecision(road, { caseId: id, officer: page.officer.id });
  const words =
    result.kind === 'undone'
      ? `Taken back. ${result.recipients} recipient(s) wait again, and the sender was not told.`
      : 'The time to take it back is over.';
  return goTo(`/cases/${id}`, words);
}

const ASKED: Record<AskResult['kind'], string> = {
  asked: 'The sender gets your question now. The message waits on.',
  'asked-before': 'A question stands already and is not answered.',
  claimed: 'Another officer works on this case.',
  nobody: 'Nothing waits any more, or nobody is known whom to ask.',
  'no-such-case': 'This case is not there.',
};

async function ask(page: Page) {
  const id = page.params['id'] ?? '';
  const opened = await openedCase(page, id);
  page.require('ask', opened.subject);
  const form = page.form(
    z.object({
      question: z.string().trim().min(1, { error: 'Write the question' }).max(1000),
      requestId,
    }),
  );
  if (!form.ok) return again(page, opened, form.errors.fields);
  const { question } = form.value;
  const road = reviewRoad(page.services.road);
  const result = await askSender(road, { caseId: id, officer: page.officer.id, question });
  return goTo(`/cases/${id}`, ASKED[result.kind]);
}

const WORK_FORM = z.object({
  reason: z.string().trim().max(1000).default(''),
  to: z.string().trim().max(200).default(''),
  requestId,
});
type WorkForm = z.output<typeof WORK_FORM>;

/** Small acts around a decision: one form, one line of the history each. */
function work(
  action: 'claim' | 'note' | 'assign' | 'escalate',
  act: (tx: Db, page: Page, opened: OpenedCase, form: WorkForm) => Promise<string>,
) {
  return async (page: Page) => {
    const id = page.params['id'] ?? '';
    const opened = await openedCase(page, id);
    page.require(action, opened.subject);
    const form = page.form(WORK_FORM);
    if (!form.ok) return again(page, opened, form.errors.fields);
    const { db } = page.services.road;
    const words = await transaction(db, (tx) => act(tx, page, opened, form.value));
    const isStillTheirs = page.may('view-metadata', opened.subject).allowed;
    return goTo(isStillTheirs ? `/cases/${id}` : '/cases', words);
  };
}

function changeOf(page: Page, { found }: OpenedCase, { reason, requestId: request }: WorkForm) {
  const { officer, at } = page;
  return { caseId: found.id, officer: officer.id, at, reason, requestId: request ?? null };
}

const STANDS_SO = 'Nothing changed: it is closed, or stands so already.';

const claim = work('claim', async (tx, page, { found }) => {
  const { claimMinutes: minutes } = caseworkOf(page, found.council);
  const { officer, at } = page;
  const result = await claimCase(tx, { caseId: found.id, officer: officer.id, at, minutes });
  if (result.kind === 'claimed') return `You have this case for ${minutes} minutes.`;
  if (result.kind !== 'taken') return STANDS_SO;
  const names = await officerNames(tx, [result.by]);
  return `${names.get(result.by) ?? result.by} has this case already.`;
});

const unclaim = work('claim', async (tx, page, { found }) => {
  const { officer, at } = page;
  const isBack = await unclaimCase(tx, { caseId: found.id, officer: officer.id, at });
  return isBack ? 'Anybody may take this case now.' : STANDS_SO;
});

const assign = work('assign', async (tx, page, opened, form) => {
  const to = form.to === '' ? page.officer.id : form.to === 'nobody' ? null : form.to;
  const assignee = to === null ? null : await findOfficer(tx, { id: to });
  const isAble = assignee !== null && mayWorkOn(page, assignee, opened.subject);
  if (to !== null && !isAble) return 'Choose an officer who may see this case.';
  const isDone = await assignCase(tx, { ...changeOf(page, opened, form), to });
  return isDone ? 'The case is assigned.' : STANDS_SO;
});

const escalate = work('escalate', async (tx, page, opened, form) => {
  const role = ROLES.find((each) => each === form.to);
  if (!role || form.reason === '') return 'Choose a role, and say why.';
  const isDone = await escalateCase(tx, { ...changeOf(page, opened, form), role });
  return isDone ? 'The case is handed on.' : STANDS_SO;
});

const urgent = work('note', async (tx, page, opened, form) => {
  const { found } = opened;
  const isSet = found.urgentAt === null;
  if (isSet && form.reason === '') return 'Say why it is urgent.';
  const change = { ...changeOf(page, opened, form), reason: isSet ? form.reason : null };
  if (!(await setUrgent(tx, change))) return STANDS_SO;
  if (!isSet) return 'It is no longer marked urgent.';
  await alert(page.services.road, tx, found, 'urgent', found.role);
  return 'It stands first now, and the officers are told.';
});

const note = work('note', async (tx, page, opened, form) => {
  if (form.reason === '') return 'Write something down first.';
  await addNote(tx, changeOf(page, opened, form));
  return 'Noted.';
});

async function endLinks(page: Page) {
  const id = page.params['id'] ?? '';
  const { subject, message } = await openedCase(page, id);
  page.require('note', subject);
  const { queueId } = message;
  const ended = { queueId, actor: page.officer.id, at: page.at };
  const count = await revokeStatusLinks(page.services.road.db, ended);
  const words = count === 0 ? 'No link worked any more.' : 'The links in its notices are ended.';
  return goTo(`/cases/${id}`, words);
}

const post = (
  path: string,
  title: string,
  action: Parameters<typeof allowedTo>[0],
  handle: Route['handle'],
): Route => ({
  method: 'POST',
  path: `/cases/:id/${path}`,
  title,
  access: allowedTo(action),
  handle,
});

export const CASE_DECIDE: readonly Route[] = [
  post('decide', 'Decide', 'list', decide),
  post('undo', 'Take back', 'reject', undo),
  post('ask', 'Ask the sender', 'ask', ask),
  post('claim', 'Take', 'claim', claim),
  post('unclaim', 'Give back', 'claim', unclaim),
  post('assign', 'Assign', 'assign', assign),
  post('escalate', 'Hand on', 'escalate', escalate),
  post('urgent', 'Urgent', 'note', urgent),
  post('note', 'Note', 'note', note),
  post('end-links', 'End links', 'note', endLinks),
];

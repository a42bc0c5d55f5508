import type { Page } from 'playwright-core';
import { sealAudit } from '../../src/store/audit.ts';
import type { ConsoleWorld } from './console-world.ts';
import { closedHolds } from './figures-record.ts';
import { heldCase, LEAFLET } from './held-case.ts';
import { sendForm } from './in-browser.ts';
import { SAMPLES } from './samples.ts';
import type { State } from './states.ts';

// The states of the pages about cases and about the record, for states.ts.

const DAY = 86_400_000;
const REVIEWER = 'monitoring-officer';

const WITH_ATTACHMENT = [
  'From: Vera Lamb <cllr.vera.lamb@merebrook.gov.uk>',
  'To: ann@plain.example',
  'Subject: Thursday',
  'Date: Thu, 26 Nov 2026 09:00:00 +0000',
  'Message-ID: <states@merebrook.gov.uk>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  `<h1>Thursday</h1><p>${LEAFLET}</p>`,
  '--b',
  'Content-Type: text/plain; name="leaflet.txt"',
  'Content-Disposition: attachment; filename="leaflet.txt"',
  '',
  LEAFLET,
  '--b--',
  '',
].join('\r\n');

/** The page of a new case, after these forms of it. */
const ofCase =
  (...forms: [act: string, fields?: Record<string, string>][]) =>
  async (page: Page, world: ConsoleWorld): Promise<void> => {
    const { caseId } = await heldCase(world);
    await page.goto(`/cases/${caseId}`);
    for (const [act, fields] of forms) await sendForm(page, `/cases/${caseId}/${act}`, fields);
  };

/** A full queue: one case of each kind, and many others. */
async function busyQueue(page: Page, world: ConsoleWorld): Promise<void> {
  const made: string[] = [];
  for (let n = 0; n < 26; n += 1) {
    made.push((await heldCase(world, { subject: `Leaf ${n}` })).caseId);
  }
  const [urgent = '', mine = '', theirs = '', old = '', asked = '', second = ''] = made;
  const { db, clock } = world.gateway.road;
  const soon = new Date(clock().getTime() + 600_000);
  const past = new Date(clock().getTime() - 2 * DAY);
  await page.goto(`/cases/${urgent}`);
  await sendForm(page, `/cases/${urgent}/urgent`, { reason: 'The meeting is tonight' });
  await sendForm(page, `/cases/${mine}/claim`);
  await db`update cases set claimed_by = 'omar', claimed_until = ${soon} where id = ${theirs}`;
  await db`update cases set due_at = ${past} where id = ${old}`;
  await db`update cases set asked_at = ${past} where id = ${asked}`;
  await db`update cases set four_eyes = true, marking = 'OFFICIAL-SENSITIVE' where id = ${second}`;
  await page.goto('/cases');
  await sendForm(page, '/cases/views', { name: 'What waits for me', words: 'leaf' });
  await page.goto('/cases');
}

async function secondOfficer(page: Page, world: ConsoleWorld): Promise<void> {
  const { caseId } = await heldCase(world);
  const { db } = world.gateway.road;
  await db`update cases set four_eyes = true, privileged = true where id = ${caseId}`;
  await page.goto(`/cases/${caseId}`);
  await sendForm(page, `/cases/${caseId}/note`, { reason: 'Rang her; she is out until noon.' });
  const release = { decision: 'release', releaseReason: 'casework' };
  await sendForm(page, `/cases/${caseId}/decide`, release);
}

/** Two cases in one go, of which somebody else has one. */
const bulk =
  (path: string, fields: Record<string, string>) =>
  async (page: Page, world: ConsoleWorld): Promise<void> => {
    const [one, two] = [await heldCase(world), await heldCase(world)];
    const { db, clock } = world.gateway.road;
    const soon = new Date(clock().getTime() + 600_000);
    await db`update cases set claimed_by = 'omar', claimed_until = ${soon} where id = ${two.caseId}`;
    await page.goto('/cases');
    await sendForm(page, path, { ...fields, cases: [one.caseId, two.caseId] });
  };

export const CASE_STATES: State[] = [
  {
    name: 'cases, of which none fit',
    who: REVIEWER,
    reach: (page) => page.goto('/cases?words=nothing-has-these-words'),
    shows: 'Nothing fits',
  },
  {
    name: 'more cases than a page holds, of every kind',
    who: REVIEWER,
    reach: busyQueue,
    shows: 'Next page',
    isWideToo: true,
  },
  {
    name: 'a case that was read, with its layout and an attachment',
    who: REVIEWER,
    reach: async (page, world) => {
      const { caseId } = await heldCase(world, { raw: WITH_ATTACHMENT });
      await page.goto(`/cases/${caseId}`);
      await page.getByRole('button', { name: 'Read the message' }).click();
    },
    shows: 'Download it all the same',
    isWideToo: true,
  },
  {
    name: 'a case that is refused, while the refusal can be taken back',
    who: REVIEWER,
    reach: ofCase(['decide', { decision: 'reject', refuseReason: 'campaign' }]),
    shows: 'Take the refusal back',
    isWideToo: true,
  },
  {
    name: 'a refusal without a reason',
    who: REVIEWER,
    reach: ofCase(['decide', { decision: 'reject' }]),
    shows: 'There is a problem',
    isWideToo: true,
  },
  {
    name: 'a case whose sender is asked, and that is urgent',
    who: REVIEWER,
    reach: ofCase(['urgent', { reason: 'Tonight' }], ['ask', { question: 'For whom is it?' }]),
    shows: 'The sender was asked',
  },
  {
    name: 'a case that waits for a second officer',
    who: REVIEWER,
    reach: secondOfficer,
    shows: 'A second officer must decide the same',
  },
  ...['release', 'reject', 'claim', 'read'].map((action) => ({
    name: `several cases, before “${action}”`,
    who: REVIEWER,
    reach: bulk('/cases/bulk', { action }),
    shows: 'Do nothing',
  })),
  {
    name: 'several cases, without a reason',
    who: REVIEWER,
    reach: bulk('/cases/bulk/act', { action: 'reject' }),
    shows: 'There is a problem',
  },
  {
    name: 'several cases, after a refusal',
    who: REVIEWER,
    reach: bulk('/cases/bulk/act', { action: 'reject', reason: 'campaign' }),
    shows: '1 of 2 done',
    isWideToo: true,
  },
];

const sent =
  (path: string, fields: Record<string, string> = {}): State['reach'] =>
  async (page) => {
    await page.goto(path.replace('/verify', ''));
    await sendForm(page, path, fields);
  };

/** Five weeks of holds, so that every chart has something that may be shown. */
async function figures(page: Page, { gateway }: ConsoleWorld): Promise<void> {
  const { db, clock } = gateway.road;
  for (let week = 1; week < 6; week += 1) {
    const opened = new Date(clock().getTime() - week * 7 * DAY).toISOString();
    await closedHolds(db, { rule: 'mass-mailing', count: 5 * week, opened, action: 'release' });
    await closedHolds(db, { rule: 'commercial-use', count: 30 - week, opened, action: 'reject' });
  }
  await page.goto('/figures');
}

export const RECORD_STATES: State[] = [
  {
    name: 'a search that finds',
    who: REVIEWER,
    reach: sent('/search', { recipient: 'plain' }),
    shows: 'messages',
    isWideToo: true,
  },
  {
    name: 'a search that finds nothing',
    who: REVIEWER,
    reach: sent('/search', { recipient: 'nobody-there' }),
    shows: 'Nothing fits that you may see',
  },
  {
    name: 'a search by a day that is none',
    who: REVIEWER,
    reach: sent('/search', { from: 'yesterday' }),
    shows: 'There is a problem',
  },
  {
    name: 'a message that was asked after',
    who: 'ict',
    reach: async (page, world) => {
      const { queueId: clue } = await heldCase(world);
      await sent('/trace', { ticket: 'INC-1', clue })(page, world);
    },
    shows: 'What happened',
    isWideToo: true,
  },
  {
    name: 'several messages that may be it',
    who: 'ict',
    reach: sent('/trace', { ticket: 'INC-1', clue: 'ann@plain.example' }),
    shows: 'messages fit',
    isWideToo: true,
  },
  {
    name: 'no message that may be it',
    who: 'ict',
    reach: sent('/trace', { ticket: 'INC-1', clue: 'nobody@nowhere.example' }),
    shows: 'There is a problem',
  },
  {
    name: 'a message of an investigation, read',
    who: (world) => world.signedIn('merebrook:investigator'),
    reach: async (page, world) => {
      const { own } = await SAMPLES['/messages/:id']!(world);
      await page.goto(own);
      await sendForm(page, `${own}/read`);
    },
    shows: 'What happened so far',
  },
  {
    name: 'the rows of a message',
    who: 'internal-audit',
    reach: async (page, world) => {
      const { queueId } = await heldCase(world);
      const { db, auditKey, clock } = world.gateway.road;
      await sealAudit(db, auditKey, clock());
      await page.goto(`/audit?find=${queueId}`);
    },
    shows: 'Newest batches',
    isWideToo: true,
  },
  {
    name: 'a trail that is whole',
    who: 'internal-audit',
    reach: sent('/audit/verify'),
    shows: 'Whole',
  },
  {
    name: 'a trail without the batch that was noted',
    who: 'internal-audit',
    reach: sent('/audit/verify', { batch: '1', hash: 'ab'.repeat(32) }),
    shows: 'Does not verify',
  },
  {
    name: 'half of a batch to compare with',
    who: 'internal-audit',
    reach: sent('/audit/verify', { batch: '1' }),
    shows: 'There is a problem',
  },
  {
    name: 'figures of five weeks',
    who: 'internal-audit',
    reach: figures,
    shows: 'The numbers',
    isWideToo: true,
  },
];

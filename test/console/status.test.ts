import { text as textOf } from 'node:stream/consumers';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askSender } from '../../src/pipeline/ask-sender.ts';
import { reviewRoad } from '../../src/pipeline/case-clock.ts';
import { writeNotice } from '../../src/pipeline/notify.ts';
import { decideCase } from '../../src/pipeline/review.ts';
import { eraseMessage } from '../../src/store/erasure.ts';
import { loadCase } from '../../src/store/cases.ts';
import { transaction } from '../../src/store/connect.ts';
import { loadMessage } from '../../src/store/messages.ts';
import { pendingNotices } from '../../src/store/outbox.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase, LEAFLET } from './held-case.ts';
import type { Visitor } from './visitor.ts';

// The sender's own page, by the link in a real notice.

/** What browsers would call it, before a proxy with TLS. */
const CONSOLE = 'https://review.merebrook.test';

let world: ConsoleWorld;
/** Minutes that the test has let pass. */
let passed = 0;
let caseId: string;
let queueId: string;
let link: string;
let visitor: Visitor;

beforeAll(async () => {
  const clock = () => new Date(Date.now() + passed * 60_000);
  world = await consoleWorld({ clock });
});
afterAll(() => world?.close());

beforeEach(async () => {
  // Notices to one person are so many an hour.
  passed += 61;
  ({ caseId, queueId } = await heldCase(world, {
    to: ['canary.one@canary-two.example', 'canary.three@canary-four.example'],
    subject: 'Canary five',
    text: `${LEAFLET} canary six`,
  }));
  link = linkIn(await noticeOf('held'));
  visitor = world.visitor();
});

const road = () => world.gateway.road;

/** The notice of the kind about the message, written by the real road, as it lies in the spool. */
async function noticeOf(kind: string): Promise<string> {
  const { db, spool, clock } = road();
  for (const id of await pendingNotices(db, { settledBefore: clock(), limit: 100 })) {
    await writeNotice({ ...road(), consoleUrl: CONSOLE }, id);
  }
  const [row] = await db<{ id: string }[]>`
    select id from outbox where queue_id = ${queueId} and kind = ${kind} order by id desc limit 1`;
  const notice = await loadMessage(db, row?.id ?? '');
  if (!notice?.wrappedKey) throw new Error(`No notice "${kind}"`);
  return textOf(spool.read(notice.queueId, notice.wrappedKey));
}

function linkIn(notice: string): string {
  const plain = notice.replaceAll(/=\r\n/g, '').replaceAll('=3D', '=');
  const found = [...plain.matchAll(/https:\/\/review\.merebrook\.test(\/m\/[\w-]{43})/g)];
  const paths = new Set(found.map(([, path]) => path));
  // Once in the text, once in the HTML.
  expect(found.length).toBeGreaterThanOrEqual(2);
  expect(paths.size).toBe(1);
  return [...paths][0] ?? '';
}

const statuses = async () =>
  (await loadMessage(road().db, queueId))?.recipients.map(({ status }) => status);
const actions = async () => (await loadCase(road().db, caseId))?.actions ?? [];
const auditRows = async () => {
  const [row] = await road().db<{ count: number }[]>`select count(*)::int as count from audit`;
  return row?.count;
};

describe('the page behind the link of a notice', () => {
  it('shows where the message is, and nothing of who, what or why', async () => {
    const { text, status, headers } = await visitor.get(link);
    expect(status).toBe(200);
    expect(text).toContain('Recipient 1: waiting for an officer');
    expect(text).toContain('Recipient 2: waiting for an officer');
    const found = await loadCase(road().db, caseId);
    expect(found?.section).toBeTruthy();
    for (const secret of [found?.section, found?.document, found?.reason, found?.rule]) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/canary|lamb|labour|thursday|promoted|political|clause/i);
    const { contacts } = road().policy().councils.get('merebrook')!.settings;
    expect(text).toContain(contacts[0]?.text);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-robots-tag')).toContain('noindex');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('changes nothing when it is looked at', async () => {
    const before = [await auditRows(), await statuses(), await actions()];
    await visitor.get(link);
    for (const act of ['answer', 'appeal', 'withdraw', 'send', 'close']) {
      expect((await visitor.get(`${link}/${act}`)).status).toBe(405);
    }
    expect([await auditRows(), await statuses(), await actions()]).toEqual(before);
  });

  it('is the same missing page for unknown, expired and revoked links', async () => {
    const unknown = await visitor.get(`/m/${'A'.repeat(43)}`);
    expect(unknown.status).toBe(404);
    const plain = ({ text }: { text: string }) =>
      text.replaceAll(/nonce="\w+"|name="_token" value="[^"]+"/g, '');
    await visitor.get(link);
    const closed = await visitor.post(`${link}/close`, {});
    expect(closed.text).toContain('The links are closed');
    const revoked = await visitor.get(link);
    expect([revoked.status, plain(revoked)]).toEqual([404, plain(unknown)]);
    expect((await visitor.post(`${link}/withdraw`, { sure: 'yes' })).status).toBe(404);
    ({ queueId, caseId } = await heldCase(world));
    const other = linkIn(await noticeOf('held'));
    expect((await visitor.get(other)).status).toBe(200);
    passed += 30 * 24 * 60;
    const expired = await visitor.get(other);
    expect([expired.status, plain(expired)]).toEqual([404, plain(unknown)]);
    expect(await statuses()).toEqual(['held', 'held']);
  });

  it('takes a message back once, however often the form is sent', async () => {
    await visitor.get(link);
    expect((await visitor.post(`${link}/withdraw`, {})).status).toBe(400);
    expect(await statuses()).toEqual(['held', 'held']);
    const answers = await Promise.all([
      visitor.post(`${link}/withdraw`, { sure: 'yes' }),
      visitor.post(`${link}/withdraw`, { sure: 'yes' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(await statuses()).toEqual(['withdrawn', 'withdrawn']);
    expect((await actions()).filter(({ action }) => action === 'withdraw')).toHaveLength(1);
    expect((await visitor.get(link)).text).toContain('Recipient 1: taken back by the sender');
  });

  it('shows the officer’s question, and gives the answer to the officer once', async () => {
    const question = 'Is it for the parish only?';
    const request = { caseId, officer: 'helen', question };
    expect((await askSender(reviewRoad(road()), request)).kind).toBe('asked');
    const asked = linkIn(await noticeOf('question'));
    expect((await visitor.get(asked)).text).toContain(question);
    expect((await visitor.post(`${asked}/answer`, { answer: ' ' })).status).toBe(400);
    const form = { answer: 'Yes, only.', requestId: randomUUID() };
    await visitor.post(`${asked}/answer`, form);
    await visitor.post(`${asked}/answer`, form);
    const answers = (await actions()).filter(({ action }) => action === 'answer');
    expect(answers).toMatchObject([{ reason: 'Yes, only.', officer: 'sender' }]);
    expect((await visitor.get(asked)).text).not.toContain(question);
    const rows = await road().db<{ data: unknown }[]>`
      select data from audit where queue_id = ${queueId} and event = 'case-action'`;
    expect(JSON.stringify(rows)).toContain('answer');
    expect(JSON.stringify(rows)).not.toContain('only');
  });

  it('asks for a second look at what was refused, and tells the officers', async () => {
    const { recipients } = (await loadMessage(road().db, queueId))!;
    await decideCase(reviewRoad(road()), 'reject', {
      caseId,
      recipients: recipients.map(({ id }) => id),
      officer: 'helen',
      reason: 'Because',
    });
    const { text } = await visitor.get(link);
    expect(text).toContain('Recipient 1: not sent');
    expect(text).not.toContain('Take it back');
    const form = { appeal: 'It was last year.', requestId: randomUUID() };
    await visitor.post(`${link}/appeal`, form);
    await visitor.post(`${link}/appeal`, form);
    expect((await actions()).filter(({ action }) => action === 'appeal')).toHaveLength(1);
    const alerts = await road().db`
      select kind from officer_alerts where case_id = ${caseId} and kind = 'appeal'`;
    expect(alerts).toHaveLength(1);
  });

  it('lets the sender end a cooling-off that is over, and no other hold', async () => {
    expect((await visitor.get(link)).text).not.toContain('Send it now');
    await visitor.post(`${link}/send`, {});
    expect(await statuses()).toEqual(['held', 'held']);
    const until = new Date(road().clock().getTime() - 1000);
    await road().db`update cases set sender_may_release_at = ${until} where id = ${caseId}`;
    expect((await visitor.get(link)).text).toContain('Send it now');
    await visitor.post(`${link}/send`, {});
    await visitor.post(`${link}/send`, {});
    expect(await statuses()).toEqual(['queued', 'queued']);
    expect((await actions()).map(({ action }) => action)).toEqual(['end']);
  });

  it('is erased with the message', async () => {
    const at = road().clock();
    await road().db`update messages set erase_after = ${at} where queue_id = ${queueId}`;
    expect(await transaction(road().db, (tx) => eraseMessage(tx, queueId, at))).toBe('erased');
    expect((await visitor.get(link)).status).toBe(404);
    const left = await road().db`select 1 from status_links where queue_id = ${queueId}`;
    expect(left).toHaveLength(0);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIT_EVENTS, rowWords } from '../../src/console/audit-words.ts';
import { appendAudit, sealAudit } from '../../src/store/audit.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase } from './held-case.ts';
import { MEMBER } from '../support/gateway.ts';
import type { Visitor } from './visitor.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
/** Where a row's kind stands in the source: after the column list, or as a field of a row. */
const WRITTEN = [
  /insert into audit \(event[^)]*\)\s+(?:values \(|select )'([a-z-]+)'/g,
  /(?:appendAudit|changeStatus|raiseProtection)\([^;]*?\bevent: '([a-z-]+)'/g,
  /(?:noteSignIn\(\w+|note\(\w+, \w+), '([a-z-]+)'/g,
  /(?:const event =|noteRole\([^;]*?|event: \w+ \?|select \$\{[^}]*\?)[^;]*?'([a-z]+-[a-z-]+)'/g,
];

function eventsWritten(folder: string): string[] {
  return readdirSync(path.join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(path.join(SRC, folder, file), 'utf8');
      return WRITTEN.flatMap((pattern) =>
        [...text.matchAll(pattern)].map(([, event = '']) => event),
      );
    });
}

let world: ConsoleWorld;
let auditor: Visitor & { officerId: string };
let queueId = '';
let foreignId = '';

beforeAll(async () => {
  world = await consoleWorld();
  auditor = await world.signedIn('merebrook:internal-audit');
  ({ queueId } = await heldCase(world, { subject: 'Allotments waiting list' }));
  ({ queueId: foreignId } = await heldCase(world, { council: 'havering' }));
  await seal();
});
afterAll(() => world.close());

async function seal(): Promise<void> {
  const { db, auditKey, clock } = world.gateway.road;
  await sealAudit(db, auditKey, clock());
}

async function verified(fields: Record<string, string> = {}) {
  await auditor.get('/audit');
  return auditor.post('/audit/verify', { batch: '', hash: '', ...fields });
}

describe('the words for rows of the trail', () => {
  it('are there for every kind of row that the source writes', () => {
    const written = ['store', 'pipeline', 'console', 'cli', 'retention'].flatMap(eventsWritten);
    expect(written.length).toBeGreaterThan(50);
    expect(written.filter((event) => !(event in AUDIT_EVENTS))).toEqual([]);
  });

  it('lose no fact of a row, and make something of every kind from any facts', () => {
    const names = new Map([['officer-1', 'Ada Ward']]);
    for (const event of new Set(['store', 'pipeline'].flatMap(eventsWritten))) {
      const data = { officer: 'officer-1', rules: ['a', 'b'], recipients: 2, odd: null };
      const row = {
        id: 7,
        at: new Date(0),
        event,
        queueId: null,
        actor: 'clock',
        batchId: 1,
        data,
      };
      const { title, sentence, facts } = rowWords(row, names);
      expect(title).not.toBe('');
      expect(sentence).not.toMatch(/\[object|NaN|undefined/);
      expect(facts.map(({ name, value }) => `${name} ${value}`)).toEqual([
        'row 7',
        `event ${event}`,
        'by clock',
        'officer officer-1',
        'rules a, b',
        'recipients 2',
      ]);
    }
  });
});

describe('the audit page', () => {
  it('finds the rows of a message, without content, and records that it was asked', async () => {
    const { status, text } = await auditor.get(`/audit?find=${queueId.toLowerCase()}`);
    expect(status).toBe(200);
    for (const title of ['Taken over', 'Looked inside', 'Decided by the policy', 'Case opened']) {
      expect(text).toContain(`<strong>${title}</strong>`);
    }
    expect(text).toContain('From a member or the council’s mail system: 2 recipients, 1 KB');
    expect(text).toContain('Waits for an officer, by “Political content”');
    for (const secret of ['Allotments', 'vote Labour', MEMBER, 'ann@plain.example']) {
      expect(text).not.toContain(secret);
    }
    const [row] = await world.gateway.road.db<{ actor: string; data: object }[]>`
      select actor, data from audit where event = 'audit-searched' order by id desc limit 1`;
    expect(row).toEqual({ actor: auditor.officerId, data: { message: queueId, event: null } });
  });

  it('finds rows by event, and those of messages of the own council alone', async () => {
    const { text } = await auditor.get('/audit?event=reception');
    expect(text).toContain(queueId);
    expect(text).not.toContain(foreignId);
    expect((await auditor.get(`/audit?find=${foreignId}`)).text).toContain('>0 rows<');
    const other = await world.signedIn('havering:internal-audit');
    const signIns = await other.get('/audit?event=sign-in');
    expect(signIns.text, 'rows of no message are not only theirs').toContain('>0 rows<');
  });

  it('shows no words that a row should not have', async () => {
    const { db } = world.gateway.road;
    const data = { note: 'the words of a message', rule: 'mass-mailing' };
    await appendAudit(db, { event: 'stray', queueId, actor: 'pipeline', data });
    const { text } = await auditor.get('/audit?event=stray');
    expect(text).toContain('<dt>note</dt> <dd>(not shown)</dd>');
    expect(text).toContain('<dt>rule</dt> <dd>mass-mailing</dd>');
    expect(text).not.toContain('the words of a message');
  });

  it('says what a number looks like where there is none', async () => {
    const { status, text } = await auditor.get('/audit?find=ann%40plain.example');
    expect(status).toBe(422);
    expect(text).toContain('href="#find"');
  });

  it('verifies the trail, and gives a head that it finds again', async () => {
    await seal();
    const first = await verified();
    expect(first.text).toMatch(/govuk-tag--green">\s*Whole/);
    const [, batch = '', hash = ''] =
      /batch <strong>(\d+)<\/strong>, <span class="app-fingerprint">([0-9a-f]{64})/.exec(
        first.text,
      ) ?? [];
    await seal();
    const again = await verified({ batch, hash });
    expect(again.text).toContain('the batch that you noted is among them');
    const other = await verified({ batch, hash: 'ab'.repeat(32) });
    expect(other.text).toContain('Does not verify');
    expect((await verified({ batch, hash: '' })).status).toBe(422);
    expect((await verified({ batch: '', hash })).text).toContain('href="#batch"');
  });

  it('lets nobody verify who audits another council alone', async () => {
    const other = await world.signedIn('havering:internal-audit');
    await other.get('/audit');
    expect((await other.post('/audit/verify', { batch: '', hash: '' })).status).toBe(403);
  });

  it('says which batch was changed behind its back', async () => {
    const { db } = world.gateway.road;
    await db`alter table audit disable trigger audit_append_only`;
    await db`update audit set actor = 'nobody' where queue_id = ${queueId} and event = 'decision'`;
    await db`alter table audit enable trigger audit_append_only`;
    const { text } = await verified();
    expect(text).toMatch(/A row of batch \d+ was changed/);
    expect(text).not.toMatch(/>\s*Whole\s*</);
  });
});

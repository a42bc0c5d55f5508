// `npm run bench:console`: pages of the console over 1,000,000 messages in PostgreSQL, asked for by a signed-in
// officer over HTTP. Prints the median and the 95th percentile of each in milliseconds. The record stays in
// var/bench-console, so that the next run begins at once; remove that folder to fill it anew.
//
// The aim is 200 ms at the 95th percentile. Measured on 26 November 2026 on two processors with nothing else at work:
// queue 38 to 88 ms, live count 22, saved view 49, a case 41, search by words 42 to 71, by recipient 102, one person's
// mail 23 to 124 and with one letter 292 (the only page above the aim), trace 12 to 22, audit 48 to 57, figures of three
// months 51, of a year 100.
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { CONFIG_SCHEMA } from '../../src/config-schema.ts';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { addAccount, newLink } from '../../src/pipeline/officer-accounts.ts';
import { PERSON_ACTIONS } from '../../src/policy/permissions.ts';
import type { Db } from '../../src/store/connect.ts';
import { openInvestigation } from '../../src/store/investigations.ts';
import { createVisitor, type Seen, type Visitor } from '../console/visitor.ts';
import { fillRecord, NOW } from './console-record.ts';

const TARGET_MS = 200;
const RUNS = 30;
const ROOT = path.resolve(import.meta.dirname, '../..');
const POLICIES = path.join(ROOT, 'policies');

const JUNE = { from: '1/6/2026', until: '30/6/2026' };
/** One that waits, and who has sent a sixtieth of all. */
const CASE = `9${'50'.padStart(17, '0')}`;
const MEMBER = 'cllr.5@merebrook.gov.uk';

const config = CONFIG_SCHEMA.parse({
  hostname: 'gate.merebrook.gov.uk',
  stateDir: path.join(ROOT, 'var/bench-console'),
  policy: { dir: POLICIES },
  console: { port: 0, proxies: ['127.0.0.0/8', '::1/128'] },
  http: { port: 0 },
  routes: { merebrook: { inward: { kind: 'smarthost', host: '127.0.0.1', port: 9 } } },
});
const gateway = await startGateway(
  { ...config, databaseUrl: null, redisUrl: null, source: null },
  {
    log: createLog('error'),
    roles: ['console'],
    demo: true,
    clock: () => NOW,
    prepare: (db) => fillRecord(db, POLICIES),
  },
);
try {
  await measureAll(await signIn(gateway));
} finally {
  await gateway.stop();
}

async function signIn({ road, endpoints }: Gateway): Promise<Visitor> {
  const { db, clock, policy, directory } = road;
  const accounts = { db, clock, policy, directory, random: (n: number) => randomBytes(n) };
  const added = await addAccount(accounts, {
    name: 'Bench Officer',
    addresses: [`bench.${randomBytes(4).toString('hex')}@merebrook.gov.uk`],
    roles: (['monitoring-officer', 'internal-audit', 'ict', 'investigator'] as const).map(
      (role) => ({ council: 'merebrook', role }),
    ),
    by: 'bench',
  });
  if (added.kind === 'refused') throw new Error(added.advice);
  await investigate(db, added.officer.id);
  const visitor = createVisitor(endpoints['console'] ?? '');
  const link = `/sign-in/link/${await newLink(accounts, added.officer.id, 'demo')}`;
  await visitor.get(link);
  await visitor.post(link, {});
  return visitor;
}

/** One member's mail of the two years, for the officer to search. */
async function investigate(db: Db, officer: string): Promise<void> {
  const ends = new Date(NOW.getTime() + 86_400_000);
  await openInvestigation(db, {
    id: `I${randomBytes(8).toString('hex')}`,
    council: 'merebrook',
    reference: 'B/1',
    allegation: 'Of the bench',
    authorisedBy: 'somebody else',
    officers: [officer],
    members: [MEMBER],
    actions: [...PERSON_ACTIONS],
    mailFrom: new Date('2024-01-01T00:00:00Z'),
    mailUntil: ends,
    opensAt: NOW,
    endsAt: ends,
    openedBy: 'bench',
    at: NOW,
  });
}

async function measureAll(visitor: Visitor): Promise<void> {
  const get = (address: string) => () => visitor.get(address);
  const search = (fields: Record<string, string>) => () => visitor.post('/search', fields);
  const trace = (clue: string) => () => visitor.post('/trace', { ticket: 'B-1', clue });
  // The forms' token comes from a page, and so does what one may choose.
  const { text: form } = await visitor.get('/search');
  const person = /<option value="(\w+\.[^"]+)"/.exec(form)?.[1] ?? '';
  const view = { name: 'Old mass mailings', rule: 'mass-mailing', age: 'older', unread: '1' };
  const save = () => visitor.post('/cases/views', view);
  const { location: saved } = await save();
  const of = (fields: Record<string, string>) => search({ person, ...fields });
  const pages: [string, () => Promise<Seen>][] = [
    ['queue, first page', get('/cases')],
    ['queue, page 40', get(await deep(visitor, '/cases', 40))],
    ['queue, closed', get('/cases?state=closed')],
    ['queue, closed, page 100', get(await deep(visitor, '/cases?state=closed', 100))],
    ['queue, live count', get('/cases/count')],
    ['queue, by rule', get('/cases?rule=mass-mailing')],
    ['queue, by clause', get('/cases?clause=Protocol+3')],
    ['queue, by domain', get('/cases?domain=charity10.example')],
    ['queue, by age', get('/cases?age=older')],
    ['queue, by assignee', get('/cases?assignee=nobody')],
    ['queue, unread', get('/cases?unread=1')],
    ['queue, a view is saved', save],
    ['queue, a saved view', get(saved ?? '')],
    ['queue, marked unread', () => visitor.post('/cases/mark', { case: CASE, read: 'no' })],
    ['queue, words', get('/cases?words=allot+mill')],
    ['queue, words that stand nowhere', get('/cases?words=zebra')],
    ['a case', get(`/cases/${CASE}`)],
    ['search, subject words', search({ words: 'Allotments Northgate' })],
    ['search, parts of words', search({ words: 'allot north' })],
    ['search, words that stand nowhere', search({ words: 'zebra' })],
    ['search, a word of every subject', search({ words: 'ref' })],
    ['search, a word of one subject', search({ words: 'cee63112' })],
    ['search, one letter', search({ words: 'q' })],
    ['search, marks alone', search({ words: '%_!' })],
    ['search, 300 letters', search({ words: 'x'.repeat(300) })],
    ['search, eight words', search({ words: 'a i o n r e f 1' })],
    ['search, words and recipient', search({ words: 'allot', recipient: 'charity' })],
    ['search, words, days and state', search({ words: 'bins', ...JUNE, state: 'failed' })],
    ['search, one person, words', of({ words: 'Allotments Northgate' })],
    ['search, one person, words that stand nowhere', of({ words: 'zebra' })],
    ['search, one person, a word of every subject', of({ words: 'ref' })],
    ['search, one person, one letter', of({ words: 'q' })],
    ['search, recipient', search({ recipient: 'resident.c4ca423' })],
    ['search, domain of many', search({ recipient: 'charity' })],
    ['search, marks and few letters', search({ recipient: '@b.c.d' })],
    ['search, days and state', search({ ...JUNE, state: 'failed' })],
    ['trace, number', trace('500'.padStart(18, '0'))],
    ['trace, recipient', trace('resident.c4ca423@plain1.example')],
    ['trace, time', trace('20/10/2026 09:30')],
    ['audit', get('/audit')],
    ['audit, event', get('/audit?event=decision')],
    ['audit, message', get(`/audit?find=${'500'.padStart(18, '0')}`)],
    ['figures, three months', get('/figures')],
    ['figures, a year', get('/figures?weeks=52')],
  ];
  let slow = 0;
  for (const [name, ask] of pages) slow += (await measure(name, ask)) > TARGET_MS ? 1 : 0;
  process.stdout.write(`${slow} of ${pages.length} above ${TARGET_MS} ms at the 95th percentile\n`);
}

/** The address of a later page, by following "next". */
async function deep(visitor: Visitor, first: string, page: number): Promise<string> {
  let address = first;
  for (let at = 1; at < page; at += 1) {
    const { text } = await visitor.get(address);
    const next = [...text.matchAll(/href="(\/cases\?[^"]*after=[^"]*)"/g)].at(-1)?.[1];
    if (next === undefined) throw new Error(`${first} has only ${at} pages`);
    address = next.replaceAll('&amp;', '&');
  }
  return address;
}

async function measure(name: string, ask: () => Promise<Seen>): Promise<number> {
  const times: number[] = [];
  let status = 0;
  for (let run = -2; run < RUNS; run += 1) {
    const began = performance.now();
    ({ status } = await ask());
    if (status >= 400) throw new Error(`${name}: the console answered ${status}`);
    if (run >= 0) times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const [median = 0, high = 0] = [0.5, 0.95].map((part) => times[Math.floor(part * RUNS)]);
  const figures = [median, high].map((each) => each.toFixed(0).padStart(6)).join(' ');
  process.stdout.write(`${figures} ms  ${status}  ${name}\n`);
  return high;
}

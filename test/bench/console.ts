// `npm run bench:console`: pages of the console over 1,000,000 messages in PostgreSQL, asked for by a signed-in
// officer over HTTP. Prints the median and the 95th percentile of each in milliseconds. The record stays in
// var/bench-console, so that the next run begins at once; remove that folder to fill it anew.
//
// The aim is 200 ms at the 95th percentile. Measured on 26 November 2026 on two processors with nothing else at
// work, 95th percentile: queue 24 to 66 ms, whatever page, facet or words, a case 26, trace 11 to 12, audit 39 to
// 51, search by recipient, domain, days and state 23 to 109, figures of three months 99. Above it: figures of a year
// 537, and search by words of subjects 1554 to 2497.
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { CONFIG_SCHEMA } from '../../src/config-schema.ts';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { addAccount, newLink } from '../../src/pipeline/officer-accounts.ts';
import { createVisitor, type Seen, type Visitor } from '../console/visitor.ts';
import { fillRecord, NOW } from './console-record.ts';

const TARGET_MS = 200;
const RUNS = 30;
const ROOT = path.resolve(import.meta.dirname, '../..');
const POLICIES = path.join(ROOT, 'policies');

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
    roles: (['monitoring-officer', 'internal-audit', 'ict'] as const).map((role) => ({
      council: 'merebrook',
      role,
    })),
    by: 'bench',
  });
  if (added.kind === 'refused') throw new Error(added.advice);
  const visitor = createVisitor(endpoints['console'] ?? '');
  const link = `/sign-in/link/${await newLink(accounts, added.officer.id, 'demo')}`;
  await visitor.get(link);
  await visitor.post(link, {});
  return visitor;
}

async function measureAll(visitor: Visitor): Promise<void> {
  const get = (address: string) => () => visitor.get(address);
  const search = (fields: Record<string, string>) => () => visitor.post('/search', fields);
  const trace = (clue: string) => () => visitor.post('/trace', { ticket: 'B-1', clue });
  // The forms' token comes from a page.
  await visitor.get('/search');
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
    ['queue, words', get('/cases?words=allot+mill')],
    ['queue, words that stand nowhere', get('/cases?words=zebra')],
    ['a case', get(`/cases/9${'50'.padStart(17, '0')}`)],
    ['search, subject words', search({ words: 'Allotments Northgate' })],
    ['search, parts of words', search({ words: 'allot north' })],
    ['search, words that stand nowhere', search({ words: 'zebra' })],
    ['search, recipient', search({ recipient: 'resident.c4ca423' })],
    ['search, domain of many', search({ recipient: 'charity' })],
    ['search, days and state', search({ from: '1/6/2026', until: '30/6/2026', state: 'failed' })],
    ['trace, number', trace('500'.padStart(18, '0'))],
    ['trace, recipient', trace('resident.c4ca423@charity0.example')],
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
    if (run >= 0) times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const [median = 0, high = 0] = [0.5, 0.95].map((part) => times[Math.floor(part * RUNS)]);
  const figures = [median, high].map((each) => each.toFixed(0).padStart(6)).join(' ');
  process.stdout.write(`${figures} ms  ${status}  ${name}\n`);
  return high;
}

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { CaseMatters } from '../../src/store/case-queue.ts';
import { indexCase, lexemesOf, wordsQuery } from '../../src/store/case-words.ts';
import { openCase } from '../../src/store/cases.ts';
import { transaction } from '../../src/store/connect.ts';
import { eraseMessage } from '../../src/store/erasure.ts';
import type { PersonScope } from '../../src/store/investigations.ts';
import {
  searchRecord,
  type RecordFilter,
  type RecordQuestion,
  type RecordScope,
} from '../../src/store/record-search.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { given, later, newCase, newRecipient, T0 } from './fixtures.ts';

const KEY = Buffer.alloc(32, 7);
const MEMBER = 'cllr.a@merebrook.gov.uk';
const POLITICAL = [{ council: 'merebrook', areas: ['political'], queues: [] }];
const SCOPE: RecordScope = {
  councils: ['merebrook'],
  returningOfficersAt: [],
  matters: POLITICAL,
  contentMatters: POLITICAL,
  ownAddresses: [],
  sealsPrivileged: true,
};
const PERSON: PersonScope = {
  council: 'merebrook',
  addresses: [MEMBER],
  period: { from: later(-60), until: later(60) },
  isReadable: true,
  sealedDomains: ['parliament.uk'],
};

let fresh: FreshDatabase;
beforeEach(async () => {
  await fresh?.drop();
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

async function mail(change: Parameters<typeof given>[1] & { to?: string[] } = {}) {
  const { to = ['ann@plain.example'], ...rest } = change;
  return given(fresh.db, { recipients: to.map((each) => newRecipient(each)), ...rest });
}

async function page(question: RecordQuestion) {
  const answer = await searchRecord(fresh.db, question);
  if (answer === 'too-long') throw new Error('The search took too long');
  return answer;
}

async function found(
  filter: RecordFilter,
  more: { scope?: Partial<RecordScope>; person?: PersonScope | null } = {},
) {
  const { rows } = await page({
    scope: { ...SCOPE, ...more.scope },
    filter,
    person: more.person ?? null,
    limit: 20,
  });
  return rows;
}

interface Whole {
  queueId: string;
  subject: string | null;
  council: string;
  actorAddress: string;
  receivedAt: Date;
  isTeam: boolean;
  to: string;
  cases: { areas: string[]; council: string; parties: string[]; privileged: boolean }[];
  /** The text of one of its cases says it. */
  says: boolean;
}

/** The whole record, the newest first. */
const everything = (contentQuery: string | null) => fresh.db<Whole[]>`
  select m.*, m.facts -> 'actor' ->> 'class' = 'returning-officer' as is_team,
    (select address from recipients r where r.queue_id = m.queue_id) as "to",
    (select coalesce(jsonb_agg(c), '[]') from cases c where c.queue_id = m.queue_id) as cases,
    exists (select from case_words w join cases c on c.id = w.case_id
      where c.queue_id = m.queue_id and w.words @@ ${contentQuery}::tsquery) as says
  from messages m order by received_at desc, queue_id desc`;

/** What of it is to be found, by the words of the rule (domain H.2, H.3). */
function toBeFound(
  all: readonly Whole[],
  { scope, words, person }: { scope: RecordScope; words: string; person: PersonScope | null },
): string[] {
  const isOf = ({ cases }: Whole, matters: CaseMatters[], isSealed = false) =>
    cases.some(({ areas, council, parties, privileged }) => {
      const isCovered = matters.some(
        (each) => each.council === council && each.areas.some((area) => areas.includes(area)),
      );
      const isParty = parties.some((party) => scope.ownAddresses.includes(party));
      return isCovered && !isParty && !(isSealed && privileged);
    });
  const found = all.filter((mail) => {
    const { council, actorAddress, receivedAt, subject, to, says, isTeam } = mail;
    const isTheirs =
      person === null
        ? scope.councils.includes(council) || isOf(mail, scope.matters)
        : person.council === council && person.addresses.includes(actorAddress);
    const { from = T0, until = later(1e6) } = person?.period ?? {};
    const isReadable = person?.isReadable
      ? !person.sealedDomains.some((domain) => to.endsWith(domain))
      : isOf(mail, scope.contentMatters, scope.sealsPrivileged);
    const title = subject?.toLowerCase();
    const isSaid = says || words.split(' ').every((word) => title?.includes(word));
    const isMine = scope.ownAddresses.includes(to);
    const isThen = from <= receivedAt && receivedAt < until;
    return isTheirs && isThen && isReadable && isSaid && !isMine && !isTeam;
  });
  return found.map(({ queueId }) => queueId);
}

const ids = async (...asked: Parameters<typeof found>) =>
  (await found(...asked)).map(({ queueId }) => queueId);

describe('searchRecord()', () => {
  it('finds delivered mail by number, Message-ID, recipient, day and state, without its content', async () => {
    const one = await mail({ messageId: '<a_1@x.test>', subject: 'Allotments' });
    const two = await mail({ to: ['bob@gmail.com'], receivedAt: later(3600) });
    await fresh.db`update recipients set status = 'delivered' where queue_id = ${one}`;
    expect(await ids({ number: one })).toEqual([one]);
    expect(await ids({ messageId: 'a_1@x.test' })).toEqual([one]);
    expect(await ids({ messageId: '<a_1@x.test>' })).toEqual([one]);
    expect(await ids({ recipient: 'NN@plain' })).toEqual([one]);
    expect(await ids({ recipient: 'gmail' })).toEqual([two]);
    expect(await ids({ recipient: '_' })).toEqual([]);
    expect(await ids({ from: later(1) })).toEqual([two]);
    expect(await ids({ until: later(1), statuses: ['delivered'] })).toEqual([one]);
    expect(await ids({ until: later(1), statuses: ['held'] })).toEqual([]);
    const [row] = await found({ number: one });
    expect(row).toMatchObject({ subject: null, caseId: null, recipientCount: 1 });
    expect(row?.recipients).toEqual([
      { address: null, domain: 'plain.example', status: 'delivered' },
    ]);
  });

  it('finds words only in mail that the officer may look into', async () => {
    const held = await mail({ subject: 'Potholes in Mill Lane' });
    const plain = await mail({ subject: 'Potholes again' });
    const other = await mail({ subject: 'Potholes of others', actorAddress: 'b@merebrook.gov.uk' });
    await openCase(fresh.db, newCase({ id: 'C1', queueId: held }));
    expect(await ids({ words: 'otho' })).toEqual([held]);
    expect(await ids({ words: 'otho' }, { scope: { contentMatters: [] } })).toEqual([]);
    expect((await ids({ words: 'otho' }, { person: PERSON })).toSorted()).toEqual(
      [held, plain].toSorted(),
    );
    const headersOnly = { ...PERSON, isReadable: false };
    expect(await ids({ words: 'otho' }, { person: headersOnly })).toEqual([held]);
    expect(await ids({ words: 'otho' }, { person: PERSON })).not.toContain(other);
    const [row] = await found({ number: held });
    expect(row).toMatchObject({ subject: 'Potholes in Mill Lane', caseId: 'C1' });
  });

  it('finds words of what waits in a case by full text', async () => {
    const held = await mail({ subject: 'Thursday' });
    await openCase(fresh.db, newCase({ id: 'C1', queueId: held }));
    await indexCase(fresh.db, 'C1', lexemesOf(['Please vote Labour'], KEY));
    const words = 'labour vot';
    const contentQuery = wordsQuery(words, KEY);
    expect(await ids({ words, contentQuery })).toEqual([held]);
    expect(await ids({ words, contentQuery: null })).toEqual([]);
    expect(await ids({ words, contentQuery }, { scope: { contentMatters: [] } })).toEqual([]);
  });

  it('finds by words what a look at every message would, in pages, for each role alike', async () => {
    const { db } = fresh;
    const subjects = ['Potholes in Mill Lane', 'potholes', 'Mill Lane', '100% of it_', '', null];
    const TO = ['helen@merebrook.gov.uk', 'x@office.lawyer.example'];
    const areas = [[], ['political'], ['conduct'], ['political', 'conduct']];
    for (let n = 0; n < 96; n += 1) {
      const id = await mail({
        subject: subjects[n % 6] ?? null,
        council: n % 5 === 0 ? 'havering' : 'merebrook',
        actorAddress: n % 7 < 3 ? MEMBER : 'b@merebrook.gov.uk',
        receivedAt: later(Math.floor(n / 3)),
        to: [TO[n % 11] ?? 'ann@plain.example'],
      });
      if (n % 13 === 0) {
        await db`update messages set facts = '{"actor": {"class": "returning-officer"}}'
          where queue_id = ${id}`;
      }
      for (const kind of n % 4 === 3 ? (['hold', 'divert'] as const) : (['hold'] as const)) {
        if (n % 8 === 0) continue;
        const caseId = `${kind}${n}`;
        const council = n % 5 === 0 ? 'havering' : 'merebrook';
        const parties = n % 9 === 0 ? ['omar@merebrook.gov.uk'] : [];
        const opened = newCase({ id: caseId, queueId: id, council, kind, parties });
        const matter = { areas: areas[(n + kind.length) % 4] ?? [], queues: [] };
        await openCase(db, { ...opened, ...matter, privileged: n % 7 === 6 });
        if (n % 3 === 0) await indexCase(db, caseId, lexemesOf(['The vote on potholes'], KEY));
      }
    }
    const own = ['helen@merebrook.gov.uk', 'omar@merebrook.gov.uk'];
    const scopes = [
      SCOPE,
      { ...SCOPE, ownAddresses: own, sealsPrivileged: false },
      { ...SCOPE, contentMatters: [] },
    ];
    const sealed = { ...PERSON, sealedDomains: ['lawyer.example'] };
    const people = [null, PERSON, sealed, { ...PERSON, isReadable: false }];
    for (const words of ['potholes', 'lane mill', '%', '_', 'vote', 'zebra', 'o']) {
      const contentQuery = wordsQuery(words, KEY);
      const all = await everything(contentQuery);
      for (const scope of scopes) {
        for (const person of people) {
          const question = { scope, filter: { words, contentQuery }, person, limit: 11 };
          const seen: string[] = [];
          let after: string | undefined;
          do {
            const { rows, next } = await page({ ...question, after });
            seen.push(...rows.map(({ queueId }) => queueId));
            after = next ?? undefined;
          } while (after !== undefined);
          const asked = { scope, words, person };
          expect({ ...asked, seen }).toEqual({ ...asked, seen: toBeFound(all, asked) });
        }
      }
    }
  });

  it('finds no words of what is erased', async () => {
    const held = await mail({ subject: 'Potholes in Mill Lane' });
    await openCase(fresh.db, newCase({ id: 'C1', queueId: held }));
    expect(await ids({ words: 'pothol' })).toEqual([held]);
    await fresh.db`update recipients set status = 'rejected'`;
    const erased = await transaction(fresh.db, (tx) => eraseMessage(tx, held, later(90_000)));
    expect(erased).toBe('erased');
    expect(await ids({ words: 'pothol' })).toEqual([]);
    expect(await ids({ number: held })).toEqual([held]);
  });

  it('gives up what takes too long', async () => {
    const question = { scope: SCOPE, filter: { words: 'a' }, person: null, limit: 20 };
    const gaveUp = await transaction(fresh.db, async (tx) => {
      await tx`lock table messages in access exclusive mode`;
      return searchRecord(fresh.db, question, 20);
    });
    expect(gaveUp).toBe('too-long');
    expect(await searchRecord(fresh.db, question)).toEqual({ rows: [], next: null });
  });

  it('keeps one person’s mail to the addresses and days that are covered', async () => {
    const within = await mail();
    await mail({ receivedAt: later(61) });
    await mail({ actorAddress: 'b@merebrook.gov.uk' });
    await mail({ council: 'havering' });
    expect(await ids({}, { person: PERSON })).toEqual([within]);
    expect((await found({}, { person: PERSON }))[0]?.recipients[0]?.address).toBe(
      'ann@plain.example',
    );
    expect(await ids({}, { person: { ...PERSON, period: null } })).toHaveLength(2);
  });

  it('shows nothing of other councils, of the Returning Officer’s team, or to a party', async () => {
    await mail({ council: 'havering' });
    const team = await mail();
    await fresh.db`update messages set facts = '{"actor": {"class": "returning-officer"}}'
      where queue_id = ${team}`;
    const own = await mail({ to: ['Helen@merebrook.gov.uk'] });
    const everything = { recipient: '@' };
    const helen = { ownAddresses: ['helen@merebrook.gov.uk'] };
    expect(await ids(everything)).toEqual([own]);
    expect(await ids(everything, { scope: helen })).toEqual([]);
    expect(await ids({}, { scope: helen, person: PERSON })).toEqual([]);
    const apart = { ...helen, returningOfficersAt: ['merebrook'] };
    expect(await ids(everything, { scope: apart })).toEqual([team]);
  });

  it('pages by key, the newest first, each message once while mail arrives', async () => {
    const sent: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      sent.unshift(await mail({ receivedAt: later(Math.floor(n / 2)) }));
    }
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const question = { scope: SCOPE, filter: { recipient: 'ann' }, person: null, limit: 2 };
      const { rows, next } = await page({ ...question, after });
      seen.push(...rows.map(({ queueId }) => queueId));
      after = next ?? undefined;
      await mail({ receivedAt: later(100) });
    } while (after !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen.toSorted()).toEqual(sent.toSorted());
    expect(await ids({ recipient: 'ann' })).toHaveLength(11);
  });
});

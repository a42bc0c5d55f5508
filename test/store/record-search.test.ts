import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { indexCase, lexemesOf, wordsQuery } from '../../src/store/case-words.ts';
import { openCase } from '../../src/store/cases.ts';
import type { PersonScope } from '../../src/store/investigations.ts';
import {
  searchRecord,
  type RecordFilter,
  type RecordScope,
} from '../../src/store/record-search.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { given, later, newCase, newRecipient } from './fixtures.ts';

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

async function found(
  filter: RecordFilter,
  more: { scope?: Partial<RecordScope>; person?: PersonScope | null } = {},
) {
  const { rows } = await searchRecord(fresh.db, {
    scope: { ...SCOPE, ...more.scope },
    filter,
    person: more.person ?? null,
    limit: 20,
  });
  return rows;
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
      const page = await searchRecord(fresh.db, { ...question, after });
      seen.push(...page.rows.map(({ queueId }) => queueId));
      after = page.next ?? undefined;
      await mail({ receivedAt: later(100) });
    } while (after !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen.toSorted()).toEqual(sent.toSorted());
    expect(await ids({ recipient: 'ann' })).toHaveLength(11);
  });
});

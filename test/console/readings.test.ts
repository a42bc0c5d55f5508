import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OFFICER_ROLES } from '../../src/policy/permissions.ts';
import { openInvestigation } from '../../src/store/investigations.ts';
import { revokeRole } from '../../src/store/officers.ts';
import { MEMBER } from '../support/gateway.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { heldCase, passedMail } from './held-case.ts';
import type { Seen, Visitor } from './visitor.ts';

// Mail to an MP is read by one officer once a second one agrees (domain H.3).

const MP = 'cara.mp@parliament.uk';
/** Stands in the text of every message here, and on no page before it may be read. */
const SECRET = 'Promoted by A. Agent';
const SUBJECT = 'Marmalade rota';

type Officer = Visitor & { officerId: string };
let world: ConsoleWorld;
let asker: Officer;
let deputy: Officer;

beforeAll(async () => {
  world = await consoleWorld();
  asker = await world.signedIn('merebrook:monitoring-officer');
  deputy = await world.signedIn('merebrook:deputy-monitoring-officer');
});
afterAll(() => world.close());

let caseId: string;
let queueId: string;
beforeEach(async () => {
  ({ caseId, queueId } = await heldCase(world, {
    to: [MP, 'ann@plain.example'],
    subject: SUBJECT,
  }));
});

async function ask(who: Visitor = asker, path = `/cases/${caseId}`): Promise<Seen> {
  await who.get(path);
  await who.post(`${path}/read`, { reason: 'to-decide' });
  return who.get(path);
}

async function requestId(): Promise<string> {
  const [row] = await world.gateway.road.db<{ id: string }[]>`
    select id from reading_requests where queue_id = ${queueId} order by asked_at desc, id desc`;
  return row?.id ?? '';
}

async function answer(who: Visitor, fields: Record<string, string> = { answer: 'approved' }) {
  await who.get('/readings');
  return who.post(`/readings/${await requestId()}/answer`, fields);
}

const stateOf = async () => {
  const [row] = await world.gateway.road.db<{ answer: string | null; answeredBy: string | null }[]>`
    select answer, answered_by from reading_requests where id = ${await requestId()}`;
  return row;
};

describe('a privileged message in a case', () => {
  it('shows who and why and not what it says, until a second officer agrees', async () => {
    const before = await asker.get(`/cases/${caseId}`);
    expect(before.text).toContain(MP);
    expect(before.text).toContain('Ask a second officer');
    const after = await ask();
    expect(after.text).toContain('A second officer must agree first');
    for (const path of ['html', 'attachments/1']) {
      const seen =
        path === 'html'
          ? await asker.get(`/cases/${caseId}/${path}`)
          : await asker.post(`/cases/${caseId}/${path}`, { confirmed: 'yes' });
      expect([path, seen.status, seen.location]).toEqual([path, 303, `/cases/${caseId}`]);
    }
    for (const { text } of [
      before,
      after,
      await asker.get('/cases'),
      await deputy.get('/readings'),
    ]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(SUBJECT);
    }
    const looks = await world.gateway.road.db`
      select 1 from audit where queue_id = ${queueId} and event = 'content-viewed'`;
    expect(looks).toEqual([]);
  });

  it('is not found by what it says, though other mail is', async () => {
    const { caseId: other } = await heldCase(world, { subject: SUBJECT });
    const found = async (words: string) => (await asker.get(`/cases?words=${words}`)).text;
    for (const words of ['Marmalade', 'Promoted']) {
      const text = await found(words);
      expect(text).toContain(`/cases/${other}`);
      expect(text).not.toContain(`/cases/${caseId}`);
    }
    expect(await found('parliament')).toContain(`/cases/${caseId}`);
    await asker.get('/search');
    const { text } = await asker.post('/search', { words: 'Marmalade' });
    expect(text).toContain(`/cases/${other}`);
    expect(text).not.toContain(`/cases/${caseId}`);
  });

  it('opens to whoever asked, for that message and a day, with every step in the trail', async () => {
    await ask();
    expect((await deputy.get(`/cases/${caseId}`)).text).toContain('asks to read it');
    for (const path of ['/', '/cases']) {
      expect((await deputy.get(path)).text).toContain('to read privileged mail');
      expect((await asker.get(path)).text).not.toContain('to read privileged mail</a>');
    }
    expect((await answer(deputy)).location).toBe('/readings');
    const open = await asker.get(`/cases/${caseId}`);
    expect(open.text).toContain(SECRET);
    expect(open.text).toContain('agreed that you read it until');
    expect((await deputy.get(`/cases/${caseId}`)).text, 'not to who agreed').not.toContain(SECRET);
    const { caseId: other } = await heldCase(world, { to: [MP] });
    expect((await asker.get(`/cases/${other}`)).text, 'no other message').not.toContain(SECRET);
    const request = await requestId();
    const rows = await world.gateway.road.db<{ event: string; actor: string; data: object }[]>`
      select event, actor, data from audit where queue_id = ${queueId}
        and (event like 'reading-%' or event = 'content-viewed') order by id`;
    const [row] = await world.gateway.road.db`
      select extract(epoch from opens_until - answered_at)::int as open from reading_requests
      where id = ${request}`;
    expect(row).toEqual({ open: 86_400 });
    const officer = asker.officerId;
    expect(rows).toEqual([
      {
        event: 'reading-asked',
        actor: officer,
        data: { request, case: caseId, reason: 'to-decide' },
      },
      {
        event: 'reading-approved',
        actor: deputy.officerId,
        data: { request, case: caseId, officer },
      },
      {
        event: 'content-viewed',
        actor: officer,
        data: { case: caseId, what: 'text', reason: 'to-decide', request },
      },
    ]);
  });

  it('is shut again when the time is over', async () => {
    await ask();
    await answer(deputy);
    expect((await asker.get(`/cases/${caseId}`)).text).toContain(SECRET);
    const { db } = world.gateway.road;
    await db`update reading_requests set opens_until = now() - interval '1 second'
      where id = ${await requestId()}`;
    const shut = (await asker.get(`/cases/${caseId}`)).text;
    expect(shut).not.toContain(SECRET);
    expect(shut).toContain('Ask a second officer');
    expect((await asker.get('/readings')).text).toContain('Its time is over');
  });

  it('is asked for once, however often the form is sent, and each who may agree is told once', async () => {
    await Promise.all([ask(), ask(), ask()]);
    const { db } = world.gateway.road;
    const requests = await db`select id from reading_requests where queue_id = ${queueId}`;
    expect(requests).toHaveLength(1);
    const told = await db<{ toAddress: string }[]>`
      select to_address from announcements where about = ${await requestId()}`;
    const readers = told.map(({ toAddress }) => toAddress);
    expect(readers).toEqual([...new Set(readers)]);
    const [own] = await db<{ addresses: string[] }[]>`
      select addresses from officers where id = ${asker.officerId}`;
    expect(readers).not.toContain(own?.addresses[0]);
    const [theirs] = await db<{ addresses: string[] }[]>`
      select addresses from officers where id = ${deputy.officerId}`;
    expect(readers).toContain(theirs?.addresses[0]);
  });

  it('is not opened by whoever asked for it', async () => {
    await ask();
    const self = await answer(asker);
    expect(self.status).toBe(403);
    expect(self.text).toContain('You asked for it yourself');
    expect(await stateOf()).toEqual({ answer: null, answeredBy: null });
    const { db } = world.gateway.road;
    // Nor by a fault of ours: the record itself refuses it.
    await expect(db`update reading_requests set answer = 'approved', answered_at = now(),
      answered_by = officer, opens_until = now() where id = ${await requestId()}`).rejects.toThrow(
      /check constraint/,
    );
  });

  const agreeing = ['monitoring-officer', 'deputy-monitoring-officer'];
  it.each(OFFICER_ROLES)('is agreed to by %s, or not', async (role) => {
    await ask();
    const who = await world.signedIn(`merebrook:${role}`);
    const { status } = await answer(who);
    if (agreeing.includes(role)) {
      expect(status).toBe(303);
      expect(await stateOf()).toEqual({ answer: 'approved', answeredBy: who.officerId });
    } else {
      expect(status).toBeOneOf([403, 404]);
      expect(await stateOf()).toEqual({ answer: null, answeredBy: null });
      expect((await asker.get(`/cases/${caseId}`)).text).not.toContain(SECRET);
    }
  });

  it('is agreed to by no party to it, and by nobody of another council', async () => {
    const party = await world.signedIn('merebrook:monitoring-officer');
    const { db } = world.gateway.road;
    await db`update officers set addresses = array_append(addresses, 'ann@plain.example')
      where id = ${party.officerId}`;
    const stranger = await world.signedIn('havering:monitoring-officer');
    await ask();
    for (const who of [party, stranger]) {
      expect((await who.get('/readings')).text).toContain('Nothing waits for you');
      expect((await answer(who)).status).toBe(404);
    }
    expect((await stateOf())?.answer).toBeNull();
    await db`update officers set disabled_at = now() where id = ${party.officerId}`;
  });

  it('is refused with words, which whoever asked reads, and may be asked for again', async () => {
    await ask();
    const wordless = await answer(deputy, { answer: 'refused', words: ' ' });
    expect(wordless.status).toBe(422);
    expect(wordless.text).toContain('Say why not');
    expect((await answer(deputy, {})).status).toBe(422);
    await answer(deputy, { answer: 'refused', words: 'Ask the MP first' });
    const { text } = await asker.get(`/cases/${caseId}`);
    expect(text).toContain('Ask the MP first');
    expect(text).not.toContain(SECRET);
    const first = await requestId();
    await ask();
    expect(await requestId()).not.toBe(first);
  });

  it('tells the slower of two who answer that the other was quicker', async () => {
    await ask();
    const third = await world.signedIn('merebrook:monitoring-officer');
    await third.get('/readings');
    await answer(deputy);
    await third.post(`/readings/${await requestId()}/answer`, { answer: 'refused', words: 'No' });
    expect((await third.get('/readings')).text).toContain('was quicker');
    expect((await stateOf())?.answer).toBe('approved');
  });

  it('is taken back by whoever asked, and by nobody else', async () => {
    await ask();
    const path = `/readings/${await requestId()}/withdraw`;
    expect((await deputy.post(path, {})).status).toBe(404);
    await asker.get('/readings');
    expect((await asker.post(path, {})).status).toBe(303);
    expect((await stateOf())?.answer).toBe('withdrawn');
    expect((await answer(deputy)).status).toBe(303);
    expect((await stateOf())?.answer).toBe('withdrawn');
  });

  it('opens to nobody whose role went meanwhile, and lapses in a week', async () => {
    const leaver = await world.signedIn('merebrook:monitoring-officer');
    await ask(leaver);
    const { db, clock } = world.gateway.road;
    const role = { officerId: leaver.officerId, council: 'merebrook', by: 'test', at: clock() };
    await revokeRole(db, { ...role, role: 'monitoring-officer' });
    await answer(deputy);
    expect((await deputy.get('/readings')).text).toContain('may not read it any more');
    expect((await stateOf())?.answer).toBeNull();
    await db`update reading_requests set lapses_at = now() where id = ${await requestId()}`;
    expect((await deputy.get('/readings')).text).not.toContain(`reading-${await requestId()}`);
    await answer(deputy);
    expect((await stateOf())?.answer).toBeNull();
  });

  it('says so where nobody else could agree', async () => {
    const { db } = world.gateway.road;
    const others = await db<{ id: string }[]>`
      update officers set disabled_at = now() where id <> ${asker.officerId}
        and disabled_at is null returning id`;
    expect((await ask()).text).toContain('Nobody else at this council may agree');
    expect(await requestId()).toBe('');
    await db`update officers set disabled_at = null where id = any(${others.map(({ id }) => id)})`;
  });
});

describe('a privileged message under an investigation', () => {
  it('is agreed to by whoever may authorise one, and by no other investigator', async () => {
    const looker = await world.signedIn('merebrook:investigator');
    const colleague = await world.signedIn('merebrook:investigator');
    const { db, clock } = world.gateway.road;
    queueId = await passedMail(world, { to: [MP], subject: 'Treacle', text: 'About the bins.' });
    const at = clock();
    const day = (days: number) => new Date(at.getTime() + days * 86_400_000);
    await openInvestigation(db, {
      id: 'INVREADING000001',
      council: 'merebrook',
      reference: 'INV/2026/7',
      allegation: 'Use of the casework mailbox',
      authorisedBy: deputy.officerId,
      officers: [looker.officerId, colleague.officerId],
      members: [MEMBER],
      actions: ['search-person', 'view-other-mail'],
      mailFrom: day(-1),
      mailUntil: day(1),
      opensAt: day(-1),
      endsAt: day(1),
      openedBy: deputy.officerId,
      at,
    });
    const path = `/messages/${queueId}`;
    const before = await ask(looker, path);
    expect(before.text).toContain('A second officer must agree first');
    expect(before.text).not.toContain('About the bins');
    expect((await looker.get(`${path}/html`)).location).toBe(path);
    expect((await answer(colleague)).status).toBe(404);
    expect((await answer(looker)).status).toBeOneOf([403, 404]);
    expect((await deputy.get('/readings')).text).toContain('INV/2026/7');
    expect((await answer(deputy)).status).toBe(303);
    expect((await looker.get(path)).text).toContain('About the bins');
    expect((await colleague.get(path)).text).not.toContain('About the bins');
    // Words of such mail are not searched, and its subject not listed, even then.
    await looker.get('/search');
    const person = /value="(INVREADING000001\.[^"]+)"/.exec(
      (await looker.get('/search')).text,
    )?.[1];
    const byWords = await looker.post('/search', { person: person ?? '', words: 'Treacle' });
    expect(byWords.text).not.toContain(queueId);
    const all = await looker.post('/search', { person: person ?? '' });
    expect(all.text).toContain(queueId);
    expect(all.text.includes('Treacle')).toBe(false);
    const [asked] = await db<{ data: Record<string, unknown> }[]>`
      select data from audit where queue_id = ${queueId} and event = 'reading-asked'`;
    expect(asked?.data).toMatchObject({ investigation: 'INVREADING000001', case: null });
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Policy } from '../../src/policy/policy.ts';
import { policyFromFiles } from '../../src/policy/policy-from-files.ts';
import { reportOf } from '../../src/pipeline/replay-report.ts';
import { transaction } from '../../src/store/connect.ts';
import {
  addReplay,
  finishReplay,
  saveReplayPage,
  type ReplayChange,
} from '../../src/store/replays.ts';
import { activatePolicy, keepPolicy, listActivations } from '../../src/store/policies.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import type { Visitor } from './visitor.ts';

let world: ConsoleWorld;
let author: Visitor & { officerId: string };

beforeAll(async () => {
  world = await consoleWorld({ policy: { secondOfficer: true } });
  author = await world.signedIn('merebrook:policy-author');
});
afterAll(() => world.close());

/** Asks that the policy that runs run again, which a second officer must approve. */
async function proposed(by: string): Promise<string> {
  const { db, policy, clock } = world.gateway.road;
  const { version, files } = policy();
  const request = { version, files, at: clock(), by, needsApproval: true };
  return String(await transaction(db, (tx) => activatePolicy(tx, request)));
}

async function stateOf(id: string): Promise<{ state: string; approvedBy: string | null }> {
  const { db, clock } = world.gateway.road;
  const found = (await listActivations(db, clock())).find((each) => String(each.id) === id);
  return { state: found?.state ?? '', approvedBy: found?.approvedBy ?? null };
}

describe('the policy page', () => {
  it('shows the version that runs, the councils of the officer and the exceptions', async () => {
    const { text } = await author.get('/policy');
    expect(text).toContain(world.gateway.road.policy().version.slice(0, 12));
    expect(text).toContain('/policy/councils/merebrook');
    expect(text).not.toContain('/policy/councils/havering');
  });

  it('lets a second officer approve a version, and says who did', async () => {
    const id = await proposed('somebody else');
    const page = await author.get('/policy');
    expect(page.text).toContain('Waits for approval');
    expect(page.text).toContain(`name="activation" value="${id}"`);
    const answer = await author.post('/policy/approve', { activation: id });
    expect([answer.status, answer.location]).toEqual([303, '/policy']);
    expect(await stateOf(id)).toEqual({ state: 'active', approvedBy: author.officerId });
    const again = await author.post('/policy/approve', { activation: id });
    expect(again.status).toBe(409);
  });

  it('lets nobody approve what they asked for, under whichever of their names', async () => {
    const self = await world.gateway.road.db<{ name: string }[]>`
      select name from officers where id = ${author.officerId}`;
    for (const by of [author.officerId, self[0]?.name.toUpperCase() ?? '']) {
      const id = await proposed(by);
      const page = await author.get('/policy');
      expect(page.text).not.toContain('action="/policy/approve"');
      const answer = await author.post('/policy/approve', { activation: id });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('another officer must approve it');
      expect((await stateOf(id)).state).toBe('awaiting-approval');
    }
  });

  it('lets no author of another council approve what rules this one', async () => {
    const id = await proposed('somebody else');
    const stranger = await world.signedIn('havering:policy-author');
    await stranger.get('/policy');
    const answer = await stranger.post('/policy/approve', { activation: id });
    expect(answer.status).toBe(403);
    expect((await stateOf(id)).state).toBe('awaiting-approval');
  });

  it('lets an author withdraw a version that has not taken effect', async () => {
    const id = await proposed('somebody else');
    expect((await author.get('/policy')).text).toContain('action="/policy/withdraw"');
    const answer = await author.post('/policy/withdraw', { activation: id });
    expect([answer.status, answer.location]).toEqual([303, '/policy']);
    expect((await stateOf(id)).state).toBe('withdrawn');
    expect((await author.post('/policy/withdraw', { activation: id })).status).toBe(409);
    const { db } = world.gateway.road;
    const told = await db`select actor from audit where event = 'policy-withdrawn'`;
    expect(told).toEqual([{ actor: author.officerId }]);
  });

  it('goes back to a version that ran and to no other, for whoever answers for all', async () => {
    const { db, policy, clock } = world.gateway.road;
    const { version, files } = policy();
    const never = 'f'.repeat(64);
    const stranger = await world.signedIn('havering:policy-author');
    await stranger.get('/policy');
    expect((await stranger.post('/policy/rollback', { version })).status).toBe(403);
    await author.get('/policy');
    expect((await author.post('/policy/rollback', { version: never })).status).toBe(409);
    await transaction(db, (tx) => keepPolicy(tx, { version: never, files, at: clock(), by: 'x' }));
    expect((await author.post('/policy/rollback', { version: never })).status).toBe(409);
    expect((await author.post('/policy/rollback', { version })).status).toBe(303);
    const [newest] = await listActivations(db, clock());
    expect(newest).toMatchObject({ version, state: 'active', requestedBy: author.officerId });
  });

  it('asks another officer before it goes back to what may be laxer, and says in which ways', async () => {
    const { db, policy, clock } = world.gateway.road;
    const { version: laxer, files } = policy();
    const name = 'councils/merebrook.yaml';
    const acts = /rule: commercial-use\n {4}nudge: true/;
    const holds = 'rule: commercial-use\n    gate: hold\n    queue: monitoring-officer';
    const strict = policyFromFiles({ ...files, [name]: files[name]!.replace(acts, holds) });
    const activate = (to: Pick<Policy, 'version' | 'files'>) =>
      transaction(db, (tx) =>
        activatePolicy(tx, { version: to.version, files: to.files, at: clock(), by: 'x' }),
      );
    const runs = (version: string) =>
      vi.waitFor(() => expect(policy().version).toBe(version), 10_000);
    await activate(strict);
    await runs(strict.version);
    await author.get('/policy');
    expect((await author.post('/policy/rollback', { version: laxer })).status).toBe(303);
    const { text } = await author.get('/policy');
    expect(text).toContain('another officer must approve it first');
    expect(text).toContain('May be laxer than what runs: 1 way');
    expect(text).toContain('Merebrook, commercial-use: would do less');
    const asked = (await listActivations(db, clock())).find(
      ({ version, state, requestedBy }) =>
        version === laxer && state === 'awaiting-approval' && requestedBy === author.officerId,
    );
    const id = String(asked?.id);
    expect((await author.post('/policy/approve', { activation: id })).status).toBe(403);
    const second = await world.signedIn('merebrook:policy-author');
    await second.get('/policy');
    expect((await second.post('/policy/approve', { activation: id })).status).toBe(303);
    await runs(laxer);
    await author.get('/policy');
    await author.post('/policy/rollback', { version: strict.version });
    const [back] = await listActivations(db, clock());
    expect(back).toMatchObject({ version: strict.version, state: 'active' });
    await activate({ version: laxer, files });
    await runs(laxer);
  });

  it('says what is in shadow, or that nothing is', async () => {
    const { text, status } = await author.get('/policy/shadow');
    expect(status).toBe(200);
    expect(text).toContain('Nothing is in shadow');
  });

  it('quotes each clause with its rule and what a match does, or why nothing is done', async () => {
    const { text } = await author.get('/policy/councils/merebrook');
    const { clauses } = world.gateway.road.policy().councils.get('merebrook') ?? { clauses: [] };
    expect(text.match(/class="app-clause"/g)).toHaveLength(clauses.length);
    expect(text).toContain('which hides the identity of the sender');
    expect(text).toContain('A message that matches is held for ICT.');
    expect(text).toContain('href="/policy/rules#identity-mismatch"');
    expect((await author.get('/policy/councils/havering')).status).toBe(404);
    const elsewhere = await world.signedIn('havering:policy-author');
    const other = await elsewhere.get('/policy/councils/havering');
    const idle = (world.gateway.road.policy().councils.get('havering')?.clauses ?? []).filter(
      ({ enforcement }) => enforcement.kind === 'not-enforced',
    );
    expect(idle.length).toBeGreaterThan(0);
    expect(other.text.match(/>\s*Not enforced\s*</g)).toHaveLength(idle.length);
  });

  it('lists every rule with its reason and the number of its examples', async () => {
    const { text } = await author.get('/policy/rules');
    for (const [id, { examples }] of world.gateway.road.policy().rules) {
      const row = text.split('<tr').find((part) => part.includes(`id="${id}"`)) ?? '';
      const matching = examples.filter(({ matches }) => matches).length;
      expect(row).toContain(`${matching} that match`);
    }
  });

  it('shows what a replay came to, of one’s own councils, without small numbers or messages', async () => {
    const { db, policy, clock } = world.gateway.road;
    const at = clock();
    const { version } = policy();
    const replay = { since: at, until: at, reinspect: false, startedAt: at };
    await addReplay(db, {
      id: 'REPLAY1',
      fromVersion: version,
      toVersion: 'e'.repeat(64),
      ...replay,
    });
    const change = (nth: number, more: Partial<ReplayChange> = {}): ReplayChange => ({
      queueId: `MSG${nth}`,
      position: 0,
      council: 'merebrook',
      beforeGate: 'release',
      beforeProtection: 'none',
      afterGate: 'hold',
      afterProtection: 'none',
      lost: [],
      gained: ['commercial-use'],
      ...more,
    });
    const several = (count: number, from: number, more: Partial<ReplayChange>) =>
      Array.from({ length: count }, (_, index) => change(from + index, more));
    const rare = { gained: ['chain-letter'] };
    await saveReplayPage(db, {
      id: 'REPLAY1',
      cursor: { receivedAt: at, queueId: 'MSG99' },
      counts: { messages: 38, inspected: 2, unread: 1 },
      changes: [
        ...several(12, 0, {}),
        // One message to many recipients is one message.
        ...Array.from({ length: 9 }, (_, position) => change(50, { position, ...rare })),
        ...several(20, 70, { council: 'havering', gained: ['abusive-language'] }),
      ],
    });
    const path = '/policy/replays/REPLAY1';
    expect((await author.get(path)).text).toContain('once it is finished');
    await finishReplay(db, { id: 'REPLAY1', at, by: 'test' });
    expect((await reportOf(db, 'REPLAY1'))?.score).toMatchObject({ newHolds: 33 });
    expect((await author.get('/policy/shadow')).text).toContain(`href="${path}"`);
    const { text } = await author.get(path);
    expect(text).toContain('Commercial use would act: let go, would be held');
    expect(text).toContain('data-label="Messages">10<');
    expect(text).toContain('nobody has judged: 15');
    expect(text).toContain('All other differences');
    expect(text).toContain('data-label="Messages">fewer than 5<');
    expect(text).not.toMatch(/MSG\d|Chain letter|Abusive|Havering/);
    const elsewhere = await world.signedIn('havering:policy-author');
    const theirs = (await elsewhere.get(path)).text;
    expect(theirs).toContain('Abusive language would act');
    expect(theirs).not.toContain('Commercial use');
    expect((await author.get('/policy/replays/NOPE')).status).toBe(404);
  });

  it('gives the figures of what is in shadow', async () => {
    const { db, policy, clock } = world.gateway.road;
    const name = 'councils/merebrook.yaml';
    const { files: old } = policy();
    const acts = '    rule: commercial-use\n';
    const text = (old[name] ?? '').replace(acts, `${acts}    shadow: true\n`);
    const { version, files } = policyFromFiles({ ...old, [name]: text });
    const request = { version, files, at: clock(), by: 'somebody else' };
    await transaction(db, (tx) => activatePolicy(tx, request));
    await vi.waitFor(() => expect(policy().version).toBe(version), 10_000);
    const page = await author.get('/policy/shadow');
    expect(page.text).toMatch(/Merebrook: [^<]+, 4\.3/);
    expect(page.text).toContain('data-label="Would stop">fewer than 5<');
    const stranger = await world.signedIn('havering:policy-author');
    expect((await stranger.get('/policy/shadow')).text).toContain('Nothing is in shadow');
  });
});

import { randomBytes, randomUUID } from 'node:crypto';
import { generateKey } from 'openpgp';
import { queueId as makeQueueId } from '../../src/mail/queue-id.ts';
import type { Person } from '../../src/mail/person.ts';
import { takeKey } from '../../src/pipeline/key-custody.ts';
import { PERSON_ACTIONS } from '../../src/policy/permissions.ts';
import { openInvestigation } from '../../src/store/investigations.ts';
import { listKeys } from '../../src/store/keys.ts';
import { listOfficers } from '../../src/store/officers.ts';
import { addReplay } from '../../src/store/replays.ts';
import { addReadingRequest } from '../../src/store/reading-requests.ts';
import { importPeople, listPeople } from '../../src/store/people.ts';
import type { Route } from '../../src/console/route.ts';
import { MEMBER } from '../support/gateway.ts';
import { heldCase, statusToken } from './held-case.ts';
import type { ConsoleWorld } from './console-world.ts';

/**
 * The objects that routes with parameters are tried on: one of Merebrook, which the fitting role
 * may see, and one of another council, which it may not (`null` where an object has no council).
 * A colleague's page adds its pattern here; a pattern that is missing fails the tests.
 */
export interface Sample {
  own: string;
  foreign: string | null;
}

export type Samples = Record<string, (world: ConsoleWorld) => Promise<Sample>>;

const onOfficer =
  (ending: string): Samples[string] =>
  async (world) => {
    const own = await world.officer(['merebrook:ict'], 'Sample Own');
    const foreign = await world.officer(['havering:ict'], 'Sample Foreign');
    return {
      own: `/officers/${own.id}${ending}`,
      foreign: `/officers/${foreign.id}${ending}`,
    };
  };

const onMember =
  (ending: string): Samples[string] =>
  async ({ gateway }) => {
    const { db } = gateway.road;
    const own = (await listPeople(db, 'merebrook')).find(({ name }) => name === 'Vera Lamb');
    if (!(await listPeople(db, 'havering'))[0]) {
      const person = {
        ...(own as Person),
        id: randomUUID(),
        council: 'havering',
        passwordHash: null,
      };
      await importPeople(db, [{ ...person, addresses: ['cllr.else@havering.gov.uk'] }]);
    }
    const [foreign] = await listPeople(db, 'havering');
    return {
      own: `/members/${own?.id}${ending}`,
      foreign: `/members/${foreign?.id}${ending}`,
    };
  };

// Recipients' keys belong to no council: whoever may see one may see all.
const onKey =
  (ending: string): Samples[string] =>
  async ({ gateway }) => {
    const { db, clock } = gateway.road;
    const [known] = await listKeys(db);
    if (known) return { own: `/keys/${known.fingerprint}${ending}`, foreign: null };
    const { publicKey } = await generateKey({
      userIDs: [{ name: 'Jo Refuge', email: 'jo@refuge.example' }],
      date: new Date(clock().getTime() - 60_000),
    });
    const taken = await takeKey(db, {
      armored: publicKey,
      source: 'import',
      at: clock(),
    });
    if (taken.kind !== 'taken') throw new Error(`The sample key was ${taken.kind}`);
    return { own: `/keys/${taken.key.fingerprint}${ending}`, foreign: null };
  };

const onInvestigation =
  (ending: string): Samples[string] =>
  async (world) => ({
    own: `/investigations/${await sampleInvestigation(world, 'merebrook')}${ending}`,
    foreign: `/investigations/${await sampleInvestigation(world, 'havering')}${ending}`,
  });

/** An open investigation of a council, of Vera Lamb's mail, that names all officers there are. */
async function sampleInvestigation({ gateway }: ConsoleWorld, council: string): Promise<string> {
  const { db, clock } = gateway.road;
  const at = clock();
  const day = (days: number) => new Date(at.getTime() + days * 86_400_000);
  const id = makeQueueId(at, randomBytes(8));
  await openInvestigation(db, {
    id,
    council,
    reference: 'INV/1',
    allegation: 'Use of the casework mailbox',
    authorisedBy: 'somebody else',
    officers: (await listOfficers(db)).map((officer) => officer.id),
    members: [MEMBER],
    actions: [...PERSON_ACTIONS],
    mailFrom: day(-30),
    mailUntil: day(30),
    opensAt: at,
    endsAt: day(1),
    openedBy: 'test',
    at,
  });
  return id;
}

/** A message that an open investigation covers, at one council and at another. */
const onMessage =
  (ending: string): Samples[string] =>
  async (world) => {
    const path = async (council: string): Promise<string> => {
      await sampleInvestigation(world, council);
      const { db } = world.gateway.road;
      const [found] = await db<{ queueId: string }[]>`
        select queue_id from cases where id = ${await sampleCase(world, council)}`;
      return `/messages/${found?.queueId}${ending}`;
    };
    return { own: await path('merebrook'), foreign: await path('havering') };
  };

/** Of every officer there is one, and each waits for all others. */
const onReading =
  (ending: string): Samples[string] =>
  async (world) => {
    const path = async (council: string): Promise<string> => {
      const { db, clock } = world.gateway.road;
      const caseId = await sampleCase(world, council);
      const [found] = await db<{ queueId: string }[]>`
        update cases set privileged = true where id = ${caseId} returning queue_id`;
      const at = clock();
      const id = makeQueueId(at, randomBytes(8));
      const officers = await listOfficers(db);
      // Whoever tries it has asked, or is asked.
      const officer = ending === '/withdraw' ? (officers[0]?.id ?? 'somebody') : 'somebody';
      await db`delete from reading_requests where case_id = ${caseId}`;
      await addReadingRequest(db, {
        id,
        queueId: found?.queueId ?? '',
        caseId,
        investigation: null,
        council,
        officer: council === 'merebrook' ? officer : 'somebody else',
        reason: 'to-decide',
        askedAt: at,
        lapsesAt: new Date(at.getTime() + 86_400_000),
      });
      return `/readings/${id}${ending}`;
    };
    return { own: await path('merebrook'), foreign: await path('havering') };
  };

export const SAMPLES: Samples = {
  '/sign-in/link/:token': async () => ({
    own: '/sign-in/link/unknown',
    foreign: null,
  }),
  '/officers/:id': onOfficer(''),
  '/officers/:id/role': onOfficer('/role'),
  '/officers/:id/disable': onOfficer('/disable'),
  '/officers/:id/reset': onOfficer('/reset'),
  '/members/:id': onMember(''),
  '/members/:id/suspend': onMember('/suspend'),
  '/policy/councils/:id': async () => ({
    own: '/policy/councils/merebrook',
    foreign: '/policy/councils/havering',
  }),
  // A replay is of all councils; of it each officer sees their own.
  '/policy/replays/:id': async ({ gateway }) => {
    const { db, clock, policy } = gateway.road;
    const at = clock();
    const id = makeQueueId(at, randomBytes(8));
    const { version } = policy();
    const versions = { fromVersion: version, toVersion: version };
    await addReplay(db, { id, ...versions, since: at, until: at, reinspect: false, startedAt: at });
    return { own: `/policy/replays/${id}`, foreign: null };
  },
  '/keys/:fingerprint': onKey(''),
  '/keys/:fingerprint/trust': onKey('/trust'),
  '/keys/:fingerprint/revoke': onKey('/revoke'),
  '/messages/:id': onMessage(''),
  '/messages/:id/read': onMessage('/read'),
  '/messages/:id/html': onMessage('/html'),
  '/messages/:id/attachments/:number': onMessage('/attachments/1'),
  '/readings/:id/answer': onReading('/answer'),
  '/readings/:id/withdraw': onReading('/withdraw'),
  '/investigations/:id': onInvestigation(''),
  '/investigations/:id/close': onInvestigation('/close'),
  ...casePaths([
    '',
    '/read',
    '/html',
    '/attachments/:number',
    '/decide',
    '/undo',
    '/ask',
    '/claim',
    '/unclaim',
    '/assign',
    '/escalate',
    '/urgent',
    '/note',
    '/end-links',
  ]),
  ...linkPaths(['', '/answer', '/appeal', '/withdraw', '/send', '/close']),
  '/cases/views/:id/remove': async () => ({ own: '/cases/views/1/remove', foreign: null }),
};

/** Routes of a link in a notice; whoever has the link belongs to no council. */
function linkPaths(endings: string[]): Samples {
  return Object.fromEntries(
    endings.map((ending) => [
      `/m/:token${ending}`,
      async (world: ConsoleWorld): Promise<Sample> => {
        const { queueId } = await heldCase(world);
        return { own: `/m/${await statusToken(world, queueId)}${ending}`, foreign: null };
      },
    ]),
  );
}

/** Routes of a case: one held at Merebrook, one at another council. */
function casePaths(endings: string[]): Samples {
  return Object.fromEntries(
    endings.map((ending) => [
      `/cases/:id${ending}`,
      async (world: ConsoleWorld): Promise<Sample> => {
        const path = async (council: string) =>
          `/cases/${await sampleCase(world, council)}${ending.replace(':number', '1')}`;
        return { own: await path('merebrook'), foreign: await path('havering') };
      },
    ]),
  );
}

const cases = new WeakMap<ConsoleWorld, Map<string, Promise<string>>>();

function sampleCase(world: ConsoleWorld, council: string): Promise<string> {
  const known = cases.get(world) ?? new Map<string, Promise<string>>();
  cases.set(world, known);
  const made = known.get(council) ?? heldCase(world, { council }).then(({ caseId }) => caseId);
  known.set(council, made);
  return made;
}

/** A path for a route: its pattern where it has no parameter. */
export async function sampleOf(route: Route, world: ConsoleWorld): Promise<Sample> {
  if (!route.path.includes(':')) return { own: route.path, foreign: null };
  const make = SAMPLES[route.path];
  if (!make) throw new Error(`Give "${route.path}" an object in test/console/samples.ts`);
  return make(world);
}

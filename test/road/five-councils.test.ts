import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/mail/password.ts';
import { loadOutcomes, loadPolicy } from '../../src/policy/load.ts';
import {
  assumedPolicy,
  atDomain,
  cellOf,
  cellWords,
  councilsOf,
  rawOutcomeMessage,
} from '../../src/policy/outcomes.ts';
import { transaction } from '../../src/store/connect.ts';
import { importPeople } from '../../src/store/people.ts';
import { activatePolicy } from '../../src/store/policies.ts';
import { loadMessage } from '../../src/store/messages.ts';
import {
  eventually,
  PASSWORD,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';

// All at one time, so the election is open for every message: no cell but the newsletters' differs.
const POLICIES = path.resolve(import.meta.dirname, '../../policies');
const outcomes = loadOutcomes(POLICIES);
if (!outcomes) throw new Error('The table of outcomes is missing');
const policy = assumedPolicy(loadPolicy(POLICIES).files, outcomes);
const councils = councilsOf(outcomes).flatMap((id) => policy.councils.get(id) ?? []);
const pin = (id: string): string => `secret of ${id}`;

let world: TestWorld;
let gate: TestGateway;

async function prepare(): Promise<void> {
  const passwordHash = await hashPassword(PASSWORD, randomBytes(16), { N: 1024, r: 8, p: 1 });
  const people = councils.flatMap(({ id, domains }) =>
    (outcomes?.people ?? []).map((person) => ({
      id: randomUUID(),
      council: id,
      name: person.name,
      class: person.class,
      addresses: [atDomain(person.address, domains[0] ?? '')],
      delegateOf: [],
      personalAddresses: person.personalAddresses,
      ward: null,
      group: null,
      officeFrom: null,
      officeUntil: null,
      suspended: null,
      passwordHash,
    })),
  );
  const { version, files } = policy;
  await transaction(world.database.db, async (tx) => {
    await activatePolicy(tx, { version, files, at: new Date('2026-01-02T00:00:00Z'), by: 'test' });
    await importPeople(tx, people);
  });
}

beforeAll(async () => {
  world = await testWorld();
  await prepare();
  const route = world.config.routes['merebrook'];
  if (!route) throw new Error('The test world has no route');
  gate = await runGateway(
    {
      ...world.config,
      policy: { ...world.config.policy, councils: councils.map(({ id }) => id) },
      connectors: councils.map(({ id }) => ({
        name: `${id}-exchange`,
        council: id,
        addresses: ['127.0.0.1/32'],
        requireTls: false,
        clientCertificate: null,
        tenantHeader: { name: 'X-Portreeve-Tenant', value: pin(id) },
      })),
      routes: Object.fromEntries(councils.map(({ id }) => [id, route])),
    },
    { clock: () => new Date(outcomes?.assume.election.at ?? '') },
  );
}, 60_000);
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

describe('one gateway for the five councils and the demo at once', () => {
  it.each(outcomes.messages)('$id becomes what each council says', async (message) => {
    const sent = await Promise.all(
      councils.map(async ({ id, domains }) => {
        const domain = domains[0] ?? '';
        const raw = rawOutcomeMessage(message, domain);
        const from = atDomain(message.mailFrom ?? message.sender, domain);
        const to = message.to.map((address) => atDomain(address, domain));
        const queueId =
          message.via === 'login'
            ? await gate.submit({ from, to, raw })
            : await gate.relay({ from, to, raw: pinned(id, raw) });
        return { id, queueId };
      }),
    );
    const decided = await Promise.all(
      sent.map(async ({ id, queueId }) => {
        const decision = await eventually(
          async () => (await loadMessage(gate.gateway.db, queueId))?.decision ?? null,
          `Message ${queueId} is still undecided`,
        );
        return [id, cellWords(cellOf(decision))];
      }),
    );
    const expected = sent.map(({ id }) => {
      const cell = message.outcomes[id];
      return [id, cell && cellWords(cell)];
    });
    expect(Object.fromEntries(decided)).toEqual(Object.fromEntries(expected));
  });
});

function pinned(council: string, raw: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`X-Portreeve-Tenant: ${pin(council)}\r\n`), raw]);
}

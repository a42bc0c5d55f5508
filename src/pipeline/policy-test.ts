import { createHash } from 'node:crypto';
import { createInspectors, inspect } from '../inspect/inspect.ts';
import { addressKey } from '../mail/address.ts';
import { markingOf } from '../mail/marking.ts';
import { DEFAULT_PARSE_LIMITS, parseMessage } from '../mail/parse.ts';
import type { Directory, Person } from '../mail/person.ts';
import { runExamples, type ExampleResult } from '../policy/examples.ts';
import {
  assumedPolicy,
  atDomain,
  cellOf,
  cellWords,
  councilsOf,
  rawOutcomeMessage,
  type OutcomeMessage,
  type Outcomes,
} from '../policy/outcomes.ts';
import type { CouncilPolicy, Policy } from '../policy/policy.ts';
import { examine, type World } from './examine.ts';
import { NOT_SCANNED } from './scan.ts';

/** Runs every example of every rule with the real parser and detectors. No services are needed. */
export function testPolicy(policy: Policy): Promise<ExampleResult[]> {
  const inspectors = createInspectors(policy.lists);
  return runExamples(policy, {
    examine: async (raw, facts) => {
      const message = await parseMessage(raw, DEFAULT_PARSE_LIMITS);
      return {
        message,
        marking: markingOf(message.headers, facts.council.labels),
        findings: inspect(inspectors, { message, facts }),
      };
    },
  });
}

export interface OutcomeResult {
  message: string;
  council: string;
  /** In words: `hold by 11.1: political-content`. */
  expected: string;
  got: string;
  passed: boolean;
}

/**
 * Sends every message of the table from each of its councils down the whole pure road (parse, work
 * out the actor, inspect, decide) and compares. No services are needed.
 */
export async function testOutcomes(policy: Policy, outcomes: Outcomes): Promise<OutcomeResult[]> {
  const assumed = assumedPolicy(policy.files, outcomes);
  const inspectors = createInspectors(assumed.lists);
  const results: OutcomeResult[] = [];
  for (const id of councilsOf(outcomes)) {
    const council = assumed.councils.get(id);
    if (!council) throw new Error(`The table speaks of "${id}", which is no council`);
    const world: World = {
      policy: assumed,
      council,
      inspectors,
      directory: directoryOf(outcomes, council),
      trustedKeys: () => Promise.resolve(new Set()),
      outsideRecipients24h: () => Promise.resolve(new Set()),
      similarRecipients24h: () => Promise.resolve(new Set()),
      fingerprintSalt: Buffer.alloc(8),
      scan: NOT_SCANNED,
      parseLimits: DEFAULT_PARSE_LIMITS,
    };
    for (const message of outcomes.messages) {
      const expected = message.outcomes[id];
      if (!expected) throw new Error(`No outcome of "${message.id}" for "${id}"; add the cell`);
      const cells = {
        expected: cellWords(expected),
        got: await outcomeOf(world, message, outcomes),
      };
      const passed = cells.got === cells.expected;
      results.push({ message: message.id, council: id, ...cells, passed });
    }
  }
  return results;
}

async function outcomeOf(
  world: World,
  message: OutcomeMessage,
  { assume }: Outcomes,
): Promise<string> {
  const { council } = world;
  const domain = council.domains[0] ?? '';
  const bytes = rawOutcomeMessage(message, domain);
  const sender = atDomain(message.sender, domain);
  const login = message.via === 'login' ? sender : null;
  const incoming = {
    arrival: {
      via: message.via,
      name: login ?? 'exchange',
      council: council.id,
      authenticatedAs: login,
      remoteAddress: '192.0.2.1',
      helo: 'client.example',
      tls: null,
    },
    envelope: {
      mailFrom: atDomain(message.mailFrom ?? message.sender, domain),
      rcptTo: message.to.map((to) => ({ address: atDomain(to, domain), notify: [], orcpt: null })),
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: false,
      body: '8BITMIME' as const,
    },
    receivedAt: new Date(message.duringElection ? assume.election.at : assume.at),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  return cellWords(cellOf((await examine(world, incoming, bytes)).decision));
}

function directoryOf({ people }: Outcomes, council: CouncilPolicy): Directory {
  const domain = council.domains[0] ?? '';
  const all = people.map((person): Person => {
    const key = addressKey(atDomain(person.address, domain));
    return {
      id: key,
      council: council.id,
      name: person.name,
      class: person.class,
      addresses: [key],
      delegateOf: [],
      personalAddresses: person.personalAddresses.map(addressKey),
      ward: null,
      group: null,
      officeFrom: null,
      officeUntil: null,
      suspended: null,
    };
  });
  return {
    byAddress: (address) =>
      all.find(({ addresses }) => addresses.includes(addressKey(address))) ?? null,
    of: () => all,
  };
}

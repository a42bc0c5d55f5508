import { isPersonalProvider } from '../inspect/account-kind.ts';
import { addressKey, domainOf } from '../mail/address.ts';
import { NO_LABELS } from '../mail/marking-labels.ts';
import type { Facts, RecipientFacts } from '../mail/facts.ts';
import type { Finding } from '../mail/finding.ts';
import type { Marking } from '../mail/marking.ts';
import type { ParsedMessage } from '../mail/message.ts';
import type { Verdict } from './condition.ts';
import type { Example, GivenFinding, Policy, Rule } from './policy.ts';
import { viewsOf } from './views.ts';

/**
 * What reading a message gives. Parsing and the detectors are passed in, so that this stays pure.
 */
export interface Examined {
  message: ParsedMessage | null;
  marking: Marking;
  findings: readonly Finding[];
}
export type Examine = (raw: Buffer, facts: Facts) => Promise<Examined>;

export interface ExampleResult {
  rule: string;
  /** From 1, as a reader counts. */
  number: number;
  /** Its subject, or the file that it names. */
  subject: string;
  expected: boolean;
  got: Verdict;
  passed: boolean;
}

/**
 * Runs every example of every rule. No services are needed, and a failure is a result, not an
 * error.
 */
export async function runExamples(
  policy: Policy,
  { examine }: { examine: Examine },
): Promise<ExampleResult[]> {
  const results: ExampleResult[] = [];
  for (const rule of policy.rules.values()) {
    for (const [index, example] of rule.examples.entries()) {
      const got = await verdictOf(policy, rule, example, examine);
      const { matches } = example;
      const subject = example.file ?? example.subject;
      const passed = got === matches;
      results.push({ rule: rule.id, number: index + 1, subject, expected: matches, got, passed });
    }
  }
  return results;
}

/** Yes where the condition holds for any recipient of the example. */
async function verdictOf(
  policy: Policy,
  rule: Rule,
  example: Example,
  examine: Examine,
): Promise<Verdict> {
  const facts = factsOf(policy, example);
  const { message, marking, findings } = await examine(rawMessage(example), facts);
  const stated = example.given.findings?.map(findingOf);
  const input = { message, marking, findings: stated ?? findings, facts, sha256: '' };
  const verdicts = viewsOf(input, policy.lists).map((view) =>
    rule.condition.evaluate(view, example.parameters),
  );
  return verdicts.find((verdict) => verdict !== false) ?? false;
}

/** The example as bytes, UTF-8 (RFC 6532). Lines end as in SMTP, however its file has them. */
function rawMessage({ eml, subject, text, from, to, headers }: Example): Buffer {
  if (eml !== null) return Buffer.from(eml.replaceAll(/\r?\n/g, '\r\n'), 'utf8');
  const fields = {
    From: from,
    To: to.join(', '),
    Subject: subject,
    Date: 'Thu, 01 Oct 2026 10:00:00 +0100',
    'Message-ID': '<example@council.example>',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([...head, '', ...text.split('\n'), ''].join('\r\n'), 'utf8');
}

const MEMBER = 'cllr.alex.example@council.example';
const DOMAIN = 'council.example';

function factsOf(policy: Policy, { to, given }: Example): Facts {
  const known = given.known ?? true;
  const recipients = to.map((address): RecipientFacts => {
    const domain = domainOf(address);
    return {
      address: addressKey(address),
      domain,
      internal: domain === DOMAIN,
      personalProvider:
        given.personalProvider ?? isPersonalProvider(domain, policy.lists.personalProviders),
      actorsOwn: given.actorsOwn ?? false,
      trustedKey: false,
    };
  });
  const period = {
    id: 'example',
    name: 'Example election',
    startsAt: '2026-10-01T00:00:00+01:00',
    endsAt: '2026-11-12T22:00:00+00:00',
    wards: [],
  };
  return {
    receivedAt: '2026-10-01T09:00:00.000Z',
    council: {
      id: 'example',
      name: 'Example Council',
      domains: [DOMAIN],
      wards: ['Example Ward'],
      labels: NO_LABELS,
    },
    arrival: {
      via: 'login',
      name: MEMBER,
      council: 'example',
      authenticatedAs: MEMBER,
      remoteAddress: '192.0.2.1',
      helo: 'client.council.example',
      tls: null,
    },
    envelope: {
      mailFrom: MEMBER,
      rcptTo: to.map((address) => ({ address, notify: [], orcpt: null })),
      ret: null,
      envid: null,
      requireTls: false,
      smtpUtf8: true,
      body: '8BITMIME',
    },
    actor: {
      address: known ? MEMBER : '',
      name: given.senderName ?? 'Alex Example',
      class: given.sender ?? 'member',
      ward: 'Example Ward',
      personalAddresses: [],
      basis: known ? 'login' : 'unknown',
    },
    entitled: [MEMBER],
    recipients,
    openElections: given.election === 'open' ? [period] : [],
    namedPeople: [],
    outsideRecipients24h: given.outsideRecipients24h ?? recipients.length,
    similarRecipients24h: given.outsideRecipients24h ?? recipients.length,
    scan: { by: null, signature: null },
  };
}

function findingOf(given: GivenFinding): Finding {
  return { ...given, summary: 'Stated by the example', evidence: [], recipient: null };
}

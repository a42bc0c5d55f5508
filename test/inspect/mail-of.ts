import { createSentenceReader } from '../../src/extract/sentence-meaning.ts';
import { NO_LABELS } from '../../src/mail/marking-labels.ts';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { recipientFacts, namedPeople, workOutActor } from '../../src/inspect/actor.ts';
import {
  createInspectors,
  inspect,
  withMeaning,
  type Inspection,
} from '../../src/inspect/inspect.ts';
import type { Arrival, Envelope } from '../../src/mail/envelope.ts';
import type { Finding } from '../../src/mail/finding.ts';
import { addressKey } from '../../src/mail/address.ts';
import type { Lists } from '../../src/mail/lists.ts';
import { parseMessage } from '../../src/mail/parse.ts';
import type { Directory, Person } from '../../src/mail/person.ts';

const list = (name: string): string[] =>
  parse(
    readFileSync(new URL(`../../policies/lists/${name}.yaml`, import.meta.url), 'utf8'),
  ) as string[];

export const LISTS: Lists = {
  personalProviders: list('personal-providers'),
  parties: [],
  campaignDomains: [],
  abusiveTerms: [],
  discriminatoryTerms: [],
  deadDomains: list('dead-domains'),
};

export const COUNCIL = {
  id: 'wexbourne',
  name: 'Wexbourne Borough Council',
  domains: ['wexbourne.gov.uk'],
  wards: ['Canal Side', 'Priory'],
  labels: NO_LABELS,
};

function person(name: string, address: string, extra: Partial<Person> = {}): Person {
  return {
    id: address,
    council: COUNCIL.id,
    name,
    class: 'member',
    addresses: [address],
    delegateOf: [],
    personalAddresses: [],
    ward: null,
    group: null,
    officeFrom: null,
    officeUntil: null,
    suspended: null,
    ...extra,
  };
}

export const PEOPLE: readonly Person[] = [
  person('Mohammed Tariq Khan', 'cllr.m.khan@wexbourne.gov.uk'),
  person('Margaret Ackroyd', 'cllr.margaret.ackroyd@wexbourne.gov.uk', {
    addresses: ['cllr.margaret.ackroyd@wexbourne.gov.uk', 'm.ackroyd@wexbourne.gov.uk'],
    delegateOf: ['mayor@wexbourne.gov.uk'],
    personalAddresses: ['allotment.42@plot.example'],
    ward: 'Priory',
  }),
  person('Tom Varley', 'cllr.thomas.varley@wexbourne.gov.uk'),
  person("Siân O'Rourke-Pugh", 'cllr.sian.orourkepugh@wexbourne.gov.uk'),
  person('Ingrid Solberg', 'ingrid.solberg@wexbourne.gov.uk', { class: 'officer' }),
];

export const DIRECTORY: Directory = {
  byAddress: (address) =>
    PEOPLE.find((each) => each.addresses.includes(addressKey(address))) ?? null,
  of: (council) => PEOPLE.filter((each) => each.council === council),
};

/** One message on the wire. Margaret Ackroyd sends it by login to one friend unless said otherwise. */
export interface Mail {
  /** Header lines instead of the usual ones; `From`, `To` and `Subject` are filled in where missing. */
  headers?: readonly string[];
  body?: string;
  rcpt?: readonly string[];
  /** The login; `null` for the connector, and then `mailFrom` counts. */
  login?: string | null;
  mailFrom?: string;
  outsideRecipients24h?: number;
  similarRecipients24h?: number;
  /** What the malware scanner found. */
  signature?: string;
}

export const MARGARET = 'cllr.margaret.ackroyd@wexbourne.gov.uk';

export async function inspectionOfMail(mail: Mail): Promise<Inspection> {
  const login = mail.login === undefined ? MARGARET : mail.login;
  const rcpt = mail.rcpt ?? ['b.oakes@canalboats.example'];
  const given = mail.headers ?? [];
  const missing = [
    `From: Margaret Ackroyd <${MARGARET}>`,
    `To: ${rcpt[0] ?? ''}`,
    'Subject: Towpath',
    'Date: Tue, 09 Feb 2027 10:00:00 +0000',
    'Message-ID: <1@wexbourne.gov.uk>',
  ].filter((line) => !given.some((own) => nameOf(own) === nameOf(line)));
  const raw = [...given, ...missing, '', mail.body ?? 'See you on Tuesday.\n\nMargaret'].join('\n');
  const message = await parseMessage(Buffer.from(raw.replaceAll('\n', '\r\n')));
  const arrival: Arrival = {
    via: login === null ? 'connector' : 'login',
    name: login ?? 'exchange',
    council: COUNCIL.id,
    authenticatedAs: login,
    remoteAddress: '127.0.0.1',
    helo: 'mail.wexbourne.gov.uk',
    tls: null,
  };
  const envelope: Envelope = {
    mailFrom: mail.mailFrom ?? login ?? MARGARET,
    rcptTo: rcpt.map((address) => ({ address, notify: [], orcpt: null })),
    ret: null,
    envid: null,
    requireTls: false,
    smtpUtf8: false,
    body: '8BITMIME',
  };
  const question = { message, arrival, envelope, council: COUNCIL, directory: DIRECTORY };
  const { actor, entitled } = workOutActor(question);
  const trustedKeys = new Set<string>();
  const known = { envelope, council: COUNCIL, actor, lists: LISTS, trustedKeys };
  const recipients = recipientFacts(known);
  const facts = {
    receivedAt: '2027-02-09T10:00:01Z',
    council: COUNCIL,
    arrival,
    envelope,
    actor,
    entitled,
    recipients,
    openElections: [],
    namedPeople: namedPeople(message, DIRECTORY, COUNCIL.id),
    outsideRecipients24h: mail.outsideRecipients24h ?? rcpt.length,
    similarRecipients24h: mail.similarRecipients24h ?? new Set(rcpt).size,
    scan: { by: null, signature: mail.signature ?? null },
  };
  return { message, facts };
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

// The road reads sentences too where words leave a doubt.
const READER = createSentenceReader();

/** Findings of every detector, or of the kinds named. */
export async function findingsOf(mail: Mail, ...kinds: Finding['kind'][]): Promise<Finding[]> {
  const inspectors = createInspectors(LISTS);
  const { input, failures } = await withMeaning(inspectors, await inspectionOfMail(mail), READER);
  const findings = [...inspect(inspectors, input), ...failures];
  return findings.filter((each) => kinds.length === 0 || kinds.includes(each.kind));
}

/** The kinds found among those of this half of the detectors, without repeats, in order. */
export async function kindsOf(mail: Mail): Promise<string[]> {
  const findings = await findingsOf(
    mail,
    'auto-forward',
    'auto-forward-external',
    'manual-forward-personal',
    'identity',
    'chain-letter',
    'mass-mailing',
    'already-encrypted',
    'secret-or-above',
    'inspection-failed',
  );
  return [...new Set(findings.map((each) => each.kind))].sort();
}

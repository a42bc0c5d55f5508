import type { Readable } from 'node:stream';
import { namedPeople, recipientFacts, workOutActor } from '../inspect/actor.ts';
import { inspect, withMeaning, type Inspector } from '../inspect/inspect.ts';
import { fingerprintOf } from '../inspect/similarity.ts';
import { addressKey, domainOf } from '../mail/address.ts';
import type { AttachmentReader } from '../mail/attachment-reader.ts';
import type { Decision } from '../mail/decision.ts';
import { readDraft, UNNAMED_RECIPIENT } from '../mail/draft.ts';
import type { Arrival, Envelope } from '../mail/envelope.ts';
import type { Actor, Facts, MalwareScan } from '../mail/facts.ts';
import type { Finding } from '../mail/finding.ts';
import { markingOf, NO_MARKING } from '../mail/marking.ts';
import type { MeaningReader } from '../mail/meaning.ts';
import type { ParsedMessage } from '../mail/message.ts';
import { parseMessage, type ParseLimits } from '../mail/parse.ts';
import type { Directory, Person } from '../mail/person.ts';
import { decide, type DecisionInput } from '../policy/decide.ts';
import { openElections } from '../policy/elections.ts';
import type { CouncilPolicy, Policy } from '../policy/policy.ts';
import { readingsOf } from '../policy/views.ts';

/**
 * What examination needs of the world; `process` takes it from the record, `inspect --batch` from
 * files.
 */
export interface World {
  policy: Policy;
  council: CouncilPolicy;
  inspectors: readonly Inspector[];
  directory: Directory;
  /** Officer-trusted keys among these recipients, as address keys. */
  trustedKeys: (addresses: string[]) => Promise<ReadonlySet<string>>;
  /** Distinct outside recipients of this actor in the 24 hours before, this message left out. */
  outsideRecipients24h: (actor: string) => Promise<ReadonlySet<string>>;
  /** The same, of those of them that the fingerprint says are nearly this message. */
  similarRecipients24h: (actor: string, fingerprint: string) => Promise<ReadonlySet<string>>;
  /** Keeps fingerprints from being tried out by whoever sees them; at least 8 octets. */
  fingerprintSalt: Buffer;
  /** What the malware scanner said of these bytes. */
  scan: MalwareScan;
  parseLimits: ParseLimits;
  /** A reader for the attachments of one message; without it only texts are read. */
  attachmentReader?: () => AttachmentReader;
  /** What sentences mean, for the doubtful; without it words alone count. */
  meaningReader?: MeaningReader;
  /** Told why a detector failed; its finding says only that it did. */
  onFailure?: (detector: string, cause: unknown) => void;
}

export interface Incoming {
  arrival: Arrival;
  envelope: Envelope;
  receivedAt: Date;
  /** SHA-256 of the bytes, hex. */
  sha256: string;
}

export interface Examination {
  message: ParsedMessage | null;
  actor: Actor;
  person: Person | null;
  facts: Facts;
  /** All that the decision was made from: with the policy, it gives the same decision again. */
  input: DecisionInput;
  decision: Decision;
  /** For the record: later mail is compared with it. */
  fingerprint: string | null;
}

const UNKNOWN_ACTOR: Actor = {
  address: '',
  name: '',
  class: 'unknown',
  ward: null,
  personalAddresses: [],
  basis: 'unknown',
};

/**
 * Reads one message, takes the facts, runs every detector and decides. The same bytes, policy and
 * facts give the same decision. A message that cannot be read at all is decided on the finding
 * `inspection-failed`, which holds; this function throws only when the world fails (database,
 * disk).
 * @param source `null` where looking at the bytes has failed before: decided unseen, so it is held.
 */
export async function examine(
  world: World,
  incoming: Incoming,
  source: Readable | Buffer | null,
): Promise<Examination> {
  return examineParsed(world, incoming, await read(source, world));
}

/**
 * The same for a draft: decided for those whom its body names, and no mail that others are compared
 * with.
 */
export async function examineDraft(
  world: World,
  incoming: Incoming,
  source: Readable | Buffer | null,
): Promise<Examination> {
  const parsed = await read(source, world);
  const draft = parsed.message && readDraft(parsed.message);
  const named = draft && draft.recipients.length > 0 ? draft.recipients : [UNNAMED_RECIPIENT];
  const rcptTo = named.map((address) => ({ address, notify: [], orcpt: null }));
  return examineParsed(
    world,
    { ...incoming, envelope: { ...incoming.envelope, rcptTo } },
    draft ? { message: draft.message } : parsed,
  );
}

async function examineParsed(
  world: World,
  incoming: Incoming,
  parsed: Parsed,
): Promise<Examination> {
  const { council, directory } = world;
  const who = parsed.message
    ? workOutActor({
        message: parsed.message,
        arrival: incoming.arrival,
        envelope: incoming.envelope,
        council,
        directory,
      })
    : unreadableActor(incoming.arrival, directory);
  const fingerprint = parsed.message && fingerprintOf(parsed.message, world.fingerprintSalt);
  const facts = await takeFacts(world, incoming, parsed.message, { ...who, fingerprint });
  const marking = parsed.message
    ? markingOf(parsed.message.headers, council.settings.sensitivityLabels)
    : NO_MARKING;
  const findings = parsed.message
    ? [...(await findingsOf(world, parsed.message, facts)), ...unread(parsed.message)]
    : [parsed.failure];
  const { message } = parsed;
  const input = withReadings(world.policy, {
    message,
    marking,
    findings,
    facts,
    sha256: incoming.sha256,
  });
  const decision = decide(world.policy, input);
  const { actor, person } = who;
  return { message, actor, person, facts, input, decision, fingerprint };
}

/** Where a variable cannot be read, `decide` meets that again and holds the message. */
function withReadings(policy: Policy, input: DecisionInput): DecisionInput {
  try {
    return { ...input, readings: readingsOf(input, policy.lists) };
  } catch {
    return input;
  }
}

async function findingsOf(world: World, message: ParsedMessage, facts: Facts): Promise<Finding[]> {
  const { inspectors, meaningReader, onFailure } = world;
  const plain = { message, facts };
  if (!meaningReader) return inspect(inspectors, plain, onFailure);
  const { input, failures } = await withMeaning(inspectors, plain, meaningReader, onFailure);
  return [...inspect(inspectors, input, onFailure), ...failures];
}

type Parsed = { message: ParsedMessage } | { message: null; failure: Finding };

async function read(source: Readable | Buffer | null, world: World): Promise<Parsed> {
  if (source === null) {
    const failure = inspectionFailed('gave-up', 'Inspection of this message failed repeatedly');
    return { message: null, failure };
  }
  try {
    return { message: await parseMessage(source, world.parseLimits, world.attachmentReader?.()) };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ParseError') throw error;
    return {
      message: null,
      failure: inspectionFailed('unreadable', 'The message could not be read'),
    };
  }
}

/** The finding that holds a message because our own work on it failed. */
function inspectionFailed(type: string, summary: string): Finding {
  return {
    kind: 'inspection-failed',
    type,
    score: 1,
    summary,
    evidence: [],
    recipient: null,
    details: {},
  };
}

/** Attachments that we failed to read, whatever the sender did. */
function unread({ attachments }: ParsedMessage): Finding[] {
  return attachments.flatMap(({ failed, number }) => {
    if (failed === null) return [];
    const part = `attachment:${number}`;
    const finding = inspectionFailed(failed, 'Reading an attachment failed on our side');
    return [{ ...finding, evidence: [{ part, text: '', start: 0, end: 0 }] }];
  });
}

interface Who {
  actor: Actor;
  entitled: string[];
  person: Person | null;
}

function unreadableActor(arrival: Arrival, directory: Directory): Who {
  const person = arrival.authenticatedAs ? directory.byAddress(arrival.authenticatedAs) : null;
  if (!person) return { actor: UNKNOWN_ACTOR, entitled: [], person: null };
  const actor: Actor = {
    address: person.addresses[0] ?? '',
    name: person.name,
    class: person.class,
    ward: person.ward,
    personalAddresses: person.personalAddresses,
    basis: 'login',
  };
  return { actor, entitled: [...person.addresses, ...person.delegateOf], person };
}

async function takeFacts(
  world: World,
  incoming: Incoming,
  message: ParsedMessage | null,
  who: Who & { fingerprint: string | null },
): Promise<Facts> {
  const { council, directory, policy } = world;
  const keys = incoming.envelope.rcptTo.map(({ address }) => addressKey(address));
  const trustedKeys = await world.trustedKeys(keys);
  const { address } = who.actor;
  const none = new Set<string>();
  const before = address ? await world.outsideRecipients24h(address) : none;
  const similar =
    address && who.fingerprint ? await world.similarRecipients24h(address, who.fingerprint) : none;
  const outside = keys.filter((key) => !council.domains.includes(domainOf(key)));
  return {
    receivedAt: incoming.receivedAt.toISOString(),
    council: {
      id: council.id,
      name: council.name,
      domains: council.domains,
      wards: council.wards,
      labels: council.settings.sensitivityLabels,
    },
    arrival: incoming.arrival,
    envelope: incoming.envelope,
    actor: who.actor,
    entitled: who.entitled,
    recipients: recipientFacts({
      envelope: incoming.envelope,
      council,
      actor: who.actor,
      lists: policy.lists,
      trustedKeys,
    }),
    openElections: openElections(policy, council.id, incoming.receivedAt),
    namedPeople: message ? namedPeople(message, directory, council.id) : [],
    outsideRecipients24h: new Set([...before, ...outside]).size,
    similarRecipients24h: new Set([...similar, ...outside]).size,
    scan: world.scan,
  };
}

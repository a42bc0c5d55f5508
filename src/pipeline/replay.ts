import type { Readable } from 'node:stream';
import { createInspectors, type Inspector } from '../inspect/inspect.ts';
import type { AttachmentReader } from '../mail/attachment-reader.ts';
import type { Decision } from '../mail/decision.ts';
import type { MeaningReader } from '../mail/meaning.ts';
import type { ParseLimits } from '../mail/parse.ts';
import type { Directory } from '../mail/person.ts';
import { decide, type DecisionInput } from '../policy/decide.ts';
import { inspectionBasis } from '../policy/inspection-basis.ts';
import type { Policy } from '../policy/policy.ts';
import { recordedInput } from '../policy/recorded-input.ts';
import { isComplete } from '../policy/views.ts';
import { transaction, type Database } from '../store/connect.ts';
import { trustedAddresses } from '../store/keys.ts';
import { loadDirectory } from '../store/people.ts';
import { outsideRecipientsSince, similarRecipientsSince } from '../store/sendings.ts';
import {
  finishReplay,
  replayPage,
  saveReplayPage,
  type ReplayChange,
  type ReplayCounts,
  type ReplayMessage,
  type StoredReplay,
} from '../store/replays.ts';
import type { Spool } from '../store/spool.ts';
import { examine } from './examine.ts';
import { NOT_SCANNED } from './scan.ts';

const PAGE = 200;
const NO_SALT = Buffer.alloc(8);

export interface Replaying {
  db: Database;
  spool: Spool;
  /** The policy that past decisions are compared by, and the one that is proposed. */
  from: Policy;
  to: Policy;
  /** Policies of the record by version, for what recorded findings rest on. */
  policyOf: (version: string) => Promise<Policy | null>;
  parseLimits: ParseLimits;
  attachmentReader: () => AttachmentReader;
  meaningReader: MeaningReader;
  clock: () => Date;
  by: string;
  /** Told after each page how many messages of this run are done. */
  onProgress?: (done: number) => void;
}

/**
 * Decides past mail again under two policies and keeps every recipient whose outcome differs: what
 * was recorded of a message (findings, facts, variables) is enough, unless the policies differ in
 * what detectors rest on, or `reinspect` is asked for; then the bytes are inspected again, with the
 * facts as recorded. Nothing else is changed. Taken up where it was left; the same record gives
 * the same report.
 */
export async function replay(run: Replaying, stored: StoredReplay): Promise<void> {
  const { db } = run;
  const judge = await judgeOf(run, stored.reinspect);
  let after = stored.cursor;
  let done = 0;
  for (;;) {
    const page = await replayPage(db, { ...stored, after, limit: PAGE });
    const last = page.at(-1);
    if (!last) break;
    const counts: ReplayCounts = { messages: 0, inspected: 0, unread: 0 };
    const changes: ReplayChange[] = [];
    for (const message of page) {
      const judged = await judge(message);
      counts[judged === null ? 'unread' : 'messages'] += 1;
      if (!judged) continue;
      if (judged.inspected) counts.inspected += 1;
      changes.push(...changesOf(message, judged.before, judged.after));
    }
    after = { receivedAt: last.receivedAt, queueId: last.queueId };
    const saved = { id: stored.id, cursor: after, counts, changes };
    await transaction(db, (tx) => saveReplayPage(tx, saved));
    done += page.length;
    run.onProgress?.(done);
  }
  await transaction(db, (tx) => finishReplay(tx, { id: stored.id, at: run.clock(), by: run.by }));
}

interface Judged {
  before: Decision;
  after: Decision;
  inspected: boolean;
}

type Judge = (message: ReplayMessage) => Promise<Judged | null>;

async function judgeOf(run: Replaying, reinspect: boolean): Promise<Judge> {
  const { from, to } = run;
  const directory = await loadDirectory(run.db);
  const inspectors = [createInspectors(from.lists), createInspectors(to.lists)] as const;
  const bases = new Map<string, string>();
  const basisOf = async (version: string, council: string): Promise<string> => {
    const key = `${version} ${council}`;
    const known = bases.get(key);
    if (known !== undefined) return known;
    const policy = await run.policyOf(version);
    const basis = policy === null ? '' : inspectionBasis(policy, council);
    bases.set(key, basis);
    return basis;
  };
  return async (message) => {
    const { council, policyVersion } = message;
    if (!from.councils.has(council) || !to.councils.has(council)) return null;
    const recorded = reinspect ? null : inputOf(message);
    const proposed = await basisOf(to.version, council);
    const rests =
      proposed === (await basisOf(policyVersion ?? '', council)) &&
      proposed === (await basisOf(from.version, council));
    if (recorded && rests) {
      return { before: decide(from, recorded), after: decide(to, recorded), inspected: false };
    }
    const [before, after] = [
      await inspectAgain(run, from, inspectors[0], directory, message),
      await inspectAgain(run, to, inspectors[1], directory, message),
    ];
    return before && after && { before, after, inspected: true };
  };
}

/** `null` where an older release kept too little to decide the message again. */
function inputOf({ facts, decision, readings, sha256 }: ReplayMessage): DecisionInput | null {
  if (!facts || !decision || !readings || !isComplete(readings)) return null;
  return recordedInput({ facts, decision, readings, sha256 });
}

/** Under one policy, from the bytes; the counts of the time are those that were recorded. */
async function inspectAgain(
  run: Replaying,
  policy: Policy,
  inspectors: readonly Inspector[],
  directory: Directory,
  message: ReplayMessage,
): Promise<Decision | null> {
  const council = policy.councils.get(message.council);
  const { facts, wrappedKey } = message;
  if (!council || !facts || !wrappedKey) return null;
  const since = new Date(message.receivedAt.getTime() - 24 * 3_600_000);
  const source: Readable = run.spool.read(message.queueId, wrappedKey);
  const { decision } = await examine(
    {
      policy,
      council,
      inspectors,
      directory,
      trustedKeys: (addresses) => trustedAddresses(run.db, addresses, message.receivedAt),
      outsideRecipients24h: (actor) =>
        outsideRecipientsSince(run.db, { actor, since, except: message.queueId }),
      similarRecipients24h: async (actor) =>
        message.fingerprint === null
          ? new Set()
          : similarRecipientsSince(run.db, {
              actor,
              since,
              except: message.queueId,
              fingerprint: message.fingerprint,
            }),
      fingerprintSalt: NO_SALT,
      // What was said then: signatures are no policy.
      scan: facts.scan ?? NOT_SCANNED,
      parseLimits: run.parseLimits,
      attachmentReader: run.attachmentReader,
      meaningReader: run.meaningReader,
    },
    {
      arrival: facts.arrival,
      envelope: facts.envelope,
      receivedAt: message.receivedAt,
      sha256: message.sha256.toString('hex'),
    },
    source,
  );
  return decision;
}

/** Every recipient whose gate or protection differs, with the rules that made the difference. */
export function changesOf(
  message: { queueId: string; council: string },
  before: Decision,
  after: Decision,
): ReplayChange[] {
  return after.recipients.flatMap((would, position) => {
    const was = before.recipients[position];
    if (!was || (was.gate === would.gate && was.protection === would.protection)) return [];
    const [old, fresh] = [acting(was), acting(would)];
    return [
      {
        queueId: message.queueId,
        position,
        council: message.council,
        beforeGate: was.gate,
        beforeProtection: was.protection,
        afterGate: would.gate,
        afterProtection: would.protection,
        lost: old.filter((rule) => !fresh.includes(rule)),
        gained: fresh.filter((rule) => !old.includes(rule)),
      },
    ];
  });
}

/** The rules whose gate or protection counts. */
function acting({ hits }: Decision['recipients'][number]): string[] {
  const rules = hits
    .filter(
      ({ inert, gate, protection }) =>
        (inert === null && gate !== 'release') || (inert !== 'shadow' && protection === 'required'),
    )
    .map(({ rule }) => rule);
  return [...new Set(rules)].sort();
}

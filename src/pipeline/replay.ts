import { createInspectors } from '../inspect/inspect.ts';
import type { AttachmentReader } from '../mail/attachment-reader.ts';
import type { MeaningReader } from '../mail/meaning.ts';
import type { ParseLimits } from '../mail/parse.ts';
import type { Policy } from '../policy/policy.ts';
import type { Db } from '../store/connect.ts';
import { trustedAddresses } from '../store/keys.ts';
import { keptMessages, loadMessage, type StoredMessage } from '../store/messages.ts';
import { outsideRecipientsSince, similarRecipientsSince } from '../store/sendings.ts';
import { loadDirectory } from '../store/people.ts';
import type { Spool } from '../store/spool.ts';
import { examine } from './examine.ts';
import { NOT_SCANNED } from './scan.ts';

export interface Replay {
  db: Db;
  spool: Spool;
  /** The policy that is proposed. */
  policy: Policy;
  parseLimits: ParseLimits;
  attachmentReader: () => AttachmentReader;
  meaningReader: MeaningReader;
  /** Received from then on. */
  since: Date;
}

/** How one recipient's outcome would change, `null` for the message that cannot be replayed. */
export interface Change {
  queueId: string;
  recipient: number;
  before: string;
  after: string;
  /** Rules that hit now and would not, and the other way round. */
  rules: { lost: string[]; gained: string[] };
}

export interface ReplayReport {
  messages: number;
  changes: Change[];
}

const NO_SALT = Buffer.alloc(8);

/**
 * Decides past mail again under a proposed policy, with today's detectors, and reports every
 * recipient whose outcome would differ. Nothing is changed, and nothing but ids and rule names is
 * given out.
 */
export async function replay(run: Replay): Promise<ReplayReport> {
  const inspectors = createInspectors(run.policy.lists);
  const directory = await loadDirectory(run.db);
  const report: ReplayReport = { messages: 0, changes: [] };
  for await (const queueId of keptMessages(run.db, run.since)) {
    const message = await loadMessage(run.db, queueId);
    const council = message && run.policy.councils.get(message.council);
    if (!message?.arrival || !message.envelope || !message.wrappedKey || !council) continue;
    const since = new Date(message.receivedAt.getTime() - 24 * 3_600_000);
    const { decision } = await examine(
      {
        policy: run.policy,
        council,
        inspectors,
        directory,
        trustedKeys: (addresses) => trustedAddresses(run.db, addresses, message.receivedAt),
        outsideRecipients24h: (actor) =>
          outsideRecipientsSince(run.db, { actor, since, except: queueId }),
        similarRecipients24h: (actor) => similarBefore(run.db, message, { actor, since }),
        fingerprintSalt: NO_SALT,
        // What was said then: signatures are no policy.
        scan: message.facts?.scan ?? NOT_SCANNED,
        parseLimits: run.parseLimits,
        attachmentReader: run.attachmentReader,
        meaningReader: run.meaningReader,
      },
      {
        arrival: message.arrival,
        envelope: message.envelope,
        receivedAt: message.receivedAt,
        sha256: message.sha256.toString('hex'),
      },
      run.spool.read(queueId, message.wrappedKey),
    );
    report.messages += 1;
    report.changes.push(...changesOf(queueId, message.decision, decision));
  }
  return report;
}

/** By the fingerprint that was recorded: what is worked out here without the salt is nothing. */
async function similarBefore(
  db: Db,
  { queueId, fingerprint }: StoredMessage,
  question: { actor: string; since: Date },
): Promise<ReadonlySet<string>> {
  if (fingerprint === null) return new Set();
  return similarRecipientsSince(db, { ...question, except: queueId, fingerprint });
}

type Decided = Awaited<ReturnType<typeof examine>>['decision'];

function changesOf(queueId: string, before: Decided | null, after: Decided): Change[] {
  return after.recipients.flatMap((now, recipient) => {
    const then = before?.recipients[recipient];
    const was = then ? `${then.gate}, protection ${then.protection}` : 'undecided';
    const would = `${now.gate}, protection ${now.protection}`;
    if (was === would) return [];
    const old = (then?.hits ?? []).map(({ rule }) => rule);
    const fresh = now.hits.map(({ rule }) => rule);
    const rules = {
      lost: old.filter((rule) => !fresh.includes(rule)),
      gained: fresh.filter((rule) => !old.includes(rule)),
    };
    return [{ queueId, recipient, before: was, after: would, rules }];
  });
}

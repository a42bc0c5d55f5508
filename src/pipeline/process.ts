import { addressKey } from '../mail/address.ts';
import type { MalwareScan } from '../mail/facts.ts';
import { queueId as makeQueueId } from '../mail/queue-id.ts';
import { offeredKeys } from '../mail/offered-keys.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { retentionDue } from '../policy/retention.ts';
import { ScannerUnavailable } from '../scan/clamd.ts';
import { indexCase, lexemesOf } from '../store/case-words.ts';
import { openCase } from '../store/cases.ts';
import { transaction, type Db } from '../store/connect.ts';
import { trustedAddresses } from '../store/keys.ts';
import {
  addRecipients,
  extendInspection,
  loadMessage,
  postponeInspection,
  recordDecision,
  startInspection,
  type StoredMessage,
} from '../store/messages.ts';
import { addNotice } from '../store/outbox.ts';
import { readdressCase } from '../store/reinspection.ts';
import { outsideRecipientsSince, similarRecipientsSince } from '../store/sendings.ts';
import { planActions, type ActionPlan } from './act.ts';
import { examine, examineDraft, type Examination, type Incoming, type World } from './examine.ts';
import { isReturningDivert } from './inward.ts';
import { takeKey } from './key-custody.ts';
import { newCase } from './open-case.ts';
import {
  answerPreflight,
  endDraft,
  preflightOf,
  preflightStatus,
  type Preflight,
} from './preflight.ts';
import type { Road } from './road.ts';
import { NOT_SCANNED, scanMessage } from './scan.ts';

/** The start of one message that holds it without another look: it has killed two inspections. */
const HOLDING_START = 3;
/** Before a message is shown again to a malware scanner that was away. */
const SCANNER_PAUSE_SECONDS = 15;

/**
 * The second half of the road up to the queue: inspect, decide, act. Runs any number of times; only
 * the first run that commits changes anything, because recipients leave `spooled` exactly once. An
 * error or a failed inspection leaves the message `spooled` and under its lease: the sweep begins
 * again once that is out, and the third start holds it for ICT.
 */
export async function processMessage(road: Road, queueId: string): Promise<void> {
  const at = road.clock();
  const leaseSeconds = road.delivery.leaseSeconds;
  const starts = await startInspection(road.db, { queueId, at, leaseSeconds });
  if (starts === 0) return;
  const message = await loadMessage(road.db, queueId);
  if (!message || message.decidedAt || !message.arrival || !message.envelope) return;
  const policy = road.policy();
  const council = policy.councils.get(message.council);
  if (!council) throw new Error(`No active policy for council "${message.council}"`);
  const unseen = starts >= HOLDING_START;
  const preflight = preflightOf(council, message.envelope);
  const renewal = setInterval(() => void renew(road, queueId), (leaseSeconds * 1000) / 3);
  let examination: Examination;
  try {
    const scan = unseen ? NOT_SCANNED : await scanMessage(road, message);
    examination = await (preflight?.isDraft ? examineDraft : examine)(
      worldOf(road, council, message, scan),
      incomingOf(message),
      unseen ? null : rawOf(road, message),
    );
  } catch (error) {
    if (!(error instanceof ScannerUnavailable)) throw error;
    // An outage only waits: this was no look at the message, and does not count as one.
    const until = new Date(road.clock().getTime() + SCANNER_PAUSE_SECONDS * 1000);
    await postponeInspection(road.db, { queueId, until });
    return;
  } finally {
    clearInterval(renewal);
  }
  // Our own failure is tried again before an officer is asked: the lease is the pause between.
  const failed = examination.decision.findings.some(({ kind }) => kind === 'inspection-failed');
  if (failed && starts < HOLDING_START) return;
  const decided = { message, council, verdict: examination, preflight, at: road.clock() };
  if (preflight?.isDraft) return answerDraft(road, { ...decided, preflight });
  await act(road, decided);
  await takeOfferedKeys(road, council, queueId, examination.message);
}

/**
 * Keys that came along wait for an officer's trust. Mail never waits for them, nor fails by them.
 */
async function takeOfferedKeys(
  road: Road,
  council: CouncilPolicy,
  queueId: string,
  message: Examination['message'],
): Promise<void> {
  for (const { armored, source, address } of message ? offeredKeys(message, council.domains) : []) {
    try {
      const at = road.clock();
      await takeKey(road.db, { armored, source, at, ...(address === null ? {} : { address }) });
    } catch (error) {
      road.log.fault('offered key', error, { queueId });
    }
  }
}

/** Waiting for the reader of attachments is no crash: the lease lasts as long as we do. */
async function renew(road: Road, queueId: string): Promise<void> {
  const { leaseSeconds } = road.delivery;
  try {
    await extendInspection(road.db, { queueId, at: road.clock(), leaseSeconds });
  } catch (error) {
    road.log.fault('lease', error, { queueId });
  }
}

function rawOf(road: Road, message: StoredMessage) {
  if (!message.wrappedKey) throw new Error(`Message "${message.queueId}" was erased`);
  return road.spool.read(message.queueId, message.wrappedKey);
}

/** The world as the record knows it. */
function worldOf(
  road: Road,
  council: CouncilPolicy,
  message: StoredMessage,
  scan: MalwareScan,
): World {
  const since = new Date(message.receivedAt.getTime() - 24 * 3_600_000);
  return {
    policy: road.policy(),
    council,
    inspectors: road.inspectors(),
    directory: road.directory(),
    trustedKeys: (addresses) => trustedAddresses(road.db, addresses, message.receivedAt),
    outsideRecipients24h: (actor) =>
      outsideRecipientsSince(road.db, { actor, since, except: message.queueId }),
    similarRecipients24h: (actor, fingerprint) =>
      similarRecipientsSince(road.db, { actor, since, except: message.queueId, fingerprint }),
    fingerprintSalt: road.fingerprintSalt,
    scan,
    parseLimits: road.parseLimits,
    attachmentReader: road.attachmentReader,
    meaningReader: road.meaningReader,
    onFailure: (detector, cause) =>
      road.log.fault(`detector ${detector}`, cause, { queueId: message.queueId }),
  };
}

function incomingOf(message: StoredMessage): Incoming {
  if (!message.arrival || !message.envelope) throw new Error('Message was erased');
  return {
    arrival: message.arrival,
    envelope: message.envelope,
    receivedAt: message.receivedAt,
    sha256: message.sha256.toString('hex'),
  };
}

interface Decided {
  message: StoredMessage;
  council: CouncilPolicy;
  verdict: Examination;
  preflight: Preflight | null;
  at: Date;
}

async function answerDraft(road: Road, draft: Decided & { preflight: Preflight }): Promise<void> {
  const notices = await transaction(road.db, (tx) => endDraft(road, tx, draft));
  if (notices) await road.queues.wake('notify', notices);
}

async function act(road: Road, decided: Decided): Promise<void> {
  const { message, council, verdict, preflight, at } = decided;
  const { queueId } = message;
  const { decision, actor, facts, person } = verdict;
  const plan = planActions({
    decision,
    actor,
    settings: council.settings,
    at,
    ordinaryDelayNoticeMinutes: road.delivery.ordinaryDelayNoticeMinutes,
    returning: verdict.message ? isReturningDivert(verdict.message, road.noticeSecret) : false,
    preflight: preflight && { ...preflight, status: preflightStatus(verdict) },
  });
  const kept = decision.gate !== 'release' || decision.protection === 'required';
  const retentionClass = kept ? 'kept' : 'delivered';
  const notices: string[] = [];
  const recorded = await transaction(road.db, async (tx) => {
    const first = await recordDecision(tx, {
      queueId,
      decision,
      facts,
      fingerprint: verdict.fingerprint,
      readings: verdict.input.readings ?? null,
      at,
      recipients: plan.recipients,
      actorId: person?.id ?? null,
      actorAddress: actor.address || null,
      retentionClass,
      eraseAfter: retentionDue(council.settings.retention, retentionClass, message.receivedAt),
    });
    if (!first) return false;
    notices.push(...(await carryOut(road, tx, { ...decided, plan })));
    if (preflight) {
      notices.push(...(await answerPreflight(road, tx, { ...decided, preflight })));
    }
    return true;
  });
  if (!recorded) return;
  road.log.decision({
    queueId,
    gate: decision.gate,
    protection: decision.protection,
    findings: decision.findings.length,
  });
  if (plan.recipients.some(({ status }) => status === 'queued')) {
    await road.queues.wake('deliver', [queueId]);
  }
  await road.queues.wake('notify', notices);
}

interface Carried extends Decided {
  plan: ActionPlan;
}

/** Cases, the inward copy of a diverted message, and notices, in the decision's own transaction. */
async function carryOut(road: Road, tx: Db, carried: Carried): Promise<string[]> {
  const { message, council, plan, verdict, at } = carried;
  const { queueId } = message;
  for (const planned of plan.cases) {
    const id = makeQueueId(at, road.random(8));
    const policy = road.policy();
    const opened = newCase({ id, queueId, plan: planned, policy, council, verdict, at });
    // Inspected again: the case is there already, and what it is about may be another matter.
    const known = message.decision ? await readdressCase(tx, opened) : null;
    if (known === null) await openCase(tx, opened);
    if (planned.kind === 'hold') await indexHeld(road, tx, known ?? id, verdict);
  }
  if (plan.deliverInwardAt) {
    await addRecipients(tx, queueId, [
      {
        address: verdict.actor.address,
        domain: addressKey(verdict.actor.address).split('@')[1] ?? '',
        internal: true,
        orcpt: null,
        notify: ['never'],
        status: 'deferred',
        route: 'inward',
        protection: 'none',
        nextAttemptAt: plan.deliverInwardAt,
        giveUpAt: new Date(
          plan.deliverInwardAt.getTime() + council.settings.giveUpAfterHours.other * 3_600_000,
        ),
      },
    ]);
  }
  const added: string[] = [];
  for (const notice of [...plan.notices, ...goesAfterAll(message, plan, at)]) {
    const id = makeQueueId(at, road.random(8));
    const fresh = await addNotice(tx, {
      id,
      kind: notice.kind,
      queueId,
      council: council.id,
      toAddress: verdict.actor.address,
      data: { positions: notice.positions },
      dedupeKey: notice.dedupeKey,
      at,
    });
    if (fresh) added.push(id);
  }
  return added;
}

/** What officers who may read it can search, until its case closes (see case-words.ts). */
async function indexHeld(
  road: Road,
  tx: Db,
  caseId: string,
  { message }: Examination,
): Promise<void> {
  const texts = (message?.texts ?? []).map(({ text }) => text);
  if (texts.length > 0) await indexCase(tx, caseId, lexemesOf(texts, road.searchKey));
}

/** Inspected again after our own failure had held it: its sender was told so, and hears the end. */
function goesAfterAll(
  { queueId, decision }: StoredMessage,
  { recipients }: ActionPlan,
  at: Date,
): ActionPlan['notices'] {
  const positions = recipients
    .filter(({ status, position }) => {
      return status === 'queued' && decision?.recipients[position]?.gate === 'hold';
    })
    .map(({ position }) => position);
  if (positions.length === 0) return [];
  return [{ kind: 'released', positions, dedupeKey: `reinspected|${queueId}|${at.getTime()}` }];
}

import { automaticKind } from '../inspect/automatic-mail.ts';
import { addressKey } from '../mail/address.ts';
import type { RecipientStatus } from '../mail/disposition.ts';
import type { Envelope } from '../mail/envelope.ts';
import { queueId as makeQueueId } from '../mail/queue-id.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import type { Db } from '../store/connect.ts';
import { recordDecision, type StoredMessage } from '../store/messages.ts';
import { addNotice } from '../store/outbox.ts';
import { markPreflight, PREFLIGHTS_AN_HOUR, preflightsInHour } from '../store/preflight.ts';
import type { Examination } from './examine.ts';
import type { Road } from './road.ts';

/** A message to the council's preflight address. */
export interface Preflight {
  /** Positions of that address in the envelope. */
  positions: ReadonlySet<number>;
  /** Nobody else was named: it is a draft, and nothing of it is mail. */
  isDraft: boolean;
}

/** Whether the envelope asks what would happen; `null` where it does not, or nobody may ask. */
export function preflightOf(council: CouncilPolicy, { rcptTo }: Envelope): Preflight | null {
  const { preflightAddress } = council.settings;
  if (preflightAddress === null) return null;
  const asked = rcptTo.flatMap(({ address }, position) =>
    addressKey(address) === addressKey(preflightAddress) ? [position] : [],
  );
  if (asked.length === 0) return null;
  return { positions: new Set(asked), isDraft: asked.length === rcptTo.length };
}

/** Whom we answer: people of the council who wrote it themselves. Nobody else is told a thing. */
export function mayAsk({ actor, person, message }: Examination): boolean {
  return (
    person !== null &&
    person.suspended === null &&
    (actor.basis === 'login' || actor.basis === 'from') &&
    message !== null &&
    automaticKind(message) === null
  );
}

/** Taken back by the actor, or refused as any address that is not there. */
export function preflightStatus(verdict: Examination): RecipientStatus {
  return mayAsk(verdict) ? 'withdrawn' : 'rejected';
}

interface Answering {
  message: StoredMessage;
  council: CouncilPolicy;
  preflight: Preflight;
  verdict: Examination;
  at: Date;
}

/**
 * Puts the answer into the outbox, in the decision's own transaction, and records what became of
 * the question. Returns the ids of notices to be written. The first question too many of an hour is
 * answered with that, the others not at all.
 */
export async function answerPreflight(
  road: Pick<Road, 'random'>,
  tx: Db,
  { message, council, preflight, verdict, at }: Answering,
): Promise<string[]> {
  const { queueId } = message;
  const { positions, isDraft } = preflight;
  const mark = (result: string) =>
    markPreflight(tx, { queueId, positions: [...positions], result, isDraft });
  if (!mayAsk(verdict)) {
    await mark('not-known');
    return [];
  }
  const { address } = verdict.actor;
  const before = await preflightsInHour(tx, { address, at });
  const isTooMany = before >= PREFLIGHTS_AN_HOUR;
  if (before > PREFLIGHTS_AN_HOUR) {
    await mark('too-many');
    return [];
  }
  const id = makeQueueId(at, road.random(8));
  const asked = verdict.decision.recipients.map((_, position) => position);
  const fresh = await addNotice(tx, {
    id,
    kind: 'preflight',
    queueId,
    council: council.id,
    toAddress: address,
    data: {
      positions: isDraft ? asked : asked.filter((position) => !positions.has(position)),
      isDraft,
      isTooMany,
    },
    dedupeKey: null,
    // Asked for by a person, and limited here: the cap against floods is for what we start.
    byOfficer: true,
    at,
  });
  await mark(isTooMany ? 'too-many' : 'answered');
  return fresh ? [id] : [];
}

const DAY_MS = 24 * 3_600_000;

/**
 * Ends the road of a draft: what would be decided is recorded for the answer, nothing is delivered
 * and no case is opened. It is erased a day later. `null` where it was decided before.
 */
export async function endDraft(
  road: Pick<Road, 'random'>,
  tx: Db,
  answering: Answering,
): Promise<string[] | null> {
  const { message, preflight, verdict, at } = answering;
  const first = await recordDecision(tx, {
    queueId: message.queueId,
    decision: verdict.decision,
    facts: verdict.facts,
    fingerprint: null,
    readings: verdict.input.readings ?? null,
    at,
    recipients: [...preflight.positions].map((position) => ({
      position,
      status: preflightStatus(verdict),
      gate: 'release' as const,
      protection: 'none' as const,
      nextAttemptAt: null,
      giveUpAt: null,
      delayNoticeDue: null,
      // What the decision says is a forecast for others.
      rules: [],
    })),
    actorId: verdict.person?.id ?? null,
    actorAddress: verdict.actor.address || null,
    retentionClass: 'delivered',
    eraseAfter: new Date(at.getTime() + DAY_MS),
  });
  return first ? answerPreflight(road, tx, answering) : null;
}

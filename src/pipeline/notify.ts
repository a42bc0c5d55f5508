import { addressKey } from '../mail/address.ts';
import { composeNotice } from '../mail/notice.ts';
import { noticeTemplate } from '../policy/notice-files.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { caseOfMessage } from '../store/case-history.ts';
import { transaction } from '../store/connect.ts';
import { trustedKeys } from '../store/keys.ts';
import { loadMessage, type StoredMessage } from '../store/messages.ts';
import {
  lockNotice,
  markNoticeWritten,
  suppressNotice,
  type PendingNotice,
} from '../store/outbox.ts';
import { noticeToken } from './inward.ts';
import { dsnInput, noticeData, type NoticeSource } from './notice-data.ts';
import { preflightData } from './preflight-data.ts';
import { ownMessageId, putOwnMessage } from './own-message.ts';
import type { Road } from './road.ts';
import { newStatusLink } from './status-link.ts';

/**
 * Writes one notice: composes it from the record and puts it into the spool and the queue as a
 * message of ours, inward and uninspected. The outbox row's id is its queue id and its Message-ID,
 * and the row stays locked meanwhile: at least once on the wire, once in the mailbox.
 */
export async function writeNotice(road: Road, id: string): Promise<void> {
  const written = await transaction(road.db, async (tx) => {
    const notice = await lockNotice(tx, id);
    if (!notice) return null;
    const message = await loadMessage(tx, notice.queueId);
    const council = road.policy().councils.get(notice.council);
    if (!council) throw new Error(`No active policy for council "${notice.council}"`);
    if (!message?.decision || !message.facts) {
      await suppressNotice(tx, id, 'message erased');
      return null;
    }
    const at = road.clock();
    const composed = await compose({ ...road, db: tx }, notice, message, council, at);
    await putOwnMessage(road, tx, {
      ...composed,
      id,
      council,
      to: addressKey(notice.toAddress),
      notify: ['never'],
      route: 'inward',
      at,
    });
    await markNoticeWritten(tx, id, at);
    return notice;
  });
  if (!written) return;
  road.log.notice({ outboxId: id, queueId: written.queueId, kind: written.kind });
  await road.queues.wake('deliver', [id]);
}

async function compose(
  road: Road,
  notice: PendingNotice,
  message: StoredMessage,
  council: CouncilPolicy,
  at: Date,
) {
  const { decision, facts } = message;
  if (!decision || !facts) throw new Error(`Message "${message.queueId}" is undecided`);
  const words = noticeTemplate(road.policy().notices, notice.kind, council);
  if (!words) throw new Error(`No template for notice "${notice.kind}"`);
  const source: NoticeSource = {
    kind: notice.kind,
    message,
    council,
    decision,
    actor: facts.actor,
    positions: positionsOf(notice),
    officerReason: textOf(notice.data['officerReason']),
    dueAt: (await caseOfMessage(road.db, message.queueId))?.dueAt ?? null,
    keyHeld: await keyHolders(road, message, at),
    statusLink: await newStatusLink(road, road.db, notice, message),
  };
  return composeNotice({
    kind: notice.kind,
    council: {
      name: council.name,
      noticeFrom: council.settings.noticeFrom,
      contacts: council.settings.contacts,
    },
    to: { name: facts.actor.name, address: notice.toAddress },
    ...words,
    data: notice.kind === 'preflight' ? preflightData(source, askedOf(notice)) : noticeData(source),
    messageId: ownMessageId(road.hostname, notice.id),
    at,
    original: { messageId: message.messageId ?? '', date: null, subject: message.subject },
    includeDsn: dsnInput(source, road.hostname),
    token: `${notice.id} ${noticeToken(road.noticeSecret, notice.id)}`,
  });
}

async function keyHolders(
  road: Road,
  message: StoredMessage,
  at: Date,
): Promise<ReadonlySet<number>> {
  const addresses = message.recipients.flatMap(({ address }) => (address ? [address] : []));
  const keys = await trustedKeys(road.db, addresses.map(addressKey), at);
  return new Set(
    message.recipients
      .filter(({ address }) => address && keys.has(addressKey(address)))
      .map(({ position }) => position),
  );
}

function positionsOf({ data }: PendingNotice): number[] | null {
  const positions = data['positions'];
  return Array.isArray(positions) ? positions.filter((each) => typeof each === 'number') : null;
}

function askedOf({ data }: PendingNotice) {
  return { isDraft: data['isDraft'] === true, isTooMany: data['isTooMany'] === true };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

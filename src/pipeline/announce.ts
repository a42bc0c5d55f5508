import { addressKey, domainOf } from '../mail/address.ts';
import { composeAnnouncement, type AnnouncedWords } from '../mail/announcement.ts';
import { queueId } from '../mail/queue-id.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { addAnnouncement, type NewAnnouncement } from '../store/announcements.ts';
import { transaction } from '../store/connect.ts';
import { noticeToken } from './inward.ts';
import { ownMessageId, putOwnMessage } from './own-message.ts';
import type { Road } from './road.ts';

/** What is announced, why now, and to whom. */
export interface Announcing extends Pick<NewAnnouncement, 'kind' | 'about' | 'occasion'> {
  council: CouncilPolicy;
  words: AnnouncedWords;
  /** Addresses inside the council; others are left out. */
  readers: readonly string[];
}

/**
 * Tells each reader once. Where it reaches nobody it is not recorded, so that a mailbox entered
 * later is still told. One mail that cannot be written keeps back no other. Safe to run at any
 * time, in several processes at once.
 */
export async function announce(road: Road, announcing: Announcing): Promise<void> {
  const { council, kind, about } = announcing;
  const inside = announcing.readers.filter((address) => isInside(council, address));
  for (const to of new Set(inside.map(addressKey))) {
    await tell(road, announcing, to).catch((error: unknown) =>
      road.log.fault('announcement', error, { kind, about, council: council.id }),
    );
  }
}

/** Mail of ours goes nowhere else. */
export function isInside(council: CouncilPolicy, address: string): boolean {
  return council.domains.includes(domainOf(address));
}

async function tell(road: Road, announcing: Announcing, to: string): Promise<void> {
  const { council, kind, about, occasion, words } = announcing;
  const at = road.clock();
  const id = queueId(at, road.random(8));
  const { noticeFrom } = council.settings;
  const isWritten = await transaction(road.db, async (tx) => {
    const announced = { id, council: council.id, kind, about, occasion, toAddress: to, at };
    if (!(await addAnnouncement(tx, announced))) return false;
    const raw = composeAnnouncement({
      council: { name: council.name, noticeFrom },
      to,
      words,
      messageId: ownMessageId(road.hostname, id),
      at,
      token: `${id} ${noticeToken(road.noticeSecret, id)}`,
    });
    const own = { id, council, raw, mailFrom: noticeFrom, to, at };
    await putOwnMessage(road, tx, { ...own, notify: ['never'], route: 'inward' });
    return true;
  });
  if (isWritten) await road.queues.wake('deliver', [id]);
}

import type { Db } from './connect.ts';

export interface NewAnnouncement {
  /** Becomes the queue id of the mail. */
  id: string;
  council: string;
  kind: 'exception' | 'investigation' | 'reading';
  /** Id of what it is about. */
  about: string;
  /** Why now: what one reader is told of one thing on one occasion is told once. */
  occasion: string;
  /** Address key. */
  toAddress: string;
  at: Date;
}

/**
 * Records that a reader is told of something; call it in the transaction that inserts the mail.
 * False: that reader was told before, so write nothing.
 */
export async function addAnnouncement(tx: Db, announced: NewAnnouncement): Promise<boolean> {
  const { id, council, kind, about, occasion, toAddress, at } = announced;
  const rows = await tx`
    insert into announcements (id, council, kind, about, occasion, to_address, written_at)
    values (${id}, ${council}, ${kind}, ${about}, ${occasion}, ${toAddress}, ${at})
    on conflict do nothing returning id`;
  return rows.length > 0;
}

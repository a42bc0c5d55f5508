import type { NoticeKind } from '../mail/notice.ts';
import type { Db } from '../store/connect.ts';
import type { StoredMessage } from '../store/messages.ts';
import { addStatusLink, messageOfLink } from '../store/status-links.ts';
import { tokenHash } from './officer-sign-in.ts';
import type { Road } from './road.ts';

const DAYS = 30;
const TOKEN_BYTES = 32;

/**
 * A new link for the notice that is being written, `null` where no console with TLS is configured,
 * and in notices to anybody but the sender: whoever has the link may act for them. An old link goes
 * on working until its own date.
 */
export async function newStatusLink(
  { consoleUrl, clock, random }: Pick<Road, 'consoleUrl' | 'clock' | 'random'>,
  tx: Db,
  notice: { kind: NoticeKind; toAddress: string },
  { queueId, actorAddress }: Pick<StoredMessage, 'queueId' | 'actorAddress'>,
): Promise<string | null> {
  // Notices carry no other links than those that nobody can read on the way.
  if (!consoleUrl?.startsWith('https:') || notice.kind === 'preflight') return null;
  if (notice.toAddress !== actorAddress) return null;
  const token = Buffer.from(random(TOKEN_BYTES)).toString('base64url');
  const expiresAt = new Date(clock().getTime() + DAYS * 86_400_000);
  await addStatusLink(tx, { tokenHash: tokenHash(token), queueId, expiresAt });
  return new URL(`/m/${token}`, consoleUrl).href;
}

/** The queue id behind a link's token; `null` alike for unknown, expired and revoked ones. */
export function linkedMessage(db: Db, token: string, at: Date): Promise<string | null> {
  return messageOfLink(db, tokenHash(token), at);
}

import { addressKey } from '../mail/address.ts';
import { normaliseText } from '../mail/normal-text.ts';
import { inspectKey, type KeyInfo } from '../pgp/keys.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { trustedKeys } from '../store/keys.ts';
import type { StoredMessage } from '../store/messages.ts';
import type { Road } from './road.ts';

const PGP = /\[\s*pgp\s*\]/i;

/** Whether the sender wrote `[PGP]` into the subject, as the notices tell them to. */
export function asksForPgp({ subject }: Pick<StoredMessage, 'subject'>): boolean {
  return subject !== null && PGP.test(normaliseText(subject));
}

/** A key to encrypt to: armoured, and what is known of it. */
export interface UsableKey {
  armored: string;
  info: KeyInfo;
}

/**
 * The key that the gateway may encrypt to for one recipient, `null` where the council does not let
 * it, the sender would have to ask and has not, or no officer-trusted key can be used today.
 */
export async function pgpKeyFor(
  { db, clock }: Pick<Road, 'db' | 'clock'>,
  council: CouncilPolicy,
  message: Pick<StoredMessage, 'subject'>,
  address: string,
): Promise<UsableKey | null> {
  const { pgpFallback } = council.settings;
  if (pgpFallback === 'off') return null;
  if (pgpFallback === 'on_resend' && !asksForPgp(message)) return null;
  const at = clock();
  const wanted = addressKey(address);
  const armored = (await trustedKeys(db, [wanted], at)).get(wanted);
  if (armored === undefined) return null;
  const inspection = await inspectKey(armored, at, wanted);
  return inspection.kind === 'usable' ? { armored, info: inspection.key } : null;
}

import type { SealingFlaw } from '../delivery/delivery-job.ts';
import { addressKey } from '../mail/address.ts';
import { normaliseText } from '../mail/normal-text.ts';
import { inspectKey, type KeyInfo } from '../pgp/keys.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { keysTrustedFor, trustedKeys } from '../store/keys.ts';
import type { StoredMessage } from '../store/messages.ts';
import type { Road } from './road.ts';

const PGP = /\[\s*pgp\s*\]/i;

/** Whether the sender wrote `[PGP]` into the subject, as the notices tell them to. */
export function asksForPgp({ subject }: Pick<StoredMessage, 'subject'>): boolean {
  return subject !== null && PGP.test(normaliseText(subject));
}

/** A key to encrypt to: armoured, and what is known of it. */
export interface UsableKey {
  kind: 'usable';
  armored: string;
  info: KeyInfo;
}

/** `flawed`: a trusted key is held and the council would use it, but it is of no use today. */
export type KeyChoice = UsableKey | { kind: 'flawed'; cause: SealingFlaw } | { kind: 'none' };

/**
 * The key that the gateway may encrypt to for one recipient; none where the council does not let
 * it, the sender would have to ask and has not, or no officer trusts one.
 */
export async function pgpKeyFor(
  { db, clock }: Pick<Road, 'db' | 'clock'>,
  council: CouncilPolicy,
  message: Pick<StoredMessage, 'subject'>,
  address: string,
): Promise<KeyChoice> {
  const { pgpFallback } = council.settings;
  if (pgpFallback === 'off') return { kind: 'none' };
  if (pgpFallback === 'on_resend' && !asksForPgp(message)) return { kind: 'none' };
  const at = clock();
  const wanted = addressKey(address);
  const armored = (await trustedKeys(db, [wanted], at)).get(wanted);
  if (armored === undefined) {
    const expired = (await keysTrustedFor(db, [wanted])).length > 0;
    return expired ? { kind: 'flawed', cause: 'pgp-key-expired' } : { kind: 'none' };
  }
  const inspection = await inspectKey(armored, at, wanted);
  if (inspection.kind === 'usable') return { kind: 'usable', armored, info: inspection.key };
  const isExpired = inspection.problem === 'expired';
  return { kind: 'flawed', cause: isExpired ? 'pgp-key-expired' : 'pgp-key-unusable' };
}

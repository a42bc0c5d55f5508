import { addressKey, domainOf, localPartOf } from '../mail/address.ts';
import { composeKeyRequest } from '../mail/key-request.ts';
import { queueId as makeQueueId } from '../mail/queue-id.ts';
import type { CouncilPolicy } from '../policy/policy.ts';
import { appendAudit } from '../store/audit.ts';
import { transaction, type Db } from '../store/connect.ts';
import { lastKeyRequest, trustedKeys } from '../store/keys.ts';
import { loadMessage } from '../store/messages.ts';
import { ownMessageId, putOwnMessage } from './own-message.ts';
import type { Road } from './road.ts';

export interface KeyRequest {
  council: CouncilPolicy;
  /** Text of policies/notices/key-request.md. */
  template: string;
  /** Who is asked. */
  address: string;
  /** Queue id of a message that waits for the key, for the audit row alone. */
  reference: string | null;
  /** The officer who asks. */
  by: string;
  at: Date;
}

export type KeyAsked =
  { kind: 'asked'; queueId: string; address: string } | { kind: 'refused'; advice: string };

/** An address is asked once in so many days: whoever does not answer is telephoned. */
const AGAIN_DAYS = 7;
const DAY_MS = 86_400_000;

/**
 * Puts one plain message into the queue that asks somebody outside for an OpenPGP key, with the
 * audit row `key-asked`; the next sweep of a running gateway sends it. It says nothing of any
 * message.
 */
export async function askForKey(
  road: Pick<Road, 'db' | 'spool' | 'hostname' | 'random'>,
  request: KeyRequest,
): Promise<KeyAsked> {
  const { council, at, by, reference } = request;
  const address = `${localPartOf(request.address.trim())}@${domainOf(request.address)}`;
  const queueId = makeQueueId(at, road.random(8));
  return transaction(road.db, async (tx): Promise<KeyAsked> => {
    const advice = await objection(tx, request, address);
    if (advice !== null) return { kind: 'refused', advice };
    const raw = composeKeyRequest({
      council: { ...council.settings, name: council.name },
      to: address,
      template: request.template,
      reference: queueId,
      messageId: ownMessageId(road.hostname, queueId),
      at,
    });
    await putOwnMessage(road, tx, {
      id: queueId,
      council,
      raw,
      mailFrom: council.settings.noticeFrom,
      to: address,
      notify: [],
      route: 'outward',
      at,
      keepUntil: new Date(at.getTime() + AGAIN_DAYS * DAY_MS),
    });
    const data = { council: council.id, ...(reference !== null && { reference }) };
    await appendAudit(tx, { event: 'key-asked', queueId, actor: by, data });
    return { kind: 'asked', queueId, address };
  });
}

// A dot-atom at a domain of letters (RFC 5321 §4.1.2): what a header of ours can bear.
const ATOM = "[\\w!#$%&'*+/=?^`{|}~-]+";
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ADDRESS = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`, 'i');
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

/** Why this address is not asked, `null` where it may be. */
async function objection(tx: Db, request: KeyRequest, address: string): Promise<string | null> {
  const { council, reference, at } = request;
  const isAddress =
    address.length <= LONGEST_ADDRESS &&
    localPartOf(address).length <= LONGEST_LOCAL_PART &&
    ADDRESS.test(address);
  if (!isAddress) return `"${request.address}" is no e-mail address that can be asked`;
  if (council.domains.includes(domainOf(address))) {
    return `"${address}" is the council's own: its mail never leaves, and needs no key`;
  }
  if (council.settings.pgpFallback === 'off') {
    return `"pgpFallback" of "${council.id}" is "off": a key would not be used`;
  }
  const wanted = addressKey(address);
  if ((await trustedKeys(tx, [wanted], at)).has(wanted)) {
    return `A trusted key for "${address}" is held already: see the list of keys`;
  }
  const since = new Date(at.getTime() - AGAIN_DAYS * DAY_MS);
  const asked = await lastKeyRequest(tx, { address: wanted, since });
  if (asked !== null) {
    const again = new Date(asked.getTime() + AGAIN_DAYS * DAY_MS).toISOString().slice(0, 10);
    return `"${address}" was asked already; telephone them, or ask again after ${again}`;
  }
  return reference === null ? null : referenceProblem(tx, request, wanted);
}

async function referenceProblem(
  tx: Db,
  { council, reference }: KeyRequest,
  wanted: string,
): Promise<string | null> {
  const message = reference === null ? null : await loadMessage(tx, reference);
  const isTheirs =
    message?.council === council.id &&
    message.recipients.some(({ address }) => address !== null && addressKey(address) === wanted);
  return isTheirs ? null : `No message "${reference}" of "${council.id}" is for that address`;
}

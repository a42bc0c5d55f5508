import { createHmac, timingSafeEqual } from 'node:crypto';
import { headerValues, type ParsedMessage } from '../mail/message.ts';

const DIVERTED_HEADER = 'X-Portreeve-Diverted';

/** A proof that we wrote a header: nobody can make mail skip or change its road by adding one. */
export function noticeToken(secret: Buffer, queueId: string): string {
  return createHmac('sha256', secret).update(queueId).digest('base64url').slice(0, 32);
}

/** The field that marks a diverted message on its way to the member's own mailbox, with CRLF. */
export function divertedField(secret: Buffer, queueId: string): string {
  return `${DIVERTED_HEADER}: ${queueId} ${noticeToken(secret, queueId)}\r\n`;
}

/**
 * True for a diverted message that the mailbox rule forwarded again after we delivered it inward
 * (domain C.5 point 2): it is diverted again, but neither offered nor reported a second time.
 */
export function isReturningDivert(message: ParsedMessage, secret: Buffer): boolean {
  return headerValues(message, DIVERTED_HEADER.toLowerCase()).some((value) => {
    const [queueId = '', token = ''] = value.trim().split(/\s+/);
    const expected = Buffer.from(noticeToken(secret, queueId));
    const given = Buffer.from(token);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

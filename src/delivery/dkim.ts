import { Readable } from 'node:stream';
import { dkimSign as signWithMailauth } from 'mailauth/lib/dkim/sign.js';

/**
 * A council's signing key. `privateKey` is PEM: RSA of 2048 bits or more (RFC 8301), or Ed25519.
 */
export interface DkimKey {
  domain: string;
  selector: string;
  privateKey: string;
}

/**
 * The DKIM-Signature field, with CRLF, to be put before `message` (RFC 6376, relaxed/relaxed): sign
 * last, over the bytes that leave. The message is read once and not kept.
 * @throws {Error} if it cannot be signed.
 */
export async function dkimSign(
  message: Readable | Buffer,
  key: DkimKey,
  at: Date,
): Promise<string> {
  const signing = {
    signingDomain: key.domain,
    selector: key.selector,
    privateKey: key.privateKey,
  };
  const { signatures, errors } = await signWithMailauth(
    Buffer.isBuffer(message) ? Readable.from([message]) : message,
    { ...signing, canonicalization: 'relaxed/relaxed', signTime: at, signatureData: [signing] },
  );
  // Without a signature there is an empty line, which would end the header before it began.
  if (!signatures.startsWith('DKIM-Signature:')) {
    const cause: unknown = errors[0];
    throw new Error(`Cannot sign for "${key.domain}" with selector "${key.selector}"`, { cause });
  }
  return signatures;
}

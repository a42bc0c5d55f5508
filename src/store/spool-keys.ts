import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  encapsulate,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/**
 * The file is not what was written for this queue id: cut short, changed, swapped, or another key.
 */
export class SpoolDamaged extends Error {
  override readonly name = 'SpoolDamaged';
}

/** By key id. */
export type PrivateKeys = ReadonlyMap<string, KeyObject>;

const KEY_BYTES = 32;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 8;
const KEM_BYTES = 32;
const WRAPPED_BYTES = KEY_ID_BYTES + KEM_BYTES + KEY_BYTES + TAG_BYTES;

/** A key pair for a spool, PEM. Keep the private half from ingress. */
export function generateSpoolKeys(): { publicKey: string; privateKey: string; keyId: string } {
  const pair = generateKeyPairSync('x25519');
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { publicKey, privateKey, keyId: spoolKeyId(publicKey) };
}

/** The id of a spool key, from either half: 16 hex digits. */
export function spoolKeyId(pem: string): string {
  return keyIdOf(createPublicKey(pem)).toString('hex');
}

function keyIdOf(key: KeyObject): Buffer {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest().subarray(0, KEY_ID_BYTES);
}

/** @throws if it is not an X25519 key. */
export function readPublicKey(pem: string): KeyObject {
  return x25519(() => createPublicKey(pem));
}

/** Current and retired keys, so that mail under a retired one stays readable. */
export function readPrivateKeys(pems: readonly string[]): PrivateKeys {
  return new Map(
    pems.map((pem) => {
      const key = x25519(() => createPrivateKey(pem));
      return [spoolKeyId(pem), key];
    }),
  );
}

function x25519(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new Error('Spool key cannot be read: want an X25519 key in PEM', { cause });
  }
  if (key.asymmetricKeyType !== 'x25519') {
    throw new Error(`Spool key is "${key.asymmetricKeyType}", want "x25519": make a pair anew`);
  }
  return key;
}

/** The key that wraps one data key: the secret is fresh each time, so a constant nonce is safe. */
function wrappingKey(sharedKey: Buffer, keyId: Buffer, queueId: string): Buffer {
  const info = Buffer.concat([
    Buffer.from('portreeve spool wrap v1\0'),
    keyId,
    Buffer.from(queueId),
  ]);
  return Buffer.from(hkdfSync('sha256', sharedKey, Buffer.alloc(0), info, KEY_BYTES));
}

/**
 * The data key under the public key: key id (8 bytes), KEM ciphertext (32), wrapped key (32) with
 * its tag (16).
 */
export function wrapKey(dataKey: Buffer, publicKey: KeyObject, queueId: string): Buffer {
  const keyId = keyIdOf(publicKey);
  const { sharedKey, ciphertext } = encapsulate(publicKey);
  const key = wrappingKey(Buffer.from(sharedKey), keyId, queueId);
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
  const wrapped = Buffer.concat([cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([keyId, Buffer.from(ciphertext), wrapped]);
}

/** @throws {SpoolDamaged} if it was not wrapped for this queue id by a key that is held. */
export function unwrapKey(wrappedKey: Buffer, privateKeys: PrivateKeys, queueId: string): Buffer {
  if (wrappedKey.length !== WRAPPED_BYTES) {
    throw new SpoolDamaged(`Wrapped key of message "${queueId}" is damaged`);
  }
  const keyId = wrappedKey.subarray(0, KEY_ID_BYTES);
  const privateKey = privateKeys.get(keyId.toString('hex'));
  if (!privateKey) {
    const id = keyId.toString('hex');
    throw new SpoolDamaged(
      `Message "${queueId}" is under spool key "${id}", which is not held here: ` +
        'add its private half',
    );
  }
  const wrapped = wrappedKey.subarray(KEY_ID_BYTES + KEM_BYTES);
  try {
    const ciphertext = wrappedKey.subarray(KEY_ID_BYTES, KEY_ID_BYTES + KEM_BYTES);
    const sharedKey = Buffer.from(decapsulate(privateKey, ciphertext));
    const key = wrappingKey(sharedKey, keyId, queueId);
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.alloc(12), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(wrapped.subarray(KEY_BYTES));
    return Buffer.concat([decipher.update(wrapped.subarray(0, KEY_BYTES)), decipher.final()]);
  } catch (error) {
    throw new SpoolDamaged(`Wrapped key of message "${queueId}" is damaged`, { cause: error });
  }
}

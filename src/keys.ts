import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateSpoolKeys } from './store/spool.ts';

/**
 * Secrets that a gateway makes for itself at its first start, as files of mode 0600. See
 * docs/keys.md.
 */
export interface GatewayKeys {
  /** Wraps data keys; all that an ingress-only process needs. */
  spoolPublicKey: string;
  /** Unwraps them: current first. `null` where this process holds none. */
  spoolPrivateKeys: string[] | null;
  /** Signs the audit batches (Ed25519). */
  auditKey: KeyObject;
  auditPublicKey: KeyObject;
  /** Proves that a header is ours. */
  noticeSecret: Buffer;
  /** Salts the fingerprints of near-identical mail; follows from the notice secret. */
  fingerprintSalt: Buffer;
  /** Hashes the words of held messages, so that they can be searched and not read. */
  searchKey: Buffer;
  /** Of the console: seals authenticators' secrets, signs form tokens. */
  consoleSecret: Buffer;
}

/**
 * Loads the keys from `dir`, and makes those that are missing.
 * @param holdsContent false for a process that only accepts mail: it never reads the private half
 */
export async function loadKeys(dir: string, holdsContent: boolean): Promise<GatewayKeys> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const file = (name: string): string => path.join(dir, name);
  if (holdsContent && (await read(file('spool.pub'))) === null) {
    const privateKey = await keep(file('spool.key'), () => generateSpoolKeys().privateKey);
    // From the half that is on disk: another process, or one that died here, may have made it.
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
    await keep(file('spool.pub'), () => publicKey.toString());
  }
  // Never made for a process that only accepts mail: no worker could read what it wraps.
  const spoolPublicKey = await need(file('spool.pub'));
  const auditPem = await keep(file('audit.key'), () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  });
  const auditKey = createPrivateKey(auditPem);
  const auditPublicKey = createPublicKey(auditKey);
  // The published half: whoever verifies the trail takes this file, not the database's word.
  await writeFile(file('audit.pub'), auditPublicKey.export({ type: 'spki', format: 'pem' }));
  const secret = await keep(file('notice.secret'), () => randomBytes(32).toString('base64'));
  const noticeSecret = Buffer.from(secret, 'base64');
  const ofConsole = await keep(file('console.secret'), () => randomBytes(32).toString('base64'));
  return {
    spoolPublicKey,
    spoolPrivateKeys: holdsContent ? await privateHalves(file) : null,
    auditKey,
    auditPublicKey,
    fingerprintSalt: createHmac('sha256', secret).update('fingerprint').digest(),
    noticeSecret,
    // Of the same file, and of no use for guessing it (RFC 5869).
    searchKey: Buffer.from(hkdfSync('sha256', noticeSecret, '', 'portreeve held words', 32)),
    consoleSecret: Buffer.from(ofConsole, 'base64'),
  };
}

/** The current private half, and `spool-retired.key` where a rotation has left one. */
async function privateHalves(file: (name: string) => string): Promise<string[]> {
  const retired = await read(file('spool-retired.key'));
  return [await need(file('spool.key')), ...(retired === null ? [] : [retired])];
}

async function keep(file: string, make: () => string): Promise<string> {
  const found = await read(file);
  if (found !== null) return found;
  // A link appears whole and only once, whoever makes the same file at this moment.
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(unfinished, make(), { mode: 0o600, flag: 'wx' });
    await link(unfinished, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { force: true });
  }
  return need(file);
}

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function need(file: string): Promise<string> {
  const found = await read(file);
  if (found === null) {
    throw new Error(
      `Key file "${file}" is missing: a worker makes it at its first start, ` +
        'later it must come from the backup',
    );
  }
  return found;
}

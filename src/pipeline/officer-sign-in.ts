import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { addressKey } from '../mail/address.ts';
import { transaction, type Db } from '../store/connect.ts';
import {
  clearFailures,
  countFailure,
  lockSecrets,
  offerTotp,
  useRecoveryCode,
  useTotpStep,
  type OfficerSecrets,
} from '../store/officer-factors.ts';
import { noteSignIn } from '../store/officers.ts';
import {
  addSession,
  endSession,
  type SessionStage,
  type StoredSession,
} from '../store/sessions.ts';
import { verifyOfficerPassword } from './officer-password.ts';

/** What signing in needs of the world. */
export interface SignInWorld {
  db: Db;
  clock: () => Date;
  random: (bytes: number) => Uint8Array;
  /** Seals authenticators' secrets; 32 bytes. */
  secret: Buffer;
  sessionHours: number;
}

/** Wrong guesses in a row after which an account waits. */
export const GUESSES = 5;
export const LOCKED_MINUTES = 15;
const PASSED_MINUTES = 15;

export type SignIn =
  | { kind: 'signed-in'; token: string; stage: SessionStage; officerId: string }
  /** Wrong, unknown, locked or disabled: nobody is told which. */
  | { kind: 'refused' };

/**
 * The first factor. The session it opens may only take the second one, or enrol one where the
 * officer has none yet.
 */
export async function signInWithPassword(
  world: SignInWorld,
  { login, password, hasPasskey }: { login: string; password: string; hasPasskey: HasPasskey },
): Promise<SignIn> {
  const { db } = world;
  const at = world.clock();
  return transaction(db, async (tx): Promise<SignIn> => {
    const secrets = await lockSecrets(tx, { login: addressKey(login) });
    // Always at the cost of one hash, whatever is wrong.
    const fits = await verifyOfficerPassword(password, secrets?.passwordHash ?? null);
    const blocked = secrets && whyBlocked(secrets, at);
    if (!secrets || blocked || !fits) {
      if (secrets && !blocked) await failed(tx, secrets, at);
      const why = blocked ?? (secrets ? 'wrong' : 'unknown');
      await noteSignIn(tx, 'sign-in-refused', secrets?.id ?? null, { method: 'password', why });
      return { kind: 'refused' };
    }
    const isEnrolled = secrets.totpConfirmedAt !== null || (await hasPasskey(tx, secrets.id));
    const stage = isEnrolled ? 'second-factor' : 'enrol';
    if (stage === 'enrol') await clearFailures(tx, secrets.id);
    return openSession(world, tx, { officerId: secrets.id, stage, method: 'password' });
  });
}

type HasPasskey = (db: Db, officerId: string) => Promise<boolean>;

/**
 * The second factor: six digits of the authenticator, or a recovery code, each of which counts
 * once. The session changes its token.
 */
export async function passSecondFactor(
  world: SignInWorld,
  session: StoredSession,
  code: string,
): Promise<SignIn> {
  const at = world.clock();
  return transaction(world.db, async (tx): Promise<SignIn> => {
    const secrets = await lockSecrets(tx, { id: session.officerId });
    const blocked = secrets && whyBlocked(secrets, at);
    const factor = secrets && !blocked ? await factorOf(world, tx, secrets, code) : null;
    if (!secrets || factor === null) {
      if (secrets && !blocked) await failed(tx, secrets, at);
      const why = blocked ?? 'wrong';
      await noteSignIn(tx, 'sign-in-refused', session.officerId, { method: 'second-factor', why });
      return { kind: 'refused' };
    }
    return complete(world, tx, session, `password and ${factor}`);
  });
}

async function factorOf(
  world: SignInWorld,
  tx: Db,
  secrets: OfficerSecrets,
  code: string,
): Promise<'authenticator' | 'recovery code' | null> {
  const at = world.clock();
  const officerId = secrets.id;
  const isConfirmed = secrets.totpConfirmedAt !== null;
  if (isConfirmed && (await isTotp(world, tx, secrets, code))) return 'authenticator';
  const hash = recoveryHash(code);
  return (await useRecoveryCode(tx, { officerId, hash, at })) ? 'recovery code' : null;
}

/** Every proof is there: the session becomes a full one under a new token. */
export async function complete(
  world: SignInWorld,
  tx: Db,
  session: StoredSession | null,
  method: string,
  officerId = session?.officerId ?? '',
): Promise<SignIn> {
  if (session) await endSession(tx, session.tokenHash);
  await clearFailures(tx, officerId);
  await noteSignIn(tx, 'sign-in', officerId, { method });
  return openSession(world, tx, { officerId, stage: 'full', method });
}

/** A session under a token never seen before: one that was fixed beforehand is worth nothing. */
export async function openSession(
  world: SignInWorld,
  tx: Db,
  opened: { officerId: string; stage: SessionStage; method: string },
): Promise<SignIn> {
  const at = world.clock();
  const token = Buffer.from(world.random(32)).toString('base64url');
  const minutes = opened.stage === 'full' ? world.sessionHours * 60 : PASSED_MINUTES;
  await addSession(tx, {
    ...opened,
    tokenHash: tokenHash(token),
    createdAt: at,
    lastSeenAt: at,
    expiresAt: new Date(at.getTime() + minutes * 60_000),
  });
  return { kind: 'signed-in', token, stage: opened.stage, officerId: opened.officerId };
}

function whyBlocked(secrets: OfficerSecrets, at: Date): 'disabled' | 'locked' | null {
  if (secrets.disabledAt !== null) return 'disabled';
  return secrets.lockedUntil !== null && secrets.lockedUntil > at ? 'locked' : null;
}

async function failed(tx: Db, { id: officerId }: OfficerSecrets, at: Date): Promise<void> {
  const lockedUntil = new Date(at.getTime() + LOCKED_MINUTES * 60_000);
  const { locked } = await countFailure(tx, { officerId, limit: GUESSES, lockedUntil });
  if (locked) await noteSignIn(tx, 'sign-in-refused', officerId, { why: 'now-locked' });
}

/** What is kept of a session's, a link's or a ceremony's token. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Recovery codes are random enough for a plain hash; hyphens, spaces and case do not matter. */
export function recoveryHash(code: string): Buffer {
  const plain = code.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return createHash('sha256').update(`recovery ${plain}`).digest();
}

/** Ten codes of fifty bits, to be shown once: `ab3de-fg5hj`. */
export function newRecoveryCodes(random: (bytes: number) => Uint8Array): string[] {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz234567890';
  return Array.from({ length: 10 }, () => {
    const letters = Array.from(random(10), (byte) => alphabet[byte % 32]).join('');
    return `${letters.slice(0, 5)}-${letters.slice(5)}`;
  });
}

const PERIOD_SECONDS = 30;

/**
 * A new authenticator for an officer: its secret to show once, and the link for the QR code. `null`
 * where one is in use: that has to go first.
 */
export async function newTotp(
  world: SignInWorld,
  officer: { id: string; login: string; issuer: string },
): Promise<{ secret: string; uri: string } | null> {
  const bytes = world.random(20);
  const secret = new Secret({ buffer: new Uint8Array(bytes).buffer });
  if (!(await offerTotp(world.db, officer.id, seal(world, bytes, officer.id)))) return null;
  const totp = new TOTP({ issuer: officer.issuer, label: officer.login, secret });
  return { secret: secret.base32, uri: totp.toString() };
}

/** Whether the code is right now (or half a minute off), and was not used before. */
export async function isTotp(
  world: Pick<SignInWorld, 'clock' | 'secret'>,
  tx: Db,
  secrets: OfficerSecrets,
  code: string,
): Promise<boolean> {
  const digits = code.replaceAll(/\s/g, '');
  if (secrets.totpSecret === null || !/^\d{6}$/.test(digits)) return false;
  const secret = new Secret({ buffer: open(world, secrets.totpSecret, secrets.id) });
  const at = world.clock();
  const delta = new TOTP({ secret, period: PERIOD_SECONDS }).validate({
    token: digits,
    timestamp: at.getTime(),
    window: 1,
  });
  if (delta === null) return false;
  const step = Math.floor(at.getTime() / 1000 / PERIOD_SECONDS) + delta;
  return useTotpStep(tx, { officerId: secrets.id, step, at });
}

/** AES-256-GCM, bound to the officer: one row's secret is no use in another. */
function seal(
  world: Pick<SignInWorld, 'secret' | 'random'>,
  plain: Uint8Array,
  id: string,
): Buffer {
  const nonce = world.random(12);
  const cipher = createCipheriv('aes-256-gcm', world.secret, nonce).setAAD(Buffer.from(id));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function open({ secret }: Pick<SignInWorld, 'secret'>, sealed: Buffer, id: string): ArrayBuffer {
  const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, 12))
    .setAAD(Buffer.from(id))
    .setAuthTag(sealed.subarray(12, 28));
  const plain = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
  return new Uint8Array(plain).buffer;
}

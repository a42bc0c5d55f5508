import { addressKey } from '../mail/address.ts';
import { verifyPassword } from '../mail/password.ts';
import type { Person } from '../mail/person.ts';
import { smtpReply, type SmtpReply } from '../mail/smtp-reply.ts';
import type { IngressLimits } from './limits.ts';
import { networkOf } from './network.ts';

/**
 * The account of an address, `null` where there is none. A `null` hash is an account without login.
 */
export type FindLogin = (
  address: string,
) => Promise<{ person: Person; passwordHash: string | null } | null>;

/** What AUTH PLAIN or AUTH LOGIN gave. */
export interface Credentials {
  username: string;
  password: string;
  /** PLAIN only: whom the client wants to act as. */
  authzid: string;
  remoteAddress: string;
}

/** `cause` where the failure is ours. */
export type LoginResult = { person: Person } | { refusal: SmtpReply; cause?: unknown };

const BAD_CREDENTIALS = smtpReply(535, '5.7.8', 'Authentication credentials invalid');
const TOO_MANY_HERE = smtpReply(421, '4.7.0', 'Too many failed logins, try again later');
const TOO_MANY_THERE = smtpReply(454, '4.7.0', 'Too many failed logins, try again later');
const TRY_LATER = smtpReply(454, '4.7.0', 'Temporary authentication failure');

const COUNTED_KEYS = 20_000;

/**
 * Makes the judge of logins of one listener. Bad password, unknown account and account without
 * login get the same answer at the same cost. An attempt counts before it is judged, so that a
 * hundred at once are not a hundred free ones.
 */
export function createLogin(
  findLogin: FindLogin,
  limits: Pick<
    IngressLimits,
    'failedLoginsPerAddress' | 'failedLoginsPerAccount' | 'loginWindowSeconds'
  >,
  clock: () => Date,
): (credentials: Credentials) => Promise<LoginResult> {
  const failures = countedFailures(limits.loginWindowSeconds, clock);
  return async ({ username, password, authzid, remoteAddress }) => {
    const account = addressKey(username.slice(0, 320));
    const keys = [`address ${networkOf(remoteAddress)}`, `account ${account}`] as const;
    if (failures.count(keys[0]) >= limits.failedLoginsPerAddress) return { refusal: TOO_MANY_HERE };
    if (failures.count(keys[1]) >= limits.failedLoginsPerAccount)
      return { refusal: TOO_MANY_THERE };
    const forget = failures.add(keys);
    try {
      const login = await findLogin(account);
      const fits = await verifyPassword(password, login?.passwordHash ?? null);
      // RFC 4616: acting as somebody else is a permission that nobody has here.
      const asItself = authzid === '' || addressKey(authzid) === account;
      if (!login || !fits || !asItself) return { refusal: BAD_CREDENTIALS };
      forget();
      return { person: login.person };
    } catch (cause) {
      forget();
      return { refusal: TRY_LATER, cause };
    }
  };
}

/** Failures by key within a sliding window. The oldest key goes when there are too many. */
function countedFailures(windowSeconds: number, clock: () => Date) {
  const times = new Map<string, number[]>();
  const recent = (key: string): number[] => {
    const since = clock().getTime() - windowSeconds * 1000;
    return (times.get(key) ?? []).filter((time) => time > since);
  };
  return {
    count: (key: string): number => recent(key).length,
    add(keys: readonly string[]): () => void {
      const now = clock().getTime();
      for (const key of keys) {
        const list = [...recent(key), now];
        times.delete(key);
        times.set(key, list);
      }
      for (const key of times.keys()) {
        if (times.size <= COUNTED_KEYS) break;
        times.delete(key);
      }
      return () => {
        for (const key of keys) {
          const list = times.get(key);
          const index = list?.indexOf(now) ?? -1;
          if (index >= 0) list?.splice(index, 1);
          if (list?.length === 0) times.delete(key);
        }
      };
    },
  };
}

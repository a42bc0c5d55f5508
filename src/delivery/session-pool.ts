import type { SessionFailure, SmtpSession } from './smtp-session.ts';

export interface PoolLimits {
  /** Sessions to one address at the same time. */
  perHost: number;
  /** Transactions on one session. */
  maxMessages: number;
  idleMs: number;
}

export type Opened = { session: SmtpSession } | { failure: SessionFailure };

interface Host {
  open: number;
  idle: { profile: string; session: SmtpSession; timer: NodeJS.Timeout }[];
  waiting: (() => void)[];
}

/** Open SMTP sessions, kept for the next message to the same host under the same terms. */
export class SessionPool {
  readonly #limits: PoolLimits;
  readonly #hosts = new Map<string, Host>();
  #closed = false;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /**
   * An idle session of this profile, or a new one; waits while the host has its fill.
   * @param host Address and port, what `perHost` counts.
   * @param profile Everything else that makes two sessions different.
   * @throws the reason of `signal` when it aborts the wait.
   */
  async acquire(
    host: string,
    profile: string,
    signal: AbortSignal,
    open: () => Promise<Opened>,
  ): Promise<Opened> {
    const slot = this.#hosts.get(host) ?? { open: 0, idle: [], waiting: [] };
    this.#hosts.set(host, slot);
    for (;;) {
      if (signal.aborted) {
        this.#wake(host, slot);
        throw signal.reason as Error;
      }
      const idle = this.#takeIdle(slot, profile);
      if (idle) return { session: idle };
      if (slot.open < this.#limits.perHost) break;
      // An idle session under other terms gives its place up.
      const other = slot.idle[0];
      if (other) this.#drop(host, slot, other.session);
      else await turn(slot.waiting, signal);
    }
    slot.open += 1;
    try {
      const opened = await open();
      if ('failure' in opened) this.#forget(host, slot);
      return opened;
    } catch (error) {
      this.#forget(host, slot);
      throw error;
    }
  }

  /** Gives a session back. Only one whose last transaction ended well may be kept. */
  release(host: string, profile: string, session: SmtpSession, reusable: boolean): void {
    const slot = this.#hosts.get(host);
    if (!slot) return session.quit();
    const keep =
      reusable && session.alive && !this.#closed && session.transactions < this.#limits.maxMessages;
    if (!keep) return this.#drop(host, slot, session);
    const timer = setTimeout(() => this.#drop(host, slot, session), this.#limits.idleMs).unref();
    slot.idle.push({ profile, session, timer });
    this.#wake(host, slot);
  }

  /** Ends the idle sessions; the busy ones end when they are released. */
  close(): void {
    this.#closed = true;
    for (const [host, slot] of this.#hosts) {
      while (slot.idle[0]) this.#drop(host, slot, slot.idle[0].session);
    }
  }

  #takeIdle(slot: Host, profile: string): SmtpSession | null {
    for (const entry of slot.idle.filter((candidate) => candidate.profile === profile)) {
      slot.idle.splice(slot.idle.indexOf(entry), 1);
      clearTimeout(entry.timer);
      if (entry.session.alive) return entry.session;
      slot.open -= 1;
    }
    return null;
  }

  #drop(host: string, slot: Host, session: SmtpSession): void {
    const index = slot.idle.findIndex((entry) => entry.session === session);
    if (index >= 0) clearTimeout(slot.idle.splice(index, 1)[0]?.timer);
    session.quit();
    this.#forget(host, slot);
  }

  #forget(host: string, slot: Host): void {
    slot.open -= 1;
    this.#wake(host, slot);
  }

  /** Lets the next one have its turn; a host that nobody uses is forgotten. */
  #wake(host: string, slot: Host): void {
    const next = slot.waiting.shift();
    if (next) next();
    else if (slot.open === 0) this.#hosts.delete(host);
  }
}

function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    const giveUp = (): void => {
      waiting.splice(waiting.indexOf(go), 1);
      reject(signal.reason as Error);
    };
    waiting.push(go);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

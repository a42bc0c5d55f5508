import type { KeyObject } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import type { Courier } from '../delivery/courier.ts';
import type { CouncilRoutes } from '../pipeline/routes.ts';
import type { MalwareScanner } from '../scan/clamd.ts';
import type { Database } from '../store/connect.ts';
import type { Spool } from '../store/spool.ts';

/** What the commands may use of the world; main.ts builds it. */
export interface CliContext {
  stdin: Readable;
  out: (text: string) => void;
  err: (text: string) => void;
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  /**
   * Login name of whoever runs the command: the officer of the audit trail unless `--officer` says.
   */
  user: string;
  /** The configuration in force. @throws ConfigError */
  config: () => Config;
  /** Files that it names and that cannot be read. */
  unreadableFiles: () => string[];
  /**
   * Opens the record (starting the embedded engine where it does not run) for the time of `work`.
   */
  withRecord: <T>(work: (db: Database) => Promise<T>) => Promise<T>;
  /** The spool, able to read. */
  openSpool: () => Promise<Spool>;
  /** The audit key itself, where this account may read it. */
  auditKey: () => Promise<KeyObject>;
  /** The SMTP client as configured, to ask what it would do. */
  openCourier: (db: Database) => Promise<Courier>;
  /** The malware scanner as configured, `null` where there is none. */
  scanner: () => MalwareScanner | null;
  /** By council id, as configured. */
  routes: () => Promise<ReadonlyMap<string, CouncilRoutes>>;
  /** PEM of the published half of the audit key. */
  auditPublicKey: () => Promise<string>;
  /** Runs the gateway until it is told to stop. */
  start: (options: { roles: string[]; demo: boolean }) => Promise<void>;
  /** Sends the nine messages of the demo and prints what became of them; the exit code. */
  demo: (json: boolean) => Promise<number>;
}

/** Ends the command with exit code 1 after `message`: a finding or a failure, no bug. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Ends the command with exit code 2: the call itself was wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Prints `value` as JSON, or as `text` says. */
export function print(
  context: CliContext,
  options: { json?: boolean },
  value: unknown,
  text: string,
): void {
  context.out(options.json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
}

/** Rows as aligned columns under their headings. */
export function table(headings: string[], rows: string[][]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { CONFIG_SCHEMA } from '../../src/config-schema.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { Database } from '../../src/store/connect.ts';

export interface Run {
  out: string;
  err: string;
  /** What the command threw, `null` where it was fine. */
  error: Error | null;
}

/** Runs one command in this process, on the test's own record. */
export async function run(
  words: string[],
  changes: Partial<CliContext> & { db?: Database } = {},
): Promise<Run> {
  const said = { out: '', err: '' };
  const nothing = (): Promise<never> => Promise.reject(new Error('This test has no such thing'));
  const { db, ...context } = changes;
  const program = createProgram({
    stdin: Readable.from([]),
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    now: () => new Date(),
    random: (bytes) => randomBytes(bytes),
    user: 'tester',
    config: () => ({
      ...CONFIG_SCHEMA.parse({}),
      databaseUrl: null,
      redisUrl: null,
      source: null,
    }),
    unreadableFiles: () => [],
    withRecord: (work) => (db ? work(db) : nothing()),
    openSpool: nothing,
    auditPublicKey: nothing,
    auditKey: nothing,
    openCourier: nothing,
    routes: nothing,
    scanner: () => null,
    start: nothing,
    demo: nothing,
    ...context,
  });
  try {
    await program.parseAsync(['node', 'portreeve', ...words]);
    return { ...said, error: null };
  } catch (error) {
    return { ...said, error: error as Error };
  }
}

import { transaction, type Db } from '../store/connect.ts';
import {
  dropTombstones,
  dueForErasure,
  eraseMessage,
  markFileRemoved,
  unknownMessages,
  unremovedFiles,
} from '../store/erasure.ts';
import type { Spool } from '../store/spool.ts';

export interface Erasure {
  db: Db;
  spool: Spool;
  clock: () => Date;
  /** Most messages to erase in one run; the next run goes on. */
  limit: number;
}

export interface ErasureReport {
  erased: number;
  /** Past their date and still here: `held` and `underWay` together. */
  skipped: number;
  /** A legal hold stands over them. */
  held: number;
  /** A recipient is still to be decided or delivered. */
  underWay: number;
}

const PAGE = 200;

/**
 * A file without a row this old belongs to a message that we never answered 250 for: the row is
 * committed within the SMTP session.
 */
const ORPHAN_HOURS = 24;

/**
 * Erases the content of every message that is past its date and under no hold, one transaction
 * each, so that a run which dies has erased some messages whole and the others not at all. Then
 * removes spool files that no record refers to. Safe to run twice at once.
 */
export async function eraseDue(run: Erasure): Promise<ErasureReport> {
  const { db, spool, clock, limit } = run;
  const at = clock();
  const report = { erased: 0, skipped: 0, held: 0, underWay: 0 };
  // First what an earlier run left: its keys are gone, its files not yet.
  await removeFiles(run);
  let after: { eraseAfter: Date; queueId: string } | null = null;
  while (report.erased < limit) {
    const page: { eraseAfter: Date; queueId: string }[] = await dueForErasure(db, at, after, PAGE);
    for (const { queueId } of page.slice(0, limit - report.erased)) {
      const result = await transaction(db, (tx) => eraseMessage(tx, queueId, at));
      if (result === 'erased') {
        report.erased += 1;
        await spool.remove(queueId);
        await markFileRemoved(db, queueId, at);
      }
      if (result === 'held') report.held += 1;
      if (result === 'under-way') report.underWay += 1;
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE) break;
  }
  await removeOrphans(run);
  await transaction(db, (tx) => dropTombstones(tx, at));
  report.skipped = report.held + report.underWay;
  return report;
}

async function removeFiles({ db, spool, clock }: Erasure): Promise<void> {
  for (;;) {
    const queueIds = await unremovedFiles(db, PAGE);
    for (const queueId of queueIds) {
      await spool.remove(queueId);
      await markFileRemoved(db, queueId, clock());
    }
    if (queueIds.length < PAGE) return;
  }
}

async function removeOrphans({ db, spool, clock }: Erasure): Promise<void> {
  const before = new Date(clock().getTime() - ORPHAN_HOURS * 3_600_000);
  let page: string[] = [];
  const flush = async (): Promise<void> => {
    for (const queueId of await unknownMessages(db, page)) await spool.remove(queueId);
    page = [];
  };
  for await (const queueId of spool.olderThan(before)) {
    page.push(queueId);
    if (page.length === PAGE) await flush();
  }
  await flush();
}

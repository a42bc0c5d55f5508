import type { Db } from './connect.ts';

export interface ExceptionAlert {
  /** Becomes the queue id of the mail. */
  id: string;
  council: string;
  exception: string;
  /** Its last day, `2026-12-24`: one that is prolonged is announced anew. */
  until: string;
  /** So many days before its end. */
  days: number;
  /** Address key. */
  toAddress: string;
  at: Date;
}

/**
 * Records that a reader is told that an exception ends; call it in the transaction that inserts the
 * mail. False: that reader was told before, so write nothing.
 */
export async function addExceptionAlert(tx: Db, alert: ExceptionAlert): Promise<boolean> {
  const { id, council, exception, until, days, toAddress, at } = alert;
  const rows = await tx`
    insert into exception_alerts (id, council, exception, until, days, to_address, written_at)
    values (${id}, ${council}, ${exception}, ${until}, ${days}, ${toAddress}, ${at})
    on conflict do nothing returning id`;
  return rows.length > 0;
}

import type { Db } from './connect.ts';

/** Everything that was tried and recorded about one message, in order; for its export. */
export async function historyOf(
  db: Db,
  queueId: string,
): Promise<{ attempts: object[]; audit: object[] }> {
  const [attempts, audit] = await Promise.all([
    db<object[]>`
      select started_at, ended_at, recipient_ids, host, remote_address, evidence, outcome, reply
      from attempts where queue_id = ${queueId} order by id`,
    db<object[]>`
      select id, at, event, recipient_id, actor, data, batch_id
      from audit where queue_id = ${queueId} order by id`,
  ]);
  return { attempts: [...attempts], audit: [...audit] };
}

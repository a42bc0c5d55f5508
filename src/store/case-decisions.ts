import type { ActionState, CaseAction } from './cases.ts';
import type { Db } from './connect.ts';

/** The last decision that touched one of the recipients: who made it, what and when. */
export async function lastDecisionOn(
  tx: Db,
  caseId: string,
  recipientIds: number[],
): Promise<{ by: string; action: CaseAction; at: Date } | null> {
  const [row] = await tx<{ by: string; action: CaseAction; at: Date }[]>`
    select officer as by, action, at from case_actions
    where case_id = ${caseId} and state = 'done' and recipient_ids && ${recipientIds}::bigint[]
      and action <> 'undo'
    order by id desc limit 1`;
  return row ?? null;
}

export interface Proposal {
  id: number;
  officer: string;
  action: CaseAction;
  recipientIds: number[];
}

/** What waits for a second officer. */
export async function proposalsOn(tx: Db, caseId: string): Promise<Proposal[]> {
  return tx<Proposal[]>`
    select id, officer, action, recipient_ids from case_actions
    where case_id = ${caseId} and state = 'proposed' order by id`;
}

/** Ends a proposal, or takes back what was done. False where it stood so already. */
export async function setActionState(tx: Db, id: number, state: ActionState): Promise<boolean> {
  const rows = await tx`
    update case_actions set state = ${state} where id = ${id} and state <> ${state} returning id`;
  return rows.length > 0;
}

/** A question that the sender has not answered. False where one stands already. */
export async function markAsked(tx: Db, caseId: string, at: Date): Promise<boolean> {
  const rows = await tx`
    update cases set asked_at = ${at} where id = ${caseId} and asked_at is null
      and closed_at is null
    returning id`;
  return rows.length > 0;
}

/** The question is answered, or no longer asked. */
export async function clearAsked(tx: Db, caseId: string): Promise<void> {
  await tx`update cases set asked_at = null where id = ${caseId}`;
}

import type { CouncilSettings } from './policy.ts';

/**
 * When the content may be erased, counted from our receipt time and never from the Date header.
 * `kept` (held, refused, protected) runs in calendar years; `delivered` in days, or in the same
 * years where the gateway is the council's archive. 29 February plus years that have none ends on 1
 * March.
 */
export function retentionDue(
  retention: CouncilSettings['retention'],
  retentionClass: 'delivered' | 'kept',
  receivedAt: Date,
): Date {
  const due = new Date(receivedAt);
  if (retentionClass === 'delivered' && retention.deliveredDays !== null) {
    due.setUTCDate(due.getUTCDate() + retention.deliveredDays);
  } else {
    due.setUTCFullYear(due.getUTCFullYear() + retention.keptYears);
  }
  return due;
}

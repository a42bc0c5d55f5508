import type { Db } from '../../src/store/connect.ts';

/** Cases of one rule at one time. */
interface Held {
  rule: string;
  count: number;
  opened: string;
  /** After which they were decided; three where it is left out. */
  hours?: number;
  action?: string | null;
  council?: string;
  isTeam?: boolean;
}

let made = 0;
/** Cases that were decided some hours later, each with one recipient of protected mail. */
export async function closedHolds(
  db: Db,
  { rule, count, opened, hours = 3, action = null, council = 'merebrook', isTeam = false }: Held,
): Promise<void> {
  made += 1;
  const id = `F${made}-`;
  const closed = action === null ? null : new Date(new Date(opened).getTime() + hours * 3_600_000);
  await db`
    insert into messages (queue_id, council, origin, size_bytes, sha256, received_at, facts,
      retention_class, erase_after)
    select ${id} || n, ${council}, 'received', 1, '\\x00', ${opened},
      jsonb_build_object('actor', jsonb_build_object('class',
        ${isTeam ? 'returning-officer' : 'member'}::text)), 'kept', '2030-01-01'
    from generate_series(1, ${count}::int) as n`;
  await db`
    insert into recipients (queue_id, position, address, domain, internal, status, gate, protection,
      protected_by, protected_council, status_at)
    select ${id} || n, 0, 'a@b.example', 'b.example', false, 'delivered', 'hold', 'required',
      case when n % 2 = 0 then 'openpgp' else 'L3 dane' end, ${isTeam ? null : council}, ${opened}
    from generate_series(1, ${count}::int) as n`;
  await db`
    insert into cases (id, queue_id, council, kind, role, reason, rule, returning_officers,
      received_at, opened_at, due_at, closed_at, changed_at)
    select ${id} || n, ${id} || n, ${council}, 'hold', 'monitoring-officer', 'r', ${rule}, ${isTeam},
      ${opened}, ${opened}, ${opened}::timestamptz + interval '4 hours', ${closed}, ${opened}
    from generate_series(1, ${count}::int) as n`;
  if (action === null) return;
  await db`
    insert into case_actions (case_id, action, recipient_ids, officer, at)
    select ${id} || n, ${action}, '{}', 'somebody', ${closed} from generate_series(1, ${count}::int) as n`;
}

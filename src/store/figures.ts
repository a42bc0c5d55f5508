import type { WorkingDays } from '../policy/service-level.ts';
import type { Db } from './connect.ts';

/** Whose figures, and over which weeks. */
export interface FiguresQuestion {
  /** By id, with the working days from well before the first week: cases may be older. */
  councils: ReadonlyMap<string, WorkingDays>;
  /** Where each week begins, in order, and where the last one ends. */
  bounds: readonly Date[];
}

/** Exact counts, for `small-numbers.ts` to pass on: never of one person (St Helens 3.2.5). */
export interface Figures {
  /** Holds by rule (`null` where our own inspection failed) and week, from 1 on. */
  held: { rule: string | null; week: number; count: number }[];
  /**
   * Cases that an officer decided, by the week in which they were closed. The time from opening to
   * the last decision is the council's working time.
   */
  decided: { week: number; count: number; inTime: number; medianSeconds: number }[];
  /** Closed holds by rule. `released`: an officer released some of it. */
  ended: { rule: string | null; released: number; refused: number; byItself: number }[];
  /** Recipients reached of mail that had to be protected, by `protectedBy`. */
  protected: { method: string; count: number }[];
  /** Cases open and overdue at the end of each week. */
  open: { week: number; open: number; overdue: number }[];
}

const DECISIONS = ['release', 'release-encrypted', 'reject', 'return-for-pgp', 'deliver-inward'];
/** Who ends a case without an officer's decision. */
const NO_OFFICERS = ['sender', 'clock'];

/**
 * The figures of whole weeks. Mail of Returning Officers' teams is left out: they are controllers
 * of their own (domain H.1).
 */
export async function loadFigures(db: Db, question: FiguresQuestion): Promise<Figures> {
  const [held, decided, ended, delivered, open] = await Promise.all([
    heldByRule(db, question),
    decidedByWeek(db, question),
    endedByRule(db, question),
    protectedByMethod(db, question),
    openByWeek(db, question),
  ]);
  return { held, decided, ended, protected: delivered, open };
}

function edges({ bounds }: FiguresQuestion): { from: Date; until: Date; all: string[] } {
  const [from, until] = [bounds[0], bounds.at(-1)];
  if (!from || !until) throw new RangeError('Figures need at least one week');
  return { from, until, all: bounds.map((bound) => bound.toISOString()) };
}

/** SQL on case `c`: of these councils, and no Returning Officer's. */
function ofCouncils(db: Db, { councils }: FiguresQuestion) {
  return db`c.council = any(${[...councils.keys()]}::text[]) and not c.returning_officers`;
}

async function heldByRule(db: Db, question: FiguresQuestion): Promise<Figures['held']> {
  const { from, until, all } = edges(question);
  return db<Figures['held']>`
    select c.rule, width_bucket(c.opened_at, ${all}::timestamptz[]) as week, count(*)::int as count
    from cases c
    where ${ofCouncils(db, question)} and c.kind = 'hold'
      and c.opened_at >= ${from} and c.opened_at < ${until}
    group by 1, 2`;
}

async function decidedByWeek(db: Db, question: FiguresQuestion): Promise<Figures['decided']> {
  const { from, until, all } = edges(question);
  return db<Figures['decided']>`
    with working as (${workingDays(db, question)}), decided as materialized (
      select width_bucket(c.closed_at, ${all}::timestamptz[]) as week,
        c.due_at is null or d.at <= c.due_at as is_in_time,
        ${worked(db, db`d.at`)} - ${worked(db, db`c.opened_at`)} as seconds
      from cases c join working w on w.council = c.council join (
        select case_id, max(at) as at from case_actions where ${decisive(db, from)}
        group by case_id
      ) as d on d.case_id = c.id
      where ${ofCouncils(db, question)} and c.closed_at >= ${from} and c.closed_at < ${until}
    )
    select week, count(*)::int as count, (count(*) filter (where is_in_time))::int as in_time,
      percentile_cont(0.5) within group (order by seconds) as median_seconds
    from decided group by 1`;
}

/** SQL on case actions: an officer decided, not more than a year before. */
function decisive(db: Db, from: Date) {
  return db`state = 'done' and action = any(${DECISIONS}::text[])
    and officer <> all(${NO_OFFICERS}::text[]) and at >= ${from}::timestamptz - interval '1 year'`;
}

/** SQL: a row of working days for each council. */
function workingDays(db: Db, { councils }: FiguresQuestion) {
  return [...councils].reduce(
    (sofar, [council, { starts, seconds }]) => db`${sofar} union all
      select ${council}, ${starts.map((start) => start.toISOString())}::timestamptz[],
        ${seconds}::float8`,
    db`select null as council, null::timestamptz[] as starts, 0::float8 as seconds`,
  );
}

/** SQL: seconds of working time from the first of the days of `w` up to an instant. */
function worked(db: Db, at: ReturnType<typeof ofCouncils>) {
  const day = db`width_bucket(${at}, w.starts)`;
  return db`case when ${day} = 0 then 0 else w.seconds * (${day} - 1)
    + least(extract(epoch from ${at} - w.starts[${day}])::float8, w.seconds) end`;
}

async function endedByRule(db: Db, question: FiguresQuestion): Promise<Figures['ended']> {
  const { from, until } = edges(question);
  return db<Figures['ended']>`
    with ended as (
      select c.rule, coalesce(d.released, false) as released, coalesce(d.refused, false) as refused
      from cases c left join (
        select case_id, bool_or(action in ('release', 'release-encrypted')) as released,
          bool_or(action in ('reject', 'return-for-pgp')) as refused
        from case_actions where ${decisive(db, from)} group by case_id
      ) as d on d.case_id = c.id
      where ${ofCouncils(db, question)} and c.kind = 'hold'
        and c.closed_at >= ${from} and c.closed_at < ${until}
    )
    select rule, (count(*) filter (where released))::int as released,
      (count(*) filter (where refused and not released))::int as refused,
      (count(*) filter (where not refused and not released))::int as by_itself
    from ended group by rule`;
}

async function protectedByMethod(db: Db, question: FiguresQuestion): Promise<Figures['protected']> {
  const { from, until } = edges(question);
  return db<Figures['protected']>`
    select protected_by as method, count(*)::int as count from recipients
    where protected_council = any(${[...question.councils.keys()]}::text[])
      and status = 'delivered' and status_at >= ${from} and status_at < ${until}
    group by 1`;
}

/** By when each case was opened, due and closed: few groups, however many cases there were. */
async function openByWeek(db: Db, question: FiguresQuestion): Promise<Figures['open']> {
  const { from, until, all } = edges(question);
  const groups = await db<{ opened: number; due: number; closed: number; count: number }[]>`
    select width_bucket(c.opened_at, ${all}::timestamptz[]) as opened,
      width_bucket(coalesce(c.due_at, 'infinity'), ${all}::timestamptz[]) as due,
      width_bucket(coalesce(c.closed_at, 'infinity'), ${all}::timestamptz[]) as closed,
      count(*)::int as count
    from cases c
    where ${ofCouncils(db, question)} and c.opened_at < ${until}
      and (c.closed_at is null or c.closed_at >= ${from})
    group by 1, 2, 3`;
  return all.slice(1).map((_end, index) => {
    const week = index + 1;
    const there = groups.filter(({ opened, closed }) => opened <= week && closed > week);
    const sum = (of: typeof there) => of.reduce((sofar, { count }) => sofar + count, 0);
    return { week, open: sum(there), overdue: sum(there.filter(({ due }) => due <= week)) };
  });
}

import {
  isHeldIn,
  statutoryDates,
  type ElectionCalendar,
  type StatutoryDates,
} from './election-calendar.ts';
import { CLOSE_OF_POLL, londonTime } from './elections.ts';
import type { CouncilPolicy, Election, PolicyProblem } from './policy.ts';
import { electionFile } from './schema.ts';
import { checkShape, misnamed, suggestion, type Source } from './source.ts';

interface Surroundings {
  councils: ReadonlyMap<string, CouncilPolicy>;
  /** `null` where it has problems of its own, which are reported already. */
  calendar: ElectionCalendar | null;
}

/** One timetable of policies/elections/, or nothing where it has a problem. */
export function readElection(
  source: Source,
  { councils, calendar }: Surroundings,
  report: (found: readonly PolicyProblem[]) => void,
): Election[] {
  const { value, problems } = checkShape(source, electionFile);
  report([...problems, ...misnamed(source)]);
  if (!value || !calendar) return [];
  const { noticePublishedAt: entered, ended, zone: _, ...kept } = value;
  const { council, kind, nation, poll, wards } = kept;
  const found: PolicyProblem[] = [];
  const check = (wrong: boolean, key: string, message: string): void => {
    if (wrong) found.push(source.problem([key], message));
  };
  const owner = councils.get(council);
  check(!owner, 'council', `No council "${council}"${suggestion(council, [...councils.keys()])}`);
  const strange = owner ? wards.filter((ward) => !owner.wards.includes(ward)) : [];
  check(strange.length > 0, 'wards', `No ward "${strange[0]}" in the council's file`);
  check(!isHeldIn(kind, nation), 'kind', `There is no "${kind}" poll in ${nation}`);
  let dates: StatutoryDates = { latestNotice: null, registerBy: null };
  try {
    dates = statutoryDates({ kind, nation, poll }, calendar);
  } catch (error) {
    check(true, 'poll', (error as RangeError).message);
  }

  const noticePublishedAt = entered === undefined ? null : londonTime(entered);
  check(
    entered !== undefined && !noticePublishedAt,
    'noticePublishedAt',
    `"${entered}" is no time in London`,
  );
  const byLaw = owner?.settings.electionStartsByLaw && dates.latestNotice;
  const startsAt = noticePublishedAt ?? (byLaw ? londonTime(`${byLaw}T00:00`) : null);
  const endsAt = londonTime(ended?.at ?? `${poll}T${CLOSE_OF_POLL}`);
  check(!endsAt, 'ended', 'The end is no time in London');
  if (endsAt && noticePublishedAt) {
    const backwards = new Date(endsAt) <= new Date(noticePublishedAt);
    check(backwards, ended ? 'ended' : 'poll', 'The period ends before the notice is published');
  }
  report(found);
  if (found.length > 0 || !endsAt) return [];
  const endedBecause = ended?.reason ?? null;
  return [{ ...kept, noticePublishedAt, startsAt, endsAt, endedBecause, dates }];
}

import { CLOSE_OF_POLL, electionAlarms, electionState } from '../../policy/elections.ts';
import type { Election } from '../../policy/policy.ts';
import { day } from '../case-words.ts';
import { allowedTo, view, type Page, type Route } from '../route.ts';

async function list(page: Page) {
  const policy = page.services.road.policy();
  const councils = page.councils('elections');
  const isOurs = ({ council }: { council: string }) => councils.includes(council);
  const elections = policy.elections
    .filter(isOurs)
    .map((election) => rowOf(election, page))
    .toSorted((a, b) => a.poll.localeCompare(b.poll) || a.id.localeCompare(b.id));
  const names = new Map(elections.map(({ id, name }) => [id, name]));
  const alarms = electionAlarms(policy, page.at)
    .filter(isOurs)
    .map(({ election, kind, latestNotice }) => ({
      name: names.get(election) ?? election,
      isToday: kind === 'notice-due-today',
      latestNotice: day(latestNotice),
    }));
  const inState = (...states: string[]) => elections.filter(({ state }) => states.includes(state));
  return view('elections', {
    alarms,
    groups: [
      { id: 'now', title: 'In force now', rows: inState('open'), empty: 'No period is in force.' },
      {
        id: 'next',
        title: 'To come',
        rows: inState('waiting', 'coming'),
        empty: 'None is entered.',
      },
    ],
    ended: inState('ended').toReversed(),
    closeOfPoll: CLOSE_OF_POLL,
    severalCouncils: councils.length > 1,
  });
}

function rowOf(election: Election, page: Page) {
  const { startsAt, endsAt, noticePublishedAt, dates, council } = election;
  return {
    ...election,
    state: electionState(election, page.at),
    councilName: page.services.road.policy().councils.get(council)?.name ?? council,
    kindWords: election.kind.replaceAll('-', ' '),
    startsAt: startsAt && new Date(startsAt),
    endsAt: new Date(endsAt),
    /** The period runs, or will, by the date that the law sets: nobody entered the notice. */
    isByLaw: startsAt !== null && noticePublishedAt === null,
    pollDay: day(election.poll),
    latestNotice: dates.latestNotice && day(dates.latestNotice),
    registerBy: dates.registerBy && day(dates.registerBy),
  };
}

export const ELECTIONS: readonly Route[] = [
  {
    method: 'GET',
    path: '/elections',
    title: 'Elections',
    access: allowedTo('elections'),
    nav: 'Elections',
    handle: list,
  },
];

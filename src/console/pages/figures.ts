import { londonDate, londonDays } from '../../policy/elections.ts';
import { workingDaysBetween, type WorkingDays } from '../../policy/service-level.ts';
import { loadFigures } from '../../store/figures.ts';
import { councilName } from '../clause-words.ts';
import { figuresCsv, figuresOf, type Figure } from '../figures.ts';
import { allowedTo, view, type Page, type Route } from '../route.ts';
import { londonDay } from '../views.ts';

/** Whole weeks that can be asked for. */
const PERIODS = [
  { weeks: 13, text: 'Three months' },
  { weeks: 26, text: 'Half a year' },
  { weeks: 52, text: 'A year' },
] as const;

interface Asked {
  weeks: number;
  /** One council, or all that the officer may have figures of. */
  council: string | null;
  councils: string[];
  figures: Figure[];
  bounds: Date[];
}

async function asked(page: Page): Promise<Asked> {
  const mine = page.councils('statistics');
  const { weeks } =
    PERIODS.find((each) => String(each.weeks) === page.query['weeks']) ?? PERIODS[0];
  const council = mine.find((id) => id === page.query['council']) ?? null;
  const bounds = mondays(page.at, weeks);
  const counted = council === null ? mine : [council];
  const found = await loadFigures(page.services.road.db, {
    councils: new Map(counted.map((id) => [id, workingDaysOf(page, id, bounds)])),
    bounds,
  });
  const names = bounds.slice(0, -1).map((at) => SHORT_DAY.format(at));
  return { weeks, council, councils: mine, bounds, figures: figuresOf(found, names) };
}

const SHORT_DAY = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  day: 'numeric',
  month: 'short',
  year: '2-digit',
});

/**
 * Where each of the last whole weeks begins, and where the last one ends. The week that runs is
 * left out: a number that grows from day to day would tell what each day added.
 */
function mondays(at: Date, weeks: number): Date[] {
  const noon = new Date(`${londonDate(at)}T12:00:00Z`).getTime();
  const thisMonday = noon - ((new Date(noon).getUTCDay() + 6) % 7) * DAY_MS;
  return Array.from({ length: weeks + 1 }, (_each, index) => {
    const day = new Date(thisMonday - (weeks - index) * 7 * DAY_MS).toISOString().slice(0, 10);
    const days = londonDays(day, day);
    if (!days) throw new RangeError(`"${day}" is no day`);
    return days.from;
  });
}

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

/** A hold that is older than the period by a year counts from there on. */
function workingDaysOf(page: Page, council: string, bounds: readonly Date[]): WorkingDays {
  const { councils, calendar } = page.services.road.policy();
  const [first, last] = [bounds[0], bounds.at(-1)] as [Date, Date];
  const hours = councils.get(council)?.settings.supportHours;
  if (!hours) throw new RangeError(`No council "${council}" in the policy`);
  return workingDaysBetween(new Date(first.getTime() - YEAR_MS), last, hours, calendar);
}

async function show(page: Page) {
  const { weeks, council, councils, figures, bounds } = await asked(page);
  const policy = page.services.road.policy();
  const [from, until] = [bounds[0], bounds.at(-1)] as [Date, Date];
  const query = new URLSearchParams({ weeks: String(weeks), ...(council && { council }) });
  return view('figures', {
    figures,
    weeks,
    council,
    periods: PERIODS,
    councils: councils.map((id) => ({ value: id, text: councilName(policy, id) })),
    period: `${londonDay(from)} to ${londonDay(new Date(until.getTime() - DAY_MS / 2))}`,
    csv: `/figures/csv?${query.toString()}`,
  });
}

async function download(page: Page) {
  const { figures, bounds } = await asked(page);
  const name = `figures-${londonDate(bounds[0] as Date)}.csv`;
  return {
    kind: 'file',
    name,
    type: 'text/csv; charset=utf-8',
    body: figuresCsv(figures),
  } as const;
}

const access = allowedTo('statistics');
const title = 'Figures';

export const FIGURES: readonly Route[] = [
  { method: 'GET', path: '/figures', title, access, nav: 'Figures', handle: show },
  { method: 'GET', path: '/figures/csv', title, access, handle: download },
];

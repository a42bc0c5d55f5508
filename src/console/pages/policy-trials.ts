import { SAME_RULES } from '../../pipeline/replay-report.ts';
import { listReplays, loadReplay, type StoredReplay } from '../../store/replays.ts';
import { shadowFigures } from '../../store/shadow-figures.ts';
import { hitWords } from '../case-words.ts';
import { councilName } from '../clause-words.ts';
import { allowedTo, notFound, view, type Page, type Route } from '../route.ts';
import { shownCount, shownRows } from '../small-numbers.ts';

// What a policy would do, before it does it: what runs in shadow, and replays over past mail. Both
// count messages, and show no message and no number that may point to single people.

const SEE = allowedTo('view-policy');
/** A page must not read the whole record; `portreeve policy shadow` does. */
const SHADOW_DAYS = 90;
const SHOWN_REPLAYS = 10;
/** Differences of one replay; the rarer ones are one row. */
const SHOWN_DIFFERENCES = 40;

/** What runs in shadow, and what it would have done to the mail of the last months. */
async function shadow(page: Page) {
  const { road } = page.services;
  const policy = road.policy();
  const since = new Date(page.at.getTime() - SHADOW_DAYS * 86_400_000);
  const ours = page.councils('view-policy');
  const asked = { since, council: null, at: page.at };
  const [figures, replays] = await Promise.all([
    shadowFigures(road.db, policy, asked),
    listReplays(road.db, SHOWN_REPLAYS),
  ]);
  return view('policy-shadow', {
    days: SHADOW_DAYS,
    figures: figures
      .filter((each) => ours.includes(each.council))
      .map((each) => ({
        ...each,
        name: hitWords(each.rule),
        councilName: councilName(policy, each.council),
        parameters: Object.entries(each.parameters).map(
          ([name, value]) => `${name}: ${String(value)}`,
        ),
        counts: COUNTS.map(([count, text]) => ({ text, value: shownCount(each[count]) })),
      })),
    headings: COUNTS.map(([, text]) => text),
    replays: replays.map((each) => ({ ...each, messages: shownCount(each.messages) })),
  });
}

const COUNTS = [
  ['matched', 'Matched'],
  ['stopped', 'Would stop'],
  ['diverted', 'Divert'],
  ['nudged', 'Nudge'],
  ['alsoStopped', 'Stopped anyway'],
  ['released', 'Released'],
  ['refused', 'Refused'],
] as const;

async function replayed(page: Page) {
  const { road } = page.services;
  const found = await loadReplay(road.db, page.params['id'] ?? '');
  if (!found) throw notFound();
  const policy = road.policy();
  const ours = page.councils('view-policy');
  return view('policy-replay', {
    found: {
      ...found,
      messages: shownCount(found.messages),
      inspected: shownCount(found.inspected),
      unread: shownCount(found.unread),
    },
    councils: ours.flatMap((id) => {
      const rows = differencesAt(found, id);
      const score = found.result?.scores[id];
      if (rows.length === 0 || !score) return [];
      const { unneededHoldsSaved, refusedNowPassing, newHolds } = score;
      return [
        {
          name: councilName(policy, id),
          rows,
          unneededHoldsSaved: shownCount(unneededHoldsSaved),
          refusedNowPassing: shownCount(refusedNowPassing),
          newHolds: shownCount(newHolds),
        },
      ];
    }),
  });
}

function differencesAt({ result }: StoredReplay, council: string) {
  const counts = (result?.counts ?? []).filter((each) => each.council === council);
  const rows = counts.map(({ rule, before, after, messages }) => ({
    label: `${ruleWords(rule)}: ${GATES[before] ?? before}, would be ${GATES[after] ?? after}`,
    counts: [messages],
  }));
  return shownRows(rows, { most: SHOWN_DIFFERENCES, others: 'All other differences' });
}

function ruleWords(rule: string): string {
  if (rule === SAME_RULES) return 'The same rules with another effect';
  const name = hitWords(rule.slice(1));
  return rule.startsWith('+') ? `${name} would act` : `${name} would act no more`;
}

const GATES: Record<string, string> = {
  release: 'let go',
  hold: 'held',
  divert: 'kept inside',
  reject: 'refused',
  'release, protected': 'let go, encrypted only',
  'hold, protected': 'held, encrypted only',
};

export const POLICY_TRIALS: readonly Route[] = [
  { method: 'GET', path: '/policy/shadow', title: 'Tried out', access: SEE, handle: shadow },
  { method: 'GET', path: '/policy/replays/:id', title: 'Replay', access: SEE, handle: replayed },
];

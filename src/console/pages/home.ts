import { mayAnywhere, type Action } from '../../policy/permissions.ts';
import { countRecoveryCodes, listPasskeys } from '../../store/officer-factors.ts';
import { findOfficer } from '../../store/officers.ts';
import { readingsToAnswer } from '../reading.ts';
import { PUBLIC, SIGNED_IN, view, type Page, type Route } from '../route.ts';

interface Card {
  action: Action;
  href: string;
  title: string;
  text: string;
}

/** What stands on the home page, for those whose roles hold the action. */
const CARDS: readonly Card[] = [
  {
    action: 'list',
    href: '/cases',
    title: 'Cases',
    text: 'Messages that wait for a decision, the most pressing first.',
  },
  {
    action: 'trace',
    href: '/trace',
    title: 'Where is my e-mail?',
    text: 'For whoever asks after a message: how far it got, without what is in it.',
  },
  {
    action: 'search-person',
    href: '/search',
    title: 'Search',
    text: 'All mail of the record; one member’s mail where an open investigation covers it.',
  },
  {
    action: 'view-content',
    href: '/readings',
    title: 'Requests to read',
    text: 'Privileged mail that one officer reads once a second one agrees.',
  },
  {
    action: 'investigations',
    href: '/investigations',
    title: 'Investigations',
    text: 'Who may look at one member’s mail, why, and until when.',
  },
  {
    action: 'keys',
    href: '/keys',
    title: 'Encryption keys',
    text: 'Recipients’ OpenPGP keys: what waits for trust and what ends soon.',
  },
  {
    action: 'readiness',
    href: '/readiness',
    title: 'Readiness',
    text: 'What would happen now to marked mail for an address or a domain, and why.',
  },
  {
    action: 'elections',
    href: '/elections',
    title: 'Elections',
    text: 'Which periods are in force, what comes, and which notice is missing.',
  },
  {
    action: 'view-policy',
    href: '/policy',
    title: 'Policy',
    text: 'Which version runs, what each clause does, and which exceptions end.',
  },
  {
    action: 'statistics',
    href: '/figures',
    title: 'Figures',
    text: 'What is held and why, how long decisions take, which holds are overturned.',
  },
  {
    action: 'view-audit',
    href: '/audit',
    title: 'Audit',
    text: 'What happened to each message and who did what, and whether the record is whole.',
  },
  {
    action: 'view-people',
    href: '/members',
    title: 'Members',
    text: 'Who may send as whom, and whose sending is suspended.',
  },
  {
    action: 'view-officers',
    href: '/officers',
    title: 'Officers',
    text: 'Who may sign in here, and what their roles let them do.',
  },
];

async function home(page: Page) {
  const { road } = page.services;
  const { officer } = page;
  const policy = road.policy();
  const roles = officer.roles.map(({ council, role }) => ({
    role,
    council: policy.councils.get(council)?.name ?? council,
  }));
  const cards = CARDS.filter(({ action }) => mayAnywhere(policy, officer, action));
  const [codes, passkeys, account] = await Promise.all([
    countRecoveryCodes(road.db, officer.id),
    listPasskeys(road.db, officer.id),
    findOfficer(road.db, { id: officer.id }),
  ]);
  const isLocal = account?.hasPassword ?? false;
  const fewWaysBack = isLocal && codes < 3 && passkeys.length < 2;
  const readingsWaiting = (await readingsToAnswer(page)).length;
  return view('home', { roles, cards, fewWaysBack, readingsWaiting });
}

export const HOME: readonly Route[] = [
  { method: 'GET', path: '/', title: 'Home', access: SIGNED_IN, nav: 'Home', handle: home },
  {
    method: 'GET',
    path: '/accessibility',
    title: 'Accessibility statement',
    access: PUBLIC,
    handle: async () => view('accessibility'),
  },
];

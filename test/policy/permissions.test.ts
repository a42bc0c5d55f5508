import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy/load.ts';
import { holdCauses } from '../../src/policy/hold-causes.ts';
import {
  CASE_ACTIONS,
  COUNCIL_ACTIONS,
  councilsWhere,
  mattersAt,
  may,
  mayAgree,
  mayAnywhere,
  OFFICER_ROLES,
  PERSON_ACTIONS,
  type Action,
  type CaseSubject,
  type Investigation,
  type OfficerIdentity,
  type OfficerRole,
  type PersonSubject,
} from '../../src/policy/permissions.ts';
import type { Area, Role } from '../../src/policy/policy.ts';
import { COUNCIL, PERMISSIONS, problemsOf, tinyFiles } from './tiny-policy.ts';
import { policyFromFiles } from '../../src/policy/policy-from-files.ts';

const policy = loadPolicy(path.resolve(import.meta.dirname, '../../policies'));
const AT = new Date('2026-11-26T10:00:00Z');

function officer(...roles: OfficerRole[]): OfficerIdentity {
  return {
    id: 'officer-1',
    name: 'Priya Nair',
    addresses: ['priya.nair@merebrook.gov.uk'],
    roles: roles.map((role) => ({ council: 'merebrook', role })),
  };
}

function held(area: Area | null, queue: Role, more: Partial<CaseSubject> = {}): CaseSubject {
  return {
    kind: 'case',
    council: 'merebrook',
    reasons: [{ area, queue }],
    returningOfficersMail: false,
    parties: { senders: ['cllr.a@merebrook.gov.uk'], recipients: ['b@home.test'], named: [] },
    privileged: false,
    ...more,
  };
}

const COLUMNS = {
  protection: held('protection', 'data-protection-officer'),
  security: held('security', 'ict'),
  identity: held('identity', 'ict'),
  forwarding: held('forwarding', 'ict'),
  conduct: held('conduct', 'monitoring-officer'),
  political: held('political', 'monitoring-officer'),
  /** Merebrook's political-with-personal-data. */
  toDpo: held('political', 'data-protection-officer'),
  roMail: held('security', 'ict', { returningOfficersMail: true }),
} as const;

// Written by hand from domain H.1 and H.3, one character a cell, in the order of COLUMNS:
// protection security identity forwarding conduct political to-the-DPO returning-officer's-mail.
const MO = 'y.y.yyy.';
const DSO = 'y..yyyy.';
const DPO = 'y.....y.';
const ICT = '.yyy....';
const ICT_SEES = '.yyy...y';
const RO = '.......y';
const NONE = '........';

type Row = Record<(typeof CASE_ACTIONS)[number], string>;
const every = (cells: string): Row =>
  Object.fromEntries(CASE_ACTIONS.map((action) => [action, cells])) as Row;

const CASE_TABLE: Record<OfficerRole, Row> = {
  'monitoring-officer': { ...every(MO), 'deliver-inward': NONE },
  'deputy-monitoring-officer': { ...every(MO), 'deliver-inward': NONE },
  'democratic-services': {
    ...every(NONE),
    list: DSO,
    'view-metadata': DSO,
    note: DSO,
    ask: DSO,
    assign: DSO,
    escalate: DSO,
  },
  'data-protection-officer': { ...every(DPO), 'deliver-inward': NONE },
  ict: {
    list: ICT_SEES,
    'view-metadata': ICT_SEES,
    'view-content': NONE,
    download: NONE,
    claim: ICT,
    note: ICT,
    ask: ICT,
    assign: ICT,
    escalate: ICT_SEES,
    release: ICT,
    'release-encrypted': ICT,
    reject: ICT,
    'return-for-pgp': ICT,
    'deliver-inward': ICT,
  },
  'information-governance': every(NONE),
  'returning-officer': { ...every(RO), ask: NONE, assign: NONE, escalate: NONE },
  investigator: every(NONE),
  'internal-audit': every(NONE),
  'policy-author': every(NONE),
  administrator: every(NONE),
};

describe('may(), on a case', () => {
  for (const role of OFFICER_ROLES) {
    for (const action of CASE_ACTIONS) {
      Object.entries(COLUMNS).forEach(([column, subject], index) => {
        const expected = CASE_TABLE[role][action][index] === 'y';
        it(`${expected ? 'lets' : 'never lets'} ${role} ${action} (${column})`, () => {
          expect(may(policy, officer(role), action, subject).allowed).toBe(expected);
        });
      });
    }
  }
});

// Who may do what to a council as a whole (domain H.1, "does").
const COUNCIL_TABLE: Record<(typeof COUNCIL_ACTIONS)[number], string> = {
  trace: 'mo dmo dso dpo ict ig',
  statistics: 'mo dmo dso dpo ict ig audit author',
  readiness: 'mo dmo dso dpo ict admin',
  retry: 'ict admin',
  'view-people': 'dso ict admin',
  people: 'ict',
  suspend: 'ict',
  keys: 'ict',
  elections: 'mo dmo dso ro',
  'view-policy': 'mo dmo dso dpo ict ig audit author admin',
  policy: 'author',
  investigations: 'mo dmo',
  holds: 'dpo ig',
  export: 'dpo ig inv',
  'view-audit': 'dpo audit',
  'verify-audit': 'audit',
  'view-officers': 'audit admin',
  officers: 'admin',
};
const PERSON_TABLE: Record<(typeof PERSON_ACTIONS)[number], string> = {
  'search-person': 'mo dmo dpo inv',
  'member-statistics': 'mo dmo inv',
  'view-other-mail': 'mo dmo dpo inv',
};
const SHORT: Record<OfficerRole, string> = {
  'monitoring-officer': 'mo',
  'deputy-monitoring-officer': 'dmo',
  'democratic-services': 'dso',
  'data-protection-officer': 'dpo',
  ict: 'ict',
  'information-governance': 'ig',
  'returning-officer': 'ro',
  investigator: 'inv',
  'internal-audit': 'audit',
  'policy-author': 'author',
  administrator: 'admin',
};

describe('may(), on a council or a person', () => {
  for (const role of OFFICER_ROLES) {
    for (const action of COUNCIL_ACTIONS) {
      const expected = COUNCIL_TABLE[action].split(' ').includes(SHORT[role]);
      it(`${expected ? 'lets' : 'never lets'} ${role} ${action}`, () => {
        const subject = { kind: 'council', council: 'merebrook' } as const;
        expect(may(policy, officer(role), action, subject).allowed).toBe(expected);
      });
    }
    for (const action of PERSON_ACTIONS) {
      const expected = PERSON_TABLE[action].split(' ').includes(SHORT[role]);
      it(`${expected ? 'lets' : 'never lets'} ${role} ${action} in an investigation`, () => {
        const subject = somebody({ investigations: [INVESTIGATION] });
        expect(may(policy, officer(role), action, subject).allowed).toBe(expected);
      });
    }
  }
});

const INVESTIGATION: Investigation = {
  id: 'INV-7',
  council: 'merebrook',
  officers: ['officer-1'],
  members: ['cllr.a@merebrook.gov.uk'],
  actions: [...PERSON_ACTIONS],
  opensAt: new Date('2026-11-01T00:00:00Z'),
  endsAt: new Date('2026-12-01T00:00:00Z'),
  closedAt: null,
};

function somebody(more: Partial<PersonSubject> = {}): PersonSubject {
  return {
    kind: 'person',
    council: 'merebrook',
    addresses: ['cllr.a@merebrook.gov.uk'],
    investigations: [],
    at: AT,
    ...more,
  };
}

describe('the investigation gate', () => {
  const search = (subject: PersonSubject, who = officer('monitoring-officer')) =>
    may(policy, who, 'search-person', subject);

  it('opens for the officer, person, action and time of an open investigation, and says which', () => {
    expect(search(somebody({ investigations: [INVESTIGATION] }))).toEqual({
      allowed: true,
      needs: ['reason'],
      investigation: 'INV-7',
    });
  });

  const shut: [string, Partial<Investigation>][] = [
    ['names another officer', { officers: ['officer-2'] }],
    ['covers another person', { members: ['cllr.b@merebrook.gov.uk'] }],
    ['covers another action', { actions: ['member-statistics'] }],
    ['is another council’s', { council: 'havering' }],
    ['has not begun', { opensAt: new Date('2026-11-27T00:00:00Z') }],
    ['has ended', { endsAt: new Date('2026-11-25T00:00:00Z') }],
    ['was closed early', { closedAt: AT }],
  ];
  for (const [why, change] of shut) {
    it(`stays shut where the investigation ${why}`, () => {
      const verdict = search(somebody({ investigations: [{ ...INVESTIGATION, ...change }] }));
      expect(verdict).toMatchObject({ allowed: false, why: 'investigation' });
    });
  }

  it('stays shut where one of several addresses is not covered, or none is given', () => {
    const investigations = [INVESTIGATION];
    const two = ['cllr.a@merebrook.gov.uk', 'office@merebrook.gov.uk'];
    expect(search(somebody({ investigations, addresses: two })).allowed).toBe(false);
    expect(search(somebody({ investigations, addresses: [] })).allowed).toBe(false);
  });

  // Domain H.3: West Lancashire 6.2 asks for a reason; the others for an investigation.
  const BY_COUNCIL: Record<string, boolean> = {
    'west-lancashire': true,
    'st-helens': false,
    havering: false,
    middlesbrough: false,
    redditch: false,
    merebrook: false,
  };
  for (const [council, expected] of Object.entries(BY_COUNCIL)) {
    it(`${expected ? 'asks for a reason only' : 'is shut'} at ${council}`, () => {
      const role = 'monitoring-officer';
      const there = { ...officer(), roles: [{ council, role }] as OfficerIdentity['roles'] };
      const verdict = search(somebody({ council }), there);
      expect(verdict.allowed).toBe(expected);
      if (verdict.allowed) expect(verdict.needs).toEqual(['reason']);
    });
  }

  it('never opens a message to which the officer is a party', () => {
    const message = (recipients: string[]) =>
      search(
        somebody({
          investigations: [INVESTIGATION],
          parties: { senders: [], recipients, named: [] },
        }),
      );
    expect(message(['priya.nair@merebrook.gov.uk'])).toMatchObject({ why: 'party' });
    expect(message(['ann@x.test']).allowed).toBe(true);
  });

  it('never opens on one’s own mail', () => {
    const own = somebody({
      addresses: ['priya.nair@merebrook.gov.uk'],
      investigations: [{ ...INVESTIGATION, members: ['priya.nair@merebrook.gov.uk'] }],
    });
    expect(search(own)).toMatchObject({ allowed: false, why: 'party' });
  });
});

describe('a conflict of interest', () => {
  const parties = (more: Partial<CaseSubject['parties']>) =>
    held('conduct', 'monitoring-officer', {
      parties: { senders: [], recipients: [], named: [], ...more },
    });
  const own = ['priya.nair@merebrook.gov.uk'];
  const bars: [string, CaseSubject][] = [
    ['sent it', parties({ senders: own })],
    ['receives it', parties({ recipients: ['x@y.test', ...own] })],
    ['is named in it by address', parties({ named: own })],
    ['is named in it by name', parties({ named: ['priya  NAIR'] })],
  ];
  for (const [why, subject] of bars) {
    for (const action of CASE_ACTIONS.filter((each) => each !== 'deliver-inward')) {
      it(`bars "${action}" from an officer who ${why}`, () => {
        const verdict = may(policy, officer('monitoring-officer'), action, subject);
        expect(verdict).toMatchObject({ allowed: false, why: 'party' });
      });
    }
  }

  it('does not bar another officer of the same role, nor a namesake of somebody else', () => {
    const deputy = { ...officer('deputy-monitoring-officer'), name: 'Tom Hale', addresses: [] };
    for (const [, subject] of bars) {
      expect(may(policy, deputy, 'view-content', subject).allowed).toBe(true);
    }
    const other = parties({ named: ['Priya Nairn'] });
    expect(may(policy, officer('monitoring-officer'), 'release', other).allowed).toBe(true);
  });

  it('is told only to those who might otherwise see the case', () => {
    expect(may(policy, officer('ict'), 'list', parties({ senders: own }))).toMatchObject({
      why: 'role',
    });
  });
});

describe('mayAgree()', () => {
  const privileged = { ...held('conduct', 'monitoring-officer'), privileged: true };
  const agrees = (who: OfficerIdentity, subject: CaseSubject | PersonSubject, asker = 'asker') =>
    mayAgree(policy, who, asker, subject);
  const other = somebody({
    investigations: [INVESTIGATION],
    privileged: true,
    parties: { senders: ['cllr.a@merebrook.gov.uk'], recipients: ['x@y.test'], named: [] },
  });

  it('lets whoever may read a case agree that another does, and never who asked', () => {
    for (const role of OFFICER_ROLES) {
      const expected = may(policy, officer(role), 'view-content', privileged).allowed;
      expect([role, agrees(officer(role), privileged).allowed]).toEqual([role, expected]);
    }
    const self = agrees(officer('monitoring-officer'), privileged, 'officer-1');
    expect(self).toMatchObject({ allowed: false, why: 'self' });
  });

  it('asks of a person’s other mail those who may authorise investigations', () => {
    for (const role of OFFICER_ROLES) {
      const expected = ['monitoring-officer', 'deputy-monitoring-officer'].includes(role);
      expect([role, agrees(officer(role), other).allowed]).toEqual([role, expected]);
    }
    const self = agrees(officer('monitoring-officer'), other, 'officer-1');
    expect(self).toMatchObject({ why: 'self' });
  });

  it('bars parties and, of the Returning Officer’s mail, everybody outside that team', () => {
    const own = ['priya.nair@merebrook.gov.uk'];
    const party = { senders: [], recipients: own, named: [] };
    const who = officer('monitoring-officer');
    for (const subject of [
      { ...privileged, parties: party },
      { ...other, parties: party },
    ]) {
      expect(agrees(who, subject)).toMatchObject({ why: 'party' });
    }
    const separate = { ...other, returningOfficersMail: true };
    expect(agrees(who, separate)).toMatchObject({ why: 'role' });
    expect(may(policy, who, 'view-other-mail', separate)).toMatchObject({ why: 'role' });
    const both = officer('monitoring-officer', 'returning-officer');
    expect(agrees(both, separate).allowed).toBe(true);
  });
});

describe('a case with several reasons', () => {
  const both = held(null, 'ict', {
    reasons: [
      { area: 'political', queue: 'monitoring-officer' },
      { area: 'security', queue: 'ict' },
    ],
  });

  it('is seen for one of them and decided for all', () => {
    const mo = officer('monitoring-officer');
    expect(may(policy, mo, 'view-content', both).allowed).toBe(true);
    expect(may(policy, mo, 'release', both)).toMatchObject({ why: 'other-matter' });
    expect(may(policy, officer('ict'), 'reject', both)).toMatchObject({ why: 'other-matter' });
    expect(may(policy, officer('ict', 'monitoring-officer'), 'release', both).allowed).toBe(true);
  });

  it('counts for its queue where the rule is no longer in the policy', () => {
    const gone = held(null, 'data-protection-officer');
    expect(may(policy, officer('data-protection-officer'), 'release', gone).allowed).toBe(true);
    expect(may(policy, officer('monitoring-officer'), 'release', gone).allowed).toBe(false);
  });
});

describe('may()', () => {
  it('asks for a reason before content, and for a second officer where it is privileged', () => {
    const mo = officer('monitoring-officer');
    const open = held('conduct', 'monitoring-officer');
    expect(may(policy, mo, 'view-content', open)).toMatchObject({ needs: ['reason'] });
    expect(may(policy, mo, 'list', open)).toMatchObject({ needs: [] });
    const privileged = { ...open, privileged: true };
    expect(may(policy, mo, 'view-content', privileged)).toMatchObject({
      needs: ['reason', 'second-officer'],
    });
    expect(may(policy, mo, 'view-metadata', privileged)).toMatchObject({ needs: [] });
    const other = somebody({ investigations: [INVESTIGATION], privileged: true });
    expect(may(policy, mo, 'view-other-mail', other)).toMatchObject({
      needs: ['reason', 'second-officer'],
    });
    expect(may(policy, mo, 'search-person', other)).toMatchObject({ needs: ['reason'] });
  });

  it('counts roles at their own council only, and none at a council that does not exist', () => {
    const elsewhere = held('conduct', 'monitoring-officer', { council: 'havering' });
    expect(may(policy, officer('monitoring-officer'), 'list', elsewhere).allowed).toBe(false);
    const ghost = { ...officer(), roles: [{ council: 'atlantis', role: 'ict' as const }] };
    const subject = { kind: 'council', council: 'atlantis' } as const;
    expect(may(policy, ghost, 'trace', subject).allowed).toBe(false);
  });

  it('refuses an action on a subject of another kind', () => {
    const mo = officer('monitoring-officer');
    const wrong: [Action, Parameters<typeof may>[3]][] = [
      ['search-person', { kind: 'council', council: 'merebrook' }],
      ['trace', held('conduct', 'monitoring-officer')],
      ['trace', somebody({ investigations: [INVESTIGATION] })],
      ['list', { kind: 'council', council: 'merebrook' }],
    ];
    for (const [action, subject] of wrong) {
      expect([action, may(policy, mo, action, subject).allowed]).toEqual([action, false]);
    }
  });

  it('names the councils and matters that a menu or a queue may show', () => {
    const deputy = officer('deputy-monitoring-officer');
    expect(councilsWhere(policy, deputy, 'list')).toEqual(['merebrook']);
    expect(mayAnywhere(policy, officer('administrator'), 'view-content')).toBe(false);
    expect(mattersAt(policy, deputy, 'list', 'merebrook')).toEqual({
      areas: ['conduct', 'political', 'protection', 'identity'],
      queues: ['monitoring-officer'],
    });
    expect(mattersAt(policy, deputy, 'list', 'havering')).toEqual({ areas: [], queues: [] });
  });
});

describe('holdCauses()', () => {
  const hit = (
    rule: string,
    gate: 'hold' | 'divert',
    notify: string[],
    inert: 'shadow' | null,
  ) => ({
    rule,
    clause: { council: 'm', document: 'd', section: '1', quote: null },
    outcome: 'match' as const,
    gate,
    protection: 'none' as const,
    nudge: false,
    tag: false,
    notify,
    inert,
    findings: [],
  });
  const decided = (hits: ReturnType<typeof hit>[]) => ({
    recipients: [{ address: 'a@b.test', gate: 'hold' as const, protection: 'none' as const, hits }],
  });

  it('are the acting hits of the case’s own gate, each once', () => {
    const decision = decided([
      hit('political-content', 'hold', ['monitoring-officer'], null),
      hit('political-content', 'hold', ['monitoring-officer'], null),
      hit('malware', 'hold', ['ict'], 'shadow'),
      hit('auto-forward-personal', 'divert', ['ict'], null),
      hit('gone', 'hold', ['data-protection-officer'], null),
    ]);
    expect(holdCauses(policy, decision, 'hold')).toEqual([
      { area: 'political', queue: 'monitoring-officer' },
      { area: null, queue: 'data-protection-officer' },
    ]);
  });

  it('are ICT’s where no rule explains the hold', () => {
    expect(holdCauses(policy, decided([]), 'hold')).toEqual([{ area: 'security', queue: 'ict' }]);
  });
});

describe('officers/permissions.yaml', () => {
  const file = 'officers/permissions.yaml';
  const grant = (role: string, text: string): Record<string, string> => ({
    [file]: PERMISSIONS.replace('roles:\n', `roles:\n  ${role}: [{ ${text} }]\n`),
  });
  const wrong: [string, Record<string, string | null>, RegExp][] = [
    ['is missing', { [file]: null }, /permissions.yaml:1:1: This file is missing/],
    ['knows no such action', grant('investigator', 'do: [lst], on: [conduct]'), /"lst"/],
    ['knows no such role', grant('mayor', 'do: [trace]'), /mayor/],
    ['has no matter for a case action', grant('investigator', 'do: [list]'), /"list" needs "on"/],
    [
      'has a matter for another action',
      grant('investigator', 'do: [trace], on: [conduct]'),
      /not about a case/,
    ],
    [
      'gives an administrator content',
      grant('administrator', 'do: [view-content], on: [conduct]'),
      /never meets mail/,
    ],
    [
      'gives audit a list',
      grant('internal-audit', 'do: [list], on: [conduct]'),
      /never meets mail/,
    ],
    [
      'gives a reviewer the Returning Officer’s mail',
      grant('monitoring-officer', 'do: [view-content], on: [returning-officer-mail]'),
      /stay apart/,
    ],
    [
      'gives the Returning Officer members’ mail',
      grant('returning-officer', 'do: [list], on: [conduct]'),
      /stay apart/,
    ],
    [
      'deputises for nobody',
      {
        [file]: PERMISSIONS.replace(
          'roles:\n',
          'roles:\n  investigator: { deputises: administrator }\n',
        ),
      },
      /has no powers of its own/,
    ],
    [
      'names no such council',
      { [file]: PERMISSIONS.replace('councils: {}', 'councils: { tesing: {} }') },
      /did you mean "testing"/,
    ],
    [
      'asks for two where nothing could enforce it',
      {
        [file]: PERMISSIONS.replace('secondOfficerFor: [view-content]', 'secondOfficerFor: [list]'),
      },
      /secondOfficerFor/,
    ],
    [
      'asks for two before a file and for one before its message',
      {
        [file]: PERMISSIONS.replace(
          'secondOfficerFor: [view-content]',
          'secondOfficerFor: [download]',
        ),
      },
      /add "view-content"/,
    ],
    [
      'has a neighbour that nothing reads',
      { 'officers/rota.yaml': 'x: 1\n' },
      /rota.yaml:1:1: Nothing reads/,
    ],
  ];
  for (const [why, changes, expected] of wrong) {
    it(`is refused where it ${why}`, () => {
      expect(problemsOf(changes).join('\n')).toMatch(expected);
    });
  }

  it('is part of the version, and a council’s own entry replaces a role’s powers there', () => {
    const plain = policyFromFiles(tinyFiles());
    const changes = {
      [file]: PERMISSIONS.replace(
        'councils: {}',
        'councils: { testing: { ict: [{ do: [keys] }] } }',
      ),
      'councils/other.yaml': COUNCIL.replace('id: testing', 'id: other')
        .replace('name: Testing', 'name: Other')
        .replace('domains: [testing.gov.uk]', 'domains: [other.gov.uk]')
        .replace('noticeFrom: gateway@testing', 'noticeFrom: gateway@other'),
    };
    const changed = policyFromFiles(tinyFiles(changes));
    expect(changed.version).not.toBe(plain.version);
    const at = (council: string, action: Action): boolean =>
      may(changed, { ...officer(), roles: [{ council, role: 'ict' }] }, action, {
        kind: 'council',
        council,
      }).allowed;
    expect([at('testing', 'trace'), at('testing', 'keys')]).toEqual([false, true]);
    expect([at('other', 'trace'), at('other', 'keys')]).toEqual([true, false]);
  });
});

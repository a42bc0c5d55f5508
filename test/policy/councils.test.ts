import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import { openElections } from '../../src/policy/elections.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { finding, inputOf, type Draft } from './inputs.ts';

const policy = loadPolicy(path.resolve(import.meta.dirname, '../../policies'));

/** `gate, protection, obligations: rules` of the first recipient. */
function outcome(draft: Draft): string {
  const [recipient] = decide(policy, inputOf(draft)).recipients;
  if (!recipient) return 'nobody';
  const acting = recipient.hits.filter(({ inert }) => inert === null);
  const nudge = acting.some((hit) => hit.nudge) ? ' nudge' : '';
  const tag = acting.some((hit) => hit.tag) ? ' tag' : '';
  const rules = [...new Set(acting.map((hit) => hit.rule))].sort().join(' ');
  return `${recipient.gate}, ${recipient.protection}${nudge}${tag}: ${rules}`;
}

const newsletter: Draft = {
  subject: 'Ward newsletter',
  message: { headers: [{ name: 'list-unsubscribe', value: '<mailto:x@y.test>' }] },
};
const during: Draft = {
  elections: openElections(policy, 'merebrook', new Date('2026-10-20T10:00:00Z')),
};
const data = finding('personal-data', { details: { subjects: 1 } });
const bulk = finding('personal-data', { details: { subjects: 12 } });

describe('decide() for the demo council', () => {
  const table: [string, Draft, string][] = [
    ['an ordinary letter', {}, 'release, none: '],
    [
      'a marked letter',
      { marking: 'OFFICIAL-SENSITIVE' },
      'release, required: marked-official-sensitive',
    ],
    [
      'a misspelt marking',
      { marking: 'OFFICIAL-SENSITIVE', misspelt: true },
      'release, required nudge: marked-official-sensitive marking-misspelt',
    ],
    [
      'a marked letter inside the council',
      { marking: 'OFFICIAL-SENSITIVE', to: ['officer@merebrook.gov.uk'] },
      'release, none: ',
    ],
    ['a marking of OFFICIAL only', { marking: 'OFFICIAL' }, 'release, none: '],
    ['[secure]', { encryptRequested: true }, 'release, required: encryption-requested'],
    [
      'SECRET that came past the screen',
      { marking: 'SECRET' },
      'hold, required: marked-official-sensitive secret-or-above',
    ],
    [
      'an automatic forward to a personal account',
      { findings: [finding('auto-forward')] },
      'divert, none: auto-forward-personal',
    ],
    [
      'an automatic forward elsewhere',
      { findings: [finding('auto-forward-external')] },
      'divert, none: auto-forward-external',
    ],
    [
      'a marked automatic forward',
      { marking: 'OFFICIAL-SENSITIVE', findings: [finding('auto-forward')] },
      'divert, required: auto-forward-personal marked-official-sensitive',
    ],
    [
      'a forward by hand',
      { findings: [finding('manual-forward-personal')] },
      'release, none nudge: manual-forward-personal',
    ],
    [
      'a forward by hand with personal data',
      { findings: [finding('manual-forward-personal'), data] },
      'hold, required nudge: manual-forward-personal manual-forward-with-personal-data personal-data-unmarked',
    ],
    [
      'political content at any time',
      { findings: [finding('political')] },
      'hold, none: political-content',
    ],
    [
      'a campaigning newsletter in the period',
      { ...newsletter, ...during, findings: [finding('political')] },
      'hold, none: election-newsletter political-content',
    ],
    [
      'a campaigning newsletter outside it',
      { ...newsletter, findings: [finding('political')] },
      'hold, none: political-content',
    ],
    ['an ordinary newsletter in the period', { ...newsletter, ...during }, 'release, none: '],
    [
      'political content with personal data',
      { findings: [finding('political'), data] },
      'hold, required nudge: personal-data-unmarked political-content political-with-personal-data',
    ],
    [
      'personal data without a marking',
      { findings: [data] },
      'release, required nudge: personal-data-unmarked',
    ],
    [
      'personal data with a marking',
      { marking: 'OFFICIAL-SENSITIVE', findings: [data] },
      'release, required: marked-official-sensitive',
    ],
    [
      'personal data inside the council',
      { findings: [bulk], to: ['officer@merebrook.gov.uk'] },
      'release, none: ',
    ],
    [
      'personal data of many',
      { findings: [bulk] },
      'hold, required nudge: bulk-personal-data personal-data-unmarked',
    ],
    [
      'personal data of many, marked',
      { marking: 'OFFICIAL-SENSITIVE', findings: [bulk] },
      'hold, required: bulk-personal-data marked-official-sensitive',
    ],
    ['a borrowed identity', { findings: [finding('identity')] }, 'hold, none: identity-mismatch'],
    [
      'personal criticism',
      { findings: [finding('criticism')] },
      'release, none nudge: personal-criticism',
    ],
    [
      'abusive words',
      { findings: [finding('abusive', { type: 'profanity' })] },
      'release, none nudge: abusive-language',
    ],
    [
      'a threat',
      { findings: [finding('abusive', { type: 'threat' })] },
      'hold, none nudge: abusive-language threatening-language',
    ],
    [
      'a slur',
      { findings: [finding('abusive', { type: 'discrimination' })] },
      'hold, none nudge: abusive-language discriminatory-language',
    ],
    [
      'private business',
      { findings: [finding('commercial')] },
      'release, none nudge: commercial-use',
    ],
    [
      'a chain letter',
      { findings: [finding('chain-letter')] },
      'release, none nudge: chain-letter',
    ],
    ['a mass mailing', { findings: [finding('mass-mailing')] }, 'release, none tag: mass-mailing'],
    ['a password', { findings: [finding('credential')] }, 'hold, none: credential-disclosed'],
    ['malware', { findings: [finding('malware')] }, 'hold, none: malware'],
    [
      'a locked attachment',
      { findings: [finding('uninspectable')] },
      'release, none nudge: uninspectable',
    ],
    [
      'a failed inspection',
      { findings: [finding('inspection-failed')] },
      'hold, required: inspection-failed',
    ],
    ['an encrypted message', { findings: [finding('already-encrypted')] }, 'release, none: '],
    [
      'no councillor name',
      { actor: { name: 'Ada Nobody', address: 'a.nobody@merebrook.gov.uk' } },
      'release, none nudge: missing-councillor-name',
    ],
    ['an empty subject', { subject: 'RE:' }, 'release, none nudge: meaningless-subject'],
    ['a closed domain', { to: ['x@council.gcsx.gov.uk'] }, 'reject, none: closed-domain'],
    [
      'a sender that nobody knows',
      { actor: { basis: 'unknown', class: 'unknown', address: '', name: '' } },
      'hold, none: unknown-actor',
    ],
  ];
  for (const [name, draft, expected] of table) {
    it(`${name}: ${expected}`, () => {
      expect(outcome(draft)).toBe(expected);
    });
  }

  const queues: [string, Draft, string][] = [
    ['political content', { findings: [finding('political')] }, 'monitoring-officer'],
    [
      'personal data of many',
      { findings: [bulk, finding('political')] },
      'data-protection-officer',
    ],
    [
      'our own failure before all others',
      { findings: [bulk, finding('inspection-failed')] },
      'ict',
    ],
    ['a divert', { findings: [finding('auto-forward'), finding('political')] }, 'ict'],
  ];
  for (const [name, draft, role] of queues) {
    it(`${name} waits with ${role}`, () => {
      const decision = decide(policy, inputOf(draft));
      expect(decision.recipients[0]?.hits[0]?.notify[0]).toBe(role);
      expect(decision.recipients[0]?.hits[0]?.gate).toBe(decision.gate);
    });
  }

  it('cites the council whose clause it is, word for word', () => {
    const [recipient] = decide(policy, inputOf({ findings: [finding('political')] })).recipients;
    expect(recipient?.hits.map(({ clause }) => `${clause.council}, ${clause.section}`)).toEqual([
      'Havering, Unacceptable 4',
      'Middlesbrough, 11.1',
    ]);
    expect(recipient?.hits[0]?.clause.quote).toBe(
      'Party political activity and election campaigning',
    );
  });

  it('cites Middlesbrough 11.6 and tells Democratic Services in the election period only', () => {
    const draft = { ...newsletter, findings: [finding('political')] };
    const cited = (more: Draft): string[] =>
      (decide(policy, inputOf({ ...draft, ...more })).recipients[0]?.hits ?? [])
        .filter(({ clause }) => clause.section === '11.6')
        .flatMap(({ notify }) => notify);
    expect(cited(during)).toEqual(['monitoring-officer', 'democratic-services']);
    expect(cited({})).toEqual([]);
  });

  it('takes the strictest over the recipients, each decided for itself', () => {
    const decision = decide(
      policy,
      inputOf({
        to: ['alex@gmail.com', 'officer@merebrook.gov.uk'],
        marking: 'OFFICIAL-SENSITIVE',
        findings: [finding('auto-forward', { recipient: 'alex@gmail.com' })],
      }),
    );
    expect(decision.recipients.map(({ gate, protection }) => [gate, protection])).toEqual([
      ['divert', 'required'],
      ['release', 'none'],
    ]);
    expect([decision.gate, decision.protection, decision.marking]).toEqual([
      'divert',
      'required',
      'OFFICIAL-SENSITIVE',
    ]);
  });

  it('leaves conduct, politics and forwarding of officers and of the returning officer alone', () => {
    const findings = [finding('political'), finding('criticism'), finding('auto-forward')];
    for (const person of ['officer', 'returning-officer', 'system'] as const) {
      expect(outcome({ findings, actor: { class: person } })).toBe('release, none: ');
    }
  });

  it("protects everybody's mail and looks at everybody's identity", () => {
    const findings = [data, finding('identity')];
    expect(outcome({ findings, actor: { class: 'officer' } })).toBe(
      'hold, required nudge: identity-mismatch personal-data-unmarked',
    );
  });

  it('points at the findings that a rule rests on', () => {
    const findings = [finding('criticism'), finding('political'), finding('political')];
    const [recipient] = decide(policy, inputOf({ findings })).recipients;
    const of = (id: string): number[] | undefined =>
      recipient?.hits.find((hit) => hit.rule === id)?.findings;
    expect(of('political-content')).toEqual([1, 2]);
    expect(of('personal-criticism')).toEqual([0]);
  });
});

describe('decide() for the five councils', () => {
  it('only records conduct and politics until members were told, while protection acts', () => {
    const findings = [finding('political'), finding('abusive', { type: 'threat' }), bulk];
    const decision = decide(policy, inputOf({ council: 'havering', findings }));
    expect([decision.gate, decision.protection]).toEqual(['hold', 'required']);
    const inert = decision.recipients[0]?.hits.filter(
      (hit) => hit.inert === 'members-not-informed',
    );
    expect(new Set(inert?.map((hit) => hit.rule))).toEqual(
      new Set(['political-content', 'abusive-language', 'threatening-language']),
    );
    const acting = decision.recipients[0]?.hits.filter(
      (hit) => hit.inert === null && hit.gate === 'hold',
    );
    expect(acting?.map((hit) => hit.rule)).toEqual(['bulk-personal-data']);
  });
});

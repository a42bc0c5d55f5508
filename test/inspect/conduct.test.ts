import { describe, expect, it } from 'vitest';
import { createAbusiveInspector } from '../../src/inspect/abusive.ts';
import { createCriticismInspector } from '../../src/inspect/criticism.ts';
import { disguisedWords } from '../../src/inspect/disguised-words.ts';
import { createCueInspectors, createInspectors, inspect } from '../../src/inspect/inspect.ts';
import { inspectionOf, LISTS } from './inspection-of.ts';

const COLLEAGUE = {
  name: 'Cressida Ivory',
  class: 'member',
  addresses: ['cllr.cressida.ivory@merebrook.gov.uk'],
} as const;
const named = [{ ...COLLEAGUE, addresses: [...COLLEAGUE.addresses] }];

describe('disguisedWords()', () => {
  const pattern = disguisedWords(['shit', 'bollock', 'piss off', 'cunt']);
  it.each(['shit', 'SH1T', '$h!thouse', 'b0110cks', 'sh*t', 'shitty', 'piss  off', 'c**t'])(
    'sees "%s"',
    (text) => {
      expect(text.match(pattern)).not.toBeNull();
    },
  );
  it.each(['Scunthorpe', 'shitake', 'mishit', 'bullock', 'pissaladière'])('passes "%s"', (text) => {
    expect(text.match(pattern)).toBeNull();
  });
});

describe('createAbusiveInspector()', () => {
  const inspector = createAbusiveInspector(LISTS);
  it('passes abuse in quoted text', () => {
    const body = [
      ['own', 'Noted.\n'],
      ['quoted', 'You stupid bastards.'],
    ] as const;
    expect(inspector.inspect(inspectionOf({ subject: 'Re: bins', body }))).toEqual([]);
    const [found] = inspector.inspect(inspectionOf({ subject: 'Bins', body }));
    expect(found?.kind).toBe('abusive');
  });
  it('passes abuse that is reported in quotation marks', () => {
    const body = 'The driver shouted "you fat bitch" at her. Please look into it.';
    expect(inspector.inspect(inspectionOf({ body }))).toEqual([]);
  });
  it('passes what somebody wrote on a wall', () => {
    const body = 'On the east wall in red paint: PAKIS OUT. Please log it as a hate incident.';
    expect(inspector.inspect(inspectionOf({ body }))).toEqual([]);
    const said = 'PAKIS OUT, I say, and I shall vote for it.';
    expect(inspector.inspect(inspectionOf({ body: said }))).not.toEqual([]);
  });
  it('is not fooled by quotation marks without a report', () => {
    const body = 'You are a "stupid bastard" and I am tired of you.';
    expect(inspector.inspect(inspectionOf({ body }))).not.toEqual([]);
  });
});

describe('remarks on a group', () => {
  const inspectors = createInspectors(LISTS);
  const kinds = (body: string) =>
    inspect(inspectors, inspectionOf({ body })).map(({ kind, type }) => `${kind} ${type}`);
  it.each([
    'Refugees are very welcome here in Merebrook and the church hall is open to them all week.',
    'Pensioners are allowed to use the bus pass before half past nine from April.',
    'The survey asks whether women are safe at home and on the way from the station.',
    'The disabled are allowed to park in the bays behind the library without a permit.',
    'Women are trusted leaders in this town, as the awards on Friday showed.',
    'Travellers are to be moved on by Friday after the court order, says Legal.',
  ])('are none in "%s"', (body) => {
    expect(kinds(body)).toEqual([]);
  });
  it('need the model to agree, unless a slur is among them', () => {
    const { abusive } = createCueInspectors(LISTS);
    const judged = (body: string) =>
      abusive?.inspector
        .inspect(inspectionOf({ body }))
        .map((finding) => [finding.type, abusive.decisive?.(finding)]);
    expect(judged('There women are not allowed to drive.')).toEqual([['discrimination', false]]);
    expect(judged('PAKIS OUT, I say.')).toEqual([['discrimination', true]]);
  });
  it('are found where hostility is said, and by the type that the rules ask for', () => {
    const body =
      'All those Muslims are terrorists and should be deported, and gypsies are thieving vermin.';
    expect(kinds(body)).toContain('abusive discrimination');
  });
});

describe('createCriticismInspector()', () => {
  const inspector = createCriticismInspector(LISTS);
  const findings = (body: string, to = ['post@news.example']) =>
    inspector.inspect(inspectionOf({ body, to, namedPeople: named }));

  it('knows a colleague by name alone', () => {
    expect(findings('Ivory is a liar and everybody knows it.')).toHaveLength(1);
  });
  it('passes a formal complaint to the Monitoring Officer', () => {
    const to = ['monitoring.officer@merebrook.gov.uk'];
    expect(findings('Cllr Ivory is a bully and a liar.', to)).toEqual([]);
  });
  it('passes agreement with a complaint about a service', () => {
    expect(findings('I quite agree, the service has been awful and useless.')).toEqual([]);
  });
  it('takes an insult to a colleague at a council mailbox for criticism', () => {
    expect(findings('You stupid cow.', ['cllr.cressida.ivory@merebrook.gov.uk'])).toHaveLength(1);
    expect(findings('You stupid cow.', ['neighbour@elsewhere.example'])).toEqual([]);
  });
});

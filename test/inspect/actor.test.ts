import { describe, expect, it } from 'vitest';
import { isOwnAddress, isPersonalProvider } from '../../src/inspect/account-kind.ts';
import { namesPerson, personName } from '../../src/inspect/person-names.ts';
import { workOutActor } from '../../src/inspect/actor.ts';
import type { Directory } from '../../src/mail/person.ts';
import { COUNCIL, DIRECTORY, inspectionOfMail, LISTS, type Mail, MARGARET } from './mail-of.ts';

const actorOf = async (mail: Mail) => (await inspectionOfMail(mail)).facts.actor;
const toHer = `To: ${MARGARET}`;

describe('workOutActor()', () => {
  it('believes the login, whatever From says', async () => {
    const actor = await actorOf({ headers: ['From: Tom <cllr.thomas.varley@wexbourne.gov.uk>'] });
    expect(actor).toMatchObject({ address: MARGARET, basis: 'login', class: 'member' });
  });

  it('names the mailbox that forwards', async () => {
    const headers = ['From: Bert <bert@sky.com>', toHer, `X-Sieve-Redirected-From: ${MARGARET}`];
    const mail = { login: null, headers, rcpt: ['maggie@ackroyds.example'], mailFrom: '' };
    expect(await actorOf(mail)).toMatchObject({ address: MARGARET, basis: 'forwarding' });
  });

  it('takes an entitled From, and a delegate before the shared mailbox', async () => {
    expect(await actorOf({ login: null })).toMatchObject({ address: MARGARET, basis: 'from' });
    const headers = ['From: Mayor <mayor@wexbourne.gov.uk>', `Sender: ${MARGARET}`];
    const shared = await actorOf({ login: null, headers, mailFrom: 'mayor@wexbourne.gov.uk' });
    expect(shared).toMatchObject({ address: MARGARET, basis: 'from' });
  });

  it('does not believe a From that the envelope contradicts', async () => {
    const headers = ['From: Tom Varley <cllr.thomas.varley@wexbourne.gov.uk>'];
    const actor = await actorOf({ login: null, headers, mailFrom: MARGARET });
    expect(actor.address).toBe(MARGARET);
  });

  it('takes two entries of one person for one, whichever address they came by', async () => {
    const { message, facts } = await inspectionOfMail({ login: null });
    const fresh: Directory = {
      byAddress: (address) => structuredClone(DIRECTORY.byAddress(address)),
      of: (council) => DIRECTORY.of(council),
    };
    const { arrival, envelope } = facts;
    const question = { message, arrival, envelope, council: COUNCIL, directory: fresh };
    expect(workOutActor(question).actor.address).toBe(MARGARET);
  });

  it('says unknown rather than guess', async () => {
    const headers = ['From: Scanner 3 <scanner3@wexbourne.gov.uk>'];
    const actor = await actorOf({ login: null, headers, mailFrom: 'scanner3@wexbourne.gov.uk' });
    expect(actor).toMatchObject({ address: '', class: 'unknown', basis: 'unknown' });
    const stranger = await actorOf({ login: null, headers: ['From: x'], mailFrom: '' });
    expect(stranger.basis).toBe('unknown');
  });

  it('knows what a login without a person is: unknown, and entitled to itself only', async () => {
    const { facts } = await inspectionOfMail({ login: 'temp@wexbourne.gov.uk' });
    expect(facts.actor).toMatchObject({ address: 'temp@wexbourne.gov.uk', class: 'unknown' });
    expect(facts.entitled).toEqual(['temp@wexbourne.gov.uk']);
  });
});

describe('namedPeople()', () => {
  it('finds surnames that stand with a capital as whole words', async () => {
    const body = "I asked Varley's office and Mr Solberg. The o'rourkes were out.";
    const { facts } = await inspectionOfMail({ headers: [`From: ${MARGARET}`], body });
    expect(facts.namedPeople.map((each) => each.name)).toEqual(['Tom Varley', 'Ingrid Solberg']);
  });

  it('finds a double-barrelled name in either spelling', async () => {
    for (const body of ['Ask Siân O’Rourke-Pugh', "ask Sian O'Rourke Pugh, please"]) {
      const { facts } = await inspectionOfMail({ headers: [`From: ${MARGARET}`], body });
      expect(facts.namedPeople.map((each) => each.name)).toEqual(["Siân O'Rourke-Pugh"]);
    }
  });
});

describe('recipientFacts()', () => {
  it('knows internal, provider and own addresses', async () => {
    const rcpt = [
      'parks@wexbourne.gov.uk',
      'nobby77@btinternet.com',
      'allotment.42@plot.example',
      'parks@notwexbourne.gov.uk',
    ];
    const { facts } = await inspectionOfMail({ rcpt });
    const seen = facts.recipients.map((each) => [
      each.internal,
      each.personalProvider,
      each.actorsOwn,
    ]);
    expect(seen).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
      [false, false, false],
    ]);
  });

  it('takes a brand in every country and nothing that only begins like it', () => {
    const is = (domain: string) => isPersonalProvider(domain, LISTS.personalProviders);
    expect(
      ['yahoo.co.uk', 'yahoo.fr', 'gmail.com', 'aol.example', 'sky.com'].filter(is),
    ).toHaveLength(5);
    expect(['yahoo.wexbourne.gov.uk', 'gmail.com.evil.example', 'notgmail.com'].filter(is)).toEqual(
      [],
    );
  });
});

const MAGGIE = personName('Margaret Ackroyd', MARGARET);

describe('isOwnAddress()', () => {
  it.each([
    'margaret.ackroyd@gmail.com',
    'maggie_ackroyd@yahoo.co.uk',
    'm.ackroyd.home@fastmail.com',
    'ackroyd.family@talktalk.net',
    'ackroydm1951@aol.com',
    'maggieack@sky.com',
    'maggie.a@icloud.com',
    'peggya@live.co.uk',
    'margaret1951@gmail.com',
  ])('takes %s for hers', (address) => {
    expect(isOwnAddress(address, MAGGIE, true)).toBe(true);
  });

  it.each(['nigel.ackroyd@gmail.com', 'bert.oakes@sky.com', 'm.oakes@sky.com', 'meg@sky.com'])(
    'does not take %s for hers',
    (address) => {
      expect(isOwnAddress(address, MAGGIE, true)).toBe(false);
    },
  );

  it('asks more of other domains, and never takes a public body for private', () => {
    const is = (address: string) => isOwnAddress(address, MAGGIE, false);
    expect(is('maggie@ackroydfarm.example')).toBe(true);
    expect(is('post@ackroyd.me.uk')).toBe(true);
    expect(is('m.ackroyd@canalboats.example')).toBe(true);
    expect(is('counsel@ackroydlaw.example')).toBe(false);
    expect(is('nigel@ackroydprint.example')).toBe(false);
    expect(is('margaret@canalboats.example')).toBe(false);
    expect(is('margaret.ackroyd@mereshire.gov.uk')).toBe(false);
    expect(is('')).toBe(false);
  });
});

describe('personName()', () => {
  it('believes the address where the name is quite another', () => {
    const posing = personName('Head of Highways', 'cllr.terence.halliwell@x.example');
    expect(posing).toEqual({ givens: ['terence'], surnames: ['halliwell'] });
    const married = personName('Jane Brown', 'cllr.jane.smith@x.example');
    expect(married.surnames).toEqual(['brown', 'smith']);
    const officer = personName('Ingrid Solberg', 'planning.admin@x.example');
    expect(officer.surnames).toContain('solberg');
    expect(personName('', '')).toEqual({ givens: [], surnames: [] });
  });
});

describe('namesPerson()', () => {
  it('tells full names, households and given names apart', () => {
    const terry = personName('Terence Halliwell', 'cllr.terence.halliwell@x.example');
    expect(namesPerson('terry.h', terry)).toBe('full');
    expect(namesPerson('t.halliwell', terry)).toBe('full');
    expect(namesPerson('thehalliwells', terry)).toBe('surname');
    expect(namesPerson('terry', terry)).toBe('given');
    expect(namesPerson('gemma.halliwell', terry)).toBeNull();
    expect(namesPerson('', terry)).toBeNull();
    expect(namesPerson('+++', terry)).toBeNull();
  });
});

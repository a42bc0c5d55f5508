import { createPublicKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { generateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { sealAudit } from '../../src/store/audit.ts';
import {
  mail,
  MEMBER,
  OTHER_MEMBER,
  runGateway,
  testWorld,
  type TestGateway,
  type TestWorld,
} from '../support/gateway.ts';
import { run } from './program.ts';

let world: TestWorld;
let gate: TestGateway;

beforeAll(async () => {
  world = await testWorld();
  gate = await runGateway(world.config);
});
afterAll(async () => {
  await gate?.stop();
  await world?.close();
});

const cli = (...words: string[]) => run(words, { db: gate.gateway.db });

async function json<T>(...words: string[]): Promise<T> {
  const { out, error } = await cli(...words, '--json');
  if (error) throw error;
  return JSON.parse(out) as T;
}

interface Case {
  id: string;
  queueId: string;
  kind: string;
}

async function caseOf(queueId: string): Promise<string> {
  const found = (await json<Case[]>('case', 'list')).find((each) => each.queueId === queueId);
  return found?.id ?? `no case of ${queueId}`;
}

const LEAFLET =
  'Please vote Labour on Thursday. Promoted by A. Agent on behalf of V. Lamb, both at 1 High St, MB1 1AA';

async function held(subject: string, to = ['ann@plain.example']): Promise<string> {
  const raw = mail({ to: to.join(', '), subject, text: `${subject}. ${LEAFLET}` });
  const queueId = await gate.submit({ from: MEMBER, to, raw });
  await gate.until(queueId, 'held');
  return queueId;
}

describe('every command', () => {
  const leaves = (command: Command, words: string[]): [string, Command][] =>
    command.commands.length === 0
      ? [[words.join(' '), command]]
      : command.commands.flatMap((each) => leaves(each, [...words, each.name()]));
  const program = createProgram({
    user: 'x',
    out: () => {},
    err: () => {},
  } as unknown as CliContext);

  it.each(leaves(program, []))('%s explains itself', (_name, command) => {
    expect(command.description()).not.toBe('');
    expect(command.helpInformation()).toContain('--help');
  });

  it('that is misspelt or incomplete is a wrong usage', async () => {
    for (const words of [['cases'], ['case', 'release', 'x'], ['hold', 'add'], ['inspect']]) {
      expect((await cli(...words)).error).not.toBeNull();
    }
  });
});

describe('case', () => {
  it('release lets one recipient go and leaves the other, and says when it was done before', async () => {
    const queueId = await held('Release one', ['ann@plain.example', 'ben@plain.example']);
    const id = await caseOf(queueId);
    const shown = (await cli('case', 'show', id)).out;
    expect(shown).toContain('ben@plain.example: held');
    const release = ['case', 'release', id, '--recipient', 'ben@plain.example', '--reason', 'Fine'];
    expect((await cli(...release)).out).toContain('1 recipient(s)');
    const after = await gate.until(queueId, 'held', 'delivered');
    expect(after.recipients.map(({ address }) => address)).toHaveLength(2);
    const again = await cli(...release);
    expect(again.error?.message).toContain('decided before');
    await cli('case', 'reject', id, '--reason', 'Not this one');
    const done = await gate.until(queueId, 'delivered', 'rejected');
    expect(done.recipients.map(({ status }) => status)).toEqual(['rejected', 'delivered']);
    // A refusal may be taken back for a while: until then the case stays open.
    expect(await caseOf(queueId)).toBe(id);
  });

  it('inward puts a diverted message into the member’s mailbox now', async () => {
    const raw = mail({
      from: 'Maeve <maeve@resident.example>',
      to: MEMBER,
      subject: 'Damp',
      text: 'Damp again.',
      headers: [`X-MS-Exchange-Inbox-Rules-Loop: ${MEMBER}`],
    });
    const to = ['vera.lamb@gmail.com'];
    const queueId = await gate.relay({ from: 'maeve@resident.example', to, raw });
    await gate.until(queueId, 'diverted', 'deferred');
    const id = await caseOf(queueId);
    expect((await cli('case', 'inward', id, '--reason', 'Asked for')).error).toBeNull();
    await gate.until(queueId, 'diverted', 'delivered');
    expect(world.inward.messages().some(({ data }) => data.includes('Damp again'))).toBe(true);
  });

  it('says what is not there', async () => {
    const queueId = await held('Unknown');
    const id = await caseOf(queueId);
    const wrong = await cli('case', 'release', id, '--recipient', 'no@x.test', '--reason', 'x');
    expect(wrong.error?.message).toBe('The message has no recipient "no@x.test"');
    expect((await cli('case', 'release', 'NONE', '--reason', 'x')).error?.message).toContain(
      'no such case',
    );
    expect((await cli('case', 'show', 'NONE')).error?.message).toContain('No case "NONE"');
  });
});

describe('people', () => {
  async function importing(text: string, name = 'people.csv') {
    const file = path.join(world.dir, name);
    await writeFile(file, text);
    return cli('people', 'import', file, '--council', 'merebrook');
  }

  it('import names every wrong line and column, and takes nothing of such a file', async () => {
    const { error } = await importing(
      'address,name,class,office_from\n' +
        'new.one@merebrook.gov.uk,"New\nOne",member,\n' +
        'nobody,No Address,member,\n' +
        'two@merebrook.gov.uk,Two,emperor,tomorrow\n' +
        'new.one@merebrook.gov.uk,Again,member,\n',
    );
    const problems = (error as unknown as { problems: string[] }).problems.map((problem) =>
      problem.slice(problem.indexOf('people.csv')),
    );
    expect(problems).toHaveLength(4);
    expect(problems[0]).toBe('people.csv:4: address: expected an e-mail address');
    expect(problems[1]).toMatch(/^people\.csv:5: class: /);
    expect(problems[2]).toBe('people.csv:5: office_from: expected a date as YYYY-MM-DD');
    expect(problems[3]).toMatch(/^people\.csv:6: address: "new\.one@merebrook\.gov\.uk" belongs/);
    expect((await cli('people', 'show', 'new.one@merebrook.gov.uk')).error).not.toBeNull();
  });

  it('import refuses columns that it does not know, and JSON that is none', async () => {
    const columns = await importing('address,nmae\na@merebrook.gov.uk,A\n');
    expect(JSON.stringify(columns.error)).toContain('unknown column');
    const json = await importing('{', 'people.json');
    expect(JSON.stringify(json.error)).toContain('people.json: ');
  });

  it('suspend stops a member from sending until it is lifted', async () => {
    expect((await cli('people', 'suspend', OTHER_MEMBER)).error?.message).toContain('--reason');
    await cli('people', 'suspend', OTHER_MEMBER, '--reason', 'Asked by the chief executive');
    expect((await cli('people', 'show', OTHER_MEMBER)).out).toContain('chief executive');
    await cli('people', 'suspend', OTHER_MEMBER, '--lift');
    expect((await cli('people', 'list')).out).not.toContain('chief executive');
  });
});

describe('key', () => {
  async function importing(armored: string) {
    const file = path.join(world.dir, 'key.asc');
    await writeFile(file, armored);
    return cli('key', 'import', file);
  }

  it('import keeps a key as a candidate until it is trusted', async () => {
    const { publicKey } = await generateKey({ userIDs: [{ email: 'jo@plain.example' }] });
    expect((await importing(publicKey)).out).toContain('waits for trust');
    const [key] = await json<{ fingerprint: string; state: string }[]>('key', 'list');
    expect(key?.state).toBe('candidate');
    await cli('key', 'trust', key?.fingerprint ?? '');
    expect((await cli('key', 'list')).out).toContain('trusted');
    await cli('key', 'revoke', key?.fingerprint ?? '');
    expect((await cli('key', 'list')).out).toContain('revoked');
    expect((await cli('key', 'trust', 'ABCD')).error?.message).toContain('key list');
  });

  it('import refuses what cannot be used', async () => {
    expect((await importing('no key')).error?.message).toMatch(/^The key cannot be used: /);
    const { privateKey } = await generateKey({ userIDs: [{ email: 'jo@plain.example' }] });
    expect((await importing(privateKey)).error?.message).toMatch(/^The key cannot be used: /);
  });
});

describe('key ask', () => {
  const ask = (address: string, ...more: string[]) =>
    run(['key', 'ask', address, '--council', 'merebrook', '--officer', 'ict', ...more], {
      db: gate.gateway.db,
      openSpool: () => Promise.resolve(gate.gateway.road.spool),
    });

  it('sends one request by the running gateway, and says which message it is', async () => {
    const raw = mail({ to: 'sue@plain.example', subject: 'Hello', text: 'Hello.' });
    const reference = await gate.submit({ from: MEMBER, to: ['sue@plain.example'], raw });
    const { out, error } = await ask('Sue@PLAIN.example', '--reference', reference, '--json');
    expect(error).toBeNull();
    const { queueId, address } = JSON.parse(out) as { queueId: string; address: string };
    expect(address).toBe('Sue@plain.example');
    const sent = await gate.until(queueId, 'delivered');
    expect([sent.origin, sent.recipients[0]?.route]).toEqual(['internal', 'outward']);
    const rows = await gate.gateway.db`
      select actor, data from audit where event = 'key-asked' and queue_id = ${queueId}`;
    expect([...rows]).toEqual([{ actor: 'ict', data: { council: 'merebrook', reference } }]);
    expect((await ask('sue@plain.example')).error?.message).toMatch(/was asked already/);
  });

  it('asks one address once, though two officers ask at the same time', async () => {
    const both = await Promise.all([ask('tom@plain.example'), ask('tom@plain.example')]);
    expect(both.filter(({ error }) => error === null)).toHaveLength(1);
  });

  it.each([
    ['jo', /is no e-mail address/],
    ['a@b@plain.example', /is no e-mail address/],
    ['jo@[127.0.0.1]', /is no e-mail address/],
    ['jo@127.0.0.1', /is no e-mail address/],
    ['j\u00f6@plain.example', /is no e-mail address/],
    ['jo@plain.example\r\nBcc: x@plain.example', /is no e-mail address/],
    [`${'a'.repeat(65)}@plain.example`, /is no e-mail address/],
    [`jo@${'a.'.repeat(130)}example`, /is no e-mail address/],
    [OTHER_MEMBER, /is the council's own/],
  ])('refuses %j', async (address, problem) => {
    expect((await ask(address)).error?.message).toMatch(problem);
  });

  it('refuses a reference that is not of a message to that address', async () => {
    const raw = mail({ to: 'una@plain.example', subject: 'Hello', text: 'Hello.' });
    const other = await gate.submit({ from: MEMBER, to: ['una@plain.example'], raw });
    for (const reference of [other, '0'.repeat(18), 'x']) {
      const { error } = await ask('vic@plain.example', '--reference', reference);
      expect(error?.message).toContain(`No message "${reference}"`);
    }
  });

  it('refuses a council that is not there', async () => {
    const { error } = await ask('vic@plain.example', '--council', 'nowhere');
    expect([error?.name, error?.message]).toEqual([
      'UsageError',
      'No council "nowhere" in the active policy',
    ]);
  });
});

describe('hold, retention and audit', () => {
  const HOLD = ['--council', 'merebrook', '--kind', 'foi', '--reference', 'FOI-1', '--reason', 'r'];

  it('add keeps mail from erasure until it is lifted', async () => {
    const raw = mail({ to: 'ann@plain.example', subject: 'Old', text: 'Old news.' });
    const queueId = await gate.submit({ from: MEMBER, to: ['ann@plain.example'], raw });
    await gate.until(queueId, 'delivered');
    await gate.gateway.db`
      update messages set erase_after = now() - interval '1 day' where queue_id = ${queueId}`;
    const standing = await json<{ id: string }>('hold', 'add', ...HOLD, '--received', '2026-11-01');
    expect((await cli('hold', 'list')).out).toContain(standing.id);
    const context = {
      db: gate.gateway.db,
      openSpool: () => Promise.resolve(gate.gateway.road.spool),
    };
    expect((await run(['retention', 'run'], context)).out).toMatch(/^Erased 0, passed over 1/);
    expect((await cli('hold', 'lift', standing.id, '--reason', 'Answered')).error).toBeNull();
    expect((await cli('hold', 'list')).out).not.toContain(standing.id);
    expect((await cli('hold', 'lift', standing.id, '--reason', 'x')).error).not.toBeNull();
  });

  it('add refuses dates and kinds that are none', async () => {
    expect((await cli('hold', 'add', ...HOLD, '--received', '1 May')).error?.name).toBe(
      'UsageError',
    );
    const kind = HOLD.map((word) => (word === 'foi' ? 'whim' : word));
    expect((await cli('hold', 'add', ...kind, '--received', '2026-11-01')).error?.name).toBe(
      'UsageError',
    );
  });

  it('audit verify finds the chain whole, and a changed row', async () => {
    const { db, keys, road } = gate.gateway;
    await sealAudit(db, road.auditKey, new Date());
    const pem = keys.auditPublicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(createPublicKey(pem).asymmetricKeyType).toBe('ed25519');
    const context = { db, auditPublicKey: () => Promise.resolve(pem) };
    const whole = await run(['audit', 'verify'], context);
    expect([whole.error, whole.out]).toEqual([null, expect.stringMatching(/^The chain is whole/)]);
    await world.database.db.begin(async (tx) => {
      await tx`alter table audit disable trigger all`;
      await tx`update audit set actor = 'nobody' where id = (select min(id) from audit)`;
      await tx`alter table audit enable trigger all`;
    });
    const broken = await run(['audit', 'verify'], context);
    expect(broken.error?.message).toBe('The audit trail does not verify');
  });
});

describe('inspect --batch', () => {
  it('answers each line in order, and goes on after a bad one', async () => {
    const file = path.join(world.dir, 'one.eml');
    await writeFile(file, mail({ to: 'a@x.test', subject: 'OFFICIAL-SENSITIVE: a', text: 'b' }));
    const request = (more: object) =>
      JSON.stringify({
        file,
        mailFrom: MEMBER,
        rcptTo: ['a@x.test'],
        at: '2027-04-01T10:00:00+01:00',
        ...more,
      });
    const lines = [
      request({ authenticatedAs: MEMBER }),
      '{',
      request({ file: path.join(world.dir, 'none.eml') }),
      request({ at: 'soon' }),
      request({ council: 'atlantis' }),
      '',
      request({ rcptTo: ['a@x.test', 'b@merebrook.gov.uk'] }),
    ];
    const stdin = Readable.from([lines.join('\n')]);
    const { out, error } = await run(['inspect', '--batch'], { stdin });
    expect(error).toBeNull();
    const results = out
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as Record<string, unknown>);
    expect(results).toHaveLength(6);
    expect(results[0]).toMatchObject({
      file,
      actor: MEMBER,
      gate: 'release',
      protection: 'required',
      marking: 'OFFICIAL-SENSITIVE',
    });
    expect(results.slice(1, 5).map(({ error: wrong }) => wrong)).toEqual([
      'The request line is not JSON',
      expect.stringContaining('ENOENT'),
      expect.stringContaining('expected an ISO 8601 time with offset'),
      expect.stringContaining('No policy for council "atlantis"'),
    ]);
    expect(results[5]).toMatchObject({ recipients: [{ address: 'a@x.test' }, {}] });
  });

  it('knows who is who from a people file', async () => {
    const people = path.join(world.dir, 'who.csv');
    const file = path.join(world.dir, 'two.eml');
    await writeFile(people, `address,name,class\n${MEMBER},Vera Lamb,officer\n`);
    await writeFile(file, mail({ to: 'a@x.test', subject: 'Thursday', text: LEAFLET }));
    const gateOf = async (...more: string[]) => {
      const words = ['inspect', file, '--to', 'a@x.test', '--login', MEMBER, '--json', ...more];
      const { out } = await run([...words, '--at', '2027-04-01T10:00:00+01:00']);
      return (JSON.parse(out) as { gate: string }).gate;
    };
    expect(await gateOf()).toBe('hold');
    expect(await gateOf('--people', people)).toBe('release');
  });
});

describe('elections', () => {
  const states = async (at: string) => {
    const words = ['elections', '--at', at, '--council', 'merebrook'];
    const { elections } = await json<{ elections: { id: string; state: string }[] }>(...words);
    return elections.map(({ id, state }) => `${id} ${state}`);
  };

  it('says what is open at a time and what comes', async () => {
    expect(await states('2026-10-20T12:00:00Z')).toEqual([
      'merebrook-2026-by-election open',
      'merebrook-2027-local coming',
    ]);
    expect(await states('2026-11-12T22:00:00Z')).toEqual([
      'merebrook-2026-by-election ended',
      'merebrook-2027-local coming',
    ]);
  });

  it('prints the dates that the law sets', async () => {
    const { out } = await cli('elections', '--at', '2027-04-01T00:00:00Z');
    expect(out).toMatch(/open +merebrook-2027-local .* 2027-03-31 +2027-04-19 +2027-05-06/);
  });

  it('refuses a council that is not there and a time that is none', async () => {
    expect(String((await cli('elections', '--council', 'nowhere')).error)).toMatch(/there are/);
    expect(String((await cli('elections', '--at', 'soon')).error)).toMatch(/ISO 8601/);
  });
});

describe('queue reinspect', () => {
  it('refuses what no failed inspection holds, and a call without an object', async () => {
    const queueId = await held('Held by a rule');
    expect(String((await cli('queue', 'reinspect', queueId)).error)).toMatch(/inspection failed/);
    expect(String((await cli('queue', 'reinspect')).error)).toMatch(/or --all/);
    expect(await json('queue', 'reinspect', '--all')).toEqual({ reinspected: [] });
  });
});

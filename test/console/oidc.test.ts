import { createServer, type Server } from 'node:http';
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOfficer } from '../../src/store/officers.ts';
import { consoleWorld, type ConsoleWorld } from './console-world.ts';
import { createVisitor, type Visitor } from './visitor.ts';

// A real OpenID provider on loopback, shaped as Entra ID: groups in the ID token.
let world: ConsoleWorld;
let server: Server;
let issuer = '';
/** What the directory says of whoever signs in. */
let claims: Record<string, unknown> = {};

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as { port: number };
  issuer = `http://127.0.0.1:${port}`;
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portreeve-oidc-'));
  const clientSecretFile = path.join(dir, 'secret');
  await writeFile(clientSecretFile, 'directory-secret-of-thirty-two-letters');
  world = await consoleWorld({
    console: {
      oidc: {
        name: 'Merebrook',
        issuer,
        clientId: 'portreeve',
        clientSecretFile,
        rolesClaim: 'groups',
        roles: [
          { value: 'group-mo', council: 'merebrook', role: 'monitoring-officer' },
          { value: 'group-ict', council: 'merebrook', role: 'ict' },
        ],
        requireAmr: [],
      },
    },
  });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'portreeve',
        client_secret: 'directory-secret-of-thirty-two-letters',
        redirect_uris: [`${world.url}/sign-in/council/return`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub', 'groups', 'name', 'email'], profile: [], email: [] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, ...claims }),
    }),
    features: { devInteractions: { enabled: true } },
  });
  server.on('request', provider.callback());
});
afterAll(async () => {
  await world.close();
  server.closeAllConnections();
  server.close();
});

/** Walks through the provider as a browser does; the path by which it comes back to us. */
async function throughDirectory(start: string, login: string): Promise<string> {
  const there = createVisitor(issuer);
  let at = start.replace(issuer, '');
  for (let step = 0; step < 12; step += 1) {
    let seen = await there.get(at);
    if (seen.status === 200) {
      const action = /action="([^"]+)"/.exec(seen.text)?.[1]?.replace(issuer, '') ?? '';
      const prompt = /name="prompt" value="([^"]+)"/.exec(seen.text)?.[1] ?? '';
      seen = await there.post(action, { prompt, login, password: 'x' });
    }
    const next = seen.location ?? '';
    if (next.startsWith(world.url)) return next.slice(world.url.length);
    at = next;
  }
  throw new Error(`The provider never came back; last at ${at}`);
}

async function signInAs(login: string, said: Record<string, unknown>, visitor = world.visitor()) {
  claims = { name: 'Olga Reed', email: `${login}@merebrook.gov.uk`, ...said };
  await visitor.get('/sign-in');
  const begun = await visitor.post('/sign-in/council', { next: '/account' });
  expect(begun.status).toBe(303);
  const back = await throughDirectory(begun.headers.get('location') ?? '', login);
  return { visitor, back, answer: await visitor.get(back) };
}

const rolesOf = async (login: string) =>
  (await findOfficer(world.gateway.db, { login: `${login}@merebrook.gov.uk` }))?.roles.map(
    ({ role }) => role,
  );

describe('sign-in with the council’s directory', () => {
  it('makes the officer with the roles of the mapped groups, and follows them', async () => {
    const { visitor, answer } = await signInAs('olga', { groups: ['group-mo', 'other'] });
    expect(answer.location).toBe('/account');
    expect((await visitor.get('/account')).text).toContain('Olga Reed');
    expect(await rolesOf('olga')).toEqual(['monitoring-officer']);
    await signInAs('olga', { groups: ['group-ict'] });
    expect(await rolesOf('olga')).toEqual(['ict']);
  });

  it('refuses whoever has no mapped group', async () => {
    const bare = await signInAs('pia', { groups: ['other'] });
    expect(bare.answer.status).toBe(403);
    expect(bare.answer.text).toContain('has no role here');
    expect(await rolesOf('pia')).toBeUndefined();
  });

  it('refuses a return that comes twice, or into another browser', async () => {
    const { visitor, back } = await signInAs('quin', { groups: ['group-ict'] });
    expect((await visitor.get(back)).status).toBe(403);
    const mine: Visitor = world.visitor();
    await mine.get('/sign-in');
    const begun = await mine.post('/sign-in/council', {});
    const return_ = await throughDirectory(begun.headers.get('location') ?? '', 'quin');
    const victim = world.visitor();
    await victim.get('/sign-in');
    const answer = await victim.get(return_);
    expect(answer.status).toBe(403);
    expect(victim.cookies.has('portreeve-session')).toBe(false);
  });

  it('does not take over an account that somebody else uses', async () => {
    await signInAs('rosa', { groups: ['group-ict'] });
    const second = await signInAs('other-rosa', {
      groups: ['group-mo'],
      email: 'rosa@merebrook.gov.uk',
    });
    expect(second.answer.status).toBe(403);
    expect(await rolesOf('rosa')).toEqual(['ict']);
  });
});

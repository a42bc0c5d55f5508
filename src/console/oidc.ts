import { randomUUID } from 'node:crypto';
import * as client from 'openid-client';
import { addressKey } from '../mail/address.ts';
import { complete, type SignIn } from '../pipeline/officer-sign-in.ts';
import { transaction } from '../store/connect.ts';
import { noteSignIn, officerOfSubject, replaceDirectoryRoles } from '../store/officers.ts';
import { closeCeremony, startCeremony } from './ceremony.ts';
import type { ConsoleServices, OidcSettings } from './services.ts';
import { signInWorld } from './sign-in-world.ts';

interface Begun {
  nonce: string;
  verifier: string;
  next: string;
  /** The browser that began: nobody else's sign-in may be finished in it. */
  visit: string;
}

const KIND = 'oidc';
const CALLBACK = '/sign-in/council/return';

/** Where the browser goes to sign in with the council's directory: code, state, nonce, PKCE. */
export async function beginOidc(
  services: ConsoleServices,
  oidc: OidcSettings,
  { next, visit }: { next: string; visit: string },
): Promise<string> {
  const provider = await discover(oidc);
  const verifier = client.randomPKCECodeVerifier();
  const nonce = client.randomNonce();
  const begun: Begun = { nonce, verifier, next, visit };
  const state = await startCeremony(services, KIND, begun);
  const url = client.buildAuthorizationUrl(provider, {
    redirect_uri: services.settings.publicUrl + CALLBACK,
    scope: 'openid profile email',
    response_type: 'code',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  return url.href;
}

export type OidcReturn =
  | { kind: 'signed-in'; signIn: SignIn & { kind: 'signed-in' }; next: string }
  | {
      kind: 'refused';
      why: 'stale' | 'directory' | 'no-role' | 'second-factor' | 'disabled';
    };

/**
 * What the directory said, when the browser comes back with it. Roles are those of the mapped claim
 * at this moment; whoever has none is refused, whatever they had before.
 */
export async function finishOidc(
  services: ConsoleServices,
  oidc: OidcSettings,
  { path, state, visit }: { path: string; state: string; visit: string },
): Promise<OidcReturn> {
  const begun = await closeCeremony<Begun>(services, KIND, state);
  if (!begun || begun.visit !== visit) return { kind: 'refused', why: 'stale' };
  const claims = await claimsOf(services, oidc, { path, state, begun });
  if (!claims) return { kind: 'refused', why: 'directory' };
  const amr = list(claims['amr']);
  const isProven =
    oidc.requireAmr.length === 0 || oidc.requireAmr.some((each) => amr.includes(each));
  const values = list(claims[oidc.rolesClaim]);
  const roles = oidc.roles.filter(({ value }) => values.includes(value));
  return transaction(services.road.db, async (tx): Promise<OidcReturn> => {
    const at = services.road.clock();
    const why = roles.length === 0 ? 'no-role' : isProven ? null : 'second-factor';
    if (why) {
      await noteSignIn(tx, 'sign-in-refused', null, { method: 'oidc', why });
      return { kind: 'refused', why };
    }
    const officer = await officerOfSubject(tx, {
      id: randomUUID(),
      issuer: oidc.issuer,
      subject: claims.sub,
      name: textOf(claims['name']) ?? 'Officer',
      login: addressKey(
        textOf(claims['email']) ?? textOf(claims['preferred_username']) ?? claims.sub,
      ),
      at,
    });
    if (!officer || officer.disabledAt !== null) {
      await noteSignIn(tx, 'sign-in-refused', officer?.id ?? null, {
        method: 'oidc',
        why: 'disabled',
      });
      return { kind: 'refused', why: 'disabled' };
    }
    await replaceDirectoryRoles(tx, officer.id, roles, at);
    const signIn = await complete(signInWorld(services), tx, null, 'oidc', officer.id);
    if (signIn.kind === 'refused') return { kind: 'refused', why: 'disabled' };
    return { kind: 'signed-in', signIn, next: begun.next };
  });
}

async function claimsOf(
  services: ConsoleServices,
  oidc: OidcSettings,
  { path, state, begun }: { path: string; state: string; begun: Begun },
): Promise<client.IDToken | null> {
  try {
    const provider = await discover(oidc);
    const url = new URL(path, services.settings.publicUrl);
    const tokens = await client.authorizationCodeGrant(provider, url, {
      pkceCodeVerifier: begun.verifier,
      expectedState: state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
    return tokens.claims() ?? null;
  } catch (error) {
    services.road.log.fault('oidc', error);
    return null;
  }
}

const discovered = new WeakMap<OidcSettings, Promise<client.Configuration>>();

/** Asks the directory about itself, once; again at the next sign-in where that failed. */
function discover(oidc: OidcSettings): Promise<client.Configuration> {
  const known = discovered.get(oidc);
  if (known) return known;
  const url = new URL(oidc.issuer);
  // In clear on loopback alone: the configuration refuses any other.
  const execute = url.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  const asking = client.discovery(url, oidc.clientId, oidc.clientSecret, undefined, { execute });
  discovered.set(oidc, asking);
  asking.catch(() => discovered.delete(oidc));
  return asking;
}

function list(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim];
  if (!Array.isArray(claim)) return [];
  return claim.filter((each): each is string => typeof each === 'string');
}

function textOf(claim: unknown): string | null {
  return typeof claim === 'string' && claim.trim() !== '' ? claim.trim().slice(0, 254) : null;
}

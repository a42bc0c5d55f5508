import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { transaction, type Db } from '../store/connect.ts';
import {
  addPasskey,
  findPasskey,
  listPasskeys,
  usePasskey,
  type StoredPasskey,
} from '../store/officer-factors.ts';
import { closeCeremony, startCeremony } from './ceremony.ts';
import type { ConsoleServices } from './services.ts';

/** One half of an exchange with the browser's authenticator, as it asks for it. */
export interface Asked {
  ceremony: string;
  options: unknown;
}

interface Challenge {
  challenge: string;
  /** Whose it is; `null` where nobody has signed in yet. */
  officerId: string | null;
}

const KIND = { create: 'passkey-create', get: 'passkey-get' } as const;

/** What the browser needs to make a passkey. It must verify its user: that makes it two factors. */
export async function askToCreate(
  services: ConsoleServices,
  officer: { id: string; name: string; login: string },
): Promise<Asked> {
  const known = await listPasskeys(services.road.db, officer.id);
  const options = await generateRegistrationOptions({
    rpName: 'Portreeve mail review',
    rpID: hostOf(services),
    userID: new Uint8Array(Buffer.from(officer.id)),
    userName: officer.login,
    userDisplayName: officer.name,
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
    authenticatorSelection: {
      residentKey: 'required',
      userVerification: 'required',
    },
  });
  const data: Challenge = {
    challenge: options.challenge,
    officerId: officer.id,
  };
  return {
    ceremony: await startCeremony(services, KIND.create, data),
    options,
  };
}

/** Keeps the passkey that the browser made. False where its answer does not hold. */
export async function keepPasskey(
  services: ConsoleServices,
  answer: {
    officerId: string;
    ceremony: string;
    response: string;
    name: string;
  },
): Promise<boolean> {
  const asked = await closeCeremony<Challenge>(services, KIND.create, answer.ceremony);
  const response = parsed(answer.response);
  if (asked?.officerId !== answer.officerId || response === null) return false;
  const verified = await verifyRegistrationResponse({
    response: response as never,
    expectedChallenge: asked.challenge,
    expectedOrigin: services.settings.publicUrl,
    expectedRPID: hostOf(services),
    requireUserVerification: true,
  }).catch(() => null);
  if (!verified?.verified) return false;
  const { credential } = verified.registrationInfo;
  const passkey = {
    credentialId: credential.id,
    officerId: answer.officerId,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name: answer.name,
    addedAt: services.road.clock(),
  };
  await transaction(services.road.db, (tx) => addPasskey(tx, passkey));
  return true;
}

/** What the browser needs to use one: any of the officer's, or any that it holds for us. */
export async function askToUse(
  services: ConsoleServices,
  officerId: string | null,
): Promise<Asked> {
  const known = officerId === null ? [] : await listPasskeys(services.road.db, officerId);
  const options = await generateAuthenticationOptions({
    rpID: hostOf(services),
    userVerification: 'required',
    allowCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
  });
  const data: Challenge = { challenge: options.challenge, officerId };
  return { ceremony: await startCeremony(services, KIND.get, data), options };
}

/** Whose passkey it was; `null` where the answer does not hold. Each challenge counts once. */
export async function provenPasskey(
  services: ConsoleServices,
  tx: Db,
  answer: { officerId: string | null; ceremony: string; response: string },
): Promise<StoredPasskey | null> {
  const asked = await closeCeremony<Challenge>(services, KIND.get, answer.ceremony);
  const response = parsed(answer.response);
  if (asked?.officerId !== answer.officerId || typeof response?.id !== 'string') return null;
  const passkey = await findPasskey(tx, response.id);
  if (!passkey || (answer.officerId !== null && passkey.officerId !== answer.officerId))
    return null;
  const verified = await verifyAuthenticationResponse({
    response: response as never,
    expectedChallenge: asked.challenge,
    expectedOrigin: services.settings.publicUrl,
    expectedRPID: hostOf(services),
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(passkey.publicKey),
      counter: passkey.counter,
    },
  }).catch(() => null);
  if (!verified?.verified) return null;
  const { newCounter: counter } = verified.authenticationInfo;
  const { credentialId } = passkey;
  await usePasskey(tx, { credentialId, counter, at: services.road.clock() });
  return passkey;
}

/** What a browser sent, whatever it is; `null` where it is not even JSON. */
function parsed(text: string): { id?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function hostOf({ settings }: ConsoleServices): string {
  return new URL(settings.publicUrl).hostname;
}

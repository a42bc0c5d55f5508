import { tokenHash } from '../pipeline/officer-sign-in.ts';
import { openCeremony, takeCeremony } from '../store/sessions.ts';
import type { ConsoleServices } from './services.ts';

const MINUTES = 5;

/** Keeps one half of an exchange for five minutes; what comes back names it to the browser. */
export async function startCeremony(
  { road }: ConsoleServices,
  kind: string,
  data: unknown,
): Promise<string> {
  const id = Buffer.from(road.random(24)).toString('base64url');
  const at = road.clock();
  const expiresAt = new Date(at.getTime() + MINUTES * 60_000);
  await openCeremony(road.db, {
    idHash: tokenHash(id),
    kind,
    data,
    at,
    expiresAt,
  });
  return id;
}

/** Takes it out again, once; `null` where there is none. */
export async function closeCeremony<T>(
  { road }: ConsoleServices,
  kind: string,
  id: string,
): Promise<T | null> {
  return takeCeremony<T>(road.db, {
    idHash: tokenHash(id),
    kind,
    at: road.clock(),
  });
}

import type { SignInWorld } from '../pipeline/officer-sign-in.ts';
import type { ConsoleServices } from './services.ts';

/** What the steps of signing in take of the console's services. */
export function signInWorld({ road, secret, settings }: ConsoleServices): SignInWorld {
  const { db, clock, random } = road;
  return { db, clock, random, secret, sessionHours: settings.sessionHours };
}

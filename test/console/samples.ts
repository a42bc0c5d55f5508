import type { Route } from '../../src/console/route.ts';
import type { ConsoleWorld } from './console-world.ts';

/**
 * The objects that routes with parameters are tried on: one of Merebrook, which the fitting role
 * may see, and one of another council, which it may not (`null` where an object has no council).
 * A colleague's page adds its pattern here; a pattern that is missing fails the tests.
 */
export interface Sample {
  own: string;
  foreign: string | null;
}

export type Samples = Record<string, (world: ConsoleWorld) => Promise<Sample>>;

export const SAMPLES: Samples = {
  '/sign-in/link/:token': async () => ({ own: '/sign-in/link/unknown', foreign: null }),
};

/** A path for a route: its pattern where it has no parameter. */
export async function sampleOf(route: Route, world: ConsoleWorld): Promise<Sample> {
  if (!route.path.includes(':')) return { own: route.path, foreign: null };
  const make = SAMPLES[route.path];
  if (!make) throw new Error(`Give "${route.path}" an object in test/console/samples.ts`);
  return make(world);
}

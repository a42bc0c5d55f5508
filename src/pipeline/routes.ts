import type { Route } from '../delivery/delivery-job.ts';
import type { DkimKey } from '../delivery/dkim.ts';
import { isWithin } from '../mail/address.ts';

/** Where a council's mail goes, and how it is signed. */
export interface CouncilRoutes {
  /** To recipients elsewhere. */
  outward: Route;
  /** To the council's own mail system: notices, diverted mail, internal recipients. */
  inward: Route;
  /** By domain key: recipients there or below have a route of their own (domain B.7: CJSM). */
  domains: ReadonlyMap<string, Route>;
  dkim: DkimKey | null;
  /** Armoured OpenPGP private key that signs what the gateway encrypts; `null`: unsigned. */
  signingKey: string | null;
}

/** The route of mail to a recipient elsewhere; the narrowest domain decides. */
export function outwardRoute({ outward, domains }: CouncilRoutes, domain: string): Route {
  const [narrowest] = [...domains]
    .filter(([parent]) => isWithin(domain, [parent]))
    .toSorted(([one], [other]) => other.length - one.length);
  return narrowest ? narrowest[1] : outward;
}

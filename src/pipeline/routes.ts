import type { Route } from '../delivery/delivery-job.ts';
import type { DkimKey } from '../delivery/dkim.ts';

/** Where a council's mail goes, and how it is signed. */
export interface CouncilRoutes {
  /** To recipients elsewhere. */
  outward: Route;
  /** To the council's own mail system: notices, diverted mail, internal recipients. */
  inward: Route;
  dkim: DkimKey | null;
}

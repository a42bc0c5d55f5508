import type { OfficerRole } from '../policy/permissions.ts';
import type { Road } from '../pipeline/road.ts';

/** All that the console needs of the world, as one object: tests hand in the real thing too. */
export interface ConsoleServices {
  road: Road;
  settings: ConsoleSettings;
  /** 32 bytes, see docs/keys.md. */
  secret: Buffer;
  /** One-time demo links may sign in; never outside the demo. */
  demo: boolean;
}

export interface ConsoleSettings {
  /** Scheme, name and port that browsers use, without a slash at the end. */
  publicUrl: string;
  /** Ids of those that are live. */
  councils: string[];
  /** Whether a version of the policy takes a second officer. */
  secondOfficer: boolean;
  /** Whose X-Forwarded-For is believed; CIDR ranges. */
  proxies: string[];
  idleMinutes: number;
  sessionHours: number;
  localAccounts: boolean;
  oidc: OidcSettings | null;
}

export interface OidcSettings {
  /** Words of the button: "Sign in with …". */
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  rolesClaim: string;
  roles: { value: string; council: string; role: OfficerRole }[];
  /** Values of which `amr` must hold one; empty asks for none. */
  requireAmr: string[];
}

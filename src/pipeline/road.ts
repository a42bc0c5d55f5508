import type { KeyObject } from 'node:crypto';
import type { Courier } from '../delivery/courier.ts';
import type { Inspector } from '../inspect/inspect.ts';
import type { Log } from '../log.ts';
import type { AttachmentReader } from '../mail/attachment-reader.ts';
import type { MeaningReader } from '../mail/meaning.ts';
import type { ParseLimits } from '../mail/parse.ts';
import type { Directory } from '../mail/person.ts';
import type { WkdFetcher } from '../pgp/wkd.ts';
import type { Policy } from '../policy/policy.ts';
import type { Queues } from '../queue/queues.ts';
import type { MalwareScanner } from '../scan/clamd.ts';
import type { Db } from '../store/connect.ts';
import type { Spool } from '../store/spool.ts';
import type { CouncilRoutes } from './routes.ts';

/** Everything the stations of the road need of the world, built once in main.ts. */
export interface Road {
  db: Db;
  spool: Spool;
  queues: Queues;
  courier: Courier;
  log: Log;
  /** The name we give in EHLO, Received and Reporting-MTA. */
  hostname: string;
  clock: () => Date;
  random: (bytes: number) => Uint8Array;
  /** The policy version that is active in the record, and the detectors built from its lists. */
  policy: () => Policy;
  inspectors: () => readonly Inspector[];
  directory: () => Directory;
  /** By council id. */
  routes: ReadonlyMap<string, CouncilRoutes>;
  parseLimits: ParseLimits;
  /** For the attachments of one message. */
  attachmentReader: () => AttachmentReader;
  /** `null`: none is configured, and nothing is scanned. */
  scanner: MalwareScanner | null;
  meaningReader: MeaningReader;
  delivery: DeliverySettings;
  /** Secret under which our own notices and diverted copies carry their proof (domain C.4a N12). */
  noticeSecret: Buffer;
  /** Salts the fingerprints by which near-identical mail is counted. */
  fingerprintSalt: Buffer;
  auditKey: KeyObject;
  /** Under which the words of held messages are hashed for searching. */
  searchKey: Buffer;
  /** Where officers open the review console; `null` where none is configured. */
  consoleUrl: string | null;
  /** Asks the domains of recipients for their OpenPGP keys. */
  keyDirectory: WkdFetcher;
}

export interface DeliverySettings {
  /**
   * Work whose process died becomes free again after this. A delivery renews its lease while it
   * lasts; an inspection must be done within it.
   */
  leaseSeconds: number;
  /** Mail that need not be protected is reported late after this many minutes. */
  ordinaryDelayNoticeMinutes: number;
}

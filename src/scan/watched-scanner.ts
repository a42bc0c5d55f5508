import type { Log } from '../log.ts';
import type { MalwareScanner, ScanVerdict } from './clamd.ts';
import { ScannerUnavailable } from './clamd.ts';

/** A scanner whose outages are noticed. */
export interface WatchedScanner extends MalwareScanner {
  /** `null` until it was first asked. */
  isUp(): boolean | null;
}

/** After a failure it is left alone this long: a queue of mail must not pile up behind timeouts. */
const PAUSE_MS = 5000;

/** Says once that the scanner went away, and once that it is back, however much mail asks it. */
export function watched(scanner: MalwareScanner, log: Log, clock: () => Date): WatchedScanner {
  let up: boolean | null = null;
  let failedAt = -Infinity;
  return {
    isUp: () => up,
    version: () => scanner.version(),
    async scan(message): Promise<ScanVerdict> {
      if (clock().getTime() - failedAt < PAUSE_MS) {
        message.destroy();
        throw new ScannerUnavailable(
          'clamd failed a moment ago and is left alone for some seconds',
        );
      }
      try {
        const verdict = await scanner.scan(message);
        if (up === false) log.lifecycle('malware scanner', 'answers again');
        up = true;
        return verdict;
      } catch (error) {
        if (!(error instanceof ScannerUnavailable)) throw error;
        if (up !== false) log.fault('malware scanner', error);
        up = false;
        failedAt = clock().getTime();
        throw error;
      }
    },
  };
}

import type { MalwareScan } from '../mail/facts.ts';
import { ScannerUnavailable } from '../scan/clamd.ts';
import type { StoredMessage } from '../store/messages.ts';
import type { Road } from './road.ts';

export const NOT_SCANNED: MalwareScan = { by: null, signature: null };

/**
 * Has the stored bytes of a message scanned. Whoever releases a held message asks again: signatures
 * learn, and mail may have been held since before they did.
 * @returns `NOT_SCANNED` where no scanner is configured
 * @throws {ScannerUnavailable} where it has no verdict: the message must wait, and goes nowhere
 * @throws where the message was erased, or cannot be read
 */
export async function scanMessage(
  { scanner, spool }: Pick<Road, 'scanner' | 'spool'>,
  { queueId, wrappedKey }: Pick<StoredMessage, 'queueId' | 'wrappedKey'>,
): Promise<MalwareScan> {
  if (!scanner) return NOT_SCANNED;
  if (!wrappedKey) throw new Error(`Message "${queueId}" was erased`);
  const verdict = await scanner.scan(spool.read(queueId, wrappedKey));
  return { by: 'clamd', signature: verdict.kind === 'found' ? verdict.signature : null };
}

/**
 * What the scanner says now of a held message that is to be let out: `clean` also where none is
 * configured, `unavailable` where it has no verdict.
 * @throws where the message was erased, or cannot be read
 */
export async function rescan(
  road: Pick<Road, 'scanner' | 'spool'>,
  message: Pick<StoredMessage, 'queueId' | 'wrappedKey'>,
): Promise<'clean' | 'infected' | 'unavailable'> {
  try {
    const { signature } = await scanMessage(road, message);
    return signature === null ? 'clean' : 'infected';
  } catch (error) {
    if (error instanceof ScannerUnavailable) return 'unavailable';
    throw error;
  }
}

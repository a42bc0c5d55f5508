import { automaticMail, isPersonsRedirect } from './automatic-mail.ts';
import { type ForwardingSignal, forwardingSignals } from './forwarding-signals.ts';
import type { SendingView } from './sending.ts';

/** Where the detector begins to stand behind "sent on automatically". */
export const FORWARDING_THRESHOLD = 0.6;

/** Counter-evidence lets the total rise no higher (domain C.3). */
const EXCUSED_CAP = 0.3;

export interface ForwardingEvidence {
  /** 0 to 1: the signals combined as independent evidence, capped where something excuses it. */
  score: number;
  signals: ForwardingSignal[];
  /** Our mailbox that forwards, as the strongest signal that names one has it. */
  mailbox: string | null;
  /** Why it is not automatic forwarding: `automatic-reply`, `calendar`, `list`, ... or `null`. */
  excuse: string | null;
}

/**
 * Weighs whether one of our mailboxes sent this message on to this recipient by a rule or a setting
 * (domain C.3, C.4a). Only top-level headers count, and only those that name a mailbox of ours.
 */
export function forwardingEvidence(view: SendingView): ForwardingEvidence {
  const signals = forwardingSignals(view);
  const byWeight = signals.toSorted((a, b) => b.weight - a.weight);
  const mailbox = byWeight.find((signal) => signal.mailbox !== null)?.mailbox ?? null;
  const total = 1 - signals.reduce((doubt, signal) => doubt * (1 - signal.weight), 1);
  const machine = signals.some((signal) => signal.nature === 'machine');
  const redirect = !machine && isPersonsRedirect(view) ? 'redirect-by-hand' : null;
  const forwarders = signals.flatMap(({ nature, named, mailbox: by }) =>
    nature === 'machine' && named && by !== null ? [by] : [],
  );
  const excuse = automaticMail(view, { mailbox, forwarders }) ?? redirect;
  return {
    score: excuse === null ? total : Math.min(total, EXCUSED_CAP),
    signals,
    mailbox,
    excuse,
  };
}

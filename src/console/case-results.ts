import type { DecisionAction, ReviewResult } from '../pipeline/review.ts';
import { ACTION_WORDS } from './case-words.ts';
import { londonMoment } from './views.ts';

const DONE: Record<DecisionAction, string> = {
  release: 'Released',
  'release-encrypted': 'Released, encrypted only',
  reject: 'Refused',
  'return-for-pgp': 'Sent back for encryption',
  'deliver-inward': 'On its way into the council mailbox',
};

/** What became of a decision, for the officer who made it: also who was quicker, and when. */
export function resultWords(
  action: DecisionAction,
  result: ReviewResult,
  { names, officer }: { names: ReadonlyMap<string, string>; officer: string },
): string {
  switch (result.kind) {
    case 'done': {
      const to = `${result.recipients} recipient${result.recipients === 1 ? '' : 's'}`;
      if (result.undoUntil) {
        const until = londonMoment(result.undoUntil);
        const told = 'the sender is told then';
        return `${DONE[action]} for ${to}. You can take it back until ${until}; ${told}.`;
      }
      const isRelease = action === 'release' || action === 'release-encrypted';
      const rest = isRelease ? ' It counts as delivered once their servers have taken it.' : '';
      return `${DONE[action]} for ${to}.${rest}`;
    }
    case 'proposed':
      return 'Proposed. It counts once a second officer decides the same.';
    case 'decided-before': {
      const who = result.by === officer ? 'You' : (names.get(result.by) ?? result.by);
      const when = londonMoment(result.at);
      const what = ACTION_WORDS[result.action];
      return `${who} decided before: ${what} on ${when}. Nothing was done twice.`;
    }
    case 'nothing-waits':
      return 'Nothing of this case waits any more. Nothing was changed.';
    case 'claimed': {
      const who = names.get(result.by) ?? result.by;
      const until = londonMoment(result.until);
      return `${who} works on this case until ${until}. Nothing was changed.`;
    }
    case 'not-clean':
      return result.verdict === 'infected'
        ? 'The malware scanner found something in it. It stays held.'
        : 'The malware scanner does not answer. It stays held; try again in a few minutes.';
    case 'no-such-case':
    case 'no-such-recipient':
      return 'This case or recipient is not there. Nothing was changed.';
  }
}

import { type Finding, clip } from '../mail/finding.ts';
import { encryptedParts } from './already-encrypted.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { isTooLong } from './passages.ts';

/**
 * What could not be read: a locked or broken attachment, or whatever lies beyond a limit. The
 * council's policy decides what follows. Encrypted mail is reported as `already-encrypted` and not
 * here again.
 */
export function createUninspectableInspector(): Inspector {
  return { name: 'uninspectable', inspect };
}

function inspect({ message }: Inspection): Finding[] {
  const encrypted = new Set(encryptedParts(message).map((each) => each.part));
  const locked = message.attachments.flatMap((file) => {
    const part = `attachment:${file.number}`;
    if (file.uninspectable === null || encrypted.has(part)) return [];
    const name = clip(file.filename);
    const seen = { part, text: name, start: 0, end: 0 };
    return [
      finding(file.uninspectable, `An attachment could not be read: ${file.uninspectable}`, seen),
    ];
  });
  const reached = [...message.limitsReached, ...(isTooLong(message) ? ['wording-characters'] : [])];
  const beyond = reached.map((limit) =>
    finding('limit', `The message was not read to its end: ${limit}`, null),
  );
  return [...locked, ...beyond];
}

function finding(type: string, summary: string, seen: Finding['evidence'][number] | null): Finding {
  return {
    kind: 'uninspectable',
    type,
    score: 1,
    summary,
    evidence: seen === null ? [] : [seen],
    recipient: null,
    details: {},
  };
}

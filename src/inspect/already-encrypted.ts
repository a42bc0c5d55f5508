import { type Evidence, type Finding } from '../mail/finding.ts';
import { type Attachment, type ParsedMessage, stretches, textPart } from '../mail/message.ts';
import { isSealed, isSigned } from '../mail/file-type.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { findArmour, holdsEncryption } from './pgp-armour.ts';

/** A part that only its recipients can read. */
export interface EncryptedPart {
  part: string;
  format: 'pgp-mime' | 'pgp-inline' | 'smime-enveloped' | 'rights-protected';
  /** Nothing readable stands beside it but the wrapping of the format. */
  whole: boolean;
  evidence: Evidence;
}

const SUMMARIES: Record<EncryptedPart['format'], string> = {
  'pgp-mime': 'The message is encrypted with PGP/MIME (RFC 3156)',
  'pgp-inline': 'The body holds an encrypted OpenPGP message',
  'smime-enveloped': 'The message is encrypted with S/MIME (RFC 8551 enveloped-data)',
  'rights-protected': 'The message is rights-protected by Microsoft Purview',
};

/** What little a sender writes beside an inline block: "As arranged, sealed below." and a name. */
const BESIDE_BLOCK = 400;

/**
 * Messages that are truly encrypted: by what the parts hold and not by their declared type. A
 * signature, a public key, an encrypted attachment beside readable text are none. `details.whole`
 * is false where readable words stand beside the block, and then only part of the message is
 * protected.
 */
export function createAlreadyEncryptedInspector(): Inspector {
  return { name: 'already-encrypted', inspect };
}

function inspect({ message }: Inspection): Finding[] {
  const parts = encryptedParts(message);
  const [first] = parts;
  if (first === undefined) return [];
  return [
    {
      kind: 'already-encrypted',
      type: first.format,
      score: 1,
      summary: SUMMARIES[first.format],
      evidence: parts.slice(0, 3).map((part) => part.evidence),
      recipient: null,
      details: { whole: parts.some((part) => part.whole) },
    },
  ];
}

/** Every part of the message that is itself the encrypted message. */
export function encryptedParts(message: ParsedMessage): EncryptedPart[] {
  return [...pgpMime(message), ...pgpInline(message), ...sealedLeaves(message)];
}

function pgpMime(message: ParsedMessage): EncryptedPart[] {
  if (message.contentType.type !== 'multipart/encrypted') return [];
  return message.texts.flatMap((part) => {
    const armour = findArmour(part.text);
    if (armour === null || !holdsEncryption(armour.packets)) return [];
    const { start, end } = armour;
    const evidence = { part: part.name, text: '-----BEGIN PGP MESSAGE-----', start, end };
    return [{ part: part.name, format: 'pgp-mime' as const, whole: true, evidence }];
  });
}

function pgpInline(message: ParsedMessage): EncryptedPart[] {
  const body = textPart(message, 'body');
  if (body === null || message.contentType.type === 'multipart/encrypted') return [];
  const armour = findArmour(body.text);
  if (armour === null || !holdsEncryption(armour.packets)) return [];
  const { start, end } = armour;
  const most = Math.max(BESIDE_BLOCK, end - start);
  const beside = stretches(body, ['own', 'quoted'])
    .map((stretch) => readableOutside(stretch.text, stretch.start, start, end, most))
    .reduce((sum, length) => sum + length, 0);
  const evidence = { part: 'body', text: '-----BEGIN PGP MESSAGE-----', start, end };
  const whole = beside === 0 && message.attachments.length === 0;
  // A long letter with a block in it is a readable letter.
  if (beside > most) return [];
  return [{ part: 'body', format: 'pgp-inline', whole, evidence }];
}

/** Letters and digits of a stretch outside the block, counted until they are too many. */
function readableOutside(
  text: string,
  at: number,
  start: number,
  end: number,
  most: number,
): number {
  const before = text.slice(0, Math.max(0, start - at));
  const after = text.slice(Math.max(0, end - at));
  let readable = 0;
  for (const [word] of `${before}${after}`.matchAll(/[\p{L}\p{N}]+/gu)) {
    readable += word.length;
    if (readable > most) break;
  }
  return readable;
}

function sealedLeaves(message: ParsedMessage): EncryptedPart[] {
  return message.attachments.flatMap((file) => {
    const format = sealOf(file, message);
    if (format === null) return [];
    const part = `attachment:${file.number}`;
    const evidence = { part, text: file.detectedType, start: 0, end: 0 };
    const whole = format === 'smime-enveloped' || message.structure.length === 1;
    return [{ part, format, whole, evidence }];
  });
}

/** S/MIME wraps the whole entity; a .p7m beside a readable letter is an attachment. */
function isAlone({ texts, attachments }: ParsedMessage): boolean {
  const words = texts.filter(({ name }) => name === 'body' || name.startsWith('attachment:'));
  return (
    words.every(({ text }) => text.trim() === '') &&
    attachments.every(({ detectedType }) => isSealed(detectedType) || isSigned(detectedType))
  );
}

function sealOf(file: Attachment, message: ParsedMessage): EncryptedPart['format'] | null {
  // What the bytes are, not what the field says: signed data declared as enveloped is readable.
  if (isSealed(file.detectedType)) return isAlone(message) ? 'smime-enveloped' : null;
  const named = /^message(?:_v\d)?\.rpmsg$/i.test(file.filename);
  const typed = file.contentType === 'application/x-microsoft-rpmsg-message';
  // Text or an archive under that name is none: the format is compressed and binary.
  const opaque = ['application/x-microsoft-rpmsg-message', 'application/octet-stream'].includes(
    file.detectedType,
  );
  return (named || typed) && opaque ? 'rights-protected' : null;
}

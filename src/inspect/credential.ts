import type { Finding } from '../mail/finding.ts';
import type { Lists } from '../mail/lists.ts';
import type { Inspection, Inspector } from './inspect.ts';
import { ownPassages } from './passages.ts';

interface Kind {
  type: string;
  label: string;
  /** A code is found by its digits, for words are many; its first group says that it is one. */
  pattern: RegExp;
}

/**
 * A value that can be a secret: it has a digit or a sign, or follows a colon; never a plain word.
 */
const SECRET = String.raw`["'\x60]?(?=[^\s"']{0,40}[\d!@#$%^&*_+=?-])[^\s"',;]{5,64}`;
const KINDS: readonly Kind[] = [
  {
    type: 'password',
    label: 'Password',
    pattern: new RegExp(
      String.raw`\b(?:password|passphrase|passcode|passwd|pwd|pass ?word)\b[^.!?\n]{0,30}?` +
        String.raw`(?:\bis\b|` +
        String.raw`[:=])\s{0,3}${SECRET}`,
      'i',
    ),
  },
  {
    type: 'password',
    label: 'Password',
    pattern: new RegExp(
      String.raw`\b(?:password|passphrase|pwd)\s{0,2}[:=]\s{0,3}(?!(?:is|see|will|to|in|on|by|` +
        String.raw`sent)\b)\S{6,64}`,
      'i',
    ),
  },
  {
    type: 'pin',
    label: 'PIN',
    pattern: new RegExp(
      String.raw`(?<=((?:(?-i:\bPIN\b)|\b(?:pin|door|alarm|gate|key ?safe|lock|entry)[- ](?:code|` +
        String.raw`number))\b[^.!?\n\d]{0,30}(?:\bis\b|[:=]|` +
        String.raw`\bto\b)\s{0,3}[A-Z]?))\d{4,8}\b(?![ -]?\d)`,
      'i',
    ),
  },
  {
    type: 'one-time-code',
    label: 'One-time code',
    pattern: new RegExp(
      String.raw`(?<=(\b(?:one[- ]time|verification|security|authentication|login|log-?in|otp|` +
        String.raw`mfa|2fa)[- ]?(?:pass)?(?:code|password)?\b[^.!?\n\d]{0,30}(?:\bis\b|` +
        String.raw`[:=])\s{0,3}))\d{3}[ -]?\d{3,5}\b`,
      'i',
    ),
  },
  {
    type: 'private-key',
    label: 'Private key',
    pattern: /-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/,
  },
  {
    type: 'access-key',
    label: 'Access key',
    pattern: /\b(?:AKIA[A-Z0-9]{16}|gh[ps]_[A-Za-z0-9]{36})\b/,
  },
];

/**
 * Passwords, PINs, one-time codes and private keys in the member's own text; the value is not
 * kept.
 */
export function createCredentialInspector(_lists: Lists): Inspector {
  return { name: 'credential', inspect: inspectCredentials };
}

function inspectCredentials({ message }: Inspection): Finding[] {
  const passages = ownPassages(message);
  return KINDS.flatMap(({ type, label, pattern }) =>
    passages.flatMap((passage) => {
      const match = pattern.exec(passage.text);
      if (match === null) return [];
      const end = passage.start + match.index + match[0].length;
      const start = passage.start + match.index - (match[1]?.length ?? 0);
      return [
        {
          kind: 'credential' as const,
          type,
          score: 0.9,
          summary: `${label} in the text of the message`,
          evidence: [{ part: passage.part, text: `[${label}]`, start, end }],
          recipient: null,
          details: {},
        },
      ];
    }),
  );
}

import type { Envelope, EnvelopeRecipient, Notify } from '../mail/envelope.ts';
import { NOTIFY } from '../mail/envelope.ts';
import { smtpReply, type SmtpReply } from '../mail/smtp-reply.ts';
import { isAscii, parsePath } from './path.ts';

/** MAIL FROM as asked for. `sizeBytes` is the client's word, `null` where it gave none. */
export interface MailCommand extends Omit<Envelope, 'rcptTo'> {
  sizeBytes: number | null;
}

export type Parsed<T> = { command: T } | { refusal: SmtpReply };

/** Which verb it is decides how a bad address is called (RFC 3463 X.1.7 and X.1.3). */
interface Verb {
  prefix: RegExp;
  badAddress: SmtpReply;
}

const MAIL: Verb = {
  prefix: /^MAIL FROM:[ ]?/i,
  badAddress: smtpReply(501, '5.1.7', 'Bad sender address syntax'),
};
const RCPT: Verb = {
  prefix: /^RCPT TO:[ ]?/i,
  badAddress: smtpReply(501, '5.1.3', 'Bad recipient address syntax'),
};
const NEEDS_SMTPUTF8 = smtpReply(553, '5.6.7', 'Internationalised address needs SMTPUTF8');
const BAD_PARAMETER = smtpReply(501, '5.5.4', 'Bad parameter value');
const REPEATED_PARAMETER = smtpReply(501, '5.5.4', 'Parameter given twice');
const UNKNOWN_PARAMETER = smtpReply(555, '5.5.4', 'Parameter not recognised');

// RFC 5321 §4.1.2. A quoted local part may hold spaces and angle brackets, so the path is not
// simply what stands between "<" and ">".
const PATH = /^<((?:"(?:[^"\\]|\\.)*"|[^">\s])*)>(?: +(.*))?$/u;
const KEYWORD = /^[A-Z0-9][A-Z0-9-]*$/;
// RFC 3461 §4: octets outside "!" to "~", and "+" and "=", are written as "+" and two hex digits.
const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/;
const ENVID_CHARACTERS = 100;
const ORCPT_CHARACTERS = 500;

/**
 * Reads a MAIL command (RFC 5321 §4.1.1.2, 1870, 6152, 6531, 3461, 8689). The AUTH parameter of RFC
 * 4954 is read and dropped: who submitted is for the listener to know, not for the client to say.
 */
export function parseMail(line: Buffer): Parsed<MailCommand> {
  const parts = split(line, MAIL);
  if ('refusal' in parts) return parts;
  const { path, parameters } = parts.command;
  const smtpUtf8 = parameters.has('SMTPUTF8');
  const sender = address(path, smtpUtf8, MAIL);
  if ('refusal' in sender) return sender;
  const command: MailCommand = {
    mailFrom: sender.command,
    ret: null,
    envid: null,
    requireTls: false,
    smtpUtf8,
    body: '7BIT',
    sizeBytes: null,
  };
  for (const [name, value] of parameters) {
    const reader = MAIL_PARAMETERS[name];
    if (!reader) return { refusal: UNKNOWN_PARAMETER };
    const read = reader(value);
    if (!read) return { refusal: BAD_PARAMETER };
    Object.assign(command, read);
  }
  return { command };
}

/** Reads a RCPT command (RFC 5321 §4.1.1.3, 3461). ORCPT stays xtext, as it came. */
export function parseRcpt(line: Buffer, smtpUtf8: boolean): Parsed<EnvelopeRecipient> {
  const parts = split(line, RCPT);
  if ('refusal' in parts) return parts;
  const { path, parameters } = parts.command;
  const recipient = address(path, smtpUtf8, RCPT);
  if ('refusal' in recipient) return recipient;
  if (recipient.command === '') return { refusal: RCPT.badAddress };
  const command: EnvelopeRecipient = { address: recipient.command, notify: [], orcpt: null };
  for (const [name, value] of parameters) {
    if (name === 'NOTIFY') {
      const notify = readNotify(value);
      if (!notify) return { refusal: BAD_PARAMETER };
      command.notify = notify;
    } else if (name === 'ORCPT') {
      if (!isOrcpt(value, smtpUtf8)) return { refusal: BAD_PARAMETER };
      command.orcpt = value;
    } else {
      return { refusal: UNKNOWN_PARAMETER };
    }
  }
  return { command };
}

/** Readers of MAIL parameters: what they set, or `null` for a value that is none. */
const MAIL_PARAMETERS: Record<string, (value: string | null) => Partial<MailCommand> | null> = {
  SIZE: (value) => (value && /^\d{1,20}$/.test(value) ? { sizeBytes: Number(value) } : null),
  BODY: (value) => {
    const body = value?.toUpperCase();
    return body === '7BIT' || body === '8BITMIME' ? { body } : null;
  },
  SMTPUTF8: (value) => (value === null ? { smtpUtf8: true } : null),
  REQUIRETLS: (value) => (value === null ? { requireTls: true } : null),
  RET: (value) => {
    const ret = value?.toUpperCase();
    return ret === 'FULL' || ret === 'HDRS' ? { ret } : null;
  },
  ENVID: (value) =>
    value && value.length <= ENVID_CHARACTERS && XTEXT.test(value) ? { envid: value } : null,
  AUTH: (value) => (value === null ? null : {}),
};

function readNotify(value: string | null): Notify[] | null {
  const words = value?.toLowerCase().split(',') ?? [];
  const notify = NOTIFY.filter((word) => words.includes(word));
  const valid = words.length > 0 && words.every((word) => NOTIFY.some((known) => known === word));
  return valid && (notify.length === 1 || !notify.includes('never')) ? notify : null;
}

function isOrcpt(value: string | null, smtpUtf8: boolean): value is string {
  if (!value || value.length > ORCPT_CHARACTERS) return false;
  const [, type, text] = /^([A-Za-z0-9-]+);(.+)$/.exec(value) ?? [];
  if (!type || !text) return false;
  // RFC 6533 §3: the utf-8 address type may bear letters beyond ASCII as they are, or as \x{...}.
  const ascii =
    type.toLowerCase() === 'utf-8' && smtpUtf8 ? text.replace(/[^\0-\x7F]/gu, 'x') : text;
  return XTEXT.test(ascii);
}

function address(path: string, smtpUtf8: boolean, verb: Verb): Parsed<string> {
  const parsed = parsePath(path, smtpUtf8);
  if ('address' in parsed) return { command: parsed.address };
  return { refusal: parsed.problem === 'utf8' ? NEEDS_SMTPUTF8 : verb.badAddress };
}

function split(
  line: Buffer,
  verb: Verb,
): Parsed<{ path: string; parameters: Map<string, string | null> }> {
  const text = decode(line)?.trimEnd() ?? '';
  const prefix = verb.prefix.exec(text)?.[0];
  const [, path, rest] = (prefix && PATH.exec(text.slice(prefix.length))) || [];
  if (path === undefined) return { refusal: verb.badAddress };
  const parameters = new Map<string, string | null>();
  for (const word of rest ? rest.split(/ +/) : []) {
    const equals = word.indexOf('=');
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase();
    const value = equals < 0 ? null : word.slice(equals + 1);
    if (!KEYWORD.test(name) || (value !== null && !isValue(value)))
      return { refusal: BAD_PARAMETER };
    if (parameters.has(name)) return { refusal: REPEATED_PARAMETER };
    parameters.set(name, value);
  }
  return { command: { path, parameters } };
}

/** RFC 5321 esmtp-value, with the letters beyond ASCII that RFC 6531 adds. */
function isValue(value: string): boolean {
  return isAscii(value) ? /^[!-<>-~]+$/.test(value) : /^[!-<>-~\u00A0-\u{10FFFF}]+$/u.test(value);
}

/** `undefined` for octets that are no UTF-8: guessing a charset would make up an address. */
function decode(line: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return undefined;
  }
}

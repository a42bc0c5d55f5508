import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** Labels as in the corpus, and the finding kind that answers each; `marking` stands for itself. */
export const KIND_OF_LABEL = {
  political: 'political',
  autoforward: 'auto-forward',
  manual_forward_personal: 'manual-forward-personal',
  official_sensitive: 'marking',
  personal_data: 'personal-data',
  abusive: 'abusive',
  commercial: 'commercial',
  chain_or_joke: 'chain-letter',
  mass_mailing: 'mass-mailing',
  identity_problem: 'identity',
  criticism_of_member_or_officer: 'criticism',
  secret_or_above: 'secret-or-above',
  already_encrypted: 'already-encrypted',
} as const;
export type Label = keyof typeof KIND_OF_LABEL;
export const LABELS = Object.keys(KIND_OF_LABEL) as Label[];

const ENTRY = z.strictObject({
  id: z.string(),
  sender: z.string(),
  senderName: z.string(),
  rcpt: z.array(z.string()).min(1),
  subject: z.string(),
  text: z.string().default(''),
  html: z.string().optional(),
  headers: z.array(z.string()).default([]),
  mailFrom: z.string().optional(),
  attachments: z
    .array(
      z.union([
        z.strictObject({ name: z.string(), type: z.string(), text: z.string() }),
        z.strictObject({ name: z.string(), type: z.string(), base64: z.base64() }),
      ]),
    )
    .default([]),
  date: z.iso.datetime({ offset: true }),
  labels: z.array(z.enum(LABELS)),
  why: z.string(),
  hard: z.union([z.literal(0), z.literal(1)]).default(0),
});

/** One labelled message, ready to be examined. */
export interface Sample {
  id: string;
  raw: Buffer;
  sender: string;
  rcpt: string[];
  /** Set where the message came by the connector. */
  mailFrom: string | null;
  date: string;
  labels: Label[];
}

/** The samples of one corpus file (JSON Lines; README.md beside it says what the keys mean). */
export function readSamples(file: string): Sample[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line, index) => {
    const parsed = ENTRY.safeParse(JSON.parse(line));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new Error(`${file}:${index + 1}: ${issue?.path.join('.')}: ${issue?.message}`);
    }
    const { id, sender, rcpt, date, labels, mailFrom = null } = parsed.data;
    return { id, sender, rcpt, date, labels, mailFrom, raw: rawOf(parsed.data) };
  });
}

/** The shared sample beside the checkout, `null` where there is none. */
export function readDevSamples(folder: string): Sample[] | null {
  const list = path.join(folder, 'labels.jsonl');
  if (!existsSync(list)) return null;
  const entries = readFileSync(list, 'utf8').split('\n').filter(Boolean);
  return entries.map((line) => {
    const entry = JSON.parse(line) as {
      file: string;
      sender: string;
      rcpt: string[];
      date: string;
      mail_from?: string;
      labels: Record<Label, 0 | 1>;
    };
    return {
      id: entry.file,
      raw: readFileSync(path.join(folder, 'eml', entry.file)),
      sender: entry.sender,
      rcpt: entry.rcpt,
      mailFrom: entry.mail_from ?? null,
      date: entry.date,
      labels: LABELS.filter((label) => entry.labels[label] === 1),
    };
  });
}

function rawOf(entry: z.infer<typeof ENTRY>): Buffer {
  const has = (name: string): boolean =>
    entry.headers.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const header = [
    ...entry.headers,
    ...(has('from') ? [] : [`From: ${encoded(entry.senderName)} <${entry.sender}>`]),
    ...(has('to') ? [] : [`To: ${entry.rcpt.join(',\r\n ')}`]),
    ...(has('subject') ? [] : [`Subject: ${encoded(entry.subject)}`]),
    `Date: ${new Date(entry.date).toUTCString().replace('GMT', '+0000')}`,
    ...(has('message-id') ? [] : [`Message-ID: <${entry.id}@merebrook.gov.uk>`]),
    'MIME-Version: 1.0',
  ];
  return Buffer.from(`${header.join('\r\n')}\r\n${bodyOf(entry)}`);
}

function encoded(text: string): string {
  return /^[ -~]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function bodyOf(entry: z.infer<typeof ENTRY>): string {
  const parts = [
    ...(entry.text === '' && entry.html !== undefined ? [] : [leaf('text/plain', entry.text)]),
    ...(entry.html === undefined ? [] : [leaf('text/html', entry.html)]),
  ];
  const body = parts.length === 1 ? (parts[0] ?? '') : multipart('alternative', parts);
  if (entry.attachments.length === 0) return body;
  const files = entry.attachments.map((file) =>
    leaf(
      file.type,
      'text' in file ? file.text : Buffer.from(file.base64, 'base64'),
      `Content-Disposition: attachment; filename="${file.name}"\r\n`,
    ),
  );
  const [first] = entry.attachments;
  const isWhole = entry.text.trim() === '' && entry.html === undefined;
  // What is sealed by S/MIME is the whole message; by PGP/MIME (RFC 3156) it has two parts.
  if (isWhole && first?.type.startsWith('application/pkcs7-mime')) return files[0] ?? '';
  if (isWhole && first?.type === 'application/pgp-encrypted') {
    return multipart('encrypted; protocol="application/pgp-encrypted"', files);
  }
  return multipart('mixed', [body, ...files]);
}

function leaf(type: string, body: string | Buffer, more = ''): string {
  const isText = typeof body === 'string';
  const bytes = isText ? Buffer.from(body.replaceAll(/\r?\n/g, '\r\n')) : body;
  const lines =
    bytes
      .toString('base64')
      .match(/.{1,76}/g)
      ?.join('\r\n') ?? '';
  return (
    `Content-Type: ${type}${isText ? '; charset=utf-8' : ''}\r\n${more}` +
    `Content-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`
  );
}

function multipart(kind: string, parts: string[]): string {
  const boundary = `=_${randomUUID()}`;
  const body = parts.map((part) => `--${boundary}\r\n${part}`).join('');
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`;
}

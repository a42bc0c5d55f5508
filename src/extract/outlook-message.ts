import iconv from 'iconv-lite';
import type { CompoundStream } from './compound-file.ts';
import { spendMember, type Extraction } from './extraction.ts';
import { outlookText } from './outlook-text.ts';

// [MS-OXPROPS]: property tags, without their types.
const SUBJECT = '0037';
const SENDER = '0C1A';
const DISPLAY_TO = '0E04';
const DISPLAY_CC = '0E03';
const BODY = '1000';
const HTML = '1013';
const RTF = '1009';
const LONG_NAME = '3707';
const SHORT_NAME = '3704';
const DATA = '3701';

/** Tells an Outlook message ([MS-OXMSG]) from other compound files. */
export function isOutlookMessage(streams: readonly CompoundStream[]): boolean {
  return streams.some(({ path }) => path === '__properties_version1.0');
}

/**
 * The text of an Outlook message, with its attachments and the messages within it.
 * @param prefix The storage that it lies in, `''` or ending in `/`.
 * @throws {Unreadable} `limit-reached`
 */
export async function outlookMessageText(
  streams: readonly CompoundStream[],
  extraction: Extraction,
  prefix = '',
): Promise<string> {
  spendMember(extraction);
  const byPath = new Map(streams.map((stream) => [stream.path, stream]));
  const binary = (at: string, tag: string): Buffer | null =>
    byPath.get(`${at}__substg1.0_${tag}0102`)?.read() ?? null;
  const text = (at: string, tag: string): string | null => {
    const wide = byPath.get(`${at}__substg1.0_${tag}001F`)?.read();
    if (wide !== undefined) return wide.toString('utf16le');
    const narrow = byPath.get(`${at}__substg1.0_${tag}001E`)?.read();
    return narrow === undefined ? null : iconv.decode(narrow, 'windows-1252');
  };
  const html = text(prefix, HTML);
  const item = {
    heading: [SENDER, DISPLAY_TO, DISPLAY_CC, SUBJECT].map((tag) => text(prefix, tag) ?? ''),
    plain: text(prefix, BODY),
    html: html === null ? binary(prefix, HTML) : Buffer.from(html),
    rtf: binary(prefix, RTF),
    attachments: [] as { name: string; bytes: Buffer }[],
  };
  const inner: string[] = [];
  for (const at of attachmentsIn(streams, prefix)) {
    const bytes = binary(at, DATA);
    const name = text(at, LONG_NAME) ?? text(at, SHORT_NAME) ?? '';
    const message = `${at}__substg1.0_${DATA}000D/`;
    if (bytes !== null) item.attachments.push({ name, bytes });
    else if (byPath.has(`${message}__properties_version1.0`)) inner.push(message);
  }
  const texts = [await outlookText(item, extraction)];
  for (const message of inner) texts.push(await outlookMessageText(streams, extraction, message));
  return texts.join('\n\n');
}

/** The storages of the attachments of one message. */
function attachmentsIn(streams: readonly CompoundStream[], prefix: string): Set<string> {
  const found = new Set<string>();
  for (const { path } of streams) {
    if (!path.startsWith(prefix)) continue;
    const storage = /^__attach_version1\.0_#[0-9A-F]{8}\//i.exec(path.slice(prefix.length))?.[0];
    if (storage !== undefined) found.add(prefix + storage);
  }
  return found;
}

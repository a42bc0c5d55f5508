import { joinTexts, bodyText, type TextContent } from '../mail/body-text.ts';
import { decompressRtf } from './compressed-rtf.ts';
import type { Extraction } from './extraction.ts';
import { rtfText } from './rtf-text.ts';

/** An Outlook item, as MSG and TNEF both hold it. Bodies are `null` where the item has none. */
export interface OutlookItem {
  /** From, to, subject: one a line. */
  heading: string[];
  plain: string | null;
  html: Buffer | null;
  rtf: Buffer | null;
  attachments: { name: string; bytes: Buffer }[];
}

const MAX_RTF = 8 * 1024 * 1024;

/** The item as its reader sees it: heading, body, then the texts of its attachments. */
export async function outlookText(item: OutlookItem, extraction: Extraction): Promise<string> {
  const bodies: TextContent[] = [];
  const add = (type: string, bytes: Buffer, charset = ''): void => {
    bodies.push({ type, bytes, charset, flowed: false, delSp: false });
  };
  if (item.plain !== null) add('text/plain', Buffer.from(item.plain));
  if (item.html !== null) add('text/html', item.html);
  if (item.rtf !== null && bodies.length === 0) {
    add('text/plain', Buffer.from(rtfText(decompressRtf(item.rtf, MAX_RTF))));
  }
  const texts = [item.heading.filter((line) => line !== '').join('\n')];
  texts.push(joinTexts([bodyText([bodies])]).text);
  for (const { name, bytes } of item.attachments) texts.push(await extraction.member(name, bytes));
  return texts.join('\n\n');
}

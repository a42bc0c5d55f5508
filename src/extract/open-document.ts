import { Unreadable, type Extraction } from './extraction.ts';
import { createTextLines } from './text-lines.ts';
import { walkXml } from './xml-walk.ts';
import type { ZipMember } from './zip-file.ts';

/** Tells an OpenDocument file (ISO/IEC 26300) from any other ZIP. */
export function isOpenDocument(members: readonly ZipMember[]): boolean {
  return ['content.xml', 'META-INF/manifest.xml'].every((wanted) =>
    members.some(({ name }) => name === wanted),
  );
}

/**
 * The text of an OpenDocument file: content with its comments and notes, headers and footers,
 * properties, and the objects and pictures embedded in it.
 * @throws {Unreadable} `encrypted-office-file`, or where a member of it cannot be read
 */
export async function openDocumentText(
  members: readonly ZipMember[],
  extraction: Extraction,
): Promise<string> {
  const manifest = members.find(({ name }) => name === 'META-INF/manifest.xml');
  if (manifest && isEncrypted(await manifest.read())) {
    throw new Unreadable('encrypted-office-file');
  }
  const texts: string[] = [];
  // What was written before what stands on every page.
  const inOrder = members.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  for (const member of inOrder) {
    const { name } = member;
    if (/(?:^|\/)(?:content|styles)\.xml$/.test(name)) {
      texts.push(paragraphs(await member.read(), extraction));
    } else if (name === 'meta.xml') texts.push(metadata(await member.read()));
    else if (/^(?:Pictures\/|Object [^/]*$|media\/)/.test(name)) {
      texts.push(await extraction.member(name, await member.read()));
    }
  }
  return texts.filter((text) => text.trim() !== '').join('\n');
}

function isEncrypted(manifest: Buffer): boolean {
  let found = false;
  walkXml(manifest, {
    open(name) {
      if (name === 'encryption-data') found = true;
    },
  });
  return found;
}

const MAX_SPACES = 100;

function paragraphs(bytes: Buffer, extraction: Extraction): string {
  const lines = createTextLines();
  let depth = 0;
  const isWhole = walkXml(bytes, {
    open(name, attribute) {
      if (name === 'p' || name === 'h') depth += 1;
      if (name === 'tab') lines.add('\t');
      if (name === 's') {
        lines.add(' '.repeat(Math.min(MAX_SPACES, Math.max(1, Number(attribute('c')) || 1))));
      }
      if (name === 'line-break') lines.endParagraph();
      if (name === 'a') lines.add(linkOf(attribute('href')));
      if (name === 'table') lines.add(`${attribute('name')}\n`);
      if (name === 'table-cell') lines.openCell();
    },
    close(name) {
      if (name === 'p' || name === 'h') {
        depth -= 1;
        lines.endParagraph();
      }
      if (name === 'table-cell') lines.closeCell();
      if (name === 'table-row') lines.endRow();
    },
    text(text) {
      if (depth > 0) lines.add(text.replace(/\s+/g, ' '));
    },
  });
  if (!isWhole) extraction.note('corrupt-file');
  return lines.result();
}

function linkOf(address: string): string {
  return /^(?:https?|mailto):/i.test(address) ? `${address} ` : '';
}

function metadata(bytes: Buffer): string {
  const lines: string[] = [];
  let wanted = false;
  let label = '';
  walkXml(bytes, {
    open(name, attribute) {
      wanted = /^(?:title|subject|description|keyword|creator|user-defined)$/.test(name);
      const property = name === 'user-defined' ? attribute('name') : '';
      label = property.startsWith('MSIP_Label_') ? `${property}: ` : '';
    },
    text(text) {
      if (wanted && text.trim() !== '') lines.push(label + text.trim());
    },
  });
  return lines.join('\n');
}

import { binaryWorkbookText } from './binary-workbook.ts';
import type { Extraction } from './extraction.ts';
import { createTextLines } from './text-lines.ts';
import { worksheetsText } from './worksheets.ts';
import { walkXml } from './xml-walk.ts';
import type { ZipMember } from './zip-file.ts';

/** Tells a Word, Excel or PowerPoint file (ECMA-376) from any other ZIP. */
export function isOfficeXml(members: readonly ZipMember[]): boolean {
  return (
    members.some(({ name }) => name === '[Content_Types].xml') &&
    members.some(({ name }) => /^(?:word|xl|ppt)\//.test(name))
  );
}

// What says how things look, and nothing that a reader reads.
const LOOKS = new RegExp(
  String.raw`/(?:theme|_rels)/|` +
    String.raw`/(?:styles\w*|settings|webSettings|fontTable|numbering|\w+Props|tableStyles)\.xml$`,
);

/**
 * The text of a Word, Excel or PowerPoint file: body, headers, notes, comments, slides and their
 * notes, cells, charts, properties, addresses that links lead to, and the files embedded in it.
 * Text that is formatted as hidden or deleted with changes tracked is read as well.
 * @throws {Unreadable} where a member of it cannot be read
 */
export async function officeXmlText(
  members: readonly ZipMember[],
  extraction: Extraction,
): Promise<string> {
  const inOrder = members.toSorted((a, b) => byPlace(a.name, b.name));
  const texts = [
    await worksheetsText(members, extraction),
    await binaryWorkbookText(members, extraction),
  ];
  for (const member of inOrder) {
    const { name } = member;
    if (name.endsWith('.xml.rels')) texts.push(outsideLinks(await member.read()));
    else if (/^docProps\/(?:core|custom)\.xml$/.test(name)) {
      texts.push(properties(await member.read(), extraction));
    } else if (name === 'docMetadata/LabelInfo.xml') {
      texts.push(sensitivityLabels(await member.read()));
    } else if (/\/(?:embeddings|media)\/|\/vbaProject\.bin$/.test(name)) {
      if (!/\.(?:emf|wmf|bin\.rels)$/i.test(name) && !/vbaProject/.test(name)) {
        texts.push(await extraction.member(name, await member.read()));
      }
    } else if (/^(?:word|xl|ppt)\/.*\.xml$/.test(name) && !LOOKS.test(name)) {
      texts.push(await partText(member, extraction));
    }
  }
  return texts.filter((text) => text.trim() !== '').join('\n');
}

/** Body before notes, and slide 2 before slide 10. */
function byPlace(a: string, b: string): number {
  const isMain = (name: string): number => (/^word\/document\.xml$/.test(name) ? 0 : 1);
  return isMain(a) - isMain(b) || a.localeCompare(b, 'en', { numeric: true });
}

async function partText(member: ZipMember, extraction: Extraction): Promise<string> {
  if (/^xl\/(?:worksheets\/|sharedStrings|workbook)/.test(member.name)) return '';
  const bytes = await member.read();
  if (member.name.startsWith('xl/pivotCache/')) return cachedValues(bytes);
  const lines = createTextLines();
  let inText = 0;
  let inFallback = 0;
  const isWhole = walkXml(bytes, {
    open(name) {
      if (name === 'Fallback') inFallback += 1;
      if (/^(?:t|delText|instrText|v)$/.test(name)) inText += 1;
      if (name === 'tab') lines.add('\t');
      if (/^(?:br|cr)$/.test(name)) lines.endParagraph();
      if (name === 'noBreakHyphen') lines.add('-');
      if (name === 'tc') lines.openCell();
    },
    close(name) {
      // The same drawing once more, for readers that do not know the first form.
      if (name === 'Fallback') inFallback -= 1;
      if (/^(?:t|delText|instrText|v)$/.test(name)) inText -= 1;
      if (/^(?:p|si|comment|pt|author)$/.test(name)) lines.endParagraph();
      if (name === 'tc') lines.closeCell();
      if (name === 'tr') lines.endRow();
    },
    text(text) {
      if (inText > 0 && inFallback === 0) lines.add(text);
    },
  });
  if (!isWhole) extraction.note('corrupt-file');
  return lines.result();
}

/** A pivot table keeps a copy of the rows behind it, also of a sheet that was deleted. */
function cachedValues(bytes: Buffer): string {
  const lines = createTextLines();
  walkXml(bytes, {
    open(name, attribute) {
      if (/^[sdn]$/.test(name)) lines.add(`${attribute('v')}\t`);
    },
    close(name) {
      if (/^(?:r|sharedItems)$/.test(name)) lines.endRow();
    },
  });
  return lines.result();
}

/** Title, author, keywords; and labels, which stand among the custom properties. */
function properties(bytes: Buffer, extraction: Extraction): string {
  const lines: string[] = [];
  let name = '';
  const isWhole = walkXml(bytes, {
    open(element, attribute) {
      if (element === 'property') name = attribute('name');
      else if (/^(?:title|subject|creator|keywords|description|category)$/.test(element)) {
        name = element;
      } else if (!/^(?:lpw?str|bool|i4)$/.test(element)) name = '';
    },
    text(text) {
      if (name !== '' && text.trim() !== '') lines.push(`${name}: ${text.trim()}`);
    },
  });
  if (!isWhole) extraction.note('corrupt-file');
  return lines.join('\n');
}

/** Labels of newer Office ([MS-OFFCRYPTO], LabelInfo), in the words of the older properties. */
function sensitivityLabels(bytes: Buffer): string {
  const lines: string[] = [];
  walkXml(bytes, {
    open(element, attribute) {
      if (element !== 'label' || /^(?:1|true)$/.test(attribute('removed'))) return;
      const prefix = `MSIP_Label_${attribute('id').replace(/[{}]/g, '')}`;
      lines.push(`${prefix}_Enabled: ${/^(?:1|true)$/.test(attribute('enabled'))}`);
      lines.push(`${prefix}_SiteId: ${attribute('siteId').replace(/[{}]/g, '')}`);
    },
  });
  return lines.join('\n');
}

function outsideLinks(bytes: Buffer): string {
  const links: string[] = [];
  walkXml(bytes, {
    open(name, attribute) {
      const isOutside = name === 'Relationship' && attribute('TargetMode') === 'External';
      if (isOutside && attribute('Type').endsWith('/hyperlink')) links.push(attribute('Target'));
    },
  });
  return links.join('\n');
}

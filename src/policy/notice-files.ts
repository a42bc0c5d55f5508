import { KEY_REQUEST } from '../mail/key-request.ts';
import { NOTICE_KINDS } from '../mail/notice.ts';
import type { CouncilPolicy } from './policy.ts';

/** Languages beside English in which a notice may stand: Welsh. */
const LANGUAGES = ['cy'] as const;
export type NoticeLanguage = 'en' | (typeof LANGUAGES)[number];

/** A template and the language that it is written in. */
export interface NoticeTemplate {
  template: string;
  language: NoticeLanguage;
}

/**
 * The words of a notice for a council: its own file before everybody's, its language before
 * English. `held.st-helens.md`, `held.cy.md`, `held.st-helens.cy.md` stand beside `held.md`; `null`
 * where not even that is there.
 */
export function noticeTemplate(
  notices: Record<string, string>,
  kind: string,
  { id, settings }: Pick<CouncilPolicy, 'id' | 'settings'>,
): NoticeTemplate | null {
  const preferred = settings.noticeLanguage;
  const suffixes = preferred === 'en' ? [''] : [`.${preferred}`, ''];
  for (const suffix of suffixes) {
    for (const name of [`${kind}.${id}${suffix}`, `${kind}${suffix}`]) {
      const template = notices[name];
      if (template !== undefined) return { template, language: suffix === '' ? 'en' : preferred };
    }
  }
  return null;
}

/** What the name of a notice's file says, or why nothing would ever read it. */
export function readNoticeName(
  name: string,
  councils: readonly string[],
): { kind: string; problem: string | null } {
  const [kind = '', ...rest] = name.split('.');
  const kinds: readonly string[] = [...NOTICE_KINDS, KEY_REQUEST];
  if (!kinds.includes(kind)) {
    const problem = `Nothing sends a notice of this name, known are ${kinds.join(', ')}`;
    return { kind, problem };
  }
  const isLanguage = (part: string | undefined): boolean =>
    (LANGUAGES as readonly (string | undefined)[]).includes(part);
  const others = isLanguage(rest.at(-1)) ? rest.slice(0, -1) : rest;
  const [council, ...more] = others;
  if (more.length === 0 && (council === undefined || councils.includes(council))) {
    return { kind, problem: null };
  }
  const allowed = `${kind}.md, ${kind}.COUNCIL.md, ${kind}.cy.md, ${kind}.COUNCIL.cy.md`;
  const problem = `Nothing reads a notice of this name; allowed: ${allowed}`;
  return { kind, problem };
}

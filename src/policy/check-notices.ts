import path from 'node:path';
import { KEY_REQUEST_SHAPE } from '../mail/key-request.ts';
import { checkTemplate } from '../mail/notice-template.ts';
import { NOTICE_SHAPE } from '../mail/notice-variables.ts';
import { NOTICE_KINDS } from '../mail/notice.ts';
import type { PolicyProblem } from './policy.ts';

/**
 * What is wrong with the templates among a policy's files: one that cannot be rendered would leave
 * its notices unwritten. Renders each of them in every shape, which takes about a second: for
 * whoever checks or activates a policy, not for each process that reads one.
 */
export function checkNotices(files: Record<string, string>): PolicyProblem[] {
  return Object.entries(files)
    .filter(([file]) => file.endsWith('.md'))
    .flatMap(([file, text]) =>
      problemsOf(path.posix.basename(file, '.md'), text).map((message) => {
        return { file, line: 1, column: 1, message };
      }),
    );
}

function problemsOf(kind: string, text: string): string[] {
  if (kind === 'key-request') return checkTemplate(kind, text, KEY_REQUEST_SHAPE);
  if ((NOTICE_KINDS as readonly string[]).includes(kind)) {
    return checkTemplate(kind, text, NOTICE_SHAPE);
  }
  return [`Nothing sends a notice of this name, known are ${NOTICE_KINDS.join(', ')}`];
}

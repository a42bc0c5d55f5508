import path from 'node:path';
import { KEY_REQUEST, KEY_REQUEST_SHAPE } from '../mail/key-request.ts';
import { checkTemplate } from '../mail/notice-template.ts';
import { NOTICE_SHAPE } from '../mail/notice-variables.ts';
import { readNoticeName } from './notice-files.ts';
import type { PolicyProblem } from './policy.ts';

/**
 * What is wrong with the templates among a policy's files: one that cannot be rendered would leave
 * its notices unwritten. Renders each of them in every shape, which takes about a second: for
 * whoever checks or activates a policy, not for each process that reads one.
 */
export function checkNotices(files: Record<string, string>): PolicyProblem[] {
  const councils = Object.keys(files).flatMap(
    (file) => /^councils\/(.+)\.yaml$/.exec(file)?.[1] ?? [],
  );
  return Object.entries(files)
    .filter(([file]) => file.endsWith('.md'))
    .flatMap(([file, text]) =>
      problemsOf(path.posix.basename(file, '.md'), text, councils).map((message) => {
        return { file, line: 1, column: 1, message };
      }),
    );
}

function problemsOf(name: string, text: string, councils: string[]): string[] {
  const { kind, problem } = readNoticeName(name, councils);
  if (problem !== null) return [problem];
  if (kind === KEY_REQUEST) return checkTemplate(name, text, KEY_REQUEST_SHAPE);
  return checkTemplate(name, text, NOTICE_SHAPE);
}

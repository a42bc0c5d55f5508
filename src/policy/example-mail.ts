import type { Example, PolicyProblem } from './policy.ts';
import { suggestion, type Source } from './source.ts';

/** Where rules' example messages lie, below policies/. */
export const EXAMPLE_FOLDER = 'rules/examples';

/**
 * Bytes of one example message. Every version in the record carries its examples, so they stay
 * small; a case that needs more is about an attachment, which an example can state.
 */
export const MAX_EXAMPLE_BYTES = 256 * 1024;

/** As a rule names it, relative to the rule's own file. */
export const EXAMPLE_FILE = /^examples\/[A-Za-z0-9][\w.-]*\.eml$/;

// RFC 5322 §2.2: a field name is printable ASCII but for the colon, and the colon follows.
const FIRST_FIELD = /^[!-9;-~]+[ \t]*:/;

/** What cannot stand beside `file`, because the message itself says it. */
const IN_THE_FILE = ['subject', 'text', 'from', 'headers'] as const;

/** The text of the message that an example names; `null` where it names none that is there. */
export function exampleMail(
  files: Record<string, string>,
  { file }: { file?: string | undefined },
): string | null {
  return file === undefined ? null : (files[`rules/${file}`] ?? null);
}

/** Everything wrong with how a rule's examples name their messages. */
export function exampleMailProblems(
  source: Source,
  examples: readonly Omit<Example, 'eml'>[],
  files: Record<string, string>,
): PolicyProblem[] {
  const written = (source.value as { examples: object[] }).examples;
  return examples.flatMap((example, index) => {
    if (example.file === undefined) return [];
    const path = ['examples', index];
    const own = written[index] ?? {};
    return [
      ...fileProblems(source, [...path, 'file'], example.file, files),
      ...IN_THE_FILE.filter((key) => Object.hasOwn(own, key)).map((key) =>
        source.problem([...path, key], `"${key}" stands in the message; delete it, or "file"`, {
          key: true,
        }),
      ),
      ...(Object.hasOwn(own, 'to')
        ? []
        : [source.problem(path, 'With "file" an example needs "to": whom the envelope names')]),
    ];
  });
}

function fileProblems(
  source: Source,
  path: readonly PropertyKey[],
  file: string,
  files: Record<string, string>,
): PolicyProblem[] {
  const text = files[`rules/${file}`];
  if (text === undefined) {
    const there = Object.keys(files)
      .filter((name) => name.startsWith(`${EXAMPLE_FOLDER}/`))
      .map((name) => name.slice('rules/'.length));
    return [source.problem(path, `There is no "rules/${file}"${suggestion(file, there)}`)];
  }
  if (Buffer.byteLength(text) > MAX_EXAMPLE_BYTES) {
    const limit = `${MAX_EXAMPLE_BYTES / 1024} KiB`;
    return [source.problem(path, `"rules/${file}" is larger than ${limit}; shorten it`)];
  }
  if (FIRST_FIELD.test(text)) return [];
  const message = `"rules/${file}" is no message: its first line must be a field such as "From: …"`;
  return [source.problem(path, message)];
}

/** A message that no rule names would prove nothing, while somebody believes that it does. */
export function unnamedExamples(
  files: Record<string, string>,
  named: ReadonlySet<string>,
): PolicyProblem[] {
  return Object.keys(files)
    .filter((file) => file.startsWith(`${EXAMPLE_FOLDER}/`) && !named.has(file))
    .map((file) => ({
      file,
      line: 1,
      column: 1,
      message: 'No rule names this example; name it under "examples", or delete it',
    }));
}

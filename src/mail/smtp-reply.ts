/** One SMTP reply: RFC 5321 code, RFC 3463 enhanced code, public text. */
export interface SmtpReply {
  code: number;
  enhanced: string;
  text: string;
}

/**
 * The only maker of replies, so that code and enhanced code cannot disagree.
 * `text` is public and generic: no content, no configuration; details belong to the log as a cause.
 * @throws {RangeError} if the classes differ (RFC 2034 §4) or the text holds a line break.
 */
export function smtpReply(code: number, enhanced: string, text: string): SmtpReply {
  if (!/^[245]\.\d{1,3}\.\d{1,3}$/.test(enhanced) || enhanced[0] !== String(code)[0]) {
    throw new RangeError(`Reply code "${code}" and enhanced code "${enhanced}" do not agree`);
  }
  if (/[\r\n]/.test(text)) throw new RangeError('Reply text holds a line break');
  return { code, enhanced, text };
}

/** The reply as one line without CRLF: `550 5.7.1 Text`. */
export function replyLine(reply: SmtpReply): string {
  return `${reply.code} ${reply.enhanced} ${reply.text}`;
}

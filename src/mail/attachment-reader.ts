/** What could be read of one attachment. */
export interface AttachmentText {
  /** Normalised. Also where a part could not be read: whatever could be. */
  text: string;
  /**
   * The sender's lock, a limit or a broken file, e.g. `encrypted-pdf`; `null` where all was read.
   */
  uninspectable: string | null;
  /** Our own crash or time-out, e.g. `extractor-timeout`: the message waits. */
  failed: string | null;
}

/**
 * Takes the text out of attachments whose bytes are not text by themselves. Parsing is given one
 * for each message, and never has to know that the work is done in another process.
 */
export interface AttachmentReader {
  /** Whether a file of this detected type may hold text: its bytes are then kept for `read`. */
  reads(type: string): boolean;
  /** Never rejects: a failure is a value. */
  read(file: { type: string; bytes: Buffer }): Promise<AttachmentText>;
}

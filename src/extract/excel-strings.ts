/** A reader of the bytes of one record and the CONTINUE records behind it ([MS-XLS] 2.5.293). */
export interface RecordReader {
  readonly isAtEnd: boolean;
  u8(): number;
  u16(): number;
  u32(): number;
  skip(count: number): void;
  /** Characters, which may go on in the next record in the other width. */
  characters(count: number, isWide: boolean): string;
}

/** @throws {RangeError} where the records end too early */
export function createRecordReader(pieces: readonly Buffer[]): RecordReader {
  let piece = 0;
  let at = 0;
  const current = (): Buffer => {
    while (at >= (pieces[piece]?.length ?? 0) && piece < pieces.length) {
      at -= pieces[piece]?.length ?? 0;
      piece += 1;
    }
    const found = pieces[piece];
    if (found === undefined) throw new RangeError('The record ends too early');
    return found;
  };
  const u8 = (): number => current()[at++] ?? 0;
  const u16 = (): number => u8() + u8() * 0x100;
  return {
    get isAtEnd() {
      return (
        piece >= pieces.length ||
        (piece === pieces.length - 1 && at >= (pieces[piece]?.length ?? 0))
      );
    },
    u8,
    u16,
    u32: () => u16() + u16() * 0x10000,
    skip(count) {
      at += count;
    },
    characters(count, isWide) {
      let text = '';
      let wide = isWide;
      for (let left = count; left > 0;) {
        const before = piece;
        const bytes = current();
        // A string cut by the end of a record goes on behind a new flag of its width.
        if (piece !== before && text !== '') wide = (u8() & 1) === 1;
        const width = wide ? 2 : 1;
        const taken = Math.min(left, Math.max(1, Math.floor((bytes.length - at) / width)));
        text += bytes.toString(wide ? 'utf16le' : 'latin1', at, at + taken * width);
        at += taken * width;
        left -= taken;
      }
      return text;
    },
  };
}

/** [MS-XLS] 2.5.294: a Unicode string, with the formatting and phonetics behind it passed over. */
export function unicodeString(reader: RecordReader, count: number): string {
  const flags = reader.u8();
  const runs = flags & 8 ? reader.u16() : 0;
  const phoneticBytes = flags & 4 ? reader.u32() : 0;
  const text = reader.characters(count, (flags & 1) === 1);
  reader.skip(runs * 4 + phoneticBytes);
  return text;
}

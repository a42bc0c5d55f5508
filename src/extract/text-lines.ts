/**
 * Text that grows in reading order. Paragraphs end lines, but not within a table cell: the cells of
 * a row stand on one line with tabs between them, as whoever looks for tables expects.
 */
export interface TextLines {
  add(text: string): void;
  endParagraph(): void;
  openCell(): void;
  closeCell(): void;
  endRow(): void;
  result(): string;
}

export function createTextLines(): TextLines {
  const pieces: string[] = [];
  let cells = 0;
  const dropLast = (blank: RegExp): void => {
    while (blank.test(pieces.at(-1) ?? '')) pieces.pop();
  };
  return {
    add(text) {
      if (text !== '') pieces.push(text);
    },
    endParagraph() {
      pieces.push(cells > 0 ? ' ' : '\n');
    },
    openCell() {
      cells += 1;
    },
    closeCell() {
      cells = Math.max(0, cells - 1);
      dropLast(/^ $/);
      pieces.push('\t');
    },
    endRow() {
      dropLast(/^[ \t]$/);
      // The rows of a table within a cell stay on the line of that cell.
      pieces.push(cells > 0 ? ' ' : '\n');
    },
    result: () => pieces.join(''),
  };
}

// ECMA-376 part 1, 18.3.1.46: a font, a colour, a size, or a single character, itself for "&".
const CODE = /&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d{1,3}|.)/g;

/** What a header or footer of a spreadsheet shows: its three sections, a line each. */
export function pageHeaderText(code: string): string {
  return code
    .replace(CODE, (found) => {
      if (found === '&&') return '&';
      return /^&[LCR]$/.test(found) ? '\n' : '';
    })
    .trim();
}

/**
 * The headers and footers of a workbook's sheets, which are put behind all cells, as those of a
 * letter stand behind its body. Each is told once.
 */
export function pageHeadersText(codes: readonly string[]): string {
  return [...new Set(codes.map(pageHeaderText))].filter((text) => text !== '').join('\n');
}

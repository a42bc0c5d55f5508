/**
 * A list of people in a text: a table under a header row, or lines of a name and a date of birth.
 */
export interface RecordTable {
  type: 'table' | 'birth-dates';
  rows: number;
  start: number;
  end: number;
}

const FIELDS: Record<string, RegExp> = {
  name: new RegExp(
    String.raw`^(?:(?:full |first |fore|sur|last |child(?:'s)? |pupil |tenant |` +
      String.raw`resident )?name|child|pupil|tenant|resident|player|member|client|patient)s?$`,
    'i',
  ),
  address: /^(?:(?:home )?address|street|postcode|post code)$/i,
  birth: /^(?:d\.?o\.?b\.?|date of birth|birth ?date|born|birthday)$/i,
  insurance: /^(?:n\.?i\.?|nino|ni ?(?:no|number)\.?|national insurance.{0,8})$/i,
  nhs: /^nhs ?(?:no|number)?\.?$/i,
  phone: /^(?:phone|tel|telephone|mobile|contact)(?: (?:no|number))?\.?$/i,
  health: new RegExp(
    String.raw`^(?:medical|health|condition|conditions|allerg(?:y|ies)|medication|disability|` +
      String.raw`diagnosis|needs|sen|send|dietary|notes on health|diet(?:ary)?)(?: .{0,20})?$`,
    'i',
  ),
  bank: /^(?:sort code|account(?: (?:no|number))?|bank(?: details)?|iban)$/i,
};
const SENSITIVE = ['birth', 'insurance', 'nhs', 'health', 'bank'];
const CONTACT_ROWS = 10;
const DATE = String.raw`\d{1,2}[/.-]\d{1,2}[/.-](?:(?:19[3-9]|20[0-3])\d|\d{2})`;
const NAME_AND_DATE = new RegExp(
  String.raw`^[^\S\n]*(?:\d+[.)]\s*)?\p{Lu}[\p{L}'-]+(?:\s\p{Lu}[\p{L}'-]*\.?){0,3}[\s,;:(|` +
    String.raw`-]{1,6}(?:b\.|born|dob)?\s?${DATE}`,
  'gmu',
);
const MAX_LINES = 20_000;

/**
 * Tables with a header row naming two of name, address, date of birth, NI, NHS and phone, and
 * lists of names with dates of birth. Contact details alone count from ten rows on (domain F.4).
 */
export function recordTablesIn(text: string): RecordTable[] {
  const tables: RecordTable[] = [];
  const lines = text.split('\n', MAX_LINES);
  let offset = 0;
  // A line of a table that counts begins no other; of one that does not, there are few lines.
  let tableEnd = 0;
  for (const [index, line] of lines.entries()) {
    const fields = index < tableEnd ? NO_FIELDS : headerFields(line);
    if (fields.size >= 2) {
      const { rows, end } = rowsAfter(lines, index, line);
      const sensitive = fields.has('name') && SENSITIVE.some((field) => fields.has(field));
      if (rows >= (sensitive ? 1 : CONTACT_ROWS)) {
        tables.push({ type: 'table', rows, start: offset, end: offset + line.length });
        tableEnd = end;
      }
    }
    offset += line.length + 1;
  }
  const dated = [...text.slice(0, 1_000_000).matchAll(NAME_AND_DATE)].slice(0, MAX_LINES);
  const [first] = dated;
  if (first !== undefined && dated.length >= 2 && tables.length === 0) {
    tables.push({
      type: 'birth-dates',
      rows: dated.length,
      start: first.index,
      end: first.index + first[0].length,
    });
  }
  return tables;
}

function separatorOf(line: string): RegExp {
  if (line.includes('\t')) return /\t/;
  if (line.includes('|')) return /\|/;
  return line.includes(';') ? /;/ : /,/;
}

const NO_FIELDS: ReadonlySet<string> = new Set();

function headerFields(line: string): ReadonlySet<string> {
  if (line.length > 500 || !/[,;\t|]/.test(line)) return NO_FIELDS;
  const cells = line.split(separatorOf(line)).map((cell) => cell.trim().replaceAll('"', ''));
  return new Set(
    Object.entries(FIELDS)
      .filter(([, pattern]) => cells.some((cell) => pattern.test(cell)))
      .map(([field]) => field),
  );
}

/** How many rows follow a header, and the index of the line behind the last. */
function rowsAfter(
  lines: readonly string[],
  header: number,
  line: string,
): { rows: number; end: number } {
  const separator = separatorOf(line);
  let rows = 0;
  let end = header + 1;
  for (; end < lines.length; end += 1) {
    const row = lines[end] ?? '';
    if (rows === 0 && /^[\s|:-]*$/.test(row)) continue;
    if (!separator.test(row)) break;
    rows += 1;
  }
  return { rows, end };
}

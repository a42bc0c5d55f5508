import iconv from 'iconv-lite';

const TOKEN =
  /\\(?:'([0-9a-fA-F]{2})|([a-zA-Z]{1,32})(-?\d{1,10})? ?|([^a-zA-Z]))|([{}])|([^\\{}\r\n]+)/g;

// Destinations whose text is no part of the document.
const UNSEEN = new RegExp(
  '^(?:fonttbl|colortbl|stylesheet|listtable|listoverridetable|rsidtbl|generator|pict|objdata|' +
    'themedata|colorschememapping|datastore|latentstyles|xmlnstbl|filetbl|revtbl|mmathPr|blipuid|' +
    'bkmkstart|bkmkend)$',
);
// Destinations marked as optional that hold words all the same.
const SEEN_OPTION = /^(?:shptxt|footnote|annotation|fldinst|shpinst|ud|formfield|ffdeftext|atnid)$/;

const SPACES: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  page: '\n',
  sect: '\n',
  row: '\n',
  nestrow: '\n',
  cell: '\t',
  nestcell: '\t',
  tab: '\t',
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
};

interface Group {
  isUnseen: boolean;
  /** Characters that stand in for a Unicode one where that is not known. */
  standIns: number;
}

/**
 * The words of an RTF document (version 1.9.1): body, headers, footnotes, comments, title. Hidden
 * and deleted text is read as well. HTML that Outlook wrapped in RTF is read as it stands there.
 */
export function rtfText(bytes: Buffer): string {
  const source = bytes.toString('latin1');
  const charset = charsetOf(source);
  const pieces: string[] = [];
  const groups: Group[] = [];
  let group: Group = { isUnseen: false, standIns: 1 };
  let isOption = false;
  let toSkip = 0;
  let pending = '';
  const flush = (): void => {
    if (pending !== '') pieces.push(iconv.decode(Buffer.from(pending, 'latin1'), charset));
    pending = '';
  };
  const word = (name: string, parameter: string | undefined): void => {
    const isSkipped = isOption ? !SEEN_OPTION.test(name) : UNSEEN.test(name);
    if (isSkipped) group.isUnseen = true;
    isOption = false;
    if (group.isUnseen) return;
    flush();
    const value = Number(parameter ?? 0);
    if (name === 'u') {
      pieces.push(String.fromCharCode(value & 0xffff));
      toSkip = group.standIns;
    } else if (name === 'uc') group.standIns = Math.min(8, Math.max(0, value));
    else pieces.push(SPACES[name] ?? '');
  };
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(source); match !== null; match = TOKEN.exec(source)) {
    const [, hex, name, parameter, symbol, brace, text] = match;
    if (brace === '{') {
      if (groups.length < 10_000) groups.push(group);
      group = { ...group };
      toSkip = 0;
    } else if (brace === '}') {
      flush();
      group = groups.pop() ?? { isUnseen: false, standIns: 1 };
      isOption = false;
      toSkip = 0;
    } else if (name === 'bin') TOKEN.lastIndex += Math.max(0, Number(parameter ?? 0));
    else if (name !== undefined) word(name, parameter);
    else if (symbol === '*') isOption = true;
    else if (!group.isUnseen) {
      if (hex !== undefined) {
        if (toSkip > 0) toSkip -= 1;
        else pending += String.fromCharCode(Number.parseInt(hex, 16));
        continue;
      }
      const shown = text ?? symbolText(symbol ?? '');
      const skipped = Math.min(toSkip, shown.length);
      toSkip -= skipped;
      pending += shown.slice(skipped);
    }
  }
  flush();
  return pieces.join('');
}

function symbolText(symbol: string): string {
  if (symbol === '~') return ' ';
  if (symbol === '_') return '-';
  if (symbol === '\r' || symbol === '\n') return '\n';
  return /[\\{}]/.test(symbol) ? symbol : '';
}

function charsetOf(source: string): string {
  if (/^\{\\rtf1?\\mac\b/.test(source)) return 'macintosh';
  const page = /\\ansicpg(\d{3,5})/.exec(source.slice(0, 4096))?.[1] ?? '1252';
  const name = page === '65001' ? 'utf-8' : `windows-${page}`;
  if (iconv.encodingExists(name)) return name;
  return iconv.encodingExists(`cp${page}`) ? `cp${page}` : 'windows-1252';
}

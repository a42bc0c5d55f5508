import { foldLookalikes } from './marking-spelling.ts';
import { DASHES, MARKING_LEVELS, type MarkingLevel } from './marking-level.ts';

/** What a council says of the labels in its own Microsoft 365 tenant. */
export interface LabelOptions {
  /**
   * The council's own tenant ids. Where given, a sensitivity label of another tenant is what
   * somebody else said of received content, and is ignored. Empty: every label counts.
   */
  siteIds: readonly string[];
  /** The level that a label or message classification stands for, by its GUID in small letters. */
  levels: Readonly<Record<string, MarkingLevel>>;
}

/** Nothing configured: labels count by their names. */
export const NO_LABELS: LabelOptions = { siteIds: [], levels: {} };

/**
 * The level that a label header states (domain B.3); `NONE` for every other header.
 * @param name In lower case. @param value Unfolded and decoded.
 */
export function labelLevel(name: string, value: string, options: LabelOptions): MarkingLevel {
  switch (name) {
    case 'msip_labels':
      return sensitivityLabels(value.split(';'), '=', options);
    case 'x-microsoft-classification':
      return labelNameLevel(value);
    case 'x-microsoft-classid':
    case 'x-ms-exchange-organization-classification':
      return highest((value.match(GUID) ?? []).map((id) => levelById(id, options) ?? 'NONE'));
    case 'x-protective-marking':
      return labelNameLevel(/(?:^|[,;\s])SEC\s*=\s*([^,;\]]*)/i.exec(value)?.[1] ?? '');
    default:
      return 'NONE';
  }
}

/**
 * The level of the sensitivity label that a file bears in its properties, from the lines
 * `MSIP_Label_<GUID>_<Attribute>: <value>` of its text.
 */
export function documentLabelLevel(text: string, options: LabelOptions): MarkingLevel {
  if (!text.includes('MSIP_Label_')) return 'NONE';
  return sensitivityLabels(
    text.split('\n').filter((line) => line.startsWith('MSIP_Label_')),
    ':',
    options,
  );
}

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/**
 * Microsoft sensitivity labels: `MSIP_Label_<GUID>_<Attribute>`, joint, value; in any order, and in
 * any case of letters. A label counts where it is enabled, and by its GUID before its name.
 */
function sensitivityLabels(
  items: readonly string[],
  joint: '=' | ':',
  options: LabelOptions,
): MarkingLevel {
  const labels = new Map<string, Map<string, string>>();
  for (const item of items) {
    const part = /^\s*MSIP_Label_([0-9a-f-]{1,40})_(\w{1,40})\s*([=:])(.*)$/is.exec(item);
    if (!part) continue;
    const [, id = '', attribute = '', found = '', content = ''] = part;
    if (found !== joint) continue;
    const label = labels.get(id.toLowerCase()) ?? new Map<string, string>();
    labels.set(id.toLowerCase(), label.set(attribute.toLowerCase(), content.trim()));
  }
  const own = options.siteIds.map((id) => id.toLowerCase());
  const counted = [...labels].filter(([, label]) => {
    const site = label.get('siteid')?.toLowerCase();
    const isForeign = own.length > 0 && site !== undefined && !own.includes(site);
    return label.get('enabled')?.toLowerCase() === 'true' && !isForeign;
  });
  return highest(
    counted.map(([id, label]) => levelById(id, options) ?? labelNameLevel(label.get('name') ?? '')),
  );
}

function levelById(id: string, { levels }: LabelOptions): MarkingLevel | undefined {
  const key = id.toLowerCase();
  return Object.hasOwn(levels, key) ? levels[key] : undefined;
}

function highest(levels: readonly MarkingLevel[]): MarkingLevel {
  const ranks = levels.map((level) => MARKING_LEVELS.indexOf(level));
  return MARKING_LEVELS[Math.max(0, ...ranks)] ?? 'NONE';
}

/**
 * A label's name is chosen from a list, so it is read without regard to case and must begin with
 * the level.
 */
function labelNameLevel(name: string): MarkingLevel {
  const plain = foldLookalikes(name.replace(DASHES, '-')).toUpperCase().trim();
  if (/(?<![A-Z0-9])OFFICIAL[\W_]{0,8}SENSITIVE(?![A-Z0-9])/.test(plain))
    return 'OFFICIAL-SENSITIVE';
  if (/^(?:UK\s+)?TOP[\s_-]?SECRET(?![A-Z0-9])/.test(plain)) return 'TOP SECRET';
  if (/^(?:UK\s+)?SECRET(?![A-Z0-9])/.test(plain)) return 'SECRET';
  return /^(?:UK\s+)?OFFICIAL(?![A-Z0-9])/.test(plain) ? 'OFFICIAL' : 'NONE';
}

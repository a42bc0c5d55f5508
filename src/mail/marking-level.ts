/** Levels of the Government Security Classifications Policy, lowest first. */
export const MARKING_LEVELS = [
  'NONE',
  'OFFICIAL',
  'OFFICIAL-SENSITIVE',
  'SECRET',
  'TOP SECRET',
] as const;
export type MarkingLevel = (typeof MARKING_LEVELS)[number];

/** Whether the first level stands above the second. */
export function isAbove(level: MarkingLevel, other: MarkingLevel): boolean {
  return MARKING_LEVELS.indexOf(level) > MARKING_LEVELS.indexOf(other);
}

/** The dashes of domain B.2 step 3, one character for one. */
export const DASHES = /[\u058A\u2010-\u2015\u2043\u2212\uFE58\uFE63\uFF0D]/g;

/** Descriptors and handling instructions that follow a level (domain B.1). */
export const DESCRIPTOR_WORDS =
  'PERSONAL(?: DATA)?|COMMERCIAL|LOCSEN|LEGAL(?: PROFESSIONAL PRIVILEGE)?' +
  '|HR\\/MANAGEMENT|HR|MARKET SENSITIVE|MANAGEMENT|INVESTIGATION|STAFF';

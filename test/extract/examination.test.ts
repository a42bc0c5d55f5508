import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineFile } from '../../src/cli/inspect-batch.ts';
import { createExtractorPool } from '../../src/extract/extractor-pool.ts';
import { createInspectors } from '../../src/inspect/inspect.ts';
import type { AttachmentReader } from '../../src/mail/attachment-reader.ts';
import { DEFAULT_PARSE_LIMITS } from '../../src/mail/parse.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { packageOf, zipOf } from './zip-of.ts';

const CELLS = [
  ['Child', 'Date of birth', 'NHS number', 'Allergies'],
  ['Alfie Munn', '03/05/2017', '943 476 5919', 'nuts'],
  ['Roza Kaya', '19/12/2016', '943 476 5870', 'penicillin'],
];
const rows = CELLS.map(
  (row) => `<row>${row.map((cell) => `<c t="str"><v>${cell}</v></c>`).join('')}</row>`,
);
const workbook = packageOf({
  '[Content_Types].xml': '<Types/>',
  'xl/workbook.xml': '<workbook/>',
  'xl/worksheets/sheet1.xml': `<worksheet>${rows.join('')}</worksheet>`,
});
const raw = [
  'From: Vera Lamb <cllr.vera.lamb@merebrook.gov.uk>',
  'To: coach@club.example',
  'Subject: Saturday',
  'Message-ID: <a@merebrook.gov.uk>',
  'Content-Type: multipart/mixed; boundary=sep',
  '',
  '--sep',
  '',
  'Here is the list for Saturday.',
  '--sep',
  'Content-Type: application/octet-stream; name=list.bin',
  'Content-Transfer-Encoding: base64',
  '',
  zipOf([{ name: 'list.xlsx', content: workbook }]).toString('base64'),
  '--sep--',
  '',
].join('\r\n');

const pool = createExtractorPool({ ocr: false });
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'portreeve-'));
  await writeFile(path.join(dir, 'list.eml'), raw);
});
afterAll(async () => {
  await pool.close();
  await rm(dir, { recursive: true });
});

const policy = loadPolicy(path.join(import.meta.dirname, '../../policies'));
function examined(attachmentReader: () => AttachmentReader) {
  const request = {
    file: 'list.eml',
    mailFrom: 'cllr.vera.lamb@merebrook.gov.uk',
    rcptTo: ['coach@club.example'],
    at: '2027-01-12T10:00:00+00:00',
  };
  return examineFile(request, {
    policy,
    inspectors: createInspectors(policy.lists),
    parseLimits: DEFAULT_PARSE_LIMITS,
    attachmentReader,
    people: null,
    council: 'merebrook',
    baseDir: dir,
  });
}

describe('the examination of a message with an attachment', () => {
  it('finds what stands in a workbook in an archive, and says where', async () => {
    const { message, decision } = await examined(() => pool.forMessage());
    const found = decision.findings.filter(({ kind }) => kind === 'personal-data');
    expect(found.length).toBeGreaterThan(0);
    const table = found.find(({ type }) => type === 'table')?.evidence[0];
    const text = message?.texts.find(({ name }) => name === 'attachment:1')?.text;
    expect(text?.slice(table?.start, table?.end)).toBe(CELLS[0]?.join('\t'));
  });

  it('holds a message of which we failed to read an attachment', async () => {
    const failing: AttachmentReader = {
      reads: () => true,
      read: () => Promise.resolve({ text: '', uninspectable: null, failed: 'extractor-crashed' }),
    };
    const { decision } = await examined(() => failing);
    expect(decision.findings).toContainEqual(
      expect.objectContaining({ kind: 'inspection-failed', type: 'extractor-crashed' }),
    );
    expect(decision.gate).toBe('hold');
  });
});

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineFile } from '../../src/cli/inspect-batch.ts';
import { createExtractorPool } from '../../src/extract/extractor-pool.ts';
import { createInspectors } from '../../src/inspect/inspect.ts';
import { DEFAULT_PARSE_LIMITS } from '../../src/mail/parse.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { pdfOf } from './files-of.ts';
import { packageOf } from './zip-of.ts';

// The demo council's own tenant and label, as its file has them.
const SITE = '5c1f0b6e-3d0a-4e5f-9a52-7d6a3b0c9e11';
const LABEL = '0d7e4c52-9b1f-4a0e-8c55-2f6f3f4c1a02';

const fixture = (name: string): Buffer =>
  readFileSync(path.join(import.meta.dirname, '../fixtures/extract', name));

const policy = loadPolicy(path.join(import.meta.dirname, '../../policies'));
const pool = createExtractorPool({ ocr: false });
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'portreeve-'));
});
afterAll(async () => {
  await pool.close();
  await rm(dir, { recursive: true });
});

const paragraphs = (...lines: string[]): string =>
  lines.map((line) => `<w:p><w:r><w:t>${line}</w:t></w:r></w:p>`).join('');
const PAGES = paragraphs(
  ...Array.from({ length: 150 }, (_, line) => `Paragraph ${line} of the plan`),
);
const word = (more: Record<string, string>): Buffer =>
  packageOf({
    '[Content_Types].xml': '<Types/>',
    'word/document.xml': `<w:document>${PAGES}</w:document>`,
    ...more,
  });
const customProperties = (...lines: [name: string, value: string][]): string =>
  `<Properties>${lines
    .map(
      ([name, value]) =>
        `<property name="MSIP_Label_${LABEL}_${name}"><vt:lpwstr>${value}</vt:lpwstr></property>`,
    )
    .join('')}</Properties>`;

/** What is decided of a short letter with this one attachment. */
async function decided(name: string, content: Buffer) {
  const file = `${name}.eml`;
  const lines = [
    'From: Vera Lamb <cllr.vera.lamb@merebrook.gov.uk>',
    'To: ann@charity.test',
    'Subject: The plan',
    'Message-ID: <a@merebrook.gov.uk>',
    'Content-Type: multipart/mixed; boundary=sep',
    '',
    '--sep',
    '',
    'Dear Ann, the plan is attached. Vera Lamb',
    '--sep',
    `Content-Type: application/octet-stream; name="${name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    content.toString('base64'),
    '--sep--',
    '',
  ];
  await writeFile(path.join(dir, file), lines.join('\r\n'));
  const { decision } = await examineFile(
    {
      file,
      mailFrom: 'cllr.vera.lamb@merebrook.gov.uk',
      rcptTo: ['ann@charity.test'],
      at: '2027-01-12T10:00:00+00:00',
    },
    {
      policy,
      inspectors: createInspectors(policy.lists),
      parseLimits: DEFAULT_PARSE_LIMITS,
      attachmentReader: () => pool.forMessage(),
      people: null,
      council: 'merebrook',
      baseDir: dir,
    },
  );
  const found = decision.findings.filter(({ kind }) => kind === 'marking-elsewhere');
  const { marking, protection, gate } = decision;
  return { marking, protection, gate, types: found.map(({ type }) => type) };
}

const PROTECTED = { marking: null, protection: 'required', gate: 'release' };

describe('a marking in an attachment', () => {
  it.each(['header1', 'footer2'])('is found in the %s of a Word file', async (part) => {
    const content = word({
      [`word/${part}.xml`]: `<w:hdr>${paragraphs('OFFICIAL-SENSITIVE: PERSONAL')}</w:hdr>`,
    });
    expect(await decided('plan.docx', content)).toEqual({ ...PROTECTED, types: ['attachment'] });
  });

  it('is found on the first page of a PDF, and not deep inside a long text', async () => {
    const content = pdfOf(
      'BT /F 12 Tf 50 800 Td (OFFICIAL-SENSITIVE) Tj 0 -40 Td (The plan) Tj ET',
    );
    expect(await decided('plan.pdf', content)).toEqual({ ...PROTECTED, types: ['attachment'] });
    const lines = Array.from({ length: 150 }, (_, line) => `Line ${line} of the plan`);
    const long = Buffer.from([...lines, 'OFFICIAL-SENSITIVE', ...lines].join('\n'));
    expect(await decided('plan.txt', long)).toMatchObject({ protection: 'none', types: [] });
  });

  it.each([
    'OFFICIAL-SENSITIVE plan.txt',
    'plan_official_sensitive_v2.txt',
    '[OFFICIAL-SENSITIVE].txt',
  ])('is found in the name %s', async (name) => {
    expect(await decided(name, Buffer.from('The plan'))).toEqual({
      ...PROTECTED,
      types: ['file-name'],
    });
  });

  it('is found as a sensitivity label in the properties of an Office file, old and new', async () => {
    const old = word({
      'docProps/custom.xml': customProperties(
        ['SiteId', SITE],
        ['Enabled', 'true'],
        ['Name', 'Amber'],
      ),
    });
    expect(await decided('old.docx', old)).toEqual({ ...PROTECTED, types: ['document-label'] });
    const fresh = word({
      'docMetadata/LabelInfo.xml':
        `<clbl:labelList xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata">` +
        `<clbl:label id="{${LABEL.toUpperCase()}}" enabled="1" method="Standard" siteId="{${SITE}}"` +
        ` contentBits="0" removed="0"/></clbl:labelList>`,
    });
    expect(await decided('new.docx', fresh)).toEqual({ ...PROTECTED, types: ['document-label'] });
  });

  // Written by LibreOffice: 150 lines, the marking in the header or footer, a label of the council's.
  it.each(['marked.doc', 'marked.xls', 'marked.ppt', 'marked.xlsx'])(
    'is found in the header and in the label of %s',
    async (name) => {
      const packed = name.endsWith('x') ? fixture(name) : gunzipSync(fixture(`${name}.gz`));
      expect(await decided(name, packed)).toEqual({
        ...PROTECTED,
        types: ['attachment', 'document-label'],
      });
    },
  );

  it('is found in the title and the keywords of a document', async () => {
    for (const property of ['dc:title', 'cp:keywords', 'cp:category']) {
      const core = `<x><${property}>OFFICIAL-SENSITIVE: The plan</${property}></x>`;
      expect(await decided('plan.docx', word({ 'docProps/core.xml': core }))).toEqual({
        ...PROTECTED,
        types: ['attachment'],
      });
    }
  });

  it('is found as a sensitivity label in the properties of a PDF', async () => {
    const properties = ['Enabled (true)', `SiteId (${SITE})`].map(
      (property) => `/MSIP_Label_${LABEL}_${property}`,
    );
    const content = pdfOf('BT /F 12 Tf 50 800 Td (The plan) Tj ET', '', properties.join(''));
    expect(await decided('plan.pdf', content)).toEqual({ ...PROTECTED, types: ['document-label'] });
  });

  it('is none where the label is switched off, or is that of another tenant', async () => {
    const off = customProperties(['SiteId', SITE], ['Enabled', 'false']);
    const foreign = customProperties(['SiteId', LABEL], ['Enabled', 'true']);
    for (const custom of [off, foreign]) {
      const content = word({ 'docProps/custom.xml': custom });
      expect(await decided('plan.docx', content)).toMatchObject({ protection: 'none', types: [] });
    }
  });

  it('of SECRET is held for ICT', async () => {
    const content = word({ 'word/header1.xml': `<w:hdr>${paragraphs('SECRET')}</w:hdr>` });
    expect(await decided('plan.docx', content)).toMatchObject({
      gate: 'hold',
      types: ['attachment'],
    });
  });
});

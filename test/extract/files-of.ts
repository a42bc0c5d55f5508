/** A PDF of one page with this content, a title and a filled form field. */
export function pdfOf(content: string, trailer = '', properties = ''): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[6 0 R]' +
      '/Resources<</Font<</F 5 0 R>>>>>>',
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    '<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(typed in a field)/Rect[0 0 9 9]/P 3 0 R>>',
    `<</Title(Minutes of May)${properties}>>`,
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj${object}endobj\n`;
    return at;
  });
  const rows = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return Buffer.from(
    `${text}xref\n0 ${size}\n0000000000 65535 f \n${rows}` +
      `trailer<</Size ${size}/Root 1 0 R/Info 7 0 R${trailer}>>\nstartxref\n${text.length}\n%%EOF`,
    'latin1',
  );
}

/** The streams of a Word 97 file whose text stands in one piece of each width. */
export function wordBinary([narrow, wide]: readonly [string, string]): Record<string, Buffer> {
  const textAt = 1024;
  const wideAt = textAt + narrow.length;
  const document = Buffer.concat([
    Buffer.alloc(textAt),
    Buffer.from(narrow, 'latin1'),
    Buffer.from(wide, 'utf16le'),
  ]);
  document.writeUInt16LE(0xa5ec, 0);
  document.writeUInt16LE(0xc1, 2);
  document.writeUInt16LE(0x0200, 10);
  const pieces = Buffer.alloc(12 + 16);
  pieces.writeUInt32LE(narrow.length, 4);
  pieces.writeUInt32LE(narrow.length + wide.length, 8);
  pieces.writeUInt32LE(0x40000000 + textAt * 2, 14);
  pieces.writeUInt32LE(wideAt, 22);
  const head = Buffer.from([1, 2, 0, 9, 9, 2, 0, 0, 0, 0]);
  head.writeUInt32LE(pieces.length, 6);
  const clx = Buffer.concat([head, pieces]);
  document.writeUInt32LE(0, 0x01a2);
  document.writeUInt32LE(clx.length, 0x01a6);
  return { WordDocument: document, '1Table': clx };
}

/** A `winmail.dat` of these attributes. */
export function tnefOf(attributes: readonly [id: number, data: Buffer][]): Buffer {
  const parts = attributes.map(([id, data]) => {
    const head = Buffer.alloc(9);
    head[0] = id === 0x00018004 || id === 0x00069003 ? 1 : 2;
    head.writeUInt32LE(id, 1);
    head.writeUInt32LE(data.length, 5);
    return Buffer.concat([head, data, Buffer.alloc(2)]);
  });
  return Buffer.concat([Buffer.from('789f3e220100', 'hex'), ...parts]);
}

/** A list of MAPI properties of variable length, after one of fixed length and a named one. */
export function mapiProperties(values: readonly [tag: number, value: Buffer][]): Buffer {
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const parts: Buffer[] = [u32(values.length + 2), u32(0x0e070003), u32(1)];
  parts.push(u32(0x8000000b), Buffer.alloc(16), u32(0), u32(0x8503), u32(1));
  for (const [tag, value] of values) {
    const padding = Buffer.alloc((4 - (value.length % 4)) % 4);
    parts.push(u32(tag), u32(1), u32(value.length), value, padding);
  }
  return Buffer.concat(parts);
}

/** A tar archive; names over a hundred bytes stand in a record of their own, as GNU writes them. */
export function tarOf(files: readonly [name: string, content: string][]): Buffer {
  const record = (name: string, content: string, type: string) => {
    const header = Buffer.alloc(512);
    header.write(name.slice(0, 100));
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    header.write(type, 156);
    header.write('ustar', 257);
    const padded = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    padded.write(content);
    return Buffer.concat([header, padded]);
  };
  const records = files.flatMap(([name, content]) => [
    ...(name.length > 100 ? [record('././@LongLink', `${name}\0`, 'L')] : []),
    record(name, content, '0'),
  ]);
  return Buffer.concat([...records, Buffer.alloc(1024)]);
}

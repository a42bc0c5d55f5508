import { SaxesParser } from 'saxes';

/** Names are local, without their prefix. */
export interface XmlHandlers {
  open?: (name: string, attribute: (name: string) => string) => void;
  close?: (name: string) => void;
  text?: (text: string) => void;
}

/**
 * Walks through XML in document order. No entity but the five of XML itself is expanded.
 * @returns whether it was well-formed; what comes after an error is read as far as it can be
 */
export function walkXml(bytes: Buffer, { open, close, text }: XmlHandlers): boolean {
  const parser = new SaxesParser();
  let isWhole = true;
  parser.on('error', () => {
    isWhole = false;
  });
  parser.on('opentag', ({ name, attributes }) =>
    open?.(local(name), (wanted) => {
      const found = Object.keys(attributes).find((each) => local(each) === wanted);
      return found === undefined ? '' : (attributes[found] ?? '');
    }),
  );
  parser.on('closetag', ({ name }) => close?.(local(name)));
  parser.on('text', (content) => text?.(content));
  parser.on('cdata', (content) => text?.(content));
  parser.write(decode(bytes)).close();
  return isWhole;
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  return bytes.toString('utf8');
}

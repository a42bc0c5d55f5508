import iconv from 'iconv-lite';

// What senders label ASCII is UTF-8 or Windows-1252 in practice. `base64` and `hex` are
// iconv-lite's own names and no charsets: honouring them would turn readable text into noise.
const GUESSED = /^(|us-?ascii|ascii|utf-?8|unknown-8bit|x-unknown|base64|hex|binary)$/;

/**
 * Bytes to text. An unknown, missing or false charset never throws: the bytes are read as UTF-8
 * where they are valid UTF-8, else as Windows-1252.
 */
export function decodeBytes(bytes: Buffer, charset = ''): string {
  // RFC 2231 §5 allows a language after the charset: `utf-8*en`.
  const name = charset.trim().toLowerCase().replace(/\*.*$/s, '');
  // The WHATWG encoding standard reads Latin-1 as Windows-1252, because that is what senders mean.
  if (/^(iso-?8859-?1|latin1)$/.test(name)) return iconv.decode(bytes, 'windows-1252');
  if (!GUESSED.test(name) && iconv.encodingExists(name)) return iconv.decode(bytes, name);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return iconv.decode(bytes, 'windows-1252');
  }
}

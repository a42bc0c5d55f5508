import { addressKey, domainOf } from './address.ts';
import { headerValues, type ParsedMessage } from './message.ts';

/** An OpenPGP key that came along with a message. It proves nothing: a candidate, no more. */
export interface MessageKey {
  armored: string;
  source: 'autocrypt' | 'attached';
  /** The one address that it is offered for; `null`: all that it bears. */
  address: string | null;
}

/** More keys than this are no offer to a correspondent. */
const MOST_KEYS = 3;
/** Autocrypt Level 1 §2.1: a longer field is invalid. */
const AUTOCRYPT_CHARACTERS = 10 * 1024;
const MOST_CHARACTERS = 200_000;
const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const END = '-----END PGP PUBLIC KEY BLOCK-----';

/**
 * The keys that a message brings: an Autocrypt field of its author, and key blocks in its texts.
 * Keys for the council's own domains are left out, since we never encrypt to ourselves.
 */
export function offeredKeys(message: ParsedMessage, ownDomains: readonly string[]): MessageKey[] {
  const autocrypt = autocryptKey(message);
  const attached = message.texts.flatMap(({ text }) => blocksIn(text));
  return [...(autocrypt ? [autocrypt] : []), ...attached]
    .filter(({ address }) => address === null || !ownDomains.includes(domainOf(address)))
    .slice(0, MOST_KEYS);
}

/** Autocrypt Level 1 §2.1: one field, for the address in From, its key data last. */
function autocryptKey(message: ParsedMessage): MessageKey | null {
  const [field, second] = headerValues(message, 'autocrypt');
  if (field === undefined || second !== undefined || field.length > AUTOCRYPT_CHARACTERS)
    return null;
  const attributes = new Map<string, string>();
  for (const piece of field.split(';')) {
    const at = piece.indexOf('=');
    if (at < 0) return null;
    attributes.set(piece.slice(0, at).trim().toLowerCase(), piece.slice(at + 1).trim());
  }
  const known = ['addr', 'prefer-encrypt', 'keydata'];
  // An attribute that we do not know and that is not marked as optional makes the field invalid.
  if ([...attributes.keys()].some((name) => !known.includes(name) && !name.startsWith('_'))) {
    return null;
  }
  const address = addressKey(attributes.get('addr') ?? '');
  const data = (attributes.get('keydata') ?? '').replaceAll(/\s/g, '');
  const author = message.from.length === 1 ? addressKey(message.from[0]?.address ?? '') : '';
  if (address === '' || address !== author || !/^[A-Za-z0-9+/]+=*$/.test(data)) return null;
  const lines = data.match(/.{1,76}/g)?.join('\n') ?? '';
  return { armored: `${BEGIN}\n\n${lines}\n${END}\n`, source: 'autocrypt', address };
}

function blocksIn(text: string): MessageKey[] {
  const found: MessageKey[] = [];
  let from = 0;
  while (found.length < MOST_KEYS) {
    const start = text.indexOf(BEGIN, from);
    const end = start < 0 ? -1 : text.indexOf(END, start);
    if (end < 0 || end - start > MOST_CHARACTERS) return found;
    from = end + END.length;
    found.push({ armored: `${text.slice(start, from)}\n`, source: 'attached', address: null });
  }
  return found;
}

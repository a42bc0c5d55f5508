import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * What is wrong with an address: its syntax, or letters beyond ASCII where SMTPUTF8 was not asked
 * for.
 */
export type PathProblem = 'syntax' | 'utf8';

// RFC 5321 §4.5.3.1. The local part has no limit of its own here: bounce addresses of mailing
// systems exceed 64 octets, and a redirect brings us such senders. §4.5.3.1 asks for no limit where
// possible.
const PATH_OCTETS = 254;
const DOMAIN_OCTETS = 255;
const LABEL_OCTETS = 63;

// Control characters, invisible ones and direction marks: they forge logs and deceive whoever reads
// them. Joiners (U+200C, U+200D) are left out, some scripts need them.
const UNSAFE = /[\p{Cc}\u00AD\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFD]/u;
const DOT_STRING =
  /^[\w!#$%&'*+/=?^`{|}~\u0080-\u{10FFFF}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u0080-\u{10FFFF}-]+)*$/u;
const QUOTED_STRING = /^"(?:[ !#-[\]-~\u0080-\u{10FFFF}]|\\[ -~])*"$/u;
const SOURCE_ROUTE = /^@[^\s,:@]+(?:,@[^\s,:@]+)*:/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

/**
 * Reads the inside of `<...>` (RFC 5321 §4.1.2, RFC 6531 §3.3): gives the address as written,
 * without a source route (which is accepted and ignored, appendix C), `''` for the null path.
 */
export function parsePath(
  path: string,
  smtpUtf8: boolean,
): { address: string } | { problem: PathProblem } {
  const address = path.replace(SOURCE_ROUTE, '');
  if (path === '') return { address };
  if (Buffer.byteLength(address) > PATH_OCTETS || UNSAFE.test(address))
    return { problem: 'syntax' };
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (at < 1 || !(DOT_STRING.test(local) || QUOTED_STRING.test(local)))
    return { problem: 'syntax' };
  if (!isDomain(domain) && !isAddressLiteral(domain)) return { problem: 'syntax' };
  if (!smtpUtf8 && !isAscii(address)) return { problem: 'utf8' };
  return { address };
}

export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function isDomain(domain: string): boolean {
  // Judged as A-labels, which is how it will be looked up and compared.
  const ascii = isAscii(domain) ? domain : domainToASCII(domain);
  const labels = ascii.split('.');
  return (
    ascii.length <= DOMAIN_OCTETS &&
    labels.every((label) => label.length <= LABEL_OCTETS && LABEL.test(label)) &&
    // A last label of digits makes it an IPv4 address in disguise, which belongs in brackets.
    !/^(?:\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '')
  );
}

function isAddressLiteral(domain: string): boolean {
  const inside = /^\[(.*)\]$/.exec(domain)?.[1] ?? '';
  const v6 = /^IPv6:([^%]*)$/i.exec(inside)?.[1];
  return v6 === undefined ? isIPv4(inside) : isIPv6(v6);
}

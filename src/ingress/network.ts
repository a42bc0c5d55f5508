import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * The addresses of some CIDR ranges (`192.0.2.0/24`, `2001:db8::/32`) or single addresses. IPv4
 * ranges also contain their IPv4-mapped IPv6 form, which is how a dual-stack socket names an IPv4
 * client.
 * @throws {Error} for a range that is none
 */
export function addressRanges(ranges: readonly string[]): { contains(address: string): boolean } {
  const list = new BlockList();
  for (const range of ranges) {
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : Number(prefix);
    if (family === 0 || address.includes('%') || length > bits) {
      throw new Error(`Address range "${range}" is not CIDR, write it like "192.0.2.0/24"`);
    }
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    contains(address) {
      // A link-local address may bear its interface ("fe80::1%eth0").
      const bare = address.replace(/%.*$/, '');
      const family = isIP(bare);
      return family !== 0 && list.check(bare, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

/**
 * Whom an address counts as in limits: an IPv4 address itself; of IPv6 the /64 that one customer
 * gets.
 */
export function networkOf(address: string): string {
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = bare.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const all =
    tail === undefined ? before : [...before, ...zeros(8 - before.length - after.length), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

function zeros(count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => '0');
}

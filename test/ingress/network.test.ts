import { expect, test } from 'vitest';
import { addressRanges, networkOf } from '../../src/ingress/network.ts';

test.each([
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.0/24', '::ffff:192.0.2.7', true],
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:db8::/32', '192.0.2.7', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['192.0.2.0/24', '', false],
  ['192.0.2.0/24', 'unknown', false],
])('addressRanges() of %s contains %s: %s', (range, address, contained) => {
  expect(addressRanges([range]).contains(address)).toBe(contained);
});

test.each([
  '',
  '192.0.2.0/33',
  '192.0.2/24',
  '2001:db8::/129',
  'exchange.test',
  '192.0.2.0/',
  '192.0.2.0/2 4',
  'fe80::1%eth0',
])('addressRanges() refuses %j and says so', (range) => {
  expect(() => addressRanges([range])).toThrow(`Address range "${range}" is not CIDR`);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:DB8::5:6', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('networkOf() counts %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

import { expect, test } from 'vitest';
import { OwnAddresses } from '#daemon/peers/own-addresses.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { formatAddress, parseAddress } from '#text/address.ts';

const rows = [
  { name: 'lo', text: '127.0.0.1', lengthBits: 8 },
  { name: 'eth0', text: '192.0.2.9', lengthBits: 24 },
  { name: 'eth1', text: '2001:db8:1::9', lengthBits: 64 },
];

test.each([
  ['whose cable is pulled is as near as before', true, true],
  ['that has gone, or has lost its addresses, is not near any longer', false, false],
])('the neighbour of an interface %s', (_, isSilent, isNear) => {
  const clock = new ManualClock();
  let present = rows;
  const own = new OwnAddresses(clock, {
    interfaceAddresses: () => present,
    isWithoutCarrier: (name) => isSilent && name === 'eth0',
  });
  const neighbour = parseAddress('192.0.2.11');
  expect(own.isConnected(neighbour)).toBe(true);
  present = rows.filter(({ name }) => name !== 'eth0');
  for (let round = 0; round < 3; round++) {
    clock.advance(2000);
    expect(own.isConnected(neighbour)).toBe(isNear);
    expect(
      own
        .list()
        .map((address) => formatAddress(address))
        .includes('192.0.2.9'),
    ).toBe(isNear);
  }
  expect(own.isConnected(parseAddress('2001:db8:1::2'))).toBe(true);
  present = rows;
  clock.advance(2000);
  expect(own.list()).toHaveLength(3);
});

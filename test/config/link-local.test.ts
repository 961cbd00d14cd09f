import { expect, test } from 'vitest';
import { configOf, minimal, problemsOf } from './files.ts';

test.each([
  ['address: "fe80::1%eth0"', 'fe80::1%eth0', 'eth0'],
  ['address: "fe80::1", interface: eth0', 'fe80::1%eth0', 'eth0'],
  ['address: "FE80::1%eth0", interface: eth0, name: W1', 'W1', 'eth0'],
])('%s', (keys, name, zone) => {
  const [peer] = configOf(onePeer(keys)).peers;
  expect([peer.name, peer.addressText, peer.interface]).toEqual([name, 'fe80::1%eth0', zone]);
  expect(peer.address.length).toBe(16);
});

test.each([
  [
    'address: "fe80::1"',
    '3:32 address: a link-local address needs an interface; write fe80::1%eth0, or give interface',
  ],
  ['address: "fe80::1%eth0", interface: eth1', '3:32 address: %eth0 contradicts interface: eth1'],
  [
    'address: 10.0.0.1, interface: eth0',
    '3:53 interface: only a link-local address needs one; remove this key',
  ],
])('%s is refused', (keys, want) => {
  expect(problemsOf(onePeer(keys))).toEqual([want]);
});

test('one address may be that of two peers on two interfaces, but not on one', () => {
  expect(configOf(twice('eth1')).peers.map(({ name }) => name)).toEqual([
    'fe80::1%eth0',
    'fe80::1%eth1',
  ]);
  expect(problemsOf(twice('eth0'))).toEqual([
    '5:16 address: fe80::1%eth0 is also the address of the peer on line 4 of /etc/fp.yaml',
  ]);
});

test('an address needs the same password on all interfaces, because the kernel has one MD5 key for it', () => {
  const want = [
    '5:16 address: fe80::1 is also a peer on another interface: both need the same password',
  ];
  expect(problemsOf(withKeys('password: a', 'password: a'))).toEqual([]);
  expect(problemsOf(withKeys('password: a', 'password: b'))).toEqual(want);
  expect(problemsOf(withKeys('password: a', 'passive: true'))).toEqual(want);
});

test('we can listen on a link-local address', () => {
  const [listen] = configOf(minimal('listen: "[fe80::9%eth0]:179"\n')).listen;
  expect(listen).toMatchObject({ zone: 'eth0', port: 179, text: '[fe80::9%eth0]:179' });
});

function onePeer(keys: string): string {
  return minimal(`peers: [{ peer_as: 1, ${keys} }]\n`);
}

function twice(second: string): string {
  return minimal(`peers:
  - { address: "fe80::1%eth0", peer_as: 1 }
  - { address: "fe80::1", interface: ${second}, peer_as: 1 }\n`);
}

function withKeys(first: string, second: string): string {
  return minimal(`peers:
  - { address: "fe80::1%eth0", peer_as: 1, ${first} }
  - { address: "fe80::1%eth1", peer_as: 1, ${second} }\n`);
}

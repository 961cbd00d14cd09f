import { describe, expect, it, test } from 'vitest';
import { type Dice, dice } from '#support/dice.ts';
import { vrpOf } from '#support/rtr-pdus.ts';
import { OfflineServer } from '#testing/offline/offline-server.ts';
import { parseAddress } from '#text/address.ts';
import { parsePrefix } from '#text/prefix.ts';
import { emptyAttributes, encodeAttributes } from '#wire/attributes.ts';
import { UpdateWriter } from '#wire/update-writer.ts';
import { configOf } from '../config/files.ts';

const config = configOf(`
router_id: 1.1.1.9
local_as: 65002
rpki: { caches: [{ address: "127.0.0.1:3323" }], aspa: true }
policies:
  strict:
    - { match: { rpki: invalid }, then: reject }
    - { match: { aspa: invalid }, then: reject }
    - { match: { rpki: valid }, set: { local_pref: 200 }, then: accept }
    - { match: { prefix: "10.0.0.0/8+" }, then: accept }
  only_known: [{ match: { rpki: [valid, invalid] }, then: accept }]
  no_paths: [{ match: { aspa: [invalid, unknown] }, then: reject }, { then: accept }]
peer_groups:
  members: { families: [ipv4_unicast], import: strict, enforce_first_as: false, accept_next_hop: any, role: rs }
peers:
  - { name: A, address: 192.0.2.1, peer_as: 1, group: members }
  - { name: B, address: 192.0.2.2, peer_as: 2, group: members, max_prefix: { limit: 4 } }
  - { name: C, address: 192.0.2.3, peer_as: 3, group: members, import: no_paths }
  - { name: D, address: 192.0.2.4, peer_as: 4, group: members, import: all }
  - { name: E, address: 192.0.2.5, peer_as: 5, families: [ipv4_unicast], export: all }
  - { name: F, address: 192.0.2.6, peer_as: 6, families: [ipv4_unicast], export: only_known }
  - { name: G, address: 192.0.2.7, peer_as: 7, families: [ipv4_unicast], export: only_known, add_path: send }
`);

const prefixes = [8, 12, 16, 20, 24].flatMap((bits) => [`10.0.0.0/${bits}`, `11.0.0.0/${bits}`]);
const vrpTexts = prefixes.flatMap((prefix) =>
  [1, 2].flatMap((asn) => [`${prefix} AS${asn}`, `${prefix}-24 AS${asn}`]),
);

/** All announcements share one writer, because it has memory for a whole message. */
const writer = new UpdateWriter();

function announce(server: OfflineServer, name: string, prefix: string, asns: number[]): void {
  const peer = server.peer(config.peers.find((row) => row.name === name) ?? config.peers[0]);
  const nextHop = parseAddress('192.0.2.99');
  const attributes = encodeAttributes(
    { ...emptyAttributes(nextHop), origin: 0, asPath: [{ kind: 'sequence', asns }] },
    { asnBytes: 4, inlineNextHop: true },
  );
  writer.announce({ family: 0, addPath: false, maxLength: 4096, attributes, nextHop });
  writer.add(parsePrefix(prefix));
  writer.end();
  server.receive(peer, writer.take());
}

/** Returns data that the caches may have at some time. */
function randomData(roll: Dice) {
  const vrps = vrpTexts.filter(() => roll.chance(0.15)).map((text) => vrpOf(text));
  return {
    vrps: vrps.map(({ prefix, ...rest }) => ({ ...prefix, ...rest })),
    aspas: [1, 2, 3].flatMap((customer) =>
      roll.chance(0.5) ? [{ customer, providers: [roll.below(4)] }] : [],
    ),
  };
}

/** Returns all that an operator could see of the server, except for times. */
function standing(server: OfflineServer): unknown {
  return prefixes.map((text) => {
    const prefix = parsePrefix(text);
    const view = server.explain(prefix);
    return {
      text,
      candidates: view?.candidates.map((row) => ({ ...row, received_at: undefined })),
      exports: view?.exports.map(({ peer, reason, sent }) => [peer, reason, sent?.as_path]),
      sent: [...server.sent(prefix)],
    };
  });
}

test('after each change of the validated data, everything is as if that data had been there from the beginning', () => {
  const roll = dice(6811);
  for (let round = 0; round < 60; round++) {
    const routes = ['A', 'C', 'D'].flatMap((peer) =>
      prefixes
        .filter(() => roll.chance(0.6))
        .map((prefix) => [peer, prefix, [roll.below(3) + 1, roll.below(3) + 1]] as const),
    );
    const server = new OfflineServer(config);
    server.setValidated(randomData(roll));
    for (const [peer, prefix, path] of routes) announce(server, peer, prefix, [...path]);
    server.settle();
    for (let change = 0; change < 3; change++) {
      const data = randomData(roll);
      server.setValidated(data);
      server.settle();
      const fresh = new OfflineServer(config);
      fresh.setValidated(data);
      for (const [peer, prefix, path] of routes) announce(fresh, peer, prefix, [...path]);
      fresh.settle();
      expect(standing(server)).toEqual(standing(fresh));
    }
  }
});

describe('the reason of a route that a rule rejects', () => {
  it.each([
    ['rpki', ['10.0.0.0/8 AS2'], [], [1], 'rpki_invalid'],
    ['aspa', [], [{ customer: 1, providers: [3] }], [2, 1], 'aspa_invalid'],
    [
      'both: the first rule',
      ['10.0.0.0/8 AS2'],
      [{ customer: 1, providers: [3] }],
      [2, 1],
      'rpki_invalid',
    ],
  ])('names the validation if the rule matches invalid: %s', (_, vrps, aspas, path, reason) => {
    const server = new OfflineServer(config);
    server.setValidated({
      vrps: vrps.map((text) => vrpOf(text)).map(({ prefix, ...rest }) => ({ ...prefix, ...rest })),
      aspas,
    });
    announce(server, 'A', '10.0.0.0/8', path);
    server.settle();
    expect(server.explain(parsePrefix('10.0.0.0/8'))?.candidates).toMatchObject([{ reason }]);
  });

  it('is policy if the state that the rule matches is not invalid', () => {
    const server = new OfflineServer(config);
    announce(server, 'C', '10.0.0.0/8', [2, 1]);
    server.settle();
    expect(server.explain(parsePrefix('10.0.0.0/8'))?.candidates).toMatchObject([
      { reason: 'policy' },
    ]);
  });
});

it('paths that a limit has blocked are accepted in order of address when the data makes space', () => {
  const server = new OfflineServer(config);
  for (const bits of [8, 12, 16, 20, 24]) announce(server, 'B', `10.0.0.0/${bits}`, [2]);
  server.settle();
  const reasonOf = (prefix: string) => server.explain(parsePrefix(prefix))?.candidates[0].reason;
  expect(reasonOf('10.0.0.0/24')).toBe('limit_blocked');
  const { prefix, ...rest } = vrpOf('10.0.0.0/20 AS9');
  server.setValidated({ vrps: [{ ...prefix, ...rest }] });
  server.settle();
  expect(reasonOf('10.0.0.0/20')).toBe('rpki_invalid');
  expect(reasonOf('10.0.0.0/24')).toBe('rpki_invalid');
  const { prefix: other, ...more } = vrpOf('10.0.0.0/20-20 AS9');
  const narrow = { ...other, ...more };
  const { prefix: long, ...mine } = vrpOf('10.0.0.0/24 AS2');
  server.setValidated({ vrps: [narrow, { ...long, ...mine }] });
  server.settle();
  expect(reasonOf('10.0.0.0/24')).toBeUndefined();
});

it('explain shows the state of each path, and the VRPs that it follows from', () => {
  const server = new OfflineServer(config);
  const { prefix, ...rest } = vrpOf('10.0.0.0/8-16 AS1');
  server.setValidated({ vrps: [{ ...prefix, ...rest }] });
  announce(server, 'A', '10.0.0.0/16', [1]);
  announce(server, 'D', '10.0.0.0/16', [4]);
  server.settle();
  expect(server.explain(parsePrefix('10.0.0.0/16'))).toMatchObject({
    vrps: [{ prefix: '10.0.0.0/8', max_length: 16, asn: 1 }],
    candidates: [
      { peer: 'A', rpki: 'valid' },
      { peer: 'D', rpki: 'invalid' },
    ],
  });
});

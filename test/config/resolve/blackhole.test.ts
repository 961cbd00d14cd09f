import { describe, expect, it } from 'vitest';
import { warningsOf } from '#config/warnings.ts';
import { configOf, minimal, problemsOf } from '../files.ts';

const ruled = (set: string) => `policies: { p: [{ set: { ${set} }, then: accept }] }\n`;
const withPeer = (set: string, keys: string) =>
  minimal(`${ruled(set)}peers: [{ address: 192.0.2.1, peer_as: 65001, ${keys} }]\n`);
const both = 'blackhole: [192.0.2.66, "2001:db8:ffff::66"]';

const warned = (text: string) =>
  warningsOf(configOf(text))
    .map(({ line, message }) => `${line} ${message}`)
    .filter((message) => message.includes('blackhole'));

describe('set: { blackhole }', () => {
  it('has at most one address of each family', () => {
    const { policies, peers } = configOf(withPeer(both, 'export: p, blackhole: true'));
    expect(policies[0].rules[0].set.blackhole?.map(({ length }) => length)).toEqual([4, 16]);
    expect(peers[0].blackhole).toBe(true);
  });

  it.each([
    [both, 'import: p', /^4:\d+ import: set: { blackhole } depends on the peer/],
    [both, 'observer: true, blackhole: true', /^4:\d+ blackhole: nothing is sent to an observer/],
    ['blackhole: [192.0.2.66, 192.0.2.67]', '', /^3:\d+ blackhole: expected at most one address/],
    ['blackhole: 192.0.2.66, next_hop: 192.0.2.9', '', /^3:\d+ blackhole: writes the next hop/],
    ['blackhole: []', '', /^3:\d+ blackhole: expected an IPv4 or IPv6 address/],
    ['blackhole: 0.0.0.0', '', /^3:\d+ blackhole: .*cannot be a next hop/],
    ['blackhole: 224.0.0.1', '', /^3:\d+ blackhole: .*cannot be a next hop/],
    ['blackhole: "ff02::1"', '', /^3:\d+ blackhole: .*cannot be a next hop/],
    ['next_hop: 255.255.255.255', '', /^3:\d+ next_hop: .*cannot be a next hop/],
    ['blackhole: x', '', /^3:\d+ blackhole: /],
  ])('%s of a peer with %j is refused', (set, keys, problem) => {
    const problems = problemsOf(withPeer(set, keys === '' ? 'export: p' : keys));
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    [
      'a rule whose routes no client takes',
      withPeer(both, 'export: p'),
      [
        '3 blackhole: no peer has blackhole: true, so routes that match this rule are sent to no peer',
      ],
    ],
    [
      'a client for which no rule sets one',
      withPeer('med: 1', 'export: p, blackhole: true'),
      ['4 192.0.2.1: blackhole has no effect, because no rule of its export policies sets one'],
    ],
    [
      'a range for which no rule sets one',
      minimal(
        'peer_ranges: [{ range: 192.0.2.0/24, peer_as: 65001, export: all, blackhole: true }]\n',
      ),
      ['3 192.0.2.0/24: blackhole has no effect, because no rule of its export policies sets one'],
    ],
    ['nothing if there are both', withPeer(both, 'export: p, blackhole: true'), []],
  ])('warns of %s', (_, text, warnings) => {
    expect(warned(text)).toEqual(warnings);
  });
});

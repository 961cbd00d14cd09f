import { describe, expect, test } from 'vitest';
import { configOf, mainFile, minimal, problemsOf } from './files.ts';

const group = 'peer_groups: { g: { peer_as: 65001, import: p } }\n';

describe('include', () => {
  test('joins lists and maps of all files, sorted, relative to the main file', () => {
    const text = minimal(
      `include: [peers.d/*.yaml]\n${group}peers: [{ name: A, address: 1.1.1.1, group: g }]\n`,
    );
    const files = {
      '/etc/peers.d/2.yaml': 'peers: [{ name: C, address: 1.1.1.3, group: g }]\n',
      '/etc/peers.d/1.yaml':
        'peers: [{ name: B, address: 1.1.1.2, group: g }]\npolicies: { p: [] }\n',
      '/etc/peers.d/.3.yaml': 'this is: [not YAML',
      '/etc/peers.d/4.yaml~': 'peers: 5',
    };
    const config = configOf(text, files);
    expect(config.peers.map((peer) => peer.name)).toEqual(['A', 'B', 'C']);
    expect(config.files).toEqual([mainFile, '/etc/peers.d/1.yaml', '/etc/peers.d/2.yaml']);
    expect(config.peers[2].source).toEqual({ file: '/etc/peers.d/2.yaml', line: 1 });
    expect(config.policies.map((policy) => policy.name)).toEqual(['p']);
  });

  test.each([
    ['"none.d/*.yaml"', 'none.d/*.yaml: /etc/none.d cannot be read: no such file'],
    ['"peers.d/*.yml"', 'peers.d/*.yml matches no file; if that is acceptable, write {glob}'],
    ['gone.yaml', 'gone.yaml cannot be read: no such file; if that is acceptable, write {glob}'],
    ['"gone/*/peers.yaml"', 'gone/*/peers.yaml: /etc/gone cannot be read: no such file'],
    ['"fp*.yaml"', 'fp*.yaml matches only this file itself'],
  ])('refuses %s, which covers no file, because peers would be missing', (glob, message) => {
    const hint = `{ glob: ${glob.startsWith('"') ? glob : `"${glob}"`}, optional: true }`;
    const files = { '/etc/peers.d/1.yaml': '' };
    expect(problemsOf(minimal(`include: ${glob}\n`), files)).toEqual([
      `3:10 include: ${message.replace('{glob}', hint)}`,
    ]);
    expect(problemsOf(minimal(`include: [${hint}]\n`), files)).toEqual([]);
  });

  test('takes * in the names of folders too, and passes over files beside the folders', () => {
    const files = {
      '/etc/sites/a/peers.yaml': 'peers: [{ name: A, address: 1.1.1.1, peer_as: 1 }]\n',
      '/etc/sites/b/peers.yaml': 'peers: [{ name: B, address: 1.1.1.2, peer_as: 1 }]\n',
      '/etc/sites/b/other.yaml': 'no: [YAML',
      '/etc/sites/c/other.yaml': 'no: [YAML',
    };
    const config = configOf(minimal('include: sites/*/peers.yaml\n'), files);
    expect(config.peers.map((peer) => peer.name)).toEqual(['A', 'B']);
  });

  test('never includes the main file by a pattern that matches it', () => {
    const files = { '/etc/a.yaml': 'peers: [{ name: A, address: 1.1.1.1, peer_as: 1 }]\n' };
    const config = configOf(minimal('include: ["*.yaml"]\n'), files);
    expect(config.files).toEqual([mainFile, '/etc/a.yaml']);
  });

  test('refuses a key that only the main file may have, and lists those of an included file', () => {
    const files = { '/etc/more.yaml': 'router_id: 1.1.1.1\npers: []\n' };
    expect(problemsOf(minimal('include: more.yaml\n'), files)).toEqual([
      '/etc/more.yaml:1:1 router_id: unknown key; an included file has only policies, peer_groups, peers, peer_ranges and services',
      '/etc/more.yaml:2:1 pers: unknown key; did you mean peers?',
    ]);
  });

  test('names the file of a fault in an included file', () => {
    const text = minimal(
      'include: more.yaml\npeers: [{ name: A, address: 1.1.1.1, peer_as: 1 }]\n',
    );
    const more = [
      'local_as: 1',
      'peers:',
      '  - { name: A, address: 1.1.1.2, peer_as: 1, hold_tiem: 3 }',
      '  - { name: B, address: 1.1.1.1, peer_as: 1 }',
    ];
    expect(problemsOf(text, { '/etc/more.yaml': more.join('\n') })).toEqual([
      '/etc/more.yaml:1:1 local_as: unknown key; an included file has only policies, peer_groups, peers, peer_ranges and services',
      '/etc/more.yaml:3:13 name: A is already the name of the peer on line 4 of /etc/fp.yaml',
      '/etc/more.yaml:3:46 hold_tiem: unknown key; did you mean hold_time?',
      '/etc/more.yaml:4:25 address: 1.1.1.1 is also the address of the peer on line 4 of /etc/fp.yaml',
    ]);
  });

  test('reports a policy or group that two files define as a fault of the second', () => {
    const text = minimal('include: [a.yaml]\npolicies: { p: [] }\n');
    const files = { '/etc/a.yaml': '\npolicies: { q: [], p: [] }\n' };
    expect(problemsOf(text, files)).toEqual([
      '/etc/a.yaml:2:20 p: policies already has this name on line 4 of /etc/fp.yaml',
    ]);
  });

  test('does not miss what a file with a fault may have', () => {
    const text = minimal(
      'include: [a.yaml]\npeers: [{ address: 1.1.1.1, peer_as: 1, import: p, export: x }]\nsiblings: [RS4]\n',
    );
    const unread = '/etc/a.yaml:1:11 not YAML: no anchor with this name is defined above';
    expect(problemsOf(text, { '/etc/a.yaml': 'policies: *x\n' })).toEqual([unread]);
    expect(problemsOf(text, { '/etc/a.yaml': 'policies: { p: accept }\npeers: [5]\n' })).toEqual([
      '/etc/a.yaml:1:16 p: expected a list; got "accept"',
      '/etc/a.yaml:2:9 peers: expected a peer as { name: W1, address: … }; got 5',
      '4:60 export: there is no policy x',
    ]);
  });

  test('reports the syntax errors of all files together', () => {
    const text = minimal('include: [a.yaml, b.yaml]\n');
    const files = { '/etc/a.yaml': 'peers:\n\t- x\n', '/etc/b.yaml': 'peers: *x\n' };
    expect(problemsOf(text, files)).toEqual([
      '/etc/a.yaml:2:1 not YAML: a tab cannot indent; use spaces',
      '/etc/b.yaml:1:8 not YAML: no anchor with this name is defined above',
    ]);
  });
});

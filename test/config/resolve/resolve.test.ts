import { describe, expect, test } from 'vitest';
import type { Config, PeerConfig } from '#config/config.ts';
import { formatPrefixPattern } from '#text/prefix.ts';
import { configOf, mainFile, minimal, withPeer } from '../files.ts';

function peerOf(keys = ''): PeerConfig {
  return configOf(withPeer(keys)).peers[0];
}

describe('defaults', () => {
  test('of every key of a peer', () => {
    expect(peerOf()).toEqual({
      name: '192.0.2.1',
      address: Uint8Array.of(192, 0, 2, 1),
      addressText: '192.0.2.1',
      node: '192.0.2.1',
      peerAs: { kind: 'list', asns: [65001] },
      localAs: 65002,
      port: 179,
      passive: false,
      enabled: true,
      shadow: false,
      observer: false,
      observe: false,
      nextHops: [],
      sendGracefulShutdown: false,
      holdTimeSec: 90,
      minHoldTimeSec: 3,
      connectRetryMs: 5000,
      idleHoldMs: 5000,
      idleHoldMaxMs: 60_000,
      sendHoldTimeMs: 480_000,
      refreshStaleTimeMs: 600_000,
      gtsm: false,
      families: [0, 1],
      import: 'none',
      export: 'none',
      maxPrefix: [undefined, undefined],
      maxPrefixReceived: [undefined, undefined],
      missingMed: 'zero',
      acceptNextHop: 'peer',
      enforceFirstAs: true,
      allowAsSets: false,
      communities: 'pass',
      addPath: { receive: false, send: false },
      maxPathsPerPrefix: 8,
      maxAttributeBytes: 67_108_864,
      gracefulRestart: { kind: 'notify_only' },
      gracefulShutdown: 'honour',
      roleStrict: false,
      rsClient: true,
      blackhole: false,
      source: { file: mainFile, line: 4 },
    });
  });

  test('of every global key', () => {
    const { hash, ...config } = configOf(minimal());
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(config).toEqual({
      file: mainFile,
      files: [mainFile],
      asWritten: { router_id: '1.1.1.9', local_as: 65002 },
      routerId: 0x01010109,
      routerIdText: '1.1.1.9',
      localAs: 65002,
      listen: [
        { address: new Uint8Array(4), host: '0.0.0.0', port: 179, text: '0.0.0.0:179' },
        { address: new Uint8Array(16), host: '::', port: 179, text: '[::]:179' },
      ],
      http: {
        listen: [
          {
            address: Uint8Array.of(127, 0, 0, 1),
            host: '127.0.0.1',
            port: 9179,
            text: '127.0.0.1:9179',
          },
        ],
        hosts: [],
        tokens: [],
      },
      control: { socket: '/run/fingerpost/control.sock' },
      log: { level: 'info', format: 'auto' },
      policies: [],
      peers: [],
      peerRanges: [],
      services: [],
      readyMaxWaitMs: 90_000,
      startGate: { maxDelayMs: 10_000, eorGraceMs: 1000 },
      maxPaths: 10_000_000,
      history: { maxSizeBytes: 256 * 2 ** 20, maxAgeMs: 30 * 86_400_000 },
      announce: { fqdn: false, softwareVersion: false },
      bmp: [],
      decision: { med: 'same_as', tieBreak: 'router_id' },
      bfdBrake: { maxShare: 0.5, withinMs: 1000, atLeast: 3 },
      siblings: [],
      soleRouteServer: false,
      coherence: { debounceMs: 15_000, askedDebounceMs: 15_000, prefixes: 'services' },
    });
  });

  test('of limits: block for accepted, restart for received', () => {
    const peer = peerOf('max_prefix: { limit: 10 }, max_prefix_received: { limit: 20 }');
    expect(peer.maxPrefix[1]).toEqual({ limit: 10, action: 'block', restartAfterMs: 60_000 });
    expect(peer.maxPrefixReceived[0]).toEqual({
      limit: 20,
      action: 'restart',
      restartAfterMs: 60_000,
    });
  });

  test.each([
    ['max_prefix: { limit: 10 }', 1000],
    ['max_prefix: { limit: 2000, action: shutdown }', 20_000],
    ['max_prefix: { limit: 4294967295 }', 4_294_967_295],
    ['max_prefix: { ipv6_unicast: { limit: 10 } }', undefined],
    ['', undefined],
  ])('of received prefixes with %s: %s, and the session ends', (given, limit) => {
    const ends = { action: 'restart', restartAfterMs: 60_000, isDefault: true };
    const { maxPrefixReceived } = peerOf(given);
    expect(maxPrefixReceived[0]).toEqual(limit === undefined ? undefined : { limit, ...ends });
  });

  test('of an observer: a limit of what it may send, and no import', () => {
    const { maxPrefixReceived } = peerOf('observer: true');
    expect(maxPrefixReceived[1]).toMatchObject({
      limit: 100_000,
      action: 'restart',
      isDefault: true,
    });
  });

  test('of a probe', () => {
    const probe = '{ http: { path: /health } }';
    const text = minimal(`services: [{ name: web, prefix: "10.0.0.0/8", probe: ${probe} }]\n`);
    expect(configOf(text).services[0].probe).toEqual({
      kind: 'http',
      port: 80,
      path: '/health',
      expect: { min: 200, max: 399 },
      intervalMs: 2000,
      timeoutMs: 1000,
      fall: 3,
      rise: 2,
      holdDownMs: 30_000,
      onFail: 'report',
    });
  });

  test('of the debounce: never less than the longest hold time and 5 s', () => {
    const text = minimal('coherence: { debounce: 2s }\n');
    expect(configOf(text).coherence.debounceMs).toBe(5000);
    expect(
      configOf(withPeer('hold_time: 6').replace('peers:', 'coherence: { debounce: 2s }\npeers:'))
        .coherence.debounceMs,
    ).toBe(11_000);
  });

  test('of a service', () => {
    const text = minimal('services: [{ name: web, prefix: "10.0.0.0/8{32,32}" }]\n');
    expect(configOf(text).services[0]).toMatchObject({
      name: 'web',
      home: [],
      minHealthy: 1,
      brakeShare: 0.5,
      medBands: {
        up: { min: 0, max: 499 },
        disabled: { min: 500, max: 999 },
        down: { min: 1000, max: Number.POSITIVE_INFINITY },
      },
    });
  });
});

interface KeyRow {
  readonly given: string;
  readonly want: Partial<PeerConfig>;
}

const keys: readonly KeyRow[] = [
  { given: 'name: W1', want: { name: 'W1', node: 'W1' } },
  { given: 'name: W1, node: w1', want: { name: 'W1', node: 'w1' } },
  { given: 'site: dc1, rack: a', want: { site: 'dc1', rack: 'a' } },
  { given: 'description: "the first"', want: { description: 'the first' } },
  { given: 'port: 1179', want: { port: 1179 } },
  { given: 'local_as: 65009', want: { localAs: 65009 } },
  { given: 'local_address: 192.0.2.9', want: { localAddress: Uint8Array.of(192, 0, 2, 9) } },
  { given: 'passive: true', want: { passive: true } },
  { given: 'enabled: false', want: { enabled: false } },
  { given: 'hold_time: 6', want: { holdTimeSec: 6, sendHoldTimeMs: 480_000 } },
  { given: 'hold_time: 10m', want: { holdTimeSec: 600, sendHoldTimeMs: 1_200_000 } },
  { given: 'hold_time: 0, min_hold_time: 0', want: { holdTimeSec: 0, minHoldTimeSec: 0 } },
  { given: 'keepalive: 1', want: { keepaliveSec: 1 } },
  { given: 'connect_retry: 500ms', want: { connectRetryMs: 500 } },
  { given: 'idle_hold: 2m', want: { idleHoldMs: 120_000, idleHoldMaxMs: 120_000 } },
  { given: 'send_hold_time: 0', want: { sendHoldTimeMs: 0 } },
  { given: 'multihop: 10', want: { multihop: 10 } },
  { given: 'gtsm: true', want: { gtsm: true } },
  { given: 'families: [ipv6_unicast]', want: { families: [1] } },
  { given: 'families: [ipv6_unicast, ipv4_unicast]', want: { families: [0, 1] } },
  { given: 'import: all, export: all', want: { import: 'all', export: 'all' } },
  { given: 'med: { missing: reject }', want: { missingMed: 'reject' } },
  { given: 'med: { missing: 1000 }', want: { missingMed: 1000 } },
  { given: 'accept_next_hop: any', want: { acceptNextHop: 'any' } },
  { given: 'enforce_first_as: false', want: { enforceFirstAs: false } },
  { given: 'allow_as_sets: true', want: { allowAsSets: true } },
  { given: 'communities: interpret_well_known', want: { communities: 'interpret_well_known' } },
  { given: 'rs_client: false', want: { rsClient: false } },
];

describe('keys of a peer', () => {
  test.each(keys)('$given', ({ given, want }) => {
    expect(peerOf(given)).toMatchObject(want);
  });

  test.each([
    ['any', { kind: 'any' }],
    ['[1, 4200000000]', { kind: 'list', asns: [1, 4_200_000_000] }],
  ])('peer_as: %s', (given, want) => {
    const text = minimal(`peers: [{ address: 192.0.2.1, peer_as: ${given} }]\n`);
    expect(configOf(text).peers[0].peerAs).toEqual(want);
  });

  test('an address is kept as bytes and in its canonical form', () => {
    const text = minimal('peers: [{ address: "2001:DB8:0:0::1", peer_as: 1 }]\n');
    const { name, addressText, address } = configOf(text).peers[0];
    expect([name, addressText, address.length]).toEqual(['2001:db8::1', '2001:db8::1', 16]);
  });

  test('a limit for each family', () => {
    const { maxPrefix } = peerOf('max_prefix: { ipv6_unicast: { limit: 5, restart_after: 2m } }');
    expect(maxPrefix).toEqual([undefined, { limit: 5, action: 'block', restartAfterMs: 120_000 }]);
  });

  test('accept_next_hop means every address in a network', () => {
    const { acceptNextHop } = peerOf('accept_next_hop: [192.0.2.0/24, "2001:db8::/32"]');
    expect(acceptNextHop === 'peer' || acceptNextHop === 'any' ? [] : acceptNextHop).toMatchObject([
      { lengthBits: 24, minBits: 24, maxBits: 32 },
      { lengthBits: 32, minBits: 32, maxBits: 128 },
    ]);
  });
});

describe('inheritance', () => {
  const text = minimal(`
peer_groups:
  nodes:
    peer_as: 65001
    hold_time: 6
    max_prefix: { limit: 10, action: restart }
    med: { missing: reject }
    password: of-the-group
peers:
  - { name: W1, address: 192.0.2.1, group: nodes }
  - { name: W2, address: 192.0.2.2, group: nodes, hold_time: 9, max_prefix: { limit: 20 }, med: {} }
  - { name: W3, address: 192.0.2.3, group: nodes, password_env: KEY }
`);
  const { peers } = configOf(text, {}, { KEY: 'of-the-peer' });

  test('a peer has the keys of its group', () => {
    expect(peers[0]).toMatchObject({ group: 'nodes', holdTimeSec: 6, missingMed: 'reject' });
    expect(peers[0].maxPrefix[0]).toMatchObject({ limit: 10, action: 'restart' });
    expect(peers[0].password?.reveal()).toBe('of-the-group');
  });

  test('a key of the peer replaces that of the group as a whole', () => {
    expect(peers[1]).toMatchObject({ holdTimeSec: 9, missingMed: 'zero' });
    expect(peers[1].maxPrefix[0]).toMatchObject({ limit: 20, action: 'block' });
  });

  test('another kind of password replaces that of the group', () => {
    expect(peers[2].password?.reveal()).toBe('of-the-peer');
  });
});

describe('policies', () => {
  const text = minimal(`
policies:
  first:
    - name: all of it
      match:
        prefix: "2001:db8::/32{48,64}"
        next_hop: [192.0.2.0/24+]
        peer: W1
        peer_as: 65001
        as_path: [1, 2.0, "64512-65534"]
        origin_as: 4200000000-
        as_path_length: "1-5"
        med: [100, "0-499", "1000-"]
        community: ["65000:1", "65000:*"]
        large_community: "1:2:*"
        ext_community: rt:65000:1
      set:
        med: +10
        local_pref: 200
        add_communities: ["65000:2", "1:2:3"]
        remove_communities: "65000:*"
        prepend: [65001, 65001]
        next_hop: 192.0.2.7
      then: accept
  second:
    - set: { med: -10 }
    - set: { med: 100 }
      then: reject
peers:
  - { name: W1, address: 192.0.2.1, peer_as: 65001, import: [first, second], export: second }
`);
  const config = configOf(text);

  test('every key of a rule', () => {
    const [rule] = config.policies[0].rules;
    expect(rule).toMatchObject({
      name: 'all of it',
      match: {
        peer: ['W1'],
        peerAs: [65001],
        asPath: [
          { min: 1, max: 1 },
          { min: 131_072, max: 131_072 },
          { min: 64_512, max: 65_534 },
        ],
        originAs: [{ min: 4_200_000_000, max: 4_294_967_295 }],
        asPathLength: [{ min: 1, max: 5 }],
        med: [
          { min: 100, max: 100 },
          { min: 0, max: 499 },
          { min: 1000, max: Number.POSITIVE_INFINITY },
        ],
        community: [
          [65000, 1],
          [65000, undefined],
        ],
        largeCommunity: [[1, 2, undefined]],
        extCommunity: [{ type: 0, subtype: 2, value: [65000, 1] }],
      },
      set: {
        med: { kind: 'add', value: 10 },
        localPref: 200,
        addCommunities: [
          { kind: 'standard', pattern: [65000, 2] },
          { kind: 'large', pattern: [1, 2, 3] },
        ],
        removeCommunities: [{ kind: 'standard', pattern: [65000, undefined] }],
        prepend: [65001, 65001],
        nextHop: Uint8Array.of(192, 0, 2, 7),
      },
      then: 'accept',
      source: { file: mainFile, line: 6 },
    });
    expect([...(rule.match.prefix ?? [])].map(formatPrefixPattern)).toEqual([
      '2001:db8::/32{48,64}',
    ]);
    expect(rule.match.nextHop?.map(formatPrefixPattern)).toEqual(['192.0.2.0/24+']);
  });

  test('a sign changes MED, none sets it; next is the default', () => {
    expect(config.policies[1].rules.map(({ set, then }) => [set.med, then])).toEqual([
      [{ kind: 'add', value: -10 }, 'next'],
      [{ kind: 'set', value: 100 }, 'reject'],
    ]);
  });

  test('peers share the policies that they name', () => {
    const [peer] = config.peers;
    expect(peer.import).toEqual(config.policies);
    expect(peer.export[0]).toBe(config.policies[1]);
  });
});

describe('paths and secrets from outside', () => {
  test('relative paths start at the folder of the file', () => {
    const config = configOf(minimal('state_dir: state\ncontrol: { socket: run/c.sock }\n'));
    expect([config.stateDir, config.control.socket]).toEqual(['/etc/state', '/etc/run/c.sock']);
  });

  test('the token and a password are the first line of their files', () => {
    const text = withPeer('password_file: md5').replace(
      'peers:',
      'http: { token_file: /t }\npeers:',
    );
    const config = configOf(text, { '/t': 'token\r\nmore', '/etc/md5': 'key\n' });
    const [token] = config.http.tokens;
    expect([token.name, token.secret.reveal(), token.may]).toEqual([
      'token_file',
      'token',
      ['all'],
    ]);
    expect(config.peers[0].password?.reveal()).toBe('key');
  });
});

describe('the hash', () => {
  test('is the same for the same meaning', () => {
    const a = minimal('log: { level: info }\n# words\n');
    const b = 'local_as: 65002\nlog: {}\n\nrouter_id: 1.1.1.9\n';
    expect(hashOf(a)).toBe(hashOf(b));
  });

  test('does not see lines, files or the order of policies', () => {
    const rule = '[{ then: accept }]';
    const a = minimal(`policies:\n  a: ${rule}\n  b: []\n`);
    const b = minimal(`policies:\n  b: []\n\n\n  a: ${rule}\n`);
    expect(hashOf(a)).toBe(hashOf(b));
  });

  test('sees every value, and of a secret only that there is one', () => {
    expect(hashOf(withPeer('hold_time: 6'))).not.toBe(hashOf(withPeer('hold_time: 7')));
    expect(hashOf(withPeer('password: a'))).not.toBe(hashOf(withPeer('')));
    expect(hashOf(withPeer('password: a'))).toBe(hashOf(withPeer('password: b')));
  });
});

function hashOf(text: string): Config['hash'] {
  return configOf(text).hash;
}

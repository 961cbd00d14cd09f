/** A BGP speaker to be recorded at 10.0.0.4 (2001:db8:1::4), its peer being 10.0.0.1, AS 65003. */
export interface Speaker {
  readonly name: string;
  readonly from: string;
  /** It connects to us, port 1179, instead of we to it. */
  readonly dials?: boolean;
  /** We send no 4-octet AS capability. */
  readonly twoOctet?: boolean;
  /** By `Family`: it sends path identifiers, since we say that we receive them for both. */
  readonly addPath?: readonly boolean[];
  readonly extendedNextHopIpv4?: boolean;
  /** Beside Multiprotocol and Route Refresh. */
  readonly capabilities?: readonly (readonly [number, readonly number[]])[];
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  config(folder: string): string;
  start(folder: string): readonly [string, ...string[]];
  /** Commands, some seconds between the steps. */
  steps(folder: string): readonly (readonly (readonly string[])[])[];
}

const enhancedRefresh = [70, []] as const;
const extendedMessage = [6, []] as const;
const addPathReceiveBoth = [69, [0, 1, 1, 1, 0, 2, 1, 1]] as const;
const extendedNextHop = [5, [0, 1, 0, 1, 0, 2]] as const;

const wideAs = 4_200_000_001;

function bird(name: string, more: Partial<Speaker>, as: number, channel: string): Speaker {
  return {
    name,
    from: 'BIRD 2.0.12',
    ...more,
    config: () => `
log stderr all;
router id 1.1.1.4;
protocol device { }
protocol static four { ipv4; route 198.51.100.0/24 blackhole; route 203.0.113.128/25 blackhole; }
protocol static six { ipv6; route 2001:db8:30::3/128 blackhole; route 2001:db8:31::/48 blackhole; }
filter tagged {
  bgp_path.prepend(65099);
  bgp_med = 100;
  bgp_community.add((65000, 1)); bgp_community.add((65535, 65281));
  bgp_ext_community.add((rt, 65000, 7)); bgp_ext_community.add((ro, 10.0.0.9, 8));
  bgp_large_community.add((65000, 1, 2)); bgp_large_community.add((${wideAs}, 3, 4));
  accept;
}
protocol bgp session {
  local 10.0.0.4 as ${as}; neighbor 10.0.0.1 as 65003; multihop 4; passive;
  ipv4 { import all; export filter tagged; next hop address 192.0.2.4; ${channel} };
  ipv6 { import all; export filter tagged; next hop address 2001:db8:1::4; };
}
`,
    start: (folder) => ['bird', '-f', '-c', `${folder}/config`, '-s', `${folder}/ctl`],
    steps: (folder) => [
      [['birdc', '-s', `${folder}/ctl`, 'reload', 'out', 'session']],
      [['birdc', '-s', `${folder}/ctl`, 'disable', 'four']],
      [['birdc', '-s', `${folder}/ctl`, 'disable', 'six']],
      [['birdc', '-s', `${folder}/ctl`, 'disable', 'session', '"maintenance until noon"']],
    ],
  };
}

function frr(name: string, more: Partial<Speaker>, as: number): Speaker {
  return {
    name,
    from: 'FRR 8.4.4',
    ...more,
    config: () => `
hostname rs5
router bgp ${as}
 bgp router-id 1.1.1.5
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.0.0.1 remote-as 65003
 neighbor 10.0.0.1 update-source 10.0.0.4
 neighbor 10.0.0.1 ebgp-multihop 4
 neighbor 10.0.0.1 passive
 neighbor 10.0.0.1 timers 5 15
 neighbor 10.0.0.1 capability dynamic
 address-family ipv4 unicast
  network 198.51.100.0/24
  network 203.0.113.128/25
  aggregate-address 198.51.0.0/16
  neighbor 10.0.0.1 addpath-tx-all-paths
  neighbor 10.0.0.1 route-map OUT out
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:30::3/128
  network 2001:db8:30::2/128
  network 2001:db8:31::/48
  neighbor 10.0.0.1 activate
  neighbor 10.0.0.1 route-map OUT out
 exit-address-family
route-map OUT permit 10
 set metric 100
 set community 65000:1 no-export
 set extcommunity rt 65000:7
 set large-community 65000:1:2 ${wideAs}:3:4
 set as-path prepend 65099 ${wideAs}
 set ip next-hop 192.0.2.5
 set ipv6 next-hop global 2001:db8:8::5
line vty
`,
    start: (folder) => [
      '/usr/lib/frr/bgpd',
      '-f',
      `${folder}/config`,
      '-i',
      `${folder}/pid`,
      '--vty_socket',
      folder,
      '--no_zebra',
      '--no_kernel',
      '--skip_runas',
      '-P',
      '0',
      '--log',
      'stdout',
    ],
    steps: (folder) => [
      [['sleep', '2']],
      [
        vtysh(
          folder,
          `router bgp ${as}`,
          'address-family ipv6 unicast',
          'no network 2001:db8:30::3/128',
          'no network 2001:db8:30::2/128',
        ),
        vtysh(
          folder,
          `router bgp ${as}`,
          'address-family ipv4 unicast',
          'no network 198.51.100.0/24',
        ),
      ],
      [
        vtysh(
          folder,
          `router bgp ${as}`,
          'neighbor 10.0.0.1 shutdown message Wartung bis zwölf Uhr',
        ),
      ],
    ],
  };
}

function vtysh(folder: string, ...lines: readonly string[]): readonly string[] {
  const commands = ['configure terminal', ...lines].flatMap((line) => ['-c', line]);
  return ['vtysh', '--vty_socket', folder, '-d', 'bgpd', ...commands];
}

const exabgp: Speaker = {
  name: 'exabgp',
  from: 'ExaBGP 4.2.21',
  dials: true,
  environment: {
    exabgp_daemon_user: 'root',
    exabgp_tcp_port: '1179',
    exabgp_api_cli: 'false',
  },
  files: {
    announce: `#!/bin/sh
sleep 2
echo 'announce route 2001:db8:30::1/128 next-hop 2001:db8:6::11 med 102'
echo 'announce route 198.51.100.1/32 next-hop 10.0.0.4 med 100 community [65000:1 no-export] large-community [65000:1:2] extended-community [target:65000:7]'
echo 'announce route 198.51.100.2/32 next-hop 10.0.0.4 as-path [65001 65099 [65098 65097]] aggregator (65098:10.0.0.9) atomic-aggregate origin incomplete'
echo 'announce route 198.51.100.3/32 next-hop 10.0.0.4 attribute [0x63 0xc0 0x0102ff]'
sleep 2
echo withdraw route 2001:db8:30::1/128 next-hop 2001:db8:6::11 med 102
echo withdraw route 198.51.100.1/32 next-hop 10.0.0.4
sleep 2
echo shutdown
sleep 9
`,
  },
  config: (folder) => `
process announce { run ${folder}/announce; encoder text; }
neighbor 10.0.0.1 {
  router-id 1.1.1.11; local-address 10.0.0.4; local-as 65001; peer-as 65003;
  api { processes [ announce ]; }
  static { route 2001:db8:30::3/128 next-hop 2001:db8:6::11 med 100; }
}
`,
  start: (folder) => ['exabgp', `${folder}/config`],
  steps: () => [[], [], [['sleep', '3']]],
};

const gobgp: Speaker = {
  name: 'gobgp',
  from: 'GoBGP 3.10.0',
  config: () => `
[global.config]
  as = 65002
  router-id = "1.1.1.6"
  local-address-list = ["10.0.0.4"]
[[neighbors]]
  [neighbors.config]
    neighbor-address = "10.0.0.1"
    peer-as = 65003
  [neighbors.transport.config]
    passive-mode = true
    local-address = "10.0.0.4"
  [neighbors.ebgp-multihop.config]
    enabled = true
    multihop-ttl = 4
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
`,
  start: (folder) => [
    'gobgpd',
    '-t',
    'toml',
    '-f',
    `${folder}/config`,
    '--pprof-disable',
    '--api-hosts',
    '127.0.0.1:50051',
  ],
  steps: () => [
    [
      gobgpRib(
        'add',
        '198.51.100.0/24',
        'nexthop',
        '192.0.2.6',
        'med',
        '10',
        'community',
        '65000:1',
      ),
      gobgpRib('add', '203.0.113.0/24', 'nexthop', '192.0.2.6', 'aspath', '65098,4200000001'),
      [
        'gobgp',
        'global',
        'rib',
        'add',
        '-a',
        'ipv6',
        '2001:db8:30::1/128',
        'nexthop',
        '2001:db8:1::4',
      ],
    ],
    [
      gobgpRib('del', '198.51.100.0/24'),
      ['gobgp', 'global', 'rib', 'del', '-a', 'ipv6', '2001:db8:30::1/128'],
    ],
    [['gobgp', 'neighbor', '10.0.0.1', 'shutdown']],
  ],
};

function gobgpRib(...words: readonly string[]): readonly string[] {
  return ['gobgp', 'global', 'rib', words[0], '-a', 'ipv4', ...words.slice(1)];
}

const openbgpd: Speaker = {
  name: 'openbgpd',
  from: 'OpenBGPD 7.7',
  config: (folder) => `
AS 65002
router-id 1.1.1.7
socket "${folder}/ctl"
listen on 10.0.0.4
fib-update no
nexthop qualify via default
network 198.51.100.0/24 set { metric 100 community 65000:1 }
network 203.0.113.0/24 set { large-community 65000:1:2 ext-community rt 65000:7 prepend-self 2 }
network 2001:db8:30::1/128 set { metric 100 nexthop 2001:db8:1::4 }
neighbor 10.0.0.1 {
  remote-as 65003
  local-address 10.0.0.4
  multihop 4
  passive
  announce IPv4 unicast
  announce IPv6 unicast
}
allow from any
allow to any
`,
  start: (folder) => ['/usr/sbin/bgpd', '-d', '-f', `${folder}/config`],
  steps: (folder) => [
    [['bgpctl', '-s', `${folder}/ctl`, 'network', 'add', '198.51.101.0/24']],
    [['bgpctl', '-s', `${folder}/ctl`, 'network', 'delete', '198.51.101.0/24']],
    [['bgpctl', '-s', `${folder}/ctl`, 'neighbor', '10.0.0.1', 'down', 'until noon']],
  ],
};

const everything = [enhancedRefresh, extendedMessage];

export const speakers: readonly Speaker[] = [
  exabgp,
  bird('bird', { capabilities: everything }, 65002, ''),
  bird('bird 2-octet', { twoOctet: true }, wideAs, ''),
  bird(
    'bird add-path, extended next hop',
    {
      capabilities: [addPathReceiveBoth, extendedNextHop],
      addPath: [true, false],
      extendedNextHopIpv4: true,
    },
    65002,
    'add paths tx; extended next hop; next hop address 2001:db8:1::4;',
  ),
  frr('frr', { capabilities: everything }, 65002),
  frr('frr 2-octet', { twoOctet: true }, wideAs),
  frr('frr add-path', { capabilities: [addPathReceiveBoth], addPath: [true, true] }, 65002),
  gobgp,
  openbgpd,
];

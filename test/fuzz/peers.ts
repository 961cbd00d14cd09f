import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  ipv6UnicastCapability,
  type OpenFields,
  routeRefreshCapability,
} from '#support/raw-message.ts';
import type { RestartRules } from './expected-restart.ts';

/** The peers that take part in the fuzzing, and how the daemon is configured for each. */
export interface FuzzPeerPlan {
  readonly name: string;
  /** Keys of the configuration. */
  readonly keys: string;
  /** Honest peers send this OPEN and keep their session for ever, and nothing may affect it. */
  readonly open?: OpenFields;
  /** It is sent routes, and what it holds is compared. */
  readonly isRouter?: boolean;
  /** Its routes outlive its sessions, as `keys` say. */
  readonly restart?: RestartRules;
  /** It has no entry of its own in the configuration: its connection creates it, and its name is its address. */
  readonly address?: Uint8Array;
}

const both = [ipv4UnicastCapability, ipv6UnicastCapability, routeRefreshCapability] as const;
const enhancedRefresh = [70, []] as const;
const extendedMessage = [6, []] as const;
const extendedNextHop = [5, [0, 1, 0, 1, 0, 2]] as const;
const sendsPaths = [69, [0, 1, 1, 2, 0, 2, 1, 2]] as const;
const receivesPaths = [69, [0, 1, 1, 1, 0, 2, 1, 1]] as const;

const lenient = 'import: all, accept_next_hop: any, enforce_first_as: false, allow_as_sets: true';

export const peerPlans: readonly FuzzPeerPlan[] = [
  {
    name: 'N1',
    keys: `address: 10.0.0.1, peer_as: 65001, ${lenient}, add_path: receive, max_paths_per_prefix: 2`,
    open: openOf(65001, '10.0.0.1', [...both, sendsPaths, fourOctetAsCapability(65001)]),
  },
  {
    name: 'N2',
    keys: 'address: "2001:db8:6::1", peer_as: 65001, import: some, export: all',
    open: openOf(65001, '10.0.0.2', [...both, extendedNextHop, fourOctetAsCapability(65001)]),
  },
  {
    name: 'R1',
    keys: 'address: 10.0.1.1, peer_as: 65003, export: all',
    open: openOf(65003, '10.0.1.1', [...both, enhancedRefresh, fourOctetAsCapability(65003)]),
    isRouter: true,
  },
  {
    name: 'R2',
    keys: 'address: 10.0.1.2, peer_as: 65004, export: holes, blackhole: true, communities: interpret_well_known',
    open: openOf(65004, '10.0.1.2', both),
    isRouter: true,
  },
  {
    name: 'R3',
    keys: 'address: "2001:db8:1::3", peer_as: 65005, export: all, add_path: send',
    open: openOf(65005, '10.0.1.3', [
      ...both,
      enhancedRefresh,
      extendedMessage,
      extendedNextHop,
      receivesPaths,
      fourOctetAsCapability(65005),
    ]),
    isRouter: true,
  },
  { name: 'H1', keys: `address: 10.0.0.9, peer_as: any, ${lenient}, export: all` },
  {
    name: 'H2',
    keys: 'address: "2001:db8:6::9", peer_as: [65001, 65003], import: some, export: some, rs_client: false',
  },
  {
    name: 'H3',
    keys: `address: "2001:db8:6::2", peer_as: any, ${lenient}, add_path: both, max_paths_per_prefix: 2, export: all`,
  },
  {
    name: 'H4',
    keys: `address: 10.0.0.2, peer_as: any, ${lenient}, max_prefix: { limit: 6, action: restart }`,
  },
  {
    name: 'H5',
    keys: `address: 10.0.0.4, peer_as: any, ${lenient}, families: [ipv6_unicast], med: { missing: reject }, role: rs, export: all`,
  },
  {
    name: 'H6',
    keys: `address: 10.0.0.5, peer_as: any, ${lenient}, graceful_restart: off, max_prefix: { limit: 4, action: block }, max_prefix_received: { limit: 40, action: warning }`,
  },
  {
    name: 'G1',
    keys: `address: 10.0.0.21, peer_as: any, ${lenient}, export: all, graceful_restart: { helper: true, restarter: false, restart_time: 2s, long_lived: 7s, eor_grace: 1s }`,
    restart: { restartMs: 2_000, longLivedMs: 7_000, eorGraceMs: 1_000 },
  },
  {
    name: 'G2',
    keys: `address: "2001:db8:6::22", peer_as: any, ${lenient}, add_path: both, graceful_restart: { helper: true, restarter: true, restart_time: 4s, eor_grace: 1s }`,
    restart: { restartMs: 4_000, longLivedMs: 0, eorGraceMs: 1_000 },
  },
  ...[1, 2, 3, 4].map((host) => ({
    name: `10.0.2.${host}`,
    keys: '',
    address: Uint8Array.of(10, 0, 2, host),
    restart: { restartMs: 3_000, longLivedMs: 0, eorGraceMs: 1_000 },
  })),
];

/** An address of the range from which peers without an entry of their own connect. */
export const maxRangePeers = 2;
const rangeKeys = `range: 10.0.2.0/24, max_peers: ${maxRangePeers}, peer_as: any, ${lenient}, export: all, graceful_restart: { helper: true, restarter: false, restart_time: 3s, eor_grace: 1s }`;

/** Returns YAML; the caller adds `listen` and whatever else comes first. */
export function configText(head: string, plans: readonly FuzzPeerPlan[]): string {
  const peers = plans
    .filter(({ address }) => address === undefined)
    .map(({ name, keys }) => `  - { name: ${name}, passive: true, ${keys} }`);
  return `router_id: 9.9.9.9
local_as: 65002
start_gate: 0
${head}
policies:
  some:
    - { match: { prefix: "10.0.0.0/8{9,24}" }, set: { med: +10 }, then: accept }
    - { match: { community: "65000:1" }, set: { local_pref: 200, add_communities: ["65002:7"] }, then: next }
    - { match: { as_path: [64512] }, then: reject }
    - { match: { prefix: ["2001:db8:30::/64{128,128}", "192.0.2.0/24+", "::/0"] }, then: accept }
  holes:
    - { match: { community: "65000:1" }, set: { blackhole: 192.0.2.66 }, then: accept }
    - { then: accept }
peers:
${peers.join('\n')}
peer_ranges:
  - { ${rangeKeys} }
`;
}

/** The same peers with other policies; nothing that an OPEN carries changes. */
export function otherPolicies(plans: readonly FuzzPeerPlan[]): FuzzPeerPlan[] {
  const others: Readonly<Record<string, readonly [string, string]>> = {
    N1: ['import: all', 'import: some'],
    R1: ['export: all', 'export: some'],
    R2: ['blackhole: true', 'blackhole: false'],
    H1: ['import: all', 'import: some'],
    H2: ['import: some', 'import: all, med: { missing: 7 }'],
    H3: ['accept_next_hop: any', 'accept_next_hop: ["10.0.0.0/24", "2001:db8::/32"]'],
    G1: ['import: all', 'import: some'],
    H5: ['missing: reject', 'missing: zero'],
  };
  return plans.map((plan) => {
    const [from, to] = others[plan.name] ?? ['', ''];
    return { ...plan, keys: plan.keys.replace(from, to) };
  });
}

function openOf(
  as: number,
  routerId: string,
  capabilities: OpenFields['capabilities'],
): OpenFields {
  return { as, holdTimeSec: 90, routerId, capabilities };
}

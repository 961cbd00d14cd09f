import type { ConfigProblem } from '#api/problem.ts';
import type { PrefixPattern } from '#policy/patterns.ts';
import type { Policy, PolicyChoice, Rule } from '#policy/policy.ts';
import type { RuleSource } from '#policy/verdict.ts';
import { formatAddress, isLinkLocal, isLoopback, parseAddress } from '#text/address.ts';
import { parsePrefix } from '#text/prefix.ts';
import { families, type FamilyRow } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Config, PeerConfig, PeerRangeConfig, SessionConfig } from './config.ts';
import { isWithin } from './peer-range.ts';
import { bfdWarnings } from './warnings/bfd-warnings.ts';
import { blackholeWarnings } from './warnings/blackhole-warnings.ts';
import { restartWarnings } from './warnings/restart-warnings.ts';
import { rpkiWarnings } from './warnings/rpki-warnings.ts';
import { serviceWarnings } from './warnings/service-warnings.ts';
import { withoutEffect } from './without-effect.ts';

/**
 * Returns warnings of settings that are allowed and probably not intended; `check` prints them. `networks` are
 * those of our interfaces as CIDR text (`2001:db8:1::9/64`); without them there is no warning about TTLs.
 */
export function warningsOf(config: Config, networks?: readonly string[]): ConfigProblem[] {
  return [...warningLists(config, networks)].flat();
}

/**
 * Yields the same in short steps: the warnings, if any, of the settings that apply to all, of a policy, of a service or of a
 * peer.
 */
export function* warningLists(
  config: Config,
  networks?: readonly string[],
): Generator<readonly ConfigProblem[]> {
  yield warningsForAll(config);
  for (const policy of config.policies) yield policyWarnings(policy);
  yield* serviceWarnings(config);
  const connected = networks?.map((network) => parsePrefix(network, 'mask'));
  const own = new Set(networks?.map((network) => canonical(network.split('/')[0])));
  for (const peer of config.peers) {
    yield peerWarnings(config, peer);
    if (connected === undefined) continue;
    yield ttlWarnings(peer, connected);
    yield ownAddressWarnings(peer, own);
    yield localAddressWarnings(peer, own);
  }
  for (const range of config.peerRanges) yield rangeWarnings(config, range);
}

function warningsForAll(config: Config): ConfigProblem[] {
  const top: RuleSource = { file: config.file, line: 1 };
  return [
    ...withoutEffect(config).map((key) =>
      at(top, `${key}: accepted, but has no effect without state_dir`),
    ),
    ...(config.stateDir === undefined ? [at(top, forgets)] : []),
    ...tokenWarnings(config).map((message) => at(top, message)),
    ...bfdWarnings(config),
    ...rpkiWarnings(config),
    ...blackholeWarnings(config),
  ];
}

const forgets =
  'no state_dir: after a restart the daemon does not know which peers were up before, and reports that it is ' +
  'ready before they are back';

/** A token that crosses a network unencrypted can be read and used by others. */
function tokenWarnings({ http }: Config): string[] {
  const { tokens, listen, externalUrl } = http;
  if (tokens.length === 0) return [];
  const open = listen.filter(({ address }) => !isLoopback(address)).map(({ text }) => text);
  const isPlain = externalUrl?.startsWith('http:') === true;
  return [
    ...(open.length === 0
      ? []
      : [
          `http: tokens pass the network unencrypted, because ${open.join(' and ')} can be reached from other machines; ` +
            'listen on 127.0.0.1 behind a proxy that speaks TLS',
        ]),
    ...(isPlain
      ? [
          'http: tokens pass the network unencrypted, because external_url begins with http:; use https:',
        ]
      : []),
  ];
}

function at({ file, line }: RuleSource, message: string): ConfigProblem {
  return { file, line, column: 1, message };
}

function policyWarnings(policy: Policy): ConfigProblem[] {
  const { name, rules } = policy;
  const last = rules.findIndex((rule) => isForAll(rule) && rule.then !== 'next');
  const dead = last < 0 ? [] : rules.slice(last + 1);
  const idle = rules.filter((rule) => rule.then === 'next' && Object.keys(rule.set).length === 0);
  return [
    ...dead.map((rule) =>
      at(
        rule.source,
        `${name}: never reached, because the rule on line ${rules[last].source.line} already decides about every route`,
      ),
    ),
    ...idle.map((rule) =>
      at(
        rule.source,
        `${name}: this rule has no effect, because it sets nothing and decides nothing`,
      ),
    ),
  ];
}

function isForAll(rule: Rule): boolean {
  return Object.keys(rule.match).length === 0;
}

interface PeerWarning {
  readonly isSo: (peer: PeerConfig, config: Config) => boolean;
  readonly message: (peer: PeerConfig) => string;
}

const peerRows: readonly PeerWarning[] = [
  {
    isSo: (peer) => peer.import === 'none' && peer.export === 'none' && !peer.observer,
    message: () => 'import and export are none: no routes are accepted or advertised (RFC 8212)',
  },
  {
    isSo: (peer) => peer.holdTimeSec === 0,
    message: () =>
      'hold_time 0: the routes of a peer that dies without closing its session are never removed',
  },
  {
    isSo: ({ maxPrefix, maxPrefixReceived }) =>
      maxPrefix.some((limit, family) => {
        const received = maxPrefixReceived[family];
        const isFinal = received !== undefined && received.action !== 'warning';
        return isFinal && limit !== undefined && received.limit < limit.limit;
      }),
    message: () => 'max_prefix can never be reached, because max_prefix_received is lower',
  },
  {
    isSo: hasNoLimit,
    message: () => noLimit,
  },
  {
    isSo: (peer, config) => peer.passive && !isListening(peer, config),
    message: ({ addressText }) =>
      `passive, but no listen address has the address family of ${addressText}: the peer can never connect`,
  },
];

const noLimit =
  'neither max_prefix nor max_prefix_received: the number of routes that the peer may send is not limited';

/** Returns whether a peer that is asked for routes has no limit. */
function hasNoLimit({ import: choice, families: all, ...peer }: SessionConfig): boolean {
  const isLimited = all.every((family) => peer.maxPrefixReceived[family] !== undefined);
  return choice !== 'none' && !isLimited;
}

function peerWarnings(config: Config, peer: PeerConfig): ConfigProblem[] {
  const rows = peerRows.filter((row) => row.isSo(peer, config)).map((row) => row.message(peer));
  return [
    ...rows,
    ...restartWarnings(config, peer),
    ...nextHopWarnings(peer),
    ...neverMatching(peer),
  ].map((message) => at(peer.source, `${peer.name}: ${message}`));
}

function isListening(peer: PeerConfig, config: Config): boolean {
  return config.listen.some((listen) => listen.address.length === peer.address.length);
}

/** With `accept_next_hop: peer` only routes pass that can have the peer's own address as next hop. */
function nextHopWarnings(peer: PeerConfig): string[] {
  if (peer.acceptNextHop !== 'peer') return [];
  return familiesOf(peer)
    .filter((row) => mayAccept(peer.import, row))
    .filter((row) => row.addressBytes !== peer.address.length || isLinkLocal(peer.address))
    .map((row) => nextHopWarning(peer, row));
}

function nextHopWarning(peer: PeerConfig, { name, addressBytes }: FamilyRow): string {
  const fix = 'give a list of prefixes, or remove the family from families';
  // RFC 8950 allows it with an IPv6 next hop only.
  if (peer.address.length > addressBytes && !isLinkLocal(peer.address)) {
    return (
      `accept_next_hop: peer accepts ${name} routes only with the next hop ${peer.addressText} ` +
      `(RFC 8950); to accept others, ${fix}`
    );
  }
  return (
    `accept_next_hop: peer refuses every ${name} route, because ${peer.addressText} cannot be ` +
    `their next hop; ${fix}`
  );
}

/** Returns policies in use whose every rule needs prefixes of families that the peer does not have. */
function neverMatching(peer: PeerConfig): string[] {
  return [peer.import, peer.export].flatMap((choice) =>
    typeof choice === 'string'
      ? []
      : choice
          .filter((policy) => !familiesOf(peer).some((row) => mayDecide(policy, row)))
          .map(
            (policy) => `the policy ${policy.name} can never match a route of the peer's families`,
          ),
  );
}

function familiesOf(peer: PeerConfig): FamilyRow[] {
  return families.filter((row) => peer.families.includes(row.family));
}

function mayAccept(choice: PolicyChoice, row: FamilyRow): boolean {
  if (typeof choice === 'string') return choice === 'all';
  return choice.some((policy) => mayDecide(policy, row));
}

function mayDecide(policy: Policy, row: FamilyRow): boolean {
  return policy.rules.some(
    ({ match }) => match.prefix === undefined || [...match.prefix].some(isOf(row)),
  );
}

function isOf(row: FamilyRow): (pattern: PrefixPattern) => boolean {
  return (pattern) => pattern.family === row.family;
}

/** The kernel uses the longest MD5 key that covers an address, without exception. */
function rangeWarnings(config: Config, range: PeerRangeConfig): ConfigProblem[] {
  const isDeaf = range.import === 'none' && range.export === 'none' && !range.observer;
  const silence = isDeaf
    ? ['import and export are none: no routes are accepted or advertised (RFC 8212)']
    : [];
  const unlimited = hasNoLimit(range) ? [noLimit] : [];
  const own = [...silence, ...unlimited].map((message) =>
    at(range.source, `${range.rangeText}: ${message}`),
  );
  if (range.password === undefined) return own;
  const unsigned = config.peers.filter(
    (peer) => peer.password === undefined && isWithin(peer.address, range.range),
  );
  return [
    ...own,
    ...unsigned.map((peer) =>
      at(
        peer.source,
        `${peer.name} has no password, but is within ${range.rangeText}, so its connections need the password of that range`,
      ),
    ),
  ];
}

function ttlWarnings(peer: PeerConfig, connected: readonly Prefix[]): ConfigProblem[] {
  if (peer.multihop !== undefined || isLinkLocal(peer.address)) return [];
  if (connected.some((network) => isWithin(peer.address, network))) return [];
  const address = formatAddress(peer.address);
  const message = `${peer.name}: ${address} is not in a connected network and multihop is not set, so packets are sent with TTL 64`;
  return [at(peer.source, message)];
}

/** Warns of a peer with an address of ours, as in a copied line: routes whose next hop is our own are never accepted. */
function ownAddressWarnings(
  { name, address, source }: PeerConfig,
  own: ReadonlySet<string>,
): ConfigProblem[] {
  if (isLoopback(address) || isLinkLocal(address)) return [];
  const text = formatAddress(address);
  if (!own.has(text)) return [];
  return [at(source, `${name}: ${text} is an address of this machine itself, not of a peer`)];
}

/** Warns of an address that this machine does not have: no connection of the peer can begin or end there. */
function localAddressWarnings(
  { name, localAddress, source }: PeerConfig,
  own: ReadonlySet<string>,
): ConfigProblem[] {
  if (localAddress === undefined) return [];
  const text = formatAddress(localAddress);
  if (own.has(text)) return [];
  return [at(source, `${name}: local_address ${text} is not an address of this machine`)];
}

/** Returns the address as `formatAddress` writes it. */
function canonical(text: string): string {
  return formatAddress(parseAddress(text));
}

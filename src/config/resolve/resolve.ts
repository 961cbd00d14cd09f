import type { Policy } from '#policy/policy.ts';
import { formatAddress, formatRouterId, parseAddress, parseRouterId } from '#text/address.ts';
import { nearest } from '#text/nearest.ts';
import { formatPrefix, parsePrefix, parsePrefixPattern } from '#text/prefix.ts';
import { longestControlPath, longestSocketPath } from '#text/socket-path.ts';
import { durationToMs, percentageToShare, sizeToBytes } from '#text/units.ts';
import { pathBeside } from '#yaml/host.ts';
import {
  itemsOf,
  mapped,
  parsed,
  parsedAt,
  parsedList,
  type Scope,
  withoutAbsent,
} from '#yaml/scope.ts';
import type { Place } from '#yaml/source.ts';
import type {
  Config,
  ListenAddress,
  PeerConfig,
  PeerRangeConfig,
  ProbeConfig,
  ServiceConfig,
  StartGateConfig,
  TokenConfig,
} from '../config.ts';
import { bfdDefaults, globalDefaults, serviceDefaults } from '../schema/defaults.ts';
import type { ProbeSource, ServiceSource } from '../schema/schema-service.ts';
import type { ConfigSource } from '../schema/schema.ts';
import { resolveExternalUrl } from './external-url.ts';
import { resolveListen } from './listen-addresses.ts';
import { resolveBmp } from './resolve-bmp.ts';
import { resolveMrt } from './resolve-mrt.ts';
import { resolvePeers } from './resolve-peers.ts';
import { rangeOf, resolvePolicies } from './resolve-policy.ts';
import { checkPathRules, resolveRpki } from './resolve-rpki.ts';
import { resolveToken } from './resolve-secret.ts';
import type { Secret } from './secret.ts';
import { checkFolder, checkSocket } from './written-paths.ts';

/** The part of `Config` that comes from the text itself. */
export type Resolved = Omit<Config, 'file' | 'files' | 'hash' | 'asWritten'>;

/**
 * Resolves checked values into what the daemon runs on. Every error is added to the problems of the scope; the
 * result is usable only if there is none.
 */
export function resolve(scope: Scope, source: Partial<ConfigSource>): Resolved {
  const policies = resolvePolicies(scope, source.policies ?? {});
  const { peers, peerRanges } = resolvePeers(scope, source, policies);
  checkPeerMatches(scope, source, peers, policies);
  if (areAllKnown(scope, source, peers)) checkPathRules(scope, source, peers, peerRanges);
  const routerId = mapped(source.router_id, (text) =>
    parsed(scope, source, 'router_id', () => parseRouterId(text)),
  );
  const listen = resolveBgpListen(scope, source);
  return {
    routerId: routerId ?? 0,
    routerIdText: formatRouterId(routerId ?? 0),
    localAs: source.local_as ?? 0,
    listen,
    policies,
    peers,
    peerRanges,
    services: resolveServices(scope, source, peers),
    ...resolveSiblings(scope, source, peers, peerRanges),
    ...processKeys(scope, source, listen),
    ...resolveFeeds(scope, source),
  };
}

/** Resolves the keys that concern the process rather than BGP. */
function processKeys(
  scope: Scope,
  source: Partial<ConfigSource>,
  listen: readonly ListenAddress[],
) {
  const history = { ...globalDefaults.history, ...source.history };
  const announce = { ...globalDefaults.announce, ...source.announce };
  const decision = { ...globalDefaults.decision, ...source.decision };
  const brake = { ...bfdDefaults.brake, ...source.bfd?.brake };
  return {
    http: resolveHttp(scope, source, listen),
    control: { socket: resolveSocket(scope, source.control ?? {}) },
    log: { ...globalDefaults.log, ...source.log },
    readyMaxWaitMs: durationToMs(source.ready_max_wait ?? globalDefaults.ready_max_wait),
    maxPaths: source.max_paths ?? globalDefaults.max_paths,
    history: {
      maxSizeBytes: sizeToBytes(history.max_size),
      maxAgeMs: durationToMs(history.max_age),
    },
    announce: { fqdn: announce.fqdn, softwareVersion: announce.software_version },
    decision: { med: decision.med, tieBreak: decision.tie_break },
    bfdBrake: {
      maxShare: percentageToShare(brake.max_share),
      withinMs: durationToMs(brake.within),
      atLeast: brake.at_least,
    },
    ...withoutAbsent({
      stateDir: mapped(source.state_dir, (path) => resolveStateDir(scope, source, path)),
      user: source.user,
      startGate: resolveStartGate(source.start_gate),
    }),
  };
}

/** Resolves what is compared with the other route servers of the routers. */
function resolveSiblings(
  scope: Scope,
  source: Partial<ConfigSource>,
  peers: readonly PeerConfig[],
  peerRanges: readonly PeerRangeConfig[],
): Pick<Config, 'siblings' | 'soleRouteServer' | 'coherence'> {
  const siblings = source.siblings ?? globalDefaults.siblings;
  const soleRouteServer = source.sole_route_server ?? globalDefaults.sole_route_server;
  const { debounce, prefixes } = { ...globalDefaults.coherence, ...source.coherence };
  const observers = peers.filter(({ observer }) => observer).map(({ name }) => name);
  const areKnown = areAllKnown(scope, source, peers);
  for (const { item, place } of itemsOf(scope, source, 'siblings', siblings)) {
    if (!areKnown || observers.includes(item)) continue;
    const hint = hintOf(item, observers);
    scope.problems.add(place, `siblings: no observer has the name ${item}${hint}`);
  }
  if (soleRouteServer && siblings.length > 0) {
    const place = scope.places.ofValue(source, 'sole_route_server');
    scope.problems.add(
      place,
      'sole_route_server: contradicts siblings, which names other route servers; remove one of the two keys',
    );
  }
  const holdTimes = [...peers, ...peerRanges].map(({ holdTimeSec }) => holdTimeSec);
  const askedDebounceMs = durationToMs(debounce);
  const debounceMs = Math.max(askedDebounceMs, Math.max(0, ...holdTimes) * 1000 + 5000);
  return { siblings, soleRouteServer, coherence: { debounceMs, askedDebounceMs, prefixes } };
}

function resolveFeeds(scope: Scope, source: Partial<ConfigSource>) {
  return {
    bmp: resolveBmp(scope, source.bmp ?? []),
    ...withoutAbsent({
      mrt: mapped(source.mrt, (mrt) => resolveMrt(scope, mrt, source.state_dir)),
      rpki: mapped(source.rpki, (rpki) => resolveRpki(scope, rpki)),
    }),
  };
}

/** Where HTTP has its default address, BGP cannot have it too; an error stands at the address of BGP. */
function resolveBgpListen(scope: Scope, source: Partial<ConfigSource>): ListenAddress[] {
  const { listen, http } = source;
  const { places } = scope;
  if (listen === undefined) return resolveListen(scope, source, 'listen', globalDefaults.listen);
  const isGiven =
    http === undefined
      ? places.isDropped(source, 'http')
      : Object.hasOwn(http, 'listen') || places.isDropped(http, 'listen');
  const taken = isGiven ? [] : defaultHttpListen(scope);
  const takenByDefaultOf = 'http.listen';
  return resolveListen(scope, source, 'listen', listen, {
    taken,
    takenByDefaultOf,
    isDualStack: false,
  });
}

function defaultHttpListen(scope: Scope): ListenAddress[] {
  return resolveListen(scope, {}, 'listen', globalDefaults.http.listen);
}

function resolveHttp(
  scope: Scope,
  { http: source = {}, listen: bgpListen }: Partial<ConfigSource>,
  taken: readonly ListenAddress[],
): Config['http'] {
  const listen = Object.hasOwn(source, 'listen')
    ? resolveListen(scope, source, 'listen', source.listen ?? [], {
        taken,
        ...(bgpListen === undefined && { takenByDefaultOf: 'listen' }),
        isDualStack: true,
      })
    : defaultHttpListen(scope);
  const externalUrl = resolveExternalUrl(scope, source);
  const proxied = externalUrl === undefined ? [] : [new URL(externalUrl).hostname];
  return {
    listen,
    hosts: [...(source.hosts ?? []), ...proxied],
    ...withoutAbsent({ externalUrl }),
    tokens: resolveTokens(scope, source),
  };
}

/** `token_file` is one more token, named after its key, that may do everything. */
function resolveTokens(
  scope: Scope,
  source: NonNullable<ConfigSource['http']>,
): readonly TokenConfig[] {
  const { token_file: file, tokens = [] } = source;
  const secrets: { readonly name: string; readonly secret: Secret }[] = [];
  const read = (name: string, key: string, path: string, place: Place): Secret | undefined => {
    const secret = resolveToken(scope, key, path, place);
    const same = secrets.find((other) => other.secret.equals(secret));
    if (same !== undefined) {
      scope.problems.add(
        place,
        `${key}: the token is the same as that of ${same.name}, so the two could not be told apart; make another`,
      );
    }
    if (secret !== undefined) secrets.push({ name, secret });
    return secret;
  };
  const named = tokens.flatMap((token): TokenConfig[] => {
    const secret = read(token.name, 'file', token.file, scope.places.ofValue(token, 'file'));
    if (tokens.some((other) => other !== token && other.name === token.name)) {
      const place = scope.places.ofValue(token, 'name');
      scope.problems.add(place, `name: another token already has the name ${token.name}`);
    }
    const { name, may, nodes } = token;
    return secret === undefined ? [] : [{ name, secret, may, ...withoutAbsent({ nodes }) }];
  });
  if (file === undefined) return named;
  const place = scope.places.ofValue(source, 'token_file');
  const secret = read('token_file', 'token_file', file, place);
  return secret === undefined ? named : [...named, { name: 'token_file', secret, may: ['all'] }];
}

function resolveStateDir(scope: Scope, source: Partial<ConfigSource>, path: string): string {
  const directory = pathBeside(scope.file, path);
  checkFolder(scope, scope.places.ofValue(source, 'state_dir'), 'state_dir', directory);
  return directory;
}

function resolveSocket(scope: Scope, source: NonNullable<ConfigSource['control']>): string {
  const socket = pathBeside(scope.file, source.socket ?? globalDefaults.control.socket);
  if (source.socket === undefined) return socket;
  const place = scope.places.ofValue(source, 'socket');
  checkSocket(scope, place, 'socket', socket);
  const bytes = Buffer.byteLength(socket);
  if (bytes > longestControlPath) {
    scope.problems.add(
      place,
      `socket: ${socket} has ${bytes} bytes; at most ${longestControlPath} are possible, because the path of a Unix ` +
        `socket has at most ${longestSocketPath} and it is created as this path with .new at the end`,
    );
  }
  return socket;
}

function resolveStartGate(source: ConfigSource['start_gate']): StartGateConfig | undefined {
  if (source === 0) return undefined;
  const gate = { ...globalDefaults.start_gate, ...source };
  return { maxDelayMs: durationToMs(gate.max_delay), eorGraceMs: durationToMs(gate.eor_grace) };
}

function resolveServices(
  scope: Scope,
  source: Partial<ConfigSource>,
  peers: readonly PeerConfig[],
): ServiceConfig[] {
  const areKnown = areAllKnown(scope, source, peers);
  const nodes = areKnown ? new Set(peers.map(({ node }) => node)) : undefined;
  for (const { probe } of source.services ?? []) {
    const open = probe === undefined ? undefined : peers.find(isOpenTo);
    if (open === undefined || probe === undefined) continue;
    const message = `the peer ${open.name} has accept_next_hop: any, so that a node could direct probes to any address; give a list`;
    scope.problems.add(scope.places.ofContainer(probe), `probe: ${message}`);
  }
  const sources = source.services ?? [];
  const names = new Set<string>();
  for (const service of sources) {
    const { name } = service;
    const place = scope.places.ofValue(service, 'name');
    if (names.has(name)) {
      scope.problems.add(place, `name: another service already has the name ${name}`);
    }
    names.add(name);
  }
  return sources.map((service) => resolveService(scope, service, nodes));
}

function resolveService(
  scope: Scope,
  source: ServiceSource,
  nodes: ReadonlySet<string> | undefined,
): ServiceConfig {
  const { source: text, offset } = scope.places.ofContainer(source);
  const bands = { ...serviceDefaults.med_bands, ...source.med_bands };
  const band = (key: keyof typeof bands) =>
    parsed(scope, source.med_bands ?? source, key, () => rangeOf(bands[key])) ?? { min: 0, max: 0 };
  return {
    name: source.name,
    prefixes: parsedList(scope, source, 'prefix', source.prefix, parsePrefixPattern),
    home: resolveHome(scope, source, nodes),
    minHealthy: source.min_healthy ?? serviceDefaults.min_healthy,
    ...withoutAbsent({ probe: mapped(source.probe, (probe) => resolveProbe(scope, probe)) }),
    ...withoutAbsent({ keepLastMs: mapped(keepOf(source), durationToMs) }),
    brakeShare: percentageToShare(source.brake?.max_share ?? serviceDefaults.brake.max_share),
    medBands: { up: band('up'), disabled: band('disabled'), down: band('down') },
    source: { file: text.file, line: text.position(offset).line },
  };
}

function keepOf({ on_last_withdrawal: choice }: ServiceSource): number | string | undefined {
  return typeof choice === 'object' ? choice.keep : undefined;
}

/** Returns whether routes of the peer may have any next hop. */
function isOpenTo({ import: choice, acceptNextHop }: PeerConfig): boolean {
  return choice !== 'none' && acceptNextHop === 'any';
}

function resolveProbe(scope: Scope, source: ProbeSource): ProbeConfig {
  const { tcp, http } = source;
  if ((tcp === undefined) === (http === undefined)) {
    scope.problems.add(
      scope.places.ofContainer(source),
      'probe: expected exactly one of tcp and http',
    );
  }
  const timing = { ...serviceDefaults.probe, ...source };
  const asked = { ...serviceDefaults.probe.http, ...http };
  const expect = parsed(scope, http ?? source, 'expect', () => rangeOf(asked.expect));
  return {
    kind: tcp === undefined ? 'http' : 'tcp',
    port: tcp?.port ?? asked.port,
    path: asked.path,
    expect: expect ?? { min: 0, max: 0 },
    ...withoutAbsent({
      host: http?.host,
      source: mapped(source.source, (text) =>
        parsed(scope, source, 'source', () => formatAddress(parseAddress(text))),
      ),
    }),
    intervalMs: durationToMs(timing.interval),
    timeoutMs: durationToMs(timing.timeout),
    fall: timing.fall,
    rise: timing.rise,
    holdDownMs: durationToMs(timing.hold_down),
    onFail: timing.on_fail,
  };
}

function resolveHome(
  scope: Scope,
  source: ServiceSource,
  nodes: ReadonlySet<string> | undefined,
): ServiceConfig['home'] {
  const home = source.home ?? {};
  const seen = new Set<string>();
  return Object.entries(home).flatMap(([text, node]) => {
    if (nodes?.has(node) === false) {
      const hint = hintOf(node, [...nodes]);
      scope.problems.add(
        scope.places.ofValue(home, text),
        `home: no peer belongs to the node ${node}${hint}`,
      );
    }
    const place = scope.places.ofKey(home, text);
    const prefix = parsedAt(scope, place, 'home', () => parsePrefix(text));
    if (prefix === undefined) return [];
    const written = formatPrefix(prefix);
    if (seen.has(written)) scope.problems.add(place, `home: ${written} is given twice`);
    seen.add(written);
    return [{ prefix: written, node }];
  });
}

/** A rule that names a peer which does not exist would never match. */
function checkPeerMatches(
  scope: Scope,
  source: Partial<ConfigSource>,
  peers: readonly PeerConfig[],
  policies: readonly Policy[],
): void {
  const names = new Set(peers.map((peer) => peer.name));
  if (!areAllKnown(scope, source, peers) || source.peer_ranges !== undefined) return;
  const rules = policies.flatMap((policy) => source.policies?.[policy.name] ?? []);
  for (const { match } of rules) {
    if (match?.peer === undefined) continue;
    for (const { item, place } of itemsOf(scope, match, 'peer', match.peer)) {
      if (names.has(item)) continue;
      scope.problems.add(place, `peer: there is no peer ${item}${hintOf(item, [...names])}`);
    }
  }
}

/** Returns whether no peer was left out because of an error of its own. */
function areAllKnown(
  scope: Scope,
  source: Partial<ConfigSource>,
  peers: readonly PeerConfig[],
): boolean {
  const given = source.peers ?? [];
  return (
    scope.places.isWhole(source) && scope.places.isWhole(given) && peers.length === given.length
  );
}

function hintOf(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

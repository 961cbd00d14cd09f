import { formatAddress } from '#text/address.ts';
import { families } from '#wire/constants.ts';
import type { Scope } from '#yaml/scope.ts';
import type { SessionConfig } from '../config.ts';
import type { SessionSource } from '../schema/schema-session.ts';
import { makesBlackholes } from '../warnings/blackhole-warnings.ts';
import type { Layers } from './layers.ts';

/** RFC 6793 §9: stands for an AS that does not fit 16 bits, never for itself. */
const asTrans = 23456;

interface Fault {
  readonly key: keyof SessionSource;
  readonly isSo: (session: SessionConfig) => boolean;
  readonly message: (session: SessionConfig) => string;
}

/** Errors between keys that are valid on their own; each row is one error, reported at its key. */
const faults: readonly Fault[] = [
  {
    key: 'hold_time',
    isSo: ({ holdTimeSec }) => holdTimeSec === 1 || holdTimeSec === 2,
    message: () => '0 or at least 3 seconds (RFC 4271 section 4.2)',
  },
  {
    key: 'keepalive',
    isSo: ({ keepaliveSec = 0, holdTimeSec }) => holdTimeSec > 0 && keepaliveSec >= holdTimeSec,
    message: ({ holdTimeSec }) => `must be less than hold_time, ${holdTimeSec} s`,
  },
  {
    key: 'min_hold_time',
    isSo: ({ minHoldTimeSec, holdTimeSec }) => holdTimeSec >= 3 && minHoldTimeSec > holdTimeSec,
    message: ({ holdTimeSec }) =>
      `must not be more than hold_time, ${holdTimeSec} s: no session could ever come up`,
  },
  {
    key: 'send_hold_time',
    isSo: ({ sendHoldTimeMs, holdTimeSec }) =>
      sendHoldTimeMs > 0 && sendHoldTimeMs <= holdTimeSec * 1000,
    message: ({ holdTimeSec }) => `must be more than hold_time, ${holdTimeSec} s (RFC 9687)`,
  },
  {
    key: 'gtsm',
    isSo: ({ gtsm, multihop = 1 }) => gtsm && multihop === 255,
    message: () => 'gives no protection with multihop 255; give the real number of hops',
  },
  {
    key: 'peer_as',
    isSo: ({ peerAs }) => peerAs.kind === 'list' && peerAs.asns.includes(asTrans),
    message: () => `${asTrans} is AS_TRANS, which is reserved (RFC 6793)`,
  },
  {
    key: 'import',
    isSo: ({ observer, import: choice }) => observer && choice !== 'none',
    message: () => 'the routes of an observer are compared and never used; remove this key',
  },
  {
    key: 'export',
    isSo: ({ observer, export: choice }) => observer && choice !== 'none',
    message: () => 'nothing is sent to an observer; remove this key',
  },
  {
    key: 'observe',
    isSo: ({ observe, observer, import: choice }) => observe && (observer || choice !== 'none'),
    message: () =>
      'needs import: none, because the routes of such a router are not used; for a route server, use observer: true',
  },
  {
    key: 'import',
    isSo: ({ import: choice }) => makesBlackholes(choice),
    message: () =>
      'set: { blackhole } depends on the peer that is sent the route; move the rule to a policy for export',
  },
  {
    key: 'blackhole',
    isSo: ({ observer, blackhole }) => observer && blackhole,
    message: () => 'nothing is sent to an observer; remove this key',
  },
  {
    key: 'role_strict',
    isSo: ({ roleStrict, role }) => roleStrict && role === undefined,
    message: () => 'has no effect without role; add our role toward the peer',
  },
  {
    key: 'peer_as',
    isSo: ({ peerAs, localAs, observer }) =>
      !observer && peerAs.kind === 'list' && peerAs.asns.includes(localAs),
    message: ({ localAs }) => `${localAs} is our own AS, which is allowed only for an observer`,
  },
];

/** Adds the errors of keys that do not fit together; `address` is absent for a range. */
export function checkSession(
  scope: Scope,
  layers: Layers,
  session: SessionConfig,
  address: Uint8Array | undefined,
): void {
  for (const { key, isSo, message } of faults) {
    if (!isSo(session)) continue;
    scope.problems.add(layers.place(key), `${key}: ${message(session)}`);
  }
  if (!layers.isGiven('peer_as')) {
    const place = scope.places.ofContainer(layers.own);
    scope.problems.add(place, 'peer_as is missing; give it here or in the group');
  }
  const { localAddress } = session;
  if (localAddress !== undefined && address !== undefined) {
    checkLocalAddress(scope, layers, localAddress, address);
  }
}

function checkLocalAddress(
  scope: Scope,
  layers: Layers,
  local: Uint8Array,
  address: Uint8Array,
): void {
  const place = layers.place('local_address');
  if (local.length !== address.length) {
    const family = families.find((row) => row.addressBytes === address.length);
    const kind = family?.name === 'ipv4_unicast' ? 'an IPv4' : 'an IPv6';
    scope.problems.add(
      place,
      `local_address: the peer has ${kind} address, so this must be one, too`,
    );
  } else if (formatAddress(local) === formatAddress(address)) {
    scope.problems.add(place, 'local_address: this is the address of the peer');
  }
}

/** The values of a peer that have keys of their own, or may be of several kinds. */
import { type Static, Type } from 'typebox';
import { limitActions } from '#policy/limit.ts';
import {
  asn,
  duration,
  flag,
  notation,
  oneOrSeveral,
  shortDuration,
  whole,
  word,
} from '#yaml/schema-values.ts';
import { bfdDefaults, gracefulRestartDefaults, peerDefaults } from './defaults.ts';
import { prefixPattern } from './schema-policy.ts';

export function limit(defaults: { readonly action: string; readonly restart_after: string }) {
  return Type.Object(
    {
      limit: whole(1, 0xffff_ffff, { description: 'The maximum number of prefixes of a family.' }),
      action: Type.Optional(
        word([...limitActions], {
          description:
            'block keeps the session and refuses further prefixes; warning only logs; restart closes ' +
            'the session with Cease 6/1 and accepts the peer again later; shutdown keeps it down until an operator resets it.',
          default: defaults.action,
        }),
      ),
      restart_after: Type.Optional(
        duration({
          description: 'How long the session stays down after the action restart.',
          default: defaults.restart_after,
        }),
      ),
    },
    {
      additionalProperties: false,
      description: 'A limit that applies to each family.',
      errorMessage: 'expected a limit such as { limit: 10, action: block }',
    },
  );
}

export function limits(one: ReturnType<typeof limit>, description: string) {
  return Type.Union(
    [
      one,
      Type.Object(
        { ipv4_unicast: Type.Optional(one), ipv6_unicast: Type.Optional(one) },
        { additionalProperties: false, description: 'Separate limits for the families.' },
      ),
    ],
    { description, errorMessage: 'expected a limit such as { limit: 10, action: block }' },
  );
}

export const policyChoice = (description: string, fallback: string) =>
  oneOrSeveral(notation('none, all, the name of a policy', { description: 'A policy.' }), {
    description,
    default: fallback,
  });

export const peerAs = Type.Union(
  [
    asn({ description: 'An AS.' }),
    word(['any'], { description: 'Every AS.' }),
    Type.Array(asn({ description: 'An AS.' }), {
      minItems: 1,
      description: 'These ASes.',
      errorMessage: 'expected at least one AS number',
    }),
  ],
  {
    description: 'The AS of the peer: a number, a list of them, or any.',
    errorMessage: 'expected an AS number, a list of AS numbers or any',
  },
);

export const gracefulRestart = Type.Union(
  [
    word(['notify_only', 'off'], { description: 'notify_only: capability 64 without families.' }),
    Type.Object(
      {
        helper: Type.Optional(
          flag({
            description:
              'Keep the routes of a peer whose session is lost, since it may be restarting. It may also be dead.',
            default: gracefulRestartDefaults.helper,
          }),
        ),
        restarter: Type.Optional(
          flag({
            description:
              'Ask the peer to keep our routes while the daemon restarts. When the daemon is stopped, the session ' +
              'is then closed without a NOTIFICATION; disable the peer first to withdraw the routes.',
            default: gracefulRestartDefaults.restarter,
          }),
        ),
        restart_time: Type.Optional(
          duration({
            description:
              'The restart time that is announced, and the longest time to wait for the peer.',
            default: gracefulRestartDefaults.restart_time,
          }),
        ),
        long_lived: Type.Optional(
          duration({
            description:
              'The long-lived stale time (RFC 9494) that is announced, and the longest time that routes of the peer are ' +
              'kept as a last resort. Absent: none.',
          }),
        ),
        eor_grace: Type.Optional(
          duration({
            description:
              'After an End-of-RIB that came before any route (ExaBGP), stale routes stay until the ' +
              'peer has been silent for this long.',
            default: gracefulRestartDefaults.eor_grace,
          }),
        ),
      },
      { additionalProperties: false, description: 'Graceful restart for our families.' },
    ),
  ],
  {
    description:
      'Graceful restart (RFC 4724). A route server that keeps the routes of a dead node attracts traffic to it.',
    default: peerDefaults.graceful_restart,
    errorMessage: 'expected notify_only, off or { helper, restarter, restart_time, … }',
  },
);

export const bfd = Type.Union(
  [
    Type.Boolean(),
    Type.Object(
      {
        min_tx: Type.Optional(
          shortDuration('50ms', {
            description:
              'The time between two packets that we send. Absent: 300 ms, or 1 s across several hops.',
          }),
        ),
        min_rx: Type.Optional(
          shortDuration('50ms', {
            description:
              'The time between two packets that the peer may send. Absent: 300 ms, or 1 s across several hops.',
          }),
        ),
        multiplier: Type.Optional(
          whole(1, 255, {
            description:
              'The number of packets in a row that may be missed before the other end counts as down.',
            default: bfdDefaults.singleHop.multiplier,
          }),
        ),
      },
      { additionalProperties: false, description: 'BFD with these timers.' },
    ),
  ],
  {
    description:
      'Bidirectional Forwarding Detection (RFC 5880): an unreachable peer is noticed within a fraction of a second, not after the hold time.',
    default: peerDefaults.bfd,
    errorMessage: 'expected true, false or { min_tx, min_rx, multiplier }',
  },
);

export const med = Type.Object(
  {
    missing: Type.Optional(
      Type.Union(
        [
          word(['zero', 'reject'], {
            description: 'zero: counts as 0; reject: the route is refused.',
          }),
          whole(0, 0xffff_ffff, { description: 'A MED that is set on the route.' }),
        ],
        {
          description:
            'How to treat a route without MED: zero, reject, or a number that is set as its MED.',
          default: peerDefaults.med.missing,
          errorMessage: 'expected zero, reject or a number',
        },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'MULTI_EXIT_DISC on import.',
    default: peerDefaults.med,
    errorMessage: 'expected { missing: zero }',
  },
);

export const acceptNextHop = Type.Union(
  [
    word(['peer', 'any'], { description: 'One of the words peer and any.' }),
    Type.Array(prefixPattern, {
      minItems: 1,
      description: 'Prefixes.',
      errorMessage: 'expected at least one prefix',
    }),
  ],
  {
    description:
      'The next hops that are accepted. peer: only the address of the peer itself; any: every address; a list of ' +
      'prefixes: every address within one of them.',
    default: peerDefaults.accept_next_hop,
    errorMessage: 'expected peer, any or a list of prefixes',
  },
);

export type LimitSource = Static<ReturnType<typeof limit>>;

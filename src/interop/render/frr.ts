import type { RenderTarget } from './target.ts';
import { type Line, lines, when } from './text.ts';

/** Renders the frr.conf (bgpd) of an FRR that is the peer. */
export function renderFrr(target: RenderTarget): string {
  const { ourAddress: us, addressesToAnnounce } = target;
  return lines(
    [
      `! FRR as ${target.name}, a peer of the fingerpost at ${us}.`,
      '! Tested with FRR 8.4; FRR 10 also needs the line about enforce-first-as.',
      ...when(
        target.announces,
        ...addressesToAnnounce.flatMap(({ prefix, med }, index) => [
          `${family(prefix)} prefix-list SERVICE-${index} seq 5 permit ${prefix}`,
          `route-map SERVICES permit ${10 * (index + 1)}`,
          [`match ${family(prefix)} address prefix-list SERVICE-${index}`, `set metric ${med}`],
        ]),
      ),
      ...bfdProfile(target),
      'route-map ALL permit 10',
      'route-map NONE deny 10',
      `router bgp ${target.theirAs}`,
      [
        `bgp router-id ${target.theirRouterId}`,
        'no bgp default ipv4-unicast',
        '! Otherwise the routes of a dead route server are kept at full preference.',
        'bgp graceful-restart-disable',
        ...when(target.announces, 'no bgp network import-check'),
        `neighbor ${us} remote-as ${target.ourAs}`,
        ...when(target.ourPort !== 179, `neighbor ${us} port ${target.ourPort}`),
        `neighbor ${us} update-source ${target.theirAddress}`,
        `neighbor ${us} timers ${Math.max(1, Math.floor(target.holdTimeSec / 3))} ${target.holdTimeSec}`,
        `neighbor ${us} timers connect 5`,
        hops(target),
        '! A route server is transparent: AS_PATH begins with the AS of the node. By default FRR 10 refuses that:',
        `! no neighbor ${us} enforce-first-as`,
        ...when(
          target.bfd !== undefined,
          `neighbor ${us} bfd`,
          `neighbor ${us} bfd profile FINGERPOST`,
        ),
        ...when(target.hasPassword, `! neighbor ${us} password THE-KEY-OF-THE-SESSION`),
        ...target.families.flatMap((each) => [
          `address-family ${each} unicast`,
          [
            `neighbor ${us} activate`,
            `neighbor ${us} route-map ${target.listens ? 'ALL' : 'NONE'} in`,
            `neighbor ${us} route-map ${mapOut(target)} out`,
            ...when(target.showsBest, `neighbor ${us} attribute-unchanged next-hop`),
            ...when(
              target.announces,
              ...addressesToAnnounce
                .filter(({ prefix }) => prefix.includes(':') === (each === 'ipv6'))
                .map(({ prefix }) => `network ${prefix}`),
            ),
          ],
          'exit-address-family',
        ]),
      ],
      'exit',
    ],
    ' ',
  );
}

function mapOut({ announces, showsBest }: RenderTarget): string {
  if (showsBest) return 'ALL';
  return announces ? 'SERVICES' : 'NONE';
}

function hops({ ourAddress: us, gtsm, multihop }: RenderTarget): Line {
  if (gtsm) return `neighbor ${us} ttl-security hops ${multihop ?? 1}`;
  return multihop === undefined
    ? `neighbor ${us} disable-connected-check`
    : `neighbor ${us} ebgp-multihop ${multihop}`;
}

/**
 * The profile is for bfdd, the neighbor for bgpd; bfdd runs only if /etc/frr/daemons has `bfdd=yes`. bfdd learns from
 * `ebgp-multihop` or `ttl-security` how many routers a packet may have crossed, so a `minimum-ttl` here would have no
 * effect.
 */
function bfdProfile({ bfd }: RenderTarget): readonly Line[] {
  if (bfd === undefined) return [];
  return [
    '! Needs bfdd beside bgpd: bfdd=yes in /etc/frr/daemons.',
    'bfd',
    [
      'profile FINGERPOST',
      [
        `detect-multiplier ${bfd.multiplier}`,
        `receive-interval ${bfd.rxMs}`,
        `transmit-interval ${bfd.txMs}`,
      ],
      'exit',
    ],
    'exit',
  ];
}

function family(prefix: string): 'ip' | 'ipv6' {
  return prefix.includes(':') ? 'ipv6' : 'ip';
}

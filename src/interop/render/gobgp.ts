import type { RenderTarget } from './target.ts';
import { type Line, lines, when } from './text.ts';

/** Renders the gobgpd.toml of a GoBGP that is the peer. */
export function renderGobgp(target: RenderTarget): string {
  return lines([
    `# GoBGP as ${target.name}, a peer of the fingerpost at ${target.ourAddress}: gobgpd -f FILE`,
    '# Tested with GoBGP 3.10; GoBGP 4 has the same keys.',
    ...when(
      target.announces,
      '# Routes are announced by commands while it runs:',
      ...target.addressesToAnnounce.map(
        ({ prefix, med }) =>
          `#   gobgp global rib add -a ${prefix.includes(':') ? 'ipv6' : 'ipv4'} ${prefix} nexthop ${target.theirAddress} med ${med}`,
      ),
    ),
    '',
    '[global.config]',
    [
      `as = ${target.theirAs}`,
      '# Give each host its own id.',
      `router-id = "${target.theirRouterId}"`,
    ],
    ...when(
      target.showsBest,
      '[global.apply-policy.config]',
      ['export-policy-list = ["keep-next-hop"]', 'default-export-policy = "accept-route"'],
      '[[policy-definitions]]',
      [
        'name = "keep-next-hop"',
        '[[policy-definitions.statements]]',
        ['[policy-definitions.statements.actions.bgp-actions]', ['set-next-hop = "unchanged"']],
      ],
    ),
    '[[neighbors]]',
    [
      '[neighbors.config]',
      [
        `peer-as = ${target.ourAs}`,
        `neighbor-address = "${target.ourAddress}"`,
        ...when(target.hasPassword, '# auth-password = "the key of the session"'),
      ],
      '[neighbors.timers.config]',
      [
        `hold-time = ${target.holdTimeSec}`,
        `keepalive-interval = ${Math.max(1, Math.floor(target.holdTimeSec / 3))}`,
        'connect-retry = 5',
        'idle-hold-time-after-reset = 1',
      ],
      '[neighbors.transport.config]',
      [
        `local-address = "${target.theirAddress}"`,
        ...when(target.ourPort !== 179, `remote-port = ${target.ourPort}`),
      ],
      ...hops(target),
      ...target.families.flatMap((each) => [
        '[[neighbors.afi-safis]]',
        [
          '[neighbors.afi-safis.config]',
          [`afi-safi-name = "${each}-unicast"`],
          ...when(
            target.listens && target.addPathToThem,
            '[neighbors.afi-safis.add-paths.config]',
            ['receive = true'],
          ),
        ],
      ]),
    ],
  ]);
}

/** GoBGP accepts only one of the two. */
function hops({ gtsm, multihop }: RenderTarget): readonly Line[] {
  if (gtsm) {
    const least = `ttl-min = ${256 - (multihop ?? 1)}`;
    return ['[neighbors.ttl-security.config]', ['enabled = true', least]];
  }
  if (multihop === undefined) return [];
  return ['[neighbors.ebgp-multihop.config]', ['enabled = true', `multihop-ttl = ${multihop}`]];
}

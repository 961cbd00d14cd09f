import { RenderError, type RenderTarget } from './target.ts';
import { type Line, lines, when } from './text.ts';

/**
 * Renders the bgpd.conf of an OpenBGPD that is the peer. Throws a `RenderError` if it is to be observed with GTSM.
 */
export function renderOpenbgpd(target: RenderTarget): string {
  return lines([
    `# OpenBGPD as ${target.name}, a peer of the fingerpost at ${target.ourAddress}.`,
    '# Tested with OpenBGPD 7.7. The file must not be writable by others.',
    '',
    `AS ${target.theirAs}`,
    '# Give each host its own id.',
    `router-id ${target.theirRouterId}`,
    'connect-retry 5',
    '# Next hops are nodes behind other routers.',
    ...when(target.listens, 'nexthop qualify via default'),
    ...when(
      target.announces,
      ...target.addressesToAnnounce.map(({ prefix, med }) => `network ${prefix} set metric ${med}`),
    ),
    '',
    `neighbor ${target.ourAddress} {`,
    [
      'descr "fingerpost"',
      `remote-as ${target.ourAs}`,
      ...when(target.ourPort !== 179, `port ${target.ourPort}`),
      `local-address ${target.theirAddress}`,
      `holdtime ${target.holdTimeSec}`,
      ...multihop(target),
      ...when(target.gtsm, 'ttl-security yes'),
      ...when(target.hasPassword, '# tcp md5sig password "the key of the session"'),
      ...target.families.map((each) => `announce ${each === 'ipv6' ? 'IPv6' : 'IPv4'} unicast`),
      ...when(target.listens && target.addPathToThem, 'announce add-path recv yes'),
      '# A route server is transparent: AS_PATH begins with the AS of the node.',
      'enforce neighbor-as no',
    ],
    '}',
    target.listens ? `allow from ${target.ourAddress}` : `deny from ${target.ourAddress}`,
    out(target),
  ]);
}

/**
 * A next hop is only kept on a multihop session (bgpd.conf(5), `no-modify`), and there GTSM would let packets pass that
 * have crossed a router.
 */
function multihop({ name, multihop: hops, showsBest, gtsm }: RenderTarget): readonly Line[] {
  if (!showsBest || (hops !== undefined && hops > 1)) {
    return when(hops !== undefined, `multihop ${hops}`);
  }
  if (gtsm) {
    throw new RenderError(
      `${name}: OpenBGPD names itself as the next hop on a session with GTSM, so observe has no effect`,
    );
  }
  return ['# On a session without multihop, the next hop would not be kept.', 'multihop 2'];
}

function out({ announces, showsBest, ourAddress }: RenderTarget): string {
  if (showsBest) return `allow to ${ourAddress} set nexthop no-modify`;
  return announces ? `allow to ${ourAddress}` : `deny to ${ourAddress}`;
}

import type { PathView } from '#api/views/path.ts';
import type { StatusView } from '#api/views/status.ts';
import { asPathText } from '#words/text.ts';

/**
 * Returns the output of `show bgp ipv6` in the columns of FRR 8 (bgpd/bgp_route.c, route_vty_out), for people
 * and scripts that know them: a network or next hop that is too long for its column has a line of its own.
 */
export function frrHead(status: StatusView): string {
  return [
    `BGP table version is ${status.rib.version}, local router ID is ${status.router_id}, vrf id 0`,
    `Default local pref 100, local AS ${status.local_as}`,
    'Status codes:  * valid, > best',
    'Origin codes:  i - IGP, e - EGP, ? - incomplete',
    '',
    '    Network          Next Hop            Metric LocPrf Weight Path',
  ].join('\n');
}

/** `isFirst` marks the first path of a network; later paths do not repeat the network. */
export function frrLine(path: PathView, isFirst: boolean): string {
  const network = isFirst ? column(path.prefix, 17, 20) : ' '.repeat(17);
  const nextHop = column(path.next_hop, 16, 36);
  const metric = String(path.med ?? '').padStart(10);
  const localPref = String(path.local_pref ?? '').padStart(7);
  const weight = '0'.padStart(7);
  return ` *${path.best ? '>' : ' '} ${network}${nextHop}${metric}${localPref}${weight} ${asPathText(path)}`;
}

function column(text: string, width: number, indent: number): string {
  return text.length < width ? text.padEnd(width) : `${text}\n${' '.repeat(indent)}`;
}

import type { RpkiCacheView, RpkiView } from '#api/views/rpki.ts';
import { ageText, plural, secondsSince, timeText } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

const columns: readonly Column[] = [
  { head: 'Cache' },
  { head: 'Address' },
  { head: 'Pref', align: 'right' },
  { head: 'State' },
  { head: 'In use' },
  { head: 'RTR', align: 'right' },
  { head: 'Session/Serial', align: 'right', spare: 1 },
  { head: 'Updated', align: 'right' },
  { head: 'Last error', elastic: 'wrap' },
];

/** Returns the table of `show rpki`, one line for each cache, and what data is in use. */
export function rpkiText(cli: Cli, view: RpkiView): string {
  if (view.items.length === 0) return 'no RTR cache is configured';
  const table = new ColumnTable(columns, cli.width);
  const rows = table.render(
    view.items.map((cache) => cacheRow(cli, cache)),
    cli.style.strong,
  );
  return `${rows}\n${dataText(view)}`;
}

function cacheRow(cli: Cli, cache: RpkiCacheView): string[] {
  const { updated_at: updatedAt, last_error: error } = cache;
  const ageOf = (at: string): string => ageText(secondsSince(at, cli.host.clock.wall()));
  return [
    cache.name,
    cache.address,
    String(cache.preference),
    paint(cli, cache),
    cache.in_use ? 'yes' : 'no',
    `v${cache.version}`,
    cache.session_id === undefined ? '-' : `${cache.session_id}/${cache.serial ?? '-'}`,
    updatedAt === undefined ? '-' : ageOf(updatedAt),
    error === undefined ? '' : `${ageOf(error.at)} ago: ${error.text}`,
  ];
}

function paint({ style }: Cli, { state, last_error: error }: RpkiCacheView): string {
  if (state === 'established') return style.good(state);
  return error === undefined ? style.busy(state) : style.bad(state);
}

function dataText({ vrps, aspas, expires_at: expiresAt }: RpkiView): string {
  const { ipv4_unicast: ipv4, ipv6_unicast: ipv6 } = vrps;
  if (expiresAt === undefined) return 'No data is in use: every route is not_found.';
  const also = aspas === 0 ? '' : `, ${plural(aspas, 'ASPA')}`;
  return `${ipv4 + ipv6} VRPs in use (IPv4 ${ipv4}, IPv6 ${ipv6})${also}; dropped at ${timeText(expiresAt)} UTC unless a cache confirms them.`;
}

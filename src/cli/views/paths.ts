import type { PathView } from '#api/views/path.ts';
import { asPathText, shortAsPathText, timeText } from '#words/text.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';
import { fields } from './fields.ts';

const columns: readonly Column[] = [
  { head: '   Network' },
  { head: 'Next Hop' },
  { head: 'Metric', align: 'right' },
  { head: 'Path' },
  { head: 'Peer' },
];
const reasonColumn: Column = { head: 'Reason' };

/** The table of paths, printed page by page: `*` valid, `S` stale, `K` kept, `>` best. */
export class PathsTable {
  private readonly cli: Cli;
  private readonly withReason: boolean;
  private readonly table: ColumnTable;
  private lastPrefix = '';

  constructor(cli: Cli, withReason: boolean) {
    this.cli = cli;
    this.withReason = withReason;
    this.table = new ColumnTable(withReason ? [...columns, reasonColumn] : columns, Infinity);
  }

  page(paths: readonly PathView[]): string {
    return this.table.render(
      paths.map((path) => this.row(path)),
      this.cli.style.strong,
    );
  }

  /** A network is printed once, at its first path. */
  private row(path: PathView): string[] {
    const network = path.prefix === this.lastPrefix ? '' : path.prefix;
    this.lastPrefix = path.prefix;
    const row = [
      `${marks(this.cli, path)} ${network}`,
      path.next_hop,
      String(path.med ?? ''),
      shortAsPathText(path),
      path.peer,
    ];
    return this.withReason ? [...row, path.reason ?? ''] : row;
  }
}

export function marks({ style }: Cli, path: PathView): string {
  if (!path.accepted) return '  ';
  if (path.kept_until !== undefined) return style.busy(path.best ? 'K>' : 'K ');
  if (path.stale === true) return style.busy(path.best ? 'S>' : 'S ');
  return path.best ? style.good('*>') : '* ';
}

/** Returns every attribute of a path, for `--all`. */
export function pathText(cli: Cli, path: PathView): string {
  const { style } = cli;
  const node = path.node === undefined || path.node === path.peer ? '' : `, node ${path.node}`;
  const title = `${marks(cli, path)} ${style.strong(path.prefix)} from ${path.peer}${node}`;
  const rank = path.rank === undefined ? '' : `, rank ${path.rank}`;
  return fields(title, [
    ['Next hop', path.next_hop],
    ['AS path', asPathText(path).slice(0, -2)],
    ['Origin', path.origin],
    ['MED', String(path.med ?? '')],
    ['Local pref', String(path.local_pref ?? '')],
    ['Aggregate', path.atomic_aggregate === true ? 'atomic' : ''],
    ['Aggregator', path.aggregator ? `${path.aggregator.asn} ${path.aggregator.address}` : ''],
    ['Communities', path.communities.join(' ')],
    ['Large', path.large_communities.join(' ')],
    ['Extended', path.ext_communities.join(' ')],
    ['OTC', String(path.otc ?? '')],
    ['Unknown', unknownText(path)],
    ['Path id', String(path.path_id ?? '')],
    ['State', `${path.accepted ? 'accepted' : style.bad(`rejected: ${path.reason ?? ''}`)}${rank}`],
    ['Stale', path.stale === true ? style.busy('yes') : ''],
    ['Kept', keptText(cli, path)],
    ['Drained', path.drained === true ? style.busy(`by the ${path.drained_by ?? 'server'}`) : ''],
    ['Received', `${timeText(path.received_at)} UTC`],
  ]);
}

function keptText({ style }: Cli, { kept_until: until }: PathView): string {
  if (until === undefined) return '';
  return style.busy(`withdrawn by its node; the last path, kept until ${timeText(until)} UTC`);
}

function unknownText({ unknown_attributes: unknown }: PathView): string {
  return unknown
    .map(({ type, flags, value, length }) => {
      const rest = value.length / 2 < length ? `... (${length} octets)` : '';
      return `type ${type} flags 0x${flags.toString(16)} 0x${value}${rest}`;
    })
    .join('; ');
}

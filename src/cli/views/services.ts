import type { ServiceAddressView, ServicePathView, ServiceView } from '#api/views/service.ts';
import { gravityOf, healthMark, nodesOf, usedMarks } from '#words/service.ts';
import type { Cli } from '../cli-parts.ts';
import { type Column, ColumnTable } from '../table.ts';

/**
 * Returns the matrix of `show services`: a line for each address, a column for each node, and the state in
 * words at the end.
 */
export function servicesText(cli: Cli, services: readonly ServiceView[]): string {
  if (services.length === 0) return 'no services are configured';
  return services.map((service) => serviceText(cli, service)).join('\n\n');
}

function serviceText(cli: Cli, service: ServiceView): string {
  const { style, width } = cli;
  const title = `${style.strong(service.name)}: ${paintOf(cli, service.state)(service.state)}`;
  if (service.addresses.length === 0) return `${title}, no address announced yet`;
  const nodes = nodesOf(service);
  const columns: Column[] = [
    { head: 'Address' },
    ...nodes.map((head): Column => ({ head, align: 'right' })),
    { head: 'Best' },
    { head: 'Backups', spare: 1 },
    { head: 'State' },
    { head: 'Missing', elastic: 'wrap' },
  ];
  const rows = service.addresses.map((address) => addressRow(cli, address, nodes));
  const table = new ColumnTable(columns, width).render(rows, style.strong);
  return [title, table, ...legend(cli, service)].join('\n');
}

function addressRow(cli: Cli, address: ServiceAddressView, nodes: readonly string[]): string[] {
  const { prefix, paths, best, backups, state, findings } = address;
  return [
    prefix,
    ...nodes.map((node) =>
      cell(
        cli,
        address,
        paths.find((path) => path.node === node),
        node,
      ),
    ),
    best ?? '-',
    backups.join(' ') || '-',
    paintOf(cli, state)(state),
    findings.join('; '),
  ];
}

/** Explains the marks that occur; empty if none does. */
function legend({ style }: Cli, { addresses }: ServiceView): string[] {
  const lines = usedMarks(addresses).map(([mark, what]) => `${mark} ${what}`);
  return lines.length === 0 ? [] : [style.faint(`> best, ${lines.join(', ')}`)];
}

/**
 * Returns a cell: `>100` is the best path, `102h` is at its home node, and `1000!` has a MED in the range of
 * nodes that are down.
 */
function cell(
  cli: Cli,
  { home }: ServiceAddressView,
  path: ServicePathView | undefined,
  node: string,
): string {
  if (path === undefined) return node === home ? '-h' : '-';
  const isHome = node === home ? 'h' : '';
  const text = `${path.best ? '>' : ''}${path.med ?? 0}${isHome}${healthMark(path)}`;
  if (!path.healthy) return cli.style.bad(text);
  return path.best ? cli.style.good(text) : text;
}

function paintOf({ style }: Cli, state: ServiceView['state']): (text: string) => string {
  return style[gravityOf(state)];
}

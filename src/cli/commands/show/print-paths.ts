import type { PathView } from '#api/views/path.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { pagesOf } from '../../pages.ts';
import { PathsTable, pathText } from '../../views/paths.ts';

/** How a list of paths is printed. */
export interface Listing {
  /** Print every attribute. */
  readonly all: boolean;
  readonly limit: number;
  readonly query?: Readonly<Record<string, string>>;
  readonly withReason?: boolean;
}

/**
 * Prints page by page, so that a full table starts at once and is never held whole, until nobody reads it any more;
 * returns the number of paths.
 */
export async function printPaths(cli: Cli, path: string, listing: Listing): Promise<number> {
  const { query = {}, limit, all, withReason = false } = listing;
  const { json } = cli.settings();
  const table = new PathsTable(cli, withReason);
  let count = 0;
  for await (const { text, value } of pagesOf<PathView>(cli.client(), path, query, limit)) {
    const { items } = value;
    count += items.length;
    if (json) cli.print(text);
    else if (all) for (const item of items) cli.print(`${pathText(cli, item)}\n`);
    else if (items.length > 0) cli.print(table.page(items));
    if (!cli.host.hasReader()) break;
  }
  const isEmptyTable = count === 0 && query.prefix === undefined;
  if (isEmptyTable && !json && !all) cli.print(table.page([]));
  return count;
}

/** An address that no peer announces is an error. */
export function requireAny(count: number, prefix: string): void {
  if (count === 0) throw new CliError(exitCodes.refused, `no peer announces ${prefix}`);
}

/** Prints the longest match of an address or prefix, or everything if none is given. */
export async function printMatch(
  cli: Cli,
  prefix: string | undefined,
  all: boolean,
): Promise<void> {
  const query = prefix === undefined ? {} : { prefix, lookup: 'longest' };
  const count = await printPaths(cli, '/api/v1/routes', { all, limit: Infinity, query });
  if (prefix !== undefined) requireAny(count, prefix);
}

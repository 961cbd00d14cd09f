import { type Command, InvalidArgumentError } from 'commander';

/** How much of a long list of changes is printed. */
export interface ChangesLimit {
  readonly limit?: number;
  readonly all?: boolean;
}

/** A screenful of rows. */
const usualRows = 20;
const mostRows = 10_000;

export function withChangesLimit(command: Command): Command {
  return command
    .option('-n, --limit <rows>', `list at most this many changes [${usualRows}]`, rows)
    .option('-a, --all', `list all changes, up to ${mostRows}`);
}

/** Returns the number of rows to print; `usual` applies where neither option is given. */
export function changesLimit({ limit, all = false }: ChangesLimit, usual = usualRows): number {
  return all ? mostRows : (limit ?? usual);
}

function rows(text: string): number {
  const found = Number(text);
  if (/^\d{1,5}$/.test(text) && found <= mostRows) return found;
  throw new InvalidArgumentError(`expected a whole number up to ${mostRows}.`);
}

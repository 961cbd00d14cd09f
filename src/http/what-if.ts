import { type DomainName, domainNames } from '#api/names.ts';
import type { SimulationView } from '#api/views/changes.ts';
import { finished } from './answers/work.ts';
import type { Context } from './context.ts';
import { Problem } from './problem.ts';

/** The node, site, rack or peer that is assumed to fail. */
export interface Failure {
  readonly kind: 'gone';
  readonly domain: DomainName;
  readonly name: string;
}

/** Each node, site or rack fails, one at a time. */
export interface EachFailure {
  readonly kind: 'each';
  readonly domain: DomainName;
}

/** Returns what a query assumes to fail; `undefined` if it names nothing. Throws a `Problem` if it names several. */
export function failureIn(query: Partial<Record<DomainName, string>>): Failure | undefined {
  const given = domainNames.flatMap((domain): Failure[] => {
    const name = query[domain];
    return name === undefined ? [] : [{ kind: 'gone', domain, name }];
  });
  if (given.length > 1) {
    throw new Problem(400, 'bad_request', `expected one of ${domainNames.join(', ')}`);
  }
  return given.at(0);
}

/**
 * Returns what would become of routes, computed beside the RIB; at most `limit` addresses are listed. Throws a
 * `Problem` while another what-if is computed.
 */
export function whatIf(
  { commands, turns, whatIfs }: Context,
  supposed: Failure | EachFailure,
  limit: number,
): Promise<SimulationView> {
  return whatIfs.run('what-if', async () => {
    const outcome = await commands.simulate(supposed, limit);
    if (!outcome.ok) throw new Problem(422, 'bad_config', outcome.message);
    return finished(turns, outcome.work);
  });
}

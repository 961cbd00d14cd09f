import type { SimulationView } from '#api/changes.ts';
import { domainNames } from '#api/names.ts';
import type { Static } from '#api/shapes.ts';
import { Problem } from './problem.ts';
import type { WhatIfQuery } from './requests.ts';
import type { Context } from './route.ts';
import { finished } from './work.ts';

/** Something that is done for one client at a time: whoever else asks meanwhile is told to try again. */
export class OneAtATime {
  private isBusy = false;

  async run<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
    if (this.isBusy) {
      throw new Problem(
        429,
        'rate_limit',
        `another ${what} is being computed; try again in a moment`,
      );
    }
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }
}

/** The node, site, rack or peer that is supposed to fail. */
export interface Failure {
  readonly kind: 'gone';
  readonly domain: (typeof domainNames)[number];
  readonly name: string;
}

/** Returns what a query supposes to fail; undefined where it names nothing. Throws a `Problem` for several. */
export function failureIn(
  query: Partial<Record<(typeof domainNames)[number], string>>,
): Failure | undefined {
  const given = domainNames.flatMap((domain): Failure[] => {
    const name = query[domain];
    return name === undefined ? [] : [{ kind: 'gone', domain, name }];
  });
  if (given.length > 1) {
    throw new Problem(400, 'bad_request', `expected one of ${domainNames.join(', ')}`);
  }
  return given.at(0);
}

/** What would happen if something failed, computed beside the RIB. Throws a `Problem` while another is computed. */
export function whatIf(
  { commands, turns, whatIfs }: Context,
  failure: Failure,
  limit: Static<typeof WhatIfQuery>['limit'],
): Promise<SimulationView> {
  return whatIfs.run('what-if', async () => {
    const outcome = await commands.simulate(failure, limit);
    if (!outcome.ok) throw new Problem(422, 'bad_config', outcome.message);
    return finished(turns, outcome.work);
  });
}

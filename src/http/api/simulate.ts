import type { BadConfig, PlanOutcome, PlanTarget, SentConfig, Supposition } from '#api/commands.ts';
import type { Static } from '#api/shapes.ts';
import { PlanSchema, SimulationSchema } from '#api/views/changes.ts';
import { changesAnswer, finished, scenariosAnswer } from '../answers/work.ts';
import { Problem } from '../problem.ts';
import { ConfigText, NoInput, PlanQuery, SimulateBody, WhatIfQuery } from '../requests.ts';
import { type Route, route } from '../route.ts';
import { sentConfig } from '../sent-config.ts';
import { failureIn, whatIf } from '../what-if.ts';

const configBytes = 16 * 1024 * 1024;
const usualLimit = 100;

/** What would happen; neither request changes anything. */
export const simulateRoutes: readonly Route[] = [
  route({
    method: 'POST',
    url: '/api/v1/config/plan',
    right: 'config',
    summary:
      'What a reload of the YAML in the body, of a configuration that ran or, without either, of the running file would do',
    tag: 'configuration',
    refuses: [422],
    params: NoInput,
    query: PlanQuery,
    body: ConfigText,
    textBodyBytes: configBytes,
    answer: PlanSchema,
    async handle({ commands, turns }, { body, isLocal, query: { limit, ...which } }) {
      const outcome = await commands.plan(targetIn(sentConfig(body, isLocal), which));
      if (!outcome.ok) throw refused(outcome);
      const changes = await finished(turns, outcome.changes(limit));
      return changesAnswer(turns, { ...outcome.plan, ...changes });
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/whatif',
    summary:
      'Which node would serve each prefix if a node, site, rack or peer failed; one is computed at a time',
    tag: 'routes',
    refuses: [404, 422],
    params: NoInput,
    query: WhatIfQuery,
    body: NoInput,
    answer: SimulationSchema,
    async handle(context, { query: { limit, ...named } }) {
      const failure = failureIn(named);
      if (failure === undefined) {
        throw new Problem(400, 'bad_request', 'expected one of node, site, rack and peer');
      }
      const { items, ...rest } = await whatIf(context, failure, limit);
      return scenariosAnswer(context.turns, items, rest);
    },
  }),
  route({
    method: 'POST',
    url: '/api/v1/simulate',
    summary:
      'Which node would serve each prefix if a node, site, rack or peer failed, or with another configuration',
    tag: 'routes',
    refuses: [404, 422],
    params: NoInput,
    query: NoInput,
    body: SimulateBody,
    jsonBodyBytes: configBytes,
    answer: SimulationSchema,
    async handle({ commands, turns }, { body, isLocal }) {
      const outcome = await commands.simulate(
        suppositionOf(body, isLocal),
        body.limit ?? usualLimit,
      );
      if (!outcome.ok) throw badConfig(outcome);
      const { items, ...rest } = await finished(turns, outcome.work);
      return scenariosAnswer(turns, items, rest);
    },
  }),
];

function suppositionOf(
  { each, config, ...gone }: Static<typeof SimulateBody>,
  mayReadFiles: boolean,
): Supposition {
  const supposed: Supposition[] = [
    ...(['node', 'site', 'rack', 'peer'] as const).flatMap((domain) => {
      const name = gone[domain];
      return name === undefined ? [] : [{ kind: 'gone', domain, name } as const];
    }),
    ...(each === undefined ? [] : [{ kind: 'each', domain: each } as const]),
    ...(config === undefined ? [] : [{ kind: 'config', text: config, mayReadFiles } as const]),
  ];
  if (supposed.length === 1) return supposed[0];
  const what = 'exactly one of node, site, rack, peer, each and config';
  throw new Problem(400, 'bad_request', `expected ${what}`);
}

function targetIn(
  sent: SentConfig | undefined,
  { against, rollback }: { readonly against?: string; readonly rollback?: boolean },
): PlanTarget | undefined {
  const targets: PlanTarget[] = [
    ...(sent === undefined ? [] : [sent]),
    ...(against === undefined ? [] : [{ against }]),
    ...(rollback === true ? [{ rollback } as const] : []),
  ];
  if (targets.length <= 1) return targets.at(0);
  throw new Problem(400, 'bad_request', 'expected at most one of a body, against and rollback');
}

function refused({ message, problems, ...rest }: Refused): Problem {
  if (problems === undefined) return new Problem(409, 'refused', message);
  return badConfig({ message, problems, ...rest });
}

type Refused = Extract<PlanOutcome, { ok: false }>;

function badConfig({ message, problems }: BadConfig): Problem {
  return new Problem(422, 'bad_config', message, { problems });
}

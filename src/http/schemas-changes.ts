import { Type } from 'typebox';
import { component, count, oneOf, ref, strict } from './schemas.ts';
import { serviceState } from './schemas-services.ts';

const ServerSchema = component('Server', {
  node: Type.String(),
  peer: Type.String(),
  next_hop: Type.String(),
  med: Type.Optional(count),
});

const ServingSchema = component('Serving', {
  best: Type.Optional(ref(ServerSchema)),
  backups: Type.Array(Type.String({ description: 'nodes, the next to serve first' })),
});

const RouterMoveSchema = component('RouterMove', {
  peers: Type.Array(Type.String({ description: 'routers to which the same happens' })),
  effect: oneOf(['gain', 'lose', 'move']),
  before: Type.Optional(ref(ServerSchema)),
  after: Type.Optional(ref(ServerSchema)),
});

const PrefixChangeSchema = component('PrefixChange', {
  prefix: Type.String(),
  effects: Type.Array(
    oneOf(
      ['dark', 'no_backup', 'moves', 'gains'],
      'dark: nobody serves it any longer who says that he is up; no_backup: one node is left',
    ),
  ),
  service: Type.Optional(Type.String()),
  state: Type.Optional(Type.Object({ before: serviceState, after: serviceState })),
  findings: Type.Optional(Type.Array(Type.String({ description: 'what is wrong afterwards' }))),
  before: ref(ServingSchema),
  after: ref(ServingSchema),
  routers: Type.Array(ref(RouterMoveSchema)),
});

const ChangeCountsSchema = component('ChangeCounts', {
  changed: count,
  dark: count,
  no_backup: count,
  moves: count,
  gains: count,
});

const RouterCountsSchema = component('RouterCounts', {
  peer: Type.String(),
  gain: count,
  lose: count,
  move: count,
});

const changes = {
  counts: ref(ChangeCountsSchema),
  routers: Type.Array(ref(RouterCountsSchema), { description: 'those that would notice' }),
  changes: Type.Array(ref(PrefixChangeSchema), {
    description: 'worst first, then by address; as many as `limit`, of `counts.changed`',
  }),
};

const domain = oneOf(['node', 'site', 'rack', 'peer']);

const ScenarioSchema = component('Scenario', {
  kind: oneOf(['node', 'site', 'rack', 'peer', 'config']),
  name: Type.String({ description: 'of what is gone; the hash of the configuration' }),
  peers: Type.Array(Type.String({ description: 'whose routes are gone, or whom it changes' })),
  ...changes,
});

export const SimulationSchema = component('Simulation', {
  items: Type.Array(ref(ScenarioSchema)),
  rib_version: count,
});

export const PlanSchema = component('Plan', {
  hash: Type.String(),
  peers: Type.Array(
    Type.Object({
      peer: Type.String(),
      effect: oneOf(['none', 'policy', 'refresh', 'reset', 'add', 'remove']),
      why: Type.Array(Type.String(), { description: 'the keys that differ' }),
    }),
  ),
  process: Type.Array(
    Type.Object({ key: Type.String(), effect: oneOf(['apply', 'listen', 'restart']) }),
  ),
  ...changes,
});

const limit = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  default: 100,
  description: 'changes listed, of each scenario',
});

const name = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));

export const PlanQuery = Type.Object({ limit }, strict);

/** Exactly one of them; the handler sees to it. */
export const SimulateBody = Type.Object(
  {
    node: name,
    site: name,
    rack: name,
    peer: name,
    each: Type.Optional(domain),
    config: Type.Optional(Type.String({ description: 'YAML' })),
    limit: Type.Optional(limit),
  },
  { ...strict, description: 'what is gone, or the configuration that runs; exactly one' },
);

export const changeComponents = [
  ServerSchema,
  ServingSchema,
  RouterMoveSchema,
  PrefixChangeSchema,
  ChangeCountsSchema,
  RouterCountsSchema,
  ScenarioSchema,
  SimulationSchema,
  PlanSchema,
];

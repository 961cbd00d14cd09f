import { Type } from 'typebox';
import { effects } from '#services/outlook.ts';
import { domainNames, peerEffects, processEffects } from '../names.ts';
import { component, type Component, count, oneOf, ref, type Static, text } from '../shapes.ts';
import { serviceState } from './service.ts';

/** A node's path, as it is or as it is sent to a router. */
const ServerSchema = component('Server', {
  node: text,
  peer: text,
  next_hop: text,
  med: Type.Optional(count),
});
export type ServerView = Static<typeof ServerSchema>;

/** Who serves a prefix, and who would take over; for a prefix of a service, only healthy nodes. */
const ServingSchema = component('Serving', {
  best: Type.Optional(ref(ServerSchema)),
  backups: Type.Array(text, { description: 'nodes in the order in which they would take over' }),
});
export type ServingView = Static<typeof ServingSchema>;

const RouterMoveSchema = component('RouterMove', {
  peers: Type.Array(text, { description: 'routers that see the same changes' }),
  effect: oneOf(['gain', 'lose', 'move']),
  before: Type.Optional(ref(ServerSchema)),
  after: Type.Optional(ref(ServerSchema)),
});
export type RouterMoveView = Static<typeof RouterMoveSchema>;

const PrefixChangeSchema = component('PrefixChange', {
  prefix: text,
  effects: Type.Array(
    oneOf(
      effects,
      'dark: no healthy node serves the prefix any longer; no_backup: only one healthy node is left',
    ),
  ),
  service: Type.Optional(Type.String({ description: 'the service that the prefix belongs to' })),
  state: Type.Optional(Type.Object({ before: serviceState, after: serviceState })),
  findings: Type.Optional(Type.Array(text, { description: 'problems afterwards, worst first' })),
  before: ref(ServingSchema),
  after: ref(ServingSchema),
  routers: Type.Array(ref(RouterMoveSchema)),
});
export type PrefixChangeView = Static<typeof PrefixChangeSchema>;

/** How many prefixes are affected in each way; a prefix may count in several. */
const ChangeCountsSchema = component('ChangeCounts', {
  changed: Type.Integer({
    minimum: 0,
    description: 'prefixes whose best path, backups, state or advertisements change',
  }),
  dark: count,
  no_backup: count,
  moves: count,
  gains: count,
});
export type ChangeCounts = Static<typeof ChangeCountsSchema>;

/** What happens at one router, as numbers of prefixes. */
const RouterCountsSchema = component('RouterCounts', {
  peer: text,
  gain: count,
  lose: count,
  move: count,
});
export type RouterCountsView = Static<typeof RouterCountsSchema>;

const changes = {
  counts: ref(ChangeCountsSchema),
  routers: Type.Array(ref(RouterCountsSchema), { description: 'routers that would see a change' }),
  changes: Type.Array(ref(PrefixChangeSchema), {
    description: 'worst first, then by address; at most `limit` of `counts.changed`',
  }),
  notes: Type.Optional(Type.Array(text, { description: 'what cannot be known beforehand' })),
};
const ChangesSchema = component('Changes', changes);
/** What a change would do to routes; part of the answers of `plan` and `whatif`. */
export type ChangesView = Static<typeof ChangesSchema>;

/** Something that may happen, and what it would do. */
const ScenarioSchema = component('Scenario', {
  kind: oneOf([...domainNames, 'config']),
  name: Type.String({ description: 'name of what fails, or the hash of the configuration' }),
  peers: Type.Array(text, {
    description: 'peers whose routes would be removed, or that would change',
  }),
  ...changes,
});
export type ScenarioView = Static<typeof ScenarioSchema>;

export const SimulationSchema = component('Simulation', {
  items: Type.Array(ref(ScenarioSchema)),
  rib_version: count,
});
export type SimulationView = Static<typeof SimulationSchema>;

const planned = {
  hash: Type.String({ description: 'hash of the configuration that would run' }),
  peers: Type.Array(
    Type.Object({
      peer: text,
      effect: oneOf(peerEffects),
      why: Type.Array(text, {
        description:
          'configuration keys that differ, and the drain that no longer or now covers the peer',
      }),
      lets_in: Type.Optional(
        Type.Literal(true, {
          description: 'the peer is kept down by a limit now, and would not be any more',
        }),
      ),
    }),
  ),
  process: Type.Array(Type.Object({ key: text, effect: oneOf(processEffects) })),
  refused: Type.Optional(
    Type.String({ description: 'why a reload would be refused unless it is forced' }),
  ),
};
const EffectsSchema = component('Effects', planned);
/** What a reload would do, peer by peer, and to the process. */
export type EffectsView = Static<typeof EffectsSchema>;

/** As `EffectsView`, with what each router would gain or lose, and which of its routes would move. */
export const PlanSchema = component('Plan', { ...planned, ...changes });
export type PlanView = Static<typeof PlanSchema>;

export const changeComponents: readonly Component[] = [
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

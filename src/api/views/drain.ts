import { Type } from 'typebox';
import { effectBases, effectWords } from '#services/drain-effect.ts';
import { by } from '../by.ts';
import { domainNames } from '../names.ts';
import {
  component,
  type Component,
  count,
  oneOf,
  optionalText,
  ref,
  type Static,
  text,
  texts,
  timestamp,
} from '../shapes.ts';

/** Whether routers still use the node, for one address and one router. */
const EffectRowSchema = component('EffectRow', {
  prefix: text,
  router: text,
  effect: oneOf(effectWords, 'yes: the router does not send traffic for the address to the node'),
  basis: Type.Optional(
    oneOf(
      effectBases,
      'seen: the router has shown its own best route; inferred: it follows from what route servers send it; absent: unknown',
    ),
  ),
  why: text,
});
export type EffectRowView = Static<typeof EffectRowSchema>;

const EffectCountsSchema = component('EffectCounts', { yes: count, no: count, unknown: count });
export type EffectCounts = Static<typeof EffectCountsSchema>;

const effectKeys = {
  counts: ref(EffectCountsSchema),
  rows: Type.Array(ref(EffectRowSchema), {
    description: 'one for each address and router; those that are not yes first; at most 1000',
  }),
};

const TargetSchema = component('DrainTarget', { kind: oneOf(domainNames), name: text });

const drainKeys = {
  id: text,
  target: ref(TargetSchema),
  nodes: texts,
  since: timestamp,
  until: Type.Optional(timestamp),
  overdue: Type.Optional(
    Type.String({ description: 'why the drain has not ended although its time is over' }),
  ),
  comment: optionalText,
  by: ref(by),
  is_volatile: Type.Optional(
    Type.Boolean({ description: 'it ends with the process, since it is not kept in state_dir' }),
  ),
};

export const DrainSchema = component('Drain', { ...drainKeys, ...effectKeys });
export type DrainView = Static<typeof DrainSchema>;

export const DrainAnswerSchema = component('DrainAnswer', {
  ...drainKeys,
  ...effectKeys,
  is_new: Type.Boolean({
    description: 'false: the target was drained already, and nothing changed',
  }),
  warnings: texts,
});
export type DrainAnswerView = Static<typeof DrainAnswerSchema>;

export const DrainListSchema = component('DrainList', {
  items: Type.Array(ref(DrainSchema)),
  rib_version: count,
});

export const UndrainedSchema = component('Undrained', {
  ended: Type.Array(Type.Object({ id: text, target: ref(TargetSchema) })),
  message: text,
  warnings: texts,
});
export type UndrainedView = Static<typeof UndrainedSchema>;

export const NodeEffectSchema = component('NodeEffect', {
  node: text,
  moved: Type.Boolean({ description: 'every row is yes' }),
  ...effectKeys,
});
export type NodeEffectView = Static<typeof NodeEffectSchema>;

export const drainComponents: readonly Component[] = [
  EffectRowSchema,
  EffectCountsSchema,
  TargetSchema,
  DrainSchema,
  DrainAnswerSchema,
  DrainListSchema,
  UndrainedSchema,
  NodeEffectSchema,
];

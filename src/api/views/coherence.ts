import { Type } from 'typebox';
import { coherenceStates } from '#services/coherence.ts';
import {
  component,
  type Component,
  count,
  oneOf,
  optionalText,
  ref,
  type Static,
  text,
  timestamp,
} from '../shapes.ts';

const SiblingStateSchema = component('SiblingState', {
  peer: text,
  state: oneOf(coherenceStates),
  next_hop: optionalText,
  med: Type.Optional(count),
  why: optionalText,
});
export type SiblingStateView = Static<typeof SiblingStateSchema>;

const OursSchema = component('OurRoute', { node: text, next_hop: text, med: Type.Optional(count) });

const CoherenceItemSchema = component('CoherenceItem', {
  prefix: text,
  state: oneOf(coherenceStates, 'the worst state with any sibling'),
  ours: Type.Optional(ref(OursSchema)),
  siblings: Type.Array(ref(SiblingStateSchema)),
  since: Type.Optional(timestamp),
  pending: Type.Optional(
    Type.Boolean({ description: 'the difference has not lasted for coherence.debounce yet' }),
  ),
});
export type CoherenceItemView = Static<typeof CoherenceItemSchema>;

const SiblingSchema = component('Sibling', {
  peer: text,
  unknown: Type.Optional(
    Type.String({ description: 'why the routes of the sibling are not known' }),
  ),
  counts: Type.Unsafe<Partial<Record<(typeof coherenceStates)[number], number>>>({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'addresses by state, pending ones left out',
  }),
});
export type SiblingView = Static<typeof SiblingSchema>;

export const CoherenceSchema = component('Coherence', {
  siblings: Type.Array(ref(SiblingSchema)),
  compared: Type.Integer({ minimum: 0, description: 'addresses' }),
  items: Type.Array(ref(CoherenceItemSchema), {
    description: 'addresses that are not the same everywhere, worst first; at most 1000',
  }),
});
export type CoherenceView = Static<typeof CoherenceSchema>;

export const coherenceComponents: readonly Component[] = [
  SiblingStateSchema,
  OursSchema,
  CoherenceItemSchema,
  SiblingSchema,
  CoherenceSchema,
];

import { Type } from 'typebox';
import { by } from '../by.ts';
import { component, type Component, oneOf, ref, type Static, text, timestamp } from '../shapes.ts';

/** How a configuration came to run. */
const configOrigins = ['start', 'reload', 'rollback', 'not_confirmed'] as const;
export type ConfigOrigin = (typeof configOrigins)[number];

const RanConfigSchema = component('RanConfig', {
  hash: text,
  at: timestamp,
  how: oneOf(
    configOrigins,
    'rollback: an operator went back to it; not_confirmed: it was restored because the configuration loaded after ' +
      'it was not confirmed in time, and `by` is who loaded that one',
  ),
  by: Type.Optional(ref(by)),
  running: Type.Boolean(),
  confirmed_at: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'only for the configuration that was last confirmed',
    }),
  ),
  kept: Type.Boolean({
    description: 'whether it is stored, so that `plan --against` can compare with it',
  }),
});
export type RanConfigView = Static<typeof RanConfigSchema>;

export const ConfigHistorySchema = component('ConfigHistory', {
  items: Type.Array(ref(RanConfigSchema), { description: 'newest first; at most ten' }),
  note: Type.Optional(Type.String({ description: 'what is not available, and why' })),
});
export type ConfigHistoryView = Static<typeof ConfigHistorySchema>;

export const configHistoryComponents: readonly Component[] = [RanConfigSchema, ConfigHistorySchema];

import { Type } from 'typebox';
import { serviceStates } from '#services/audit.ts';
import { troubleKinds } from '#services/trouble.ts';
import { by } from '../by.ts';
import { CauseSchema } from '../events/causes.ts';
import { eventKinds } from '../events/event-view.ts';
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

/** What runs by itself: when it ends, something changes without anyone doing it. */
const clockKinds = [
  'start_gate',
  'confirm',
  'drain',
  'back_off',
  'restart_after',
  'stale',
  'kept_path',
] as const;

const TroubledAddressSchema = component('TroubledAddress', {
  prefix: text,
  service: text,
  kind: oneOf(
    troubleKinds,
    'dark: no peer serves it; down, not_answering: the node that serves it is; no_backup: one node is left',
  ),
  text: Type.String({ description: 'what is wrong' }),
  since: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'absent: since before this process started, and not found in the history',
    }),
  ),
  cause: Type.Optional(ref(CauseSchema)),
  node: Type.Optional(Type.String({ description: 'the node that serves it, or served it last' })),
});
export type TroubledAddress = Static<typeof TroubledAddressSchema>;

const LostSessionSchema = component('LostSession', {
  peer: text,
  node: optionalText,
  site: optionalText,
  rack: optionalText,
  since: Type.Optional(
    Type.String({ format: 'date-time', description: 'absent: the session has not been up yet' }),
  ),
  text: Type.String({ description: 'how it ended, or why it does not come up' }),
  heals_itself: Type.Boolean(),
  heals: Type.String({ description: 'what brings it back' }),
});
export type LostSession = Static<typeof LostSessionSchema>;

const RunningClockSchema = component('RunningClock', {
  kind: oneOf(clockKinds),
  ends_at: timestamp,
  text: Type.String({ description: 'what happens at that time' }),
});
export type RunningClock = Static<typeof RunningClockSchema>;

const PastCauseSchema = component('PastCause', {
  at: timestamp,
  cause_id: text,
  text: Type.String({ description: 'the cause and what followed from it' }),
});

const PastChangeSchema = component('PastChange', {
  at: timestamp,
  kind: oneOf(eventKinds),
  text,
  by: Type.Optional(ref(by)),
  comment: optionalText,
});

const OftenSchema = component('Recurrence', {
  about: text,
  day: Type.Integer({ minimum: 0, description: 'in the last 24 hours' }),
  month: Type.Integer({ minimum: 0, description: 'in the last 30 days' }),
  at_least: Type.Optional(Type.Boolean({ description: 'there were more than were counted' })),
});
export type Recurrence = Static<typeof OftenSchema>;

export const TroubleSchema = component('Trouble', {
  at: timestamp,
  is_trouble: Type.Boolean(),
  verdict: Type.String({ description: 'the worst problem, such as: 2 of 300 addresses dark' }),
  since: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'since when there has been the worst problem',
    }),
  ),
  addresses: Type.Object({
    total: count,
    counts: Type.Object({
      dark: count,
      down: count,
      not_answering: count,
      no_backup: count,
    }),
    items: Type.Array(ref(TroubledAddressSchema), {
      description: 'affected addresses only, worst and oldest first; at most 100',
    }),
    lesser: Type.Array(
      Type.Object({
        state: oneOf(serviceStates),
        count,
        text: Type.String({ description: 'the state of one of them, as an example' }),
      }),
      { description: 'addresses that are not ok and can wait, worst first' },
    ),
  }),
  sessions: Type.Object({
    total: count,
    down: Type.Array(ref(LostSessionSchema), {
      description: 'sessions that should be up; at most 100',
    }),
    count: Type.Integer({ minimum: 0, description: 'how many are down' }),
    common: Type.Optional(Type.String({ description: 'what those lost together share' })),
  }),
  heals: Type.Array(Type.Object({ about: text, text }), {
    description: 'which problems end by themselves, and which do not',
  }),
  siblings: Type.Array(Type.Object({ peer: text, text }), {
    description: 'how other route servers see the addresses in trouble',
  }),
  others: Type.Array(text, { description: 'what else is wrong' }),
  clocks: Type.Array(ref(RunningClockSchema), { description: 'in the order in which they end' }),
  causes: Type.Array(ref(PastCauseSchema), { description: 'the last five, newest first' }),
  changes: Type.Array(ref(PastChangeSchema), {
    description: 'what operators have changed, newest first; at most 20',
  }),
  changes_since: timestamp,
  do_not_touch: Type.Array(
    Type.Object({
      node: text,
      addresses: count,
      examples: texts,
    }),
    { description: 'nodes whose loss would make an address dark' },
  ),
  often: Type.Array(ref(OftenSchema)),
  incomplete: Type.Optional(
    Type.String({
      description: 'why causes and changes may be missing: the history cannot be read',
    }),
  ),
});
export type TroubleView = Static<typeof TroubleSchema>;

export const troubleComponents: readonly Component[] = [
  TroubledAddressSchema,
  LostSessionSchema,
  RunningClockSchema,
  PastCauseSchema,
  PastChangeSchema,
  OftenSchema,
  TroubleSchema,
];

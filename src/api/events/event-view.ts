import { Type } from 'typebox';
import { by } from '../by.ts';
import {
  component,
  type Component,
  count,
  oneOf,
  optionalText,
  ref,
  type Static,
  timestamp,
} from '../shapes.ts';
import { CauseSchema } from './causes.ts';
import { describe, eventLevels } from './event-text.ts';
import type { DaemonEvent, EventKind, Timestamp } from './events.ts';
import { FailoverCauseSchema, failoverComponents, FailoverSchema } from './failover.ts';

/** The names of the events in the stream, in addition to `snapshot` and `gap`. */
export const streamNames = [
  'peer',
  'route',
  'service',
  'failover',
  'config',
  'drain',
  'coherence',
  'other',
] as const;
export type StreamName = (typeof streamNames)[number];

/** The name under which each kind is streamed. */
const streamNameOf: Readonly<Record<EventKind, StreamName>> = {
  peer_up: 'peer',
  peer_down: 'peer',
  peer_state: 'peer',
  notification: 'peer',
  update_error: 'peer',
  family_disabled: 'peer',
  limit_hit: 'peer',
  limit_cleared: 'peer',
  bfd: 'peer',
  best_changed: 'route',
  service_state: 'service',
  probe: 'service',
  brake: 'service',
  last_path_kept: 'service',
  failover: 'failover',
  config_loaded: 'config',
  config_refused: 'config',
  config_confirmed: 'config',
  config_lost: 'config',
  config_rolled_back: 'config',
  drain: 'drain',
  undrain: 'drain',
  drain_overdue: 'drain',
  drain_failed: 'drain',
  coherence: 'coherence',
  state_lost: 'other',
  started: 'other',
  listening: 'other',
  command: 'other',
  note: 'other',
  auth_failed: 'other',
  unknown_source: 'other',
  warning: 'other',
  rpki_cache: 'other',
  bmp: 'other',
  start_failed: 'other',
  stopping: 'other',
  internal_error: 'other',
};

export const eventKinds = Object.keys(streamNameOf) as EventKind[];

/** What operators do, and what follows from what they have not done. */
export const changeKinds: readonly EventKind[] = [
  'config_loaded',
  'config_refused',
  'config_confirmed',
  'config_rolled_back',
  'command',
  'drain',
  'undrain',
  'note',
];

/** Returns the name under which the stream has events of a kind. */
export function streamName(kind: EventKind): StreamName {
  return streamNameOf[kind];
}

const EventSchema = component('Event', {
  id: Type.String({ description: 'unique; a later event has a larger id, also after a restart' }),
  at: timestamp,
  kind: oneOf(eventKinds),
  level: oneOf(eventLevels),
  text: Type.String({ description: 'the whole event as one line of text' }),
  peer: optionalText,
  prefix: optionalText,
  service: optionalText,
  node: optionalText,
  cause: Type.Optional(ref(CauseSchema)),
  cause_id: optionalText,
  by: Type.Optional(ref(by)),
  comment: optionalText,
  old_state: optionalText,
  new_state: optionalText,
  count: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'number of addresses or events that the event is about',
    }),
  ),
  examples: Type.Optional(
    Type.Array(Type.String(), { description: 'a few of those that are counted' }),
  ),
  failover: Type.Optional(ref(FailoverSchema)),
  summary: Type.Optional(ref(FailoverCauseSchema)),
  counts: Type.Optional(
    Type.Object(
      { changes: count, gained: count, lost: count },
      {
        description:
          'best paths of prefixes outside services that changed within a second, and how many of them moved to the ' +
          'peer and away from it; only in recorded events',
      },
    ),
  ),
});
/** An event as it is streamed and recorded; it has the fields of its kind in addition. */
export type EventView = Static<typeof EventSchema>;

const incomplete = Type.Optional(
  Type.String({ description: 'why older events are missing: the history cannot be read' }),
);

export const EventListSchema = component('EventList', {
  items: Type.Array(ref(EventSchema)),
  next_cursor: optionalText,
  incomplete,
});
export const FailoverListSchema = component('FailoverList', {
  items: Type.Array(Type.Union([ref(FailoverSchema), ref(FailoverCauseSchema)])),
  next_cursor: optionalText,
  incomplete,
});

export const eventComponents: readonly Component[] = [
  ...failoverComponents,
  EventSchema,
  EventListSchema,
  FailoverListSchema,
];

/** Returns the event as clients see it. A stack trace appears in the log only. */
export function eventView(event: DaemonEvent, at: Timestamp, id: string): EventView {
  const { level, text: line } = describe(event);
  const { event: kind, ...fields } = event;
  const { stack: _, ...shown } = { stack: undefined, ...fields };
  return { ...shown, id, at, kind, level, text: line };
}

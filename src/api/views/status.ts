import { Type } from 'typebox';
import {
  asn,
  component,
  type Component,
  count,
  oneOf,
  optionalText,
  seconds,
  type Static,
  text,
  texts,
  timestamp,
} from '../shapes.ts';

export const StatusSchema = component('Status', {
  version: text,
  router_id: text,
  local_as: asn,
  started_at: timestamp,
  uptime_s: seconds,
  ready: Type.Boolean(),
  not_ready: Type.Optional(Type.Array(text, { description: 'why it is not ready' })),
  degraded: Type.Optional(texts),
  config: Type.Object({
    file: text,
    hash: text,
    loaded_at: timestamp,
    last_reload_ok: Type.Boolean(),
    confirm_by: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'when the previous configuration is restored unless the reload is confirmed',
      }),
    ),
    running_from: oneOf(
      ['file', 'stored'],
      'stored: what was last confirmed, since a reload after it was not',
    ),
    file_differs: Type.Optional(
      Type.Boolean({
        description: 'whether the files on disk are other than what runs; absent where unknown',
      }),
    ),
    confirmed_hash: optionalText,
    confirmed_at: Type.Optional(timestamp),
  }),
  peers: Type.Object({ configured: count, established: count }),
  rib: Type.Object({ version: count, prefixes: count, paths: count }),
  listening: texts,
  unknown_sources: Type.Integer({
    minimum: 0,
    description: 'connections from addresses that belong to no peer, since the start',
  }),
  history_failure: Type.Optional(
    Type.String({
      description: 'why events are kept in memory only; absent while they are written',
    }),
  ),
  without_effect: Type.Optional(
    Type.Array(text, {
      description: 'configuration keys that are accepted but have no effect without `state_dir`',
    }),
  ),
});
export type StatusView = Static<typeof StatusSchema>;

/** The texts of `degraded` that `--allow-degraded` does not excuse. */
export const nobodyIsUp = { source: 'no source is up', client: 'no client is up' } as const;

export const ReadySchema = component('Ready', {
  ready: Type.Boolean(),
  reasons: Type.Array(text, {
    description: 'why it is not ready, or what is missing although it is ready',
  }),
  degraded: Type.Optional(texts),
});
export type ReadyView = Static<typeof ReadySchema>;

export const statusComponents: readonly Component[] = [StatusSchema, ReadySchema];

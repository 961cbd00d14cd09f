import { Type } from 'typebox';
import { connectionStates } from '../names.ts';
import {
  component,
  type Component,
  count,
  oneOf,
  ref,
  type Static,
  text,
  timestamp,
} from '../shapes.ts';

const BmpCollectorSchema = component('BmpCollector', {
  name: text,
  address: text,
  state: oneOf(
    connectionStates,
    'idle: not connected, waiting for the next attempt; synchronizing: connected and being sent the present tables; established: it has the tables and is sent changes',
  ),
  monitor: Type.Array(text, {
    description: 'adj_rib_in_pre, adj_rib_in_post, loc_rib, adj_rib_out_post',
  }),
  since: Type.Optional(timestamp),
  sent_bytes: count,
  waiting_bytes: Type.Integer({
    minimum: 0,
    description:
      'bytes that the collector has not taken yet; tables that are still to be written do not count',
  }),
  drops: Type.Integer({
    minimum: 0,
    description: 'how often it was disconnected because it was too slow',
  }),
  last_error: Type.Optional(Type.Object({ at: timestamp, text })),
});
export type BmpCollectorView = Static<typeof BmpCollectorSchema>;

export const BmpSchema = component('Bmp', {
  items: Type.Array(ref(BmpCollectorSchema), { description: 'the collectors, as configured' }),
  rib_version: count,
});
export type BmpView = Omit<Static<typeof BmpSchema>, 'rib_version'>;

export const bmpComponents: readonly Component[] = [BmpCollectorSchema, BmpSchema];

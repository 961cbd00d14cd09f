import { Type } from 'typebox';
import { brakeReasons } from '#bfd/brake.ts';
import { bfdDiagnostics, bfdStates } from '#bfd/packet.ts';
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

export const BfdSchema = component('Bfd', {
  peer: text,
  state: oneOf(bfdStates, 'RFC 5880 §6.2'),
  remote_state: oneOf(bfdStates, 'the state in the last packet of the peer'),
  diag: oneOf(bfdDiagnostics, 'why the session last left Up (RFC 5880 §4.1)'),
  multihop: Type.Boolean({
    description: 'true: RFC 5883, UDP port 4784; false: RFC 5881, UDP port 3784',
  }),
  tx_ms: Type.Number({ minimum: 0, description: 'the interval between our packets' }),
  rx_ms: Type.Number({
    minimum: 0,
    description: 'the interval between packets of the peer; 0 until the first packet arrives',
  }),
  detect_ms: Type.Number({
    minimum: 0,
    description: 'how long the peer may be silent; 0 until the first packet arrives',
  }),
  since: timestamp,
  downs: Type.Integer({ minimum: 0, description: 'how often the session has left Up' }),
});
export type BfdView = Static<typeof BfdSchema>;

const BfdBrakeSchema = component('BfdBrake', {
  reason: oneOf(
    brakeReasons,
    'share: many sessions were lost together; carrier: an interface of ours lost its carrier; stall: this host did not run',
  ),
  last_applied: timestamp,
  applied: count,
});
export type BfdBrakeView = Static<typeof BfdBrakeSchema>;

export const BfdListSchema = component('BfdList', {
  items: Type.Array(ref(BfdSchema)),
  brake: Type.Optional(ref(BfdBrakeSchema)),
  rib_version: count,
});
export type BfdListView = Omit<Static<typeof BfdListSchema>, 'rib_version'>;

export const bfdComponents: readonly Component[] = [BfdSchema, BfdBrakeSchema, BfdListSchema];

import { Type } from 'typebox';
import {
  component,
  type Component,
  count,
  optionalText,
  ref,
  type Static,
  text,
  texts,
  timestamp,
} from '../shapes.ts';
import { CauseSchema } from './causes.ts';

const ms = Type.Optional(Type.Number({ minimum: 0 }));

/**
 * One address that moved from one peer to another, or to none. Times are ms from the detection unless said otherwise.
 */
export const FailoverSchema = component('Failover', {
  id: text,
  at: Type.String({ format: 'date-time', description: 'when the cause was detected' }),
  prefix: text,
  service: optionalText,
  from: Type.Optional(Type.String({ description: 'the peer that served it' })),
  to: Type.Optional(Type.String({ description: 'the peer that serves it now; absent: none does' })),
  cause: ref(CauseSchema),
  cause_id: text,
  suspected_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'the last sign of life before the detection' }),
  ),
  silent_ms: Type.Optional(
    Type.Number({ minimum: 0, description: 'age of the last BGP message at the detection' }),
  ),
  kernel_heard_ms: Type.Optional(
    Type.Number({
      minimum: 0,
      description: "age of the last TCP segment of the peer's kernel at the detection",
    }),
  ),
  decided_ms: Type.Number({ minimum: 0 }),
  first_written_ms: Type.Optional(
    Type.Number({
      minimum: 0,
      description:
        'when the socket of the first router took it; absent where it may have been in one of several portions that a router was sent',
    }),
  ),
  last_written_ms: Type.Optional(
    Type.Number({ minimum: 0, description: 'when the socket of the last router took it' }),
  ),
  received_ms: Type.Optional(
    Type.Number({
      minimum: 0,
      description:
        'when the kernels of all routers had acknowledged the bytes; says nothing of their routing tables',
    }),
  ),
  routers: Type.Object({
    written: count,
    received: count,
    waiting: Type.Array(text, { description: 'routers whose kernels have not acknowledged it' }),
  }),
  siblings: Type.Optional(
    Type.Array(Type.Object({ name: text, agreed_ms: ms }), {
      description: 'sibling route servers that are observed',
    }),
  ),
  dark_ms: Type.Optional(
    Type.Number({ minimum: 0, description: 'how long no peer served the address' }),
  ),
});
export type FailoverView = Static<typeof FailoverSchema>;

/** What followed from one cause. */
export const FailoverCauseSchema = component('FailoverCause', {
  cause_id: text,
  cause: ref(CauseSchema),
  at: timestamp,
  addresses: Type.Integer({ minimum: 0, description: 'addresses that lost or changed a path' }),
  moved: count,
  stayed: Type.Integer({ minimum: 0, description: 'addresses whose best path stayed' }),
  dark: Type.Integer({ minimum: 0, description: 'addresses that no peer served afterwards' }),
  prefixes: texts,
});
export type FailoverCauseView = Static<typeof FailoverCauseSchema>;

export const failoverComponents: readonly Component[] = [
  CauseSchema,
  FailoverSchema,
  FailoverCauseSchema,
];

import { Type } from 'typebox';
import { bandNames, drainers, type ServiceState, serviceStates } from '#services/audit.ts';
import { probeStates } from '#services/probe.ts';
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

export const serviceState = oneOf(serviceStates);

export const drainedBy = oneOf(
  drainers,
  'node: by its MED or the community GRACEFUL_SHUTDOWN; server: by a drain of this server',
);

export const keptUntil = Type.Optional(
  Type.Unsafe<string>({
    ...timestamp,
    description:
      'the node has withdrawn this path, the last one of its address; it stays until then, or until there is another',
  }),
);

/** A node's path to an address of a service. */
const ServicePathSchema = component('ServicePath', {
  node: text,
  peer: text,
  med: Type.Optional(count),
  band: oneOf(bandNames),
  healthy: Type.Boolean(),
  best: Type.Boolean(),
  drained: Type.Optional(Type.Boolean()),
  drained_by: Type.Optional(drainedBy),
  kept_until: keptUntil,
  probe: Type.Optional(
    oneOf(probeStates, 'what the address of the node itself says, asked from here'),
  ),
  site: optionalText,
  rack: optionalText,
});
export type ServicePathView = Static<typeof ServicePathSchema>;

const ServiceAddressSchema = component('ServiceAddress', {
  prefix: text,
  state: serviceState,
  findings: Type.Array(text, { description: 'problems, worst first' }),
  best: Type.Optional(Type.String({ description: 'the node that serves it' })),
  best_med: Type.Optional(count),
  home: Type.Optional(Type.String({ description: 'the node that should serve it' })),
  at_home: Type.Optional(Type.Boolean()),
  backups: Type.Array(text, {
    description: 'healthy nodes in the order in which they would take over',
  }),
  paths: Type.Array(ref(ServicePathSchema), { description: 'in order of rank' }),
  best_changes: count,
});
export type ServiceAddressView = Static<typeof ServiceAddressSchema>;

export const ServiceSchema = component('Service', {
  name: text,
  state: oneOf(serviceStates, 'the worst of its addresses'),
  min_healthy: count,
  prefixes: texts,
  addresses: Type.Array(ref(ServiceAddressSchema)),
});
export type ServiceView = Static<typeof ServiceSchema>;

export const ServiceListSchema = component('ServiceList', {
  items: Type.Array(ref(ServiceSchema)),
  rib_version: count,
});

/** An address, and the service that it belongs to. */
export interface ServiceRow extends ServiceAddressView {
  readonly service: string;
}

/** Which addresses are asked for: those of all services unless one is named, and in any state unless one is. */
export interface ServiceRowsRequest {
  readonly service?: string;
  readonly state?: ServiceState;
  /** Rows before the first. */
  readonly from: number;
  readonly limit: number;
}

/** The addresses that were asked for, worst first, and how many there are of each service in each state. */
export interface ServiceRows {
  readonly services: readonly ServiceCounts[];
  readonly rows: readonly ServiceRow[];
}

export interface ServiceCounts {
  readonly name: string;
  readonly counts: Readonly<Record<ServiceState, number>>;
}

export const serviceComponents: readonly Component[] = [
  ServicePathSchema,
  ServiceAddressSchema,
  ServiceSchema,
  ServiceListSchema,
];

import { Type } from 'typebox';
import { component, count, oneOf, ref, strict } from './schemas.ts';

export const serviceState = oneOf([
  'ok',
  'no_backup',
  'degraded',
  'only_down_paths',
  'absent',
  'unexpected_node',
  'tie',
]);

const ServicePathSchema = component('ServicePath', {
  node: Type.String(),
  peer: Type.String(),
  med: Type.Optional(count),
  band: oneOf(['up', 'disabled', 'down', 'unknown']),
  healthy: Type.Boolean(),
  best: Type.Boolean(),
  drained: Type.Optional(Type.Boolean()),
  site: Type.Optional(Type.String()),
  rack: Type.Optional(Type.String()),
});

const ServiceAddressSchema = component('ServiceAddress', {
  prefix: Type.String(),
  state: serviceState,
  findings: Type.Array(Type.String({ description: 'what is wrong, worst first' })),
  best: Type.Optional(Type.String({ description: 'the node that serves it' })),
  best_med: Type.Optional(count),
  home: Type.Optional(Type.String({ description: 'the node that should' })),
  at_home: Type.Optional(Type.Boolean()),
  backups: Type.Array(Type.String({ description: 'healthy nodes, the next to serve first' })),
  paths: Type.Array(ref(ServicePathSchema)),
  best_changes: count,
});

export const ServiceSchema = component('Service', {
  name: Type.String(),
  state: serviceState,
  min_healthy: count,
  prefixes: Type.Array(Type.String()),
  addresses: Type.Array(ref(ServiceAddressSchema)),
});

export const ServiceListSchema = component('ServiceList', {
  items: Type.Array(ref(ServiceSchema)),
  rib_version: count,
});

export const ServiceParams = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }) },
  strict,
);

export const serviceComponents = [
  ServicePathSchema,
  ServiceAddressSchema,
  ServiceSchema,
  ServiceListSchema,
];

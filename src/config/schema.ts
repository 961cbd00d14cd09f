/**
 * The configuration file as one TypeBox schema: types, checks, defaults, editor help and the
 * published JSON Schema all come from here (and from the parts it is made of).
 */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { peer, peerGroups, peerRange } from './schema-peer.ts';
import { policies, prefixPattern } from './schema-policy.ts';
import {
  asn,
  duration,
  flag,
  list,
  name,
  notation,
  numberRange,
  oneOrMany,
  size,
  text,
  whole,
  word,
} from './schema-values.ts';

/** The defaults of the global keys: the only place where they stand. */
export const globalDefaults = {
  listen: ['0.0.0.0:179', '[::]:179'],
  http: { listen: '127.0.0.1:9179' },
  control: { socket: '/run/fingerpost/control.sock' },
  log: { level: 'info', format: 'auto' },
  start_gate: { max_delay: '10s', eor_grace: '1s' },
  ready_max_wait: '90s',
  max_paths: 10_000_000,
  history: { max_size: '256MiB', max_age: '30d' },
  announce: { fqdn: false, software_version: false },
  decision: { med: 'same_as', tie_break: 'router_id' },
} as const;

export const serviceDefaults = {
  min_healthy: 1,
  med_bands: { up: '0-499', disabled: '500-999', down: '1000-' },
} as const;
export const bmpDefaults = { statistics: '60s' } as const;
export const mrtDefaults = { interval: '15m', updates: false } as const;

const closed = { additionalProperties: false } as const;
const endpoint = (description: string) =>
  notation('address and port as 127.0.0.1:9179 or "[::1]:9179"', { description });

const medBand = (key: keyof typeof serviceDefaults.med_bands) =>
  Type.Optional(
    numberRange({ description: `MEDs that say ${key}.`, default: serviceDefaults.med_bands[key] }),
  );

const service = Type.Object(
  {
    name: name({ description: 'Unique.' }),
    prefix: oneOrMany(prefixPattern, { description: 'The addresses of the service.' }),
    home: Type.Optional(
      Type.Record(Type.String({ pattern: '^[0-9A-Fa-f.:/]+$' }), name({ description: 'A node.' }), {
        ...closed,
        description: 'The node that should serve an address, by prefix.',
        errorMessage: 'expected nodes by prefix as { "2001:db8:30::1/128": w3 }',
        nameMessage: 'expected a prefix as 2001:db8:30::1/128',
      }),
    ),
    min_healthy: Type.Optional(
      whole(0, 1000, {
        description: 'Healthy nodes that each address needs.',
        default: serviceDefaults.min_healthy,
      }),
    ),
    med_bands: Type.Optional(
      Type.Object(
        { up: medBand('up'), disabled: medBand('disabled'), down: medBand('down') },
        {
          ...closed,
          description: "What a MED says of a node; the default is ExaBGP healthcheck's.",
          default: serviceDefaults.med_bands,
          errorMessage: 'expected { up: 0-499, disabled: 500-999, down: 1000- }',
        },
      ),
    ),
  },
  { ...closed, description: 'A service.', errorMessage: 'expected { name: web, prefix: … }' },
);

/** Keys that an included file may have too; lists are joined, names must stay unique. */
const mergeable = {
  policies: Type.Optional(policies),
  peer_groups: Type.Optional(peerGroups),
  peers: Type.Optional(list(peer, { description: 'The peers.' })),
  peer_ranges: Type.Optional(
    list(peerRange, { description: 'Passive peers made on demand from an address range.' }),
  ),
  services: Type.Optional(
    list(service, { description: 'What the addresses mean; adds the redundancy audit.' }),
  ),
};

const http = Type.Object(
  {
    listen: Type.Optional(
      oneOrMany(endpoint('Address and port.'), {
        description: 'Where the API, the metrics and the looking glass listen.',
        default: globalDefaults.http.listen,
      }),
    ),
    token_file: Type.Optional(
      text({ description: 'A file with the bearer token for writes. Absent: read-only.' }),
    ),
  },
  { ...closed, description: 'HTTP.', errorMessage: 'expected { listen, token_file }' },
);

const control = Type.Object(
  {
    socket: Type.Optional(
      text({ description: 'The Unix socket of the CLI.', default: globalDefaults.control.socket }),
    ),
  },
  { ...closed, description: "The CLI's way in.", errorMessage: 'expected { socket: /path }' },
);

const log = Type.Object(
  {
    level: Type.Optional(
      word(['trace', 'debug', 'info', 'warn', 'error'], {
        description: 'The least level that is logged.',
        default: globalDefaults.log.level,
      }),
    ),
    format: Type.Optional(
      word(['auto', 'pretty', 'json'], {
        description: 'auto: pretty on a terminal, JSON lines elsewhere.',
        default: globalDefaults.log.format,
      }),
    ),
  },
  { ...closed, description: 'The log.', errorMessage: 'expected { level: info, format: auto }' },
);

const startGate = Type.Union(
  [
    Type.Literal(0, { description: 'No gate.' }),
    Type.Object(
      {
        max_delay: Type.Optional(
          duration({
            description: 'The gate opens at the latest.',
            default: globalDefaults.start_gate.max_delay,
          }),
        ),
        eor_grace: Type.Optional(
          duration({
            description: 'How long to wait for routes after an End-of-RIB without any.',
            default: globalDefaults.start_gate.eor_grace,
          }),
        ),
      },
      { ...closed, description: 'A gate with these times.' },
    ),
  ],
  {
    description:
      'After a start nothing is advertised before the nodes have spoken. ' +
      'In this version there is no gate: absent is 0.',
    errorMessage: 'expected 0 or { max_delay: 10s, eor_grace: 1s }',
  },
);

const history = Type.Object(
  {
    max_size: Type.Optional(
      size({ description: 'Disk that it may use.', default: globalDefaults.history.max_size }),
    ),
    max_age: Type.Optional(
      duration({ description: 'Older events go.', default: globalDefaults.history.max_age }),
    ),
  },
  { ...closed, description: 'The event history.', errorMessage: 'expected { max_size, max_age }' },
);

const announce = Type.Object(
  {
    fqdn: Type.Optional(
      flag({ description: 'Capability 73.', default: globalDefaults.announce.fqdn }),
    ),
    software_version: Type.Optional(
      flag({ description: 'Capability 75.', default: globalDefaults.announce.software_version }),
    ),
  },
  {
    ...closed,
    description: 'What OPEN tells.',
    errorMessage: 'expected { fqdn, software_version }',
  },
);

const bmp = Type.Object(
  {
    collector: endpoint('Where the collector listens.'),
    statistics: Type.Optional(
      duration({ description: 'Between two reports.', default: bmpDefaults.statistics }),
    ),
  },
  { ...closed, description: 'A BMP collector (RFC 7854).', errorMessage: 'expected { collector }' },
);

const mrt = Type.Object(
  {
    directory: text({ description: 'Where dumps are written.' }),
    interval: Type.Optional(
      duration({ description: 'Between two table dumps.', default: mrtDefaults.interval }),
    ),
    updates: Type.Optional(
      flag({ description: 'Every UPDATE too.', default: mrtDefaults.updates }),
    ),
  },
  { ...closed, description: 'MRT dumps (RFC 6396).', errorMessage: 'expected { directory }' },
);

const rpki = Type.Object(
  { servers: list(endpoint('An RTR server.'), { description: 'RTR servers (RFC 8210).' }) },
  { ...closed, description: 'Origin validation.', errorMessage: 'expected { servers: [ … ] }' },
);

const decision = Type.Object(
  {
    med: Type.Optional(
      word(['same_as', 'always'], {
        description: 'MED is compared among paths of one neighbour AS, or always.',
        default: globalDefaults.decision.med,
      }),
    ),
    tie_break: Type.Optional(
      word(['router_id', 'oldest'], {
        description: 'What decides between equal paths.',
        default: globalDefaults.decision.tie_break,
      }),
    ),
  },
  { ...closed, description: 'The decision process.', errorMessage: 'expected { med, tie_break }' },
);

/** The file given to `--config`. */
export const configSchema = Type.Object(
  {
    router_id: notation('a router id as 192.0.2.1', { description: 'BGP Identifier (RFC 6286).' }),
    local_as: asn({ description: 'Our AS.' }),
    listen: Type.Optional(
      oneOrMany(endpoint('Address and port.'), {
        description: 'Where BGP peers call.',
        default: globalDefaults.listen,
      }),
    ),
    http: Type.Optional(http),
    control: Type.Optional(control),
    state_dir: Type.Optional(
      text({ description: 'History, drains, who was up. Absent: memory only.' }),
    ),
    log: Type.Optional(log),
    include: Type.Optional(
      oneOrMany(text({ description: 'A file, * allowed.' }), {
        description: 'More files, relative to this one; their lists are joined to these.',
      }),
    ),
    ...mergeable,
    start_gate: Type.Optional(startGate),
    ready_max_wait: Type.Optional(
      duration({
        description: 'How long /readyz waits for the peers that were up before.',
        default: globalDefaults.ready_max_wait,
      }),
    ),
    max_paths: Type.Optional(
      whole(1, 0xffff_ffff, {
        description: 'Paths that are kept, of all peers together.',
        default: globalDefaults.max_paths,
      }),
    ),
    user: Type.Optional(text({ description: 'The user to become once the ports are bound.' })),
    history: Type.Optional(history),
    announce: Type.Optional(announce),
    bmp: Type.Optional(list(bmp, { description: 'BMP collectors.' })),
    mrt: Type.Optional(mrt),
    rpki: Type.Optional(rpki),
    decision: Type.Optional(decision),
  },
  { ...closed, errorMessage: 'expected the keys of a configuration, router_id first' },
);
export type ConfigSource = Static<typeof configSchema>;
export type ServiceSource = Static<typeof service>;

/** A file named by `include`. */
export const includedSchema = Type.Object(mergeable, {
  ...closed,
  errorMessage: 'expected policies, peer_groups, peers, peer_ranges or services',
});
export type IncludedSource = Static<typeof includedSchema>;
export const mergeableLists = ['peers', 'peer_ranges', 'services'] as const;
export const mergeableMaps = ['policies', 'peer_groups'] as const;

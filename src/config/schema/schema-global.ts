import { Type } from 'typebox';
import { rights } from '#api/names.ts';
import {
  bfdDefaults,
  bmpDefaults,
  dumpCompressions,
  globalDefaults,
  mrtDefaults,
  rpkiDefaults,
} from './defaults.ts';
import {
  duration,
  endpoint,
  flag,
  list,
  name,
  notation,
  oneOrMany,
  percentage,
  shortDuration,
  size,
  text,
  whole,
  word,
} from './schema-values.ts';

const closed = { additionalProperties: false } as const;

const token = Type.Object(
  {
    name: name({ description: 'A unique name, shown beside the actions that used the token.' }),
    file: text({ description: 'A file whose first line is the token.' }),
    may: list(
      word([...rights, 'all'], {
        description:
          'What the token allows. drain: drain nodes; peers: enable, disable, reset and refresh peers; config: check, plan and reload the configuration; all: everything.',
      }),
      { description: 'The purpose of the token.', minItems: 1 },
    ),
    nodes: Type.Optional(
      list(name({ description: 'A node.' }), {
        description: 'The nodes whose peers the token may act on. Absent: all.',
        minItems: 1,
      }),
    ),
  },
  {
    ...closed,
    description: 'A token.',
    errorMessage: 'expected { name: deploy, file: /path, may: [drain] }',
  },
);

export const http = Type.Object(
  {
    listen: Type.Optional(
      oneOrMany(endpoint('An address and port.'), {
        description: 'Where the API, the metrics and the looking glass listen.',
        default: globalDefaults.http.listen,
      }),
    ),
    hosts: Type.Optional(
      list(text({ description: 'A host name.' }), {
        description:
          'Host names that requests may use, in addition to addresses and localhost. Requests with any other name are answered with 421.',
      }),
    ),
    external_url: Type.Optional(
      text({
        description:
          'The address under which a proxy shows the daemon, such as https://noc.example.net/rs9/. Requests may use its host name; the proxy has to remove a path such as /rs9/.',
      }),
    ),
    tokens: Type.Optional(
      list(token, {
        description:
          'Bearer tokens for requests that change something. Absent: the API is read-only, except with the token of token_file.',
      }),
    ),
    token_file: Type.Optional(
      text({ description: 'A file with a bearer token that allows everything.' }),
    ),
  },
  { ...closed, description: 'HTTP.', errorMessage: 'expected { listen, hosts, tokens }' },
);

export const control = Type.Object(
  {
    socket: Type.Optional(
      text({ description: 'The Unix socket of the CLI.', default: globalDefaults.control.socket }),
    ),
  },
  { ...closed, description: 'The control socket.', errorMessage: 'expected { socket: /path }' },
);

export const log = Type.Object(
  {
    level: Type.Optional(
      word(['trace', 'debug', 'info', 'warn', 'error'], {
        description: 'The lowest level that is logged.',
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
  {
    ...closed,
    description: 'Settings of the log.',
    errorMessage: 'expected { level: info, format: auto }',
  },
);

export const startGate = Type.Union(
  [
    Type.Literal(0, { description: 'No gate.' }),
    Type.Object(
      {
        max_delay: Type.Optional(
          duration({
            description: 'The gate opens after this time at the latest.',
            default: globalDefaults.start_gate.max_delay,
          }),
        ),
        eor_grace: Type.Optional(
          duration({
            description:
              'How long to wait for routes after an End-of-RIB that came before any route.',
            default: globalDefaults.start_gate.eor_grace,
          }),
        ),
      },
      { ...closed, description: 'A start gate with these times.' },
    ),
  ],
  {
    description:
      'After a start nothing is advertised until the nodes have sent their routes. ' +
      'Absent: a gate with the default times. 0: no gate.',
    errorMessage: 'expected 0 or { max_delay: 10s, eor_grace: 1s }',
  },
);

export const history = Type.Object(
  {
    max_size: Type.Optional(
      size({
        description: 'The disk space that the history may use; at least 2 MiB.',
        default: globalDefaults.history.max_size,
      }),
    ),
    max_age: Type.Optional(
      duration({
        description: 'Events older than this are removed.',
        default: globalDefaults.history.max_age,
      }),
    ),
  },
  {
    ...closed,
    description: 'The event history, which is kept in `state_dir`.',
    errorMessage: 'expected { max_size, max_age }',
  },
);

export const announce = Type.Object(
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
    description: 'Optional information that is sent in OPEN.',
    errorMessage: 'expected { fqdn, software_version }',
  },
);

export const bfd = Type.Object(
  {
    brake: Type.Optional(
      Type.Object(
        {
          max_share: Type.Optional(
            percentage({
              description:
                'If this share of the sessions that were up is lost together, BFD ends none of them.',
              default: bfdDefaults.brake.max_share,
            }),
          ),
          within: Type.Optional(
            shortDuration('100ms', {
              description: 'Losses within this time count as lost together.',
              default: bfdDefaults.brake.within,
            }),
          ),
          at_least: Type.Optional(
            whole(2, 0xffff, {
              description: 'Fewer losses than this never apply the brake.',
              default: bfdDefaults.brake.at_least,
            }),
          ),
        },
        {
          ...closed,
          description:
            'When many sessions are lost together, the fault is probably ours: hold timers decide.',
          errorMessage: 'expected { max_share: 50%, within: 1s, at_least: 3 }',
        },
      ),
    ),
  },
  {
    ...closed,
    description: 'What holds for BFD with all peers.',
    errorMessage: 'expected { brake: { max_share: 50%, within: 1s, at_least: 3 } }',
  },
);

export const bmp = Type.Object(
  {
    collector: endpoint('The address of the collector.'),
    statistics: Type.Optional(
      duration({ description: 'The time between two reports.', default: bmpDefaults.statistics }),
    ),
  },
  { ...closed, description: 'A BMP collector (RFC 7854).', errorMessage: 'expected { collector }' },
);

const dumpDirectory = text({
  description: 'The directory of the files; if relative, it is relative to `state_dir`.',
});
const dumpKeep = duration({
  description: 'Files older than this are removed.',
  default: mrtDefaults.keep,
});
const dumpCompress = word(dumpCompressions, {
  description: 'How the files are compressed.',
  default: mrtDefaults.compress,
});

export const mrt = Type.Object(
  {
    updates: Type.Optional(
      Type.Object(
        {
          directory: dumpDirectory,
          rotate: Type.Optional(
            duration({
              description: 'How long one file is written before the next is begun.',
              default: mrtDefaults.rotate,
            }),
          ),
          keep: Type.Optional(dumpKeep),
          compress: Type.Optional(dumpCompress),
        },
        {
          ...closed,
          description:
            'Every message that peers send, and every change of the state of a session, as BGP4MP_ET.',
          errorMessage: 'expected { directory: mrt, rotate: 15m, keep: 7d, compress: gzip }',
        },
      ),
    ),
    tables: Type.Optional(
      Type.Object(
        {
          directory: dumpDirectory,
          every: Type.Optional(
            duration({
              description: 'The time from one dump of the table to the next; at least 1m.',
              default: mrtDefaults.every,
            }),
          ),
          keep: Type.Optional(dumpKeep),
          compress: Type.Optional(dumpCompress),
        },
        {
          ...closed,
          description: 'All paths as they were received (Adj-RIB-In), as TABLE_DUMP_V2.',
          errorMessage: 'expected { directory: mrt, every: 2h, keep: 7d, compress: gzip }',
        },
      ),
    ),
    max_size: Type.Optional(
      size({
        description:
          'The disk space that all dumps may use together; the oldest are removed first.',
        default: mrtDefaults.max_size,
      }),
    ),
    min_free: Type.Optional(
      size({
        description:
          'The disk space that dumps leave free: below it the oldest dumps are removed, then nothing more is written.',
        default: mrtDefaults.min_free,
      }),
    ),
  },
  {
    ...closed,
    description: 'Dumps in the MRT format (RFC 6396, RFC 8050).',
    errorMessage: 'expected { updates: { directory }, tables: { directory } }',
  },
);

export const coherence = Type.Object(
  {
    debounce: Type.Optional(
      duration({
        description:
          'How long a difference to a sibling must last before it is an event, a metric and an alert; at least the longest hold time and 5 s.',
        default: globalDefaults.coherence.debounce,
      }),
    ),
    prefixes: Type.Optional(
      word(['services', 'all'], {
        description: 'Which prefixes are compared: those of services, or all.',
        default: globalDefaults.coherence.prefixes,
      }),
    ),
  },
  {
    ...closed,
    description: 'How the routes of siblings are compared with ours.',
    errorMessage: 'expected { debounce: 15s, prefixes: services }',
  },
);

const rpkiCache = Type.Object(
  {
    name: Type.Optional(name({ description: 'A unique name; the address unless given.' })),
    address: notation('an address and port such as 127.0.0.1:3323 or "[::1]:3323"', {
      description: 'The address and port of the cache.',
    }),
    preference: Type.Optional(
      whole(0, 65_535, {
        description: 'The lowest is tried first.',
        default: rpkiDefaults.preference,
      }),
    ),
    password_file: Type.Optional(
      text({ description: 'A file with the TCP MD5 key in its first line.' }),
    ),
  },
  {
    ...closed,
    description: 'An RTR cache.',
    errorMessage: 'expected a cache such as { name: local, address: "[::1]:3323" }',
  },
);

export const rpki = Type.Object(
  {
    caches: list(rpkiCache, {
      description: 'RTR caches (RFC 8210), of which one is used at a time.',
      minItems: 1,
    }),
    refresh: Type.Optional(
      duration({
        description: 'The time between two queries; what the cache says with its data wins.',
        default: rpkiDefaults.refresh,
      }),
    ),
    retry: Type.Optional(
      duration({
        description:
          'When a cache that failed is tried again, and a more preferred one than that in use.',
        default: rpkiDefaults.retry,
      }),
    ),
    expire: Type.Optional(
      duration({
        description:
          'How long data is used that no cache has confirmed; what the cache says with its data wins.',
        default: rpkiDefaults.expire,
      }),
    ),
    aspa: Type.Optional(
      flag({
        description:
          'Experimental: whether ASPAs are asked for, by version 2 of the protocol (draft-ietf-sidrops-8210bis-27).',
        default: rpkiDefaults.aspa,
      }),
    ),
  },
  {
    ...closed,
    description: 'Validation of routes with the RPKI.',
    errorMessage: 'expected { caches: [{ address: "[::1]:3323" }] }',
  },
);

export const decision = Type.Object(
  {
    med: Type.Optional(
      word(['same_as', 'always'], {
        description:
          'Whether MED is compared only among paths from the same neighbouring AS, or always.',
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
  {
    ...closed,
    description: 'Settings of the decision process.',
    errorMessage: 'expected { med, tie_break }',
  },
);

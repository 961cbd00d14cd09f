import { type Static, Type } from 'typebox';
import {
  closed,
  duration,
  name,
  notation,
  numberRange,
  oneOrSeveral,
  percentage,
  shortDuration,
  text,
  whole,
  word,
} from '#yaml/schema-values.ts';
import { serviceDefaults } from './defaults.ts';
import { prefixPattern } from './schema-policy.ts';

const medBand = (key: keyof typeof serviceDefaults.med_bands) =>
  Type.Optional(
    numberRange({
      description: `The range of MEDs that means ${key}.`,
      default: serviceDefaults.med_bands[key],
    }),
  );

const { probe: probeDefaults, brake: brakeDefaults } = serviceDefaults;
const port = (help: { readonly default?: number }) =>
  whole(1, 65_535, { description: 'The TCP port.', ...help });

const probe = Type.Object(
  {
    tcp: Type.Optional(
      Type.Object(
        { port: port({}) },
        {
          ...closed,
          description: 'A connection is opened and closed.',
          errorMessage: 'expected { port: 80 }',
        },
      ),
    ),
    http: Type.Optional(
      Type.Object(
        {
          port: Type.Optional(port({ default: probeDefaults.http.port })),
          path: Type.Optional(
            text({ description: 'The path that is asked for.', default: probeDefaults.http.path }),
          ),
          expect: Type.Optional(
            numberRange({
              description: 'The status codes of a node that works.',
              default: probeDefaults.http.expect,
            }),
          ),
          host: Type.Optional(text({ description: 'The Host header. Absent: the address.' })),
        },
        { ...closed, description: 'A GET.', errorMessage: 'expected { port, path, expect, host }' },
      ),
    ),
    interval: Type.Optional(
      shortDuration('100ms', {
        description: 'The time between two probes of a node.',
        default: probeDefaults.interval,
      }),
    ),
    timeout: Type.Optional(
      shortDuration('100ms', {
        description: 'The longest time that an answer may take.',
        default: probeDefaults.timeout,
      }),
    ),
    fall: Type.Optional(
      whole(1, 100, {
        description: 'This many failures in a row mean that the node does not answer.',
        default: probeDefaults.fall,
      }),
    ),
    rise: Type.Optional(
      whole(1, 100, {
        description: 'This many answers in a row mean that it answers again.',
        default: probeDefaults.rise,
      }),
    ),
    hold_down: Type.Optional(
      duration({
        description: 'With rank_last: the ranking of a node changes at most once in this time.',
        default: probeDefaults.hold_down,
      }),
    ),
    on_fail: Type.Optional(
      word(['report', 'rank_last'], {
        description:
          'report: shown beside the MED; rank_last: the paths of the node also rank behind those of nodes that answer.',
        default: probeDefaults.on_fail,
      }),
    ),
    source: Type.Optional(
      notation('an IPv4 or IPv6 address', { description: 'Our address that probes come from.' }),
    ),
  },
  {
    ...closed,
    description:
      'An independent check of the nodes: their next hops are probed from this server. Exactly one of tcp and http.',
    errorMessage: 'expected { http: { port: 80, path: /health } } or { tcp: { port: 80 } }',
  },
);
export type ProbeSource = Static<typeof probe>;

const brake = Type.Object(
  {
    max_share: Type.Optional(
      percentage({
        description:
          'While this share of the nodes does not answer, probes change no ranking, because the fault is probably in our own network.',
        default: brakeDefaults.max_share,
      }),
    ),
  },
  {
    ...closed,
    description: 'The brake of the probe.',
    errorMessage: 'expected { max_share: 50% }',
  },
);

const onLastWithdrawal = Type.Union(
  [
    word(['remove'], { description: 'The path is removed, like any other.' }),
    Type.Object(
      { keep: duration({ description: 'The longest time that the path is kept.' }) },
      { ...closed, description: 'The path is kept for a while.' },
    ),
  ],
  {
    description:
      'When a node withdraws the last path of an address while its session is up: remove it, or keep it for a while with MED 4294967295. ' +
      'Not for addresses that are also served from elsewhere (anycast).',
    default: serviceDefaults.on_last_withdrawal,
    errorMessage: 'expected remove or { keep: 10m }',
  },
);

export const service = Type.Object(
  {
    name: name({ description: 'Unique.' }),
    prefix: oneOrSeveral(prefixPattern, {
      description:
        'The addresses of the service; one that an earlier service has, too, belongs to that one.',
    }),
    home: Type.Optional(
      Type.Record(Type.String({ pattern: '^[0-9A-Fa-f.:/]+$' }), name({ description: 'A node.' }), {
        ...closed,
        description: 'The node that should serve an address, by prefix.',
        errorMessage: 'expected nodes by prefix, such as { "2001:db8:30::1/128": w3 }',
        nameMessage: 'expected a prefix such as 2001:db8:30::1/128',
      }),
    ),
    min_healthy: Type.Optional(
      whole(0, 1000, {
        description: 'The number of healthy nodes that each address needs.',
        default: serviceDefaults.min_healthy,
      }),
    ),
    probe: Type.Optional(probe),
    brake: Type.Optional(brake),
    on_last_withdrawal: Type.Optional(onLastWithdrawal),
    med_bands: Type.Optional(
      Type.Object(
        { up: medBand('up'), disabled: medBand('disabled'), down: medBand('down') },
        {
          ...closed,
          description:
            'What the MED of a route means for the health of its node. The default matches ExaBGP healthcheck.',
          default: serviceDefaults.med_bands,
          errorMessage: 'expected { up: 0-499, disabled: 500-999, down: 1000- }',
        },
      ),
    ),
  },
  { ...closed, description: 'A service.', errorMessage: 'expected { name: web, prefix: … }' },
);
export type ServiceSource = Static<typeof service>;

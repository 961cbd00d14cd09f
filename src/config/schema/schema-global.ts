import { Type } from 'typebox';
import {
  closed,
  duration,
  flag,
  percentage,
  shortDuration,
  size,
  whole,
  word,
} from '#yaml/schema-values.ts';
import { bfdDefaults, globalDefaults } from './defaults.ts';

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
    description:
      'Optional information that is sent in OPEN. A change resets no session; it is in the next OPEN of each.',
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
            'When many sessions are lost together, the fault is probably on our side, and the hold timers decide.',
          errorMessage: 'expected { max_share: 50%, within: 1s, at_least: 3 }',
        },
      ),
    ),
  },
  {
    ...closed,
    description: 'Settings of BFD for all peers.',
    errorMessage: 'expected { brake: { max_share: 50%, within: 1s, at_least: 3 } }',
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

import { Type } from 'typebox';
import { closed, durationOrNever, list, name, notation, word } from '#yaml/schema-values.ts';
import { bmpDefaults, monitoredTables } from './defaults.ts';

export const bmp = Type.Object(
  {
    name: Type.Optional(name({ description: 'A unique name; the address unless given.' })),
    address: notation('an address and port such as 192.0.2.9:11019 or "[2001:db8::9]:11019"', {
      description: 'The address and port of the collector, which fingerpost connects to.',
    }),
    monitor: Type.Optional(
      list(word(monitoredTables, { description: 'A table.' }), {
        description:
          'What the collector is sent. adj_rib_in_pre: routes as they are received; adj_rib_in_post: as import policy accepts them; loc_rib: the best paths; adj_rib_out_post: what each client is sent, with each route once per client.',
        minItems: 1,
        default: bmpDefaults.monitor,
      }),
    ),
    statistics: Type.Optional(
      durationOrNever({
        description: 'The time between two Statistics Reports. 0: none are sent.',
        default: bmpDefaults.statistics,
      }),
    ),
  },
  {
    ...closed,
    description: 'A BMP collector (RFC 7854).',
    errorMessage: 'expected a collector such as { name: noc, address: "192.0.2.9:11019" }',
  },
);

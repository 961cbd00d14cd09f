import { type Static, Type } from 'typebox';
import { serviceDefaults } from './defaults.ts';
import { prefixPattern } from './schema-policy.ts';
import { name, numberRange, oneOrSeveral, whole } from './schema-values.ts';

const closed = { additionalProperties: false } as const;

const medBand = (key: keyof typeof serviceDefaults.med_bands) =>
  Type.Optional(
    numberRange({
      description: `The range of MEDs that means ${key}.`,
      default: serviceDefaults.med_bands[key],
    }),
  );

export const service = Type.Object(
  {
    name: name({ description: 'Unique.' }),
    prefix: oneOrSeveral(prefixPattern, { description: 'The addresses of the service.' }),
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
        description: 'The number of healthy nodes that each address needs.',
        default: serviceDefaults.min_healthy,
      }),
    ),
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

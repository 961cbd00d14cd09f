import { Type } from 'typebox';
import { closed, duration, flag, list, name, notation, text, whole } from '#yaml/schema-values.ts';
import { rpkiDefaults } from './defaults.ts';

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
        description:
          'The time between two queries. A value that the cache sends with its data takes precedence.',
        default: rpkiDefaults.refresh,
      }),
    ),
    retry: Type.Optional(
      duration({
        description:
          'The time after which a cache that failed, or one that is preferred to the one in use, is tried again. A value that the cache sends with its data takes precedence.',
        default: rpkiDefaults.retry,
      }),
    ),
    expire: Type.Optional(
      duration({
        description:
          'How long data stays in use without being confirmed by a cache. A value that the cache sends with its data takes precedence.',
        default: rpkiDefaults.expire,
      }),
    ),
    aspa: Type.Optional(
      flag({
        description:
          'Experimental: whether ASPAs are requested, with version 2 of the protocol (draft-ietf-sidrops-8210bis-27).',
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

import { Type } from 'typebox';
import { closed, duration, size, text, word } from '#yaml/schema-values.ts';
import { dumpCompressions, mrtDefaults } from './defaults.ts';

const dumpDirectory = text({
  description: 'The directory of the files; a relative path is relative to `state_dir`.',
});
const dumpKeep = duration({
  description:
    'Files older than this are removed, but none while the clock may be wrong (as with `history`).',
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
            'A log of every message that peers send and every change of the state of a session (BGP4MP_ET).',
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
          description:
            'Regular dumps of all paths as they were received (Adj-RIB-In, TABLE_DUMP_V2).',
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

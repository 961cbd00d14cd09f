import { Type } from 'typebox';

/** The parameters that birdwatcher takes in its URLs; others (`uncached`) have no meaning here. */
const word = Type.String({ minLength: 1, maxLength: 80 });
const prefixText = Type.String({ pattern: '^[0-9A-Fa-f.:/]{1,80}$' });

export const IdParams = Type.Object({ id: word });
export const TableParams = Type.Object({ table: word });
export const TablePeerParams = Type.Object({ table: word, id: word });
export const NetParams = Type.Object({
  net: prefixText,
  mask: Type.Optional(Type.String({ pattern: '^\\d{1,3}$' })),
  table: Type.Optional(word),
});
export const AnyQuery = Type.Object({});
export const PrefixQuery = Type.Object({ prefix: prefixText });

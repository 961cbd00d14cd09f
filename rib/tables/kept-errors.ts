import type { AttributeError, Decoded } from '#wire/attributes.ts';
import type { AttributeErrors } from '../rib-events.ts';

/** Discarded attributes of one set that are kept; a peer can put thousands in one UPDATE. */
const mostErrors = 16;
/** Bytes of an attribute that are kept with its error. */
const mostErrorBytes = 64;

/** Of the errors of one set, which can be thousands of 64 KiB, their names, texts and first bytes. */
export function keptErrors({ malformed, discarded }: Decoded): AttributeErrors {
  const kept = discarded.slice(0, mostErrors).map(shortened);
  return malformed === undefined
    ? { discarded: kept }
    : { malformed: shortened(malformed), discarded: kept };
}

function shortened<Name extends string>(error: AttributeError<Name>): AttributeError<Name> {
  return { ...error, data: error.data.slice(0, mostErrorBytes) };
}

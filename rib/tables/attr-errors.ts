import type { AttrsId } from '#policy/ids.ts';
import type { AttributeError, Decoded } from '#wire/attributes.ts';
import type { AttributeErrors } from '../rib-events.ts';

/** Discarded attributes of one set that are kept; a peer can put thousands in one UPDATE. */
const mostErrors = 16;
/** Bytes of an attribute that are kept with its error. */
const mostErrorBytes = 64;

/**
 * The errors of received attribute sets. They are decoded from the bytes of the set when they are requested: a peer can
 * send any number of sets with errors, and texts would fill the heap. Only the last ones are kept, because an UPDATE
 * asks several times in a row.
 */
export class AttrErrors {
  private readonly decode: (id: AttrsId) => Decoded;
  private last: { readonly id: AttrsId; readonly errors: AttributeErrors } | undefined;

  constructor(decode: (id: AttrsId) => Decoded) {
    this.decode = decode;
  }

  of(id: AttrsId): AttributeErrors {
    const { last } = this;
    return last?.id === id ? last.errors : this.remember(id, this.decode(id));
  }

  /** Returns the errors of a set that has just been decoded. */
  remember(id: AttrsId, decoded: Decoded): AttributeErrors {
    const errors = shortenedErrors(decoded);
    this.last = { id, errors };
    return errors;
  }

  /** To be called when the id is freed. */
  forget(id: number): void {
    if (this.last?.id === id) this.last = undefined;
  }
}

/** Of the errors of one set, which can be thousands of 64 KiB, their names, texts and first bytes. */
function shortenedErrors({ malformed, discarded }: Decoded): AttributeErrors {
  const kept = discarded.slice(0, mostErrors).map(shortened);
  return malformed === undefined
    ? { discarded: kept }
    : { malformed: shortened(malformed), discarded: kept };
}

function shortened<Name extends string>(error: AttributeError<Name>): AttributeError<Name> {
  return { ...error, data: error.data.slice(0, mostErrorBytes) };
}

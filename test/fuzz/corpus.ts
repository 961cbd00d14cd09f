import { readVectors } from '../vectors/vectors.ts';
import { partsOf, type UpdateParts } from './update-parts.ts';

/** Messages that real daemons sent, and those of the RFCs, which are mutated. */
export interface Corpus {
  readonly opens: readonly Uint8Array[];
  readonly updates: readonly UpdateParts[];
  /** NOTIFICATION, KEEPALIVE, ROUTE-REFRESH. */
  readonly others: readonly Uint8Array[];
}

const openType = 1;
const updateType = 2;

export function readCorpus(): Corpus {
  const messages = [...readVectors().values()]
    .flat()
    .map(({ hex }) => Uint8Array.from(Buffer.from(hex, 'hex')));
  const ofType = (wanted: (type: number) => boolean): Uint8Array[] =>
    messages.filter((message) => wanted(message[18]));
  return {
    opens: ofType((type) => type === openType),
    updates: ofType((type) => type === updateType).map((message) => partsOf(message.slice(19))),
    others: ofType((type) => type !== openType && type !== updateType),
  };
}

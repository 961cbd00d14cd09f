declare const brand: unique symbol;

/** A small positive integer that names a row of one table; 0 is "none" everywhere. */
export type Id<Name extends string> = number & { readonly [brand]: Name };

/** A configured peer; small and reused, so that sets of peers are bitmaps. */
export type PeerId = Id<'Peer'>;
/** A prefix of one family; each family numbers its own. */
export type PrefixId = Id<'Prefix'>;
/** A path: one peer's announcement of one prefix, per family. */
export type PathId = Id<'Path'>;
/** A set of path attributes, next hop included; common to both families. */
export type AttrsId = Id<'Attrs'>;
/** An interned set of peers. */
export type PeerSetId = Id<'PeerSet'>;
/** Who is sent a prefix, and as what. */
export type ShareId = Id<'Share'>;

export const none = 0;

declare const brand: unique symbol;

/** A small positive integer that names a row of one table; 0 means "none" everywhere. */
export type Id<Name extends string> = number & { readonly [brand]: Name };

/** A configured peer. The ids are small and reused, so that sets of peers can be bitmaps. */
export type PeerId = Id<'Peer'>;
/** A prefix of one family; each family has its own numbering. */
export type PrefixId = Id<'Prefix'>;
/** A path: one peer's announcement of one prefix, per family. */
export type PathId = Id<'Path'>;
/** A set of path attributes, including the next hop; both families share the table. */
export type AttrsId = Id<'Attrs'>;
/** An interned set of peers. */
export type PeerSetId = Id<'PeerSet'>;
/** Which clients are sent a prefix, and with which attributes. */
export type ShareId = Id<'Share'>;

export const none = 0;

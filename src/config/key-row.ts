import type { PeerEffectName } from '#api/names.ts';

/** What the change of a key does to a session. */
export type ChangeEffect = Exclude<PeerEffectName, 'add' | 'remove'>;

/** A key of the file, and what its change does to the session of a peer. */
export interface KeyRow {
  readonly key: string;
  readonly effect: ChangeEffect;
}

import type { Places } from '#yaml/places.ts';
import type { Place } from '#yaml/source.ts';
import { peerDefaults } from '../schema/defaults.ts';
import type { SessionSource } from '../schema/schema-session.ts';

/** The keys of a peer, then those of its group, then the defaults. */
export class Layers {
  readonly own: SessionSource;
  readonly group: SessionSource | undefined;
  readonly values;
  private readonly places: Places;

  constructor(places: Places, own: SessionSource, group: SessionSource | undefined) {
    this.places = places;
    this.own = own;
    this.group = group;
    this.values = { ...peerDefaults, ...group, ...own };
  }

  /** Returns the object that the value of `key` comes from; `own` for a default. */
  holder(key: keyof SessionSource): SessionSource {
    const { own, group } = this;
    const isGroups = !Object.hasOwn(own, key) && group !== undefined && Object.hasOwn(group, key);
    return isGroups ? group : own;
  }

  place(key: keyof SessionSource): Place {
    return this.places.ofValue(this.holder(key), key);
  }

  /** Returns whether the peer or its group gave the key, valid or not. */
  isGiven(key: keyof SessionSource): boolean {
    return [this.own, this.group].some(
      (layer) =>
        layer !== undefined && (Object.hasOwn(layer, key) || this.places.isDropped(layer, key)),
    );
  }
}

/**
 * A key for the content of a route: next hop, AS_PATH, MED and communities, hashed to 32 bits. Two routes with the
 * same key
 * are equal, except for a chance of one in four thousand million. A router's table is thus a column of keys, and
 * checking an UPDATE takes a hash and a look-up.
 */

/** Where the values are in a message; `length` 0 means absent. Scratch, overwritten by each UPDATE. */
export interface AttributePlaces {
  nextHopAt: number;
  nextHopLength: number;
  asPathAt: number;
  asPathLength: number;
  medAt: number;
  medLength: number;
  communitiesAt: number;
  communitiesLength: number;
}

/** It is never 0, which stands for "no route". */
export function routeKey(octets: Uint8Array, places: AttributePlaces): number {
  let hash = hashed(octets, places.nextHopAt, places.nextHopLength, 0x811c9dc5);
  hash = hashed(octets, places.asPathAt, places.asPathLength, hash);
  hash = hashed(octets, places.medAt, places.medLength, hash);
  hash = hashed(octets, places.communitiesAt, places.communitiesLength, hash);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 15)) >>> 0 || 1;
}

function hashed(octets: Uint8Array, at: number, length: number, seed: number): number {
  let hash = Math.imul(seed ^ length, 0x01000193);
  for (let place = at; place < at + length; place++) {
    hash = Math.imul(hash ^ octets[place], 0x01000193);
  }
  return hash;
}

export function noPlaces(): AttributePlaces {
  return {
    nextHopAt: 0,
    nextHopLength: 0,
    asPathAt: 0,
    asPathLength: 0,
    medAt: 0,
    medLength: 0,
    communitiesAt: 0,
    communitiesLength: 0,
  };
}

import { atOnce } from '#daemon/in-slices.ts';
import { decodePdu, RtrError, type Vrp } from '#rpki/pdu.ts';
import { RpkiData } from '#rpki/rpki-data.ts';
import { RtrClient } from '#rpki/rtr-client.ts';
import { type Dice, dice } from '#support/dice.ts';
import { CachePdus, joined, vrpOf as parsedVrp } from '#support/rtr-pdus.ts';
import { formatPrefix } from '#text/prefix.ts';
import { families } from '#wire/constants.ts';

/** What was tried, and how often. */
export interface RtrTally {
  pdus: number;
  refused: number;
  clients: number;
  loads: number;
  contradictions: number;
}

export function emptyRtrTally(): RtrTally {
  return { pdus: 0, refused: 0, clients: 0, loads: 0, contradictions: 0 };
}

/**
 * Lets RTR caches send anything for this many seconds; throws if something does not hold, with the seed of the round.
 */
export function fuzzRtr(seconds: number, seed: number): RtrTally {
  const tally = emptyRtrTally();
  const endMs = performance.now() + seconds * 1000;
  for (let round = seed; performance.now() < endMs; round++) {
    try {
      decodeRandom(dice(round), 1000, tally);
      for (let times = 0; times < 10; times++) talkToRandom(dice(round * 10 + times), tally);
      loadRandom(dice(round), tally);
    } catch (error) {
      throw new Error(`seed ${round}`, { cause: error });
    }
  }
  return tally;
}

/** Whatever bytes a cache sends are decoded, or refused with a code. */
export function decodeRandom(roll: Dice, count: number, tally = emptyRtrTally()): void {
  for (let at = 0; at < count; at++) {
    const pdu = randomPdu(roll);
    if (pdu.length < 8) continue;
    tally.pdus++;
    try {
      decodePdu(pdu);
    } catch (error) {
      if (!(error instanceof RtrError)) throw error;
      tally.refused++;
    }
  }
}

function randomPdu(roll: Dice): Uint8Array {
  const pdus = new CachePdus(roll.pick([0, 1, 1, 1, 2, 2]));
  const session = roll.pick([7, 7, 7, 8]);
  const pdu = roll.pick([
    () => pdus.response(session),
    () => pdus.prefix(roll.pick(['10.0.0.0/8-24 AS1', '2001:db8::/32 AS2']), roll.chance(0.7)),
    () => pdus.endOfData(session, roll.below(9)),
    () => pdus.notify(session, roll.below(9)),
    () => pdus.aspa(roll.below(9), [1, 2], roll.chance(0.7)),
    () => pdus.cacheReset(),
    () => pdus.error(roll.below(11), 'text'),
    () => pdus.routerKey(),
  ])();
  for (let times = roll.pick([0, 0, 0, 1, 3]); times > 0; times--) {
    pdu[roll.below(pdu.length)] = roll.below(256);
  }
  return roll.chance(0.05) ? pdu.slice(0, roll.below(pdu.length)) : pdu;
}

/** Two caches send anything at any time: the client must not throw, hang, or keep a connection when it stops. */
export function talkToRandom(roll: Dice, tally = emptyRtrTally()): void {
  let nowMs = 0;
  let loads = 0;
  const open = new Set<number>();
  const client = new RtrClient(
    { caches: 2, version: 2, refreshMs: 3_600_000, retryMs: 600_000, expireMs: 7_200_000 },
    {
      connect: (cache) => void open.add(cache),
      disconnect: (cache) => void open.delete(cache),
      send: () => undefined,
      load: () => void loads++,
      expire: () => undefined,
      changed: () => undefined,
    },
  );
  tally.clients++;
  client.tick(nowMs);
  for (let step = 0; step < 60; step++) {
    const cache = roll.below(2);
    if (roll.chance(0.3)) {
      nowMs = Math.max(nowMs, Math.min(client.nextMs, nowMs + roll.below(7_200_000)));
      client.tick(nowMs);
      if (client.nextMs <= nowMs) throw new Error(`the client wants to be called at once, again`);
    } else if (open.has(cache)) {
      if (roll.chance(0.2)) {
        open.delete(cache);
        client.disconnected(cache, 'gone', nowMs);
        continue;
      }
      client.connected(cache, nowMs);
      const pdus = Array.from({ length: roll.below(6) }, () => randomPdu(roll));
      client.received(cache, joined(...pdus), nowMs);
      if (loads > 0 && roll.chance(0.8)) {
        loads = 0;
        client.loaded(roll.chance(0.8) ? undefined : new RtrError(6, 'unknown'), nowMs);
      }
    }
  }
  client.stop();
  if (open.size > 0) throw new Error('a connection is left when the client has stopped');
}

/** Few of them, so that what is announced often exists already, and what is withdrawn often does not. */
const vrpTexts = ['10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32', '2001:db8:1::/48'].flatMap(
  (prefix) =>
    [1, 2].flatMap((asn) => [
      `${prefix} AS${asn}`,
      `${prefix}-${prefix.includes(':') ? 64 : 24} AS${asn}`,
    ]),
);

/**
 * A cache whose data changes at random and sometimes contradicts itself: after every answer the data in use is that of
 * the cache, or what it was before if the answer was refused.
 */
export function loadRandom(roll: Dice, tally = emptyRtrTally()): void {
  const pdus = new CachePdus(1);
  const data = new RpkiData();
  let theirs = new Set<string>();
  let isSynchronized = false;
  let serial = 1;
  let queries = 0;
  let isOpen = false;
  let fault: RtrError | undefined;
  let nowMs = 0;
  const client: RtrClient = new RtrClient(
    { caches: 1, version: 1, refreshMs: 1000, retryMs: 1000, expireMs: 1e9 },
    {
      connect: () => (isOpen = true),
      disconnect: () => (isOpen = false),
      send: () => void queries++,
      load: (_, received) => {
        tally.loads++;
        try {
          data.install(atOnce(data.prepare(received, keyOf)));
        } catch (error) {
          if (!(error instanceof RtrError)) throw error;
          fault = error;
        }
      },
      expire: () => undefined,
      changed: () => undefined,
    },
  );
  for (let step = 0; step < 30; step++) {
    nowMs = Math.max(nowMs + 1, Math.min(client.nextMs, nowMs + 1e7));
    client.tick(nowMs);
    if (!isOpen) continue;
    const before = queries;
    client.connected(0, nowMs);
    if (queries > before) isSynchronized = false;
    const base = isSynchronized ? theirs : new Set<string>();
    const next = new Set(vrpTexts.filter(() => roll.chance(0.4)));
    const rows = [
      ...[...next].filter((text) => !base.has(text)).map((text) => pdus.prefix(text)),
      ...[...base].filter((text) => !next.has(text)).map((text) => pdus.prefix(text, false)),
    ];
    const isContrary = roll.chance(0.2);
    if (isContrary) rows.push(contradiction(roll, pdus, next));
    serial++;
    const answer = [
      pdus.response(7),
      ...shuffled(roll, rows, isContrary),
      pdus.endOfData(7, serial),
    ];
    const known = keysOf(data);
    fault = undefined;
    const loadsBefore = tally.loads;
    client.received(0, joined(...answer), nowMs);
    if (tally.loads === loadsBefore) continue;
    if (isContrary) tally.contradictions++;
    if (isContrary !== (fault !== undefined)) {
      throw new Error(
        `an answer ${isContrary ? 'that contradicts itself was taken' : 'was refused'}`,
      );
    }
    const wanted = fault === undefined ? [...next].map(canonicalOf).toSorted() : known;
    const found = keysOf(data);
    if (found.join() !== wanted.join()) {
      throw new Error(`the data in use is ${found.join(' ')}, and not ${wanted.join(' ')}`);
    }
    client.loaded(fault, nowMs);
    if (fault === undefined) theirs = next;
    isSynchronized = fault === undefined;
  }
  client.stop();
}

/** Announces what exists, or withdraws what does not (RFC 8210 §5.6, §12). */
function contradiction(roll: Dice, pdus: CachePdus, next: ReadonlySet<string>): Uint8Array {
  const text = roll.pick(vrpTexts);
  return pdus.prefix(text, next.has(text));
}

/** The order of rows has no meaning, unless one of them contradicts another. */
function shuffled<Row>(roll: Dice, rows: readonly Row[], isKept: boolean): Row[] {
  return isKept ? [...rows] : rows.toSorted(() => (roll.chance(0.5) ? 1 : -1));
}

function keysOf(data: RpkiData): string[] {
  const seen = new Set<string>();
  for (const text of vrpTexts) {
    const { prefix } = parsedVrp(text);
    for (const vrp of data.covering(prefix)) seen.add(keyOf(vrp));
  }
  const count = families.reduce((sum, { family }) => sum + data.countOf(family), 0);
  if (count !== seen.size) throw new Error(`${count} VRPs are counted, and ${seen.size} are there`);
  return [...seen].toSorted();
}

function keyOf(vrp: Vrp): string {
  return `${formatPrefix(vrp)}-${vrp.maxLengthBits} AS${vrp.asn}`;
}

function canonicalOf(text: string): string {
  const { prefix, maxLengthBits, asn } = parsedVrp(text);
  return keyOf({ ...prefix, maxLengthBits, asn });
}

import type { Prefix } from '../src/wire/nlri.ts';
import { Admission } from './admission.ts';
import type { FamilyRib } from './family-rib.ts';
import type { PathId, PeerId, PrefixId } from './ids.ts';
import { none } from './ids.ts';
import type { OverlayAttrs } from './overlay-attrs.ts';
import type { Standing } from './overlay.ts';
import { Overlay, maskOfAll } from './overlay.ts';
import type { PathRow } from './path-row.ts';
import { readRows } from './path-row.ts';
import { PeerRanks } from './peer-ranks.ts';
import { scratchPrefix } from './prefix-table.ts';
import type { Rib } from './rib.ts';
import type { RibPeerSettings } from './rib-peer.ts';
import { sharesAlike } from './rib-peer.ts';

/** A peer as a simulation takes it; its judges must work on the simulation's own attribute sets. */
export interface SimulatedPeer {
  readonly id: PeerId;
  readonly settings: RibPeerSettings;
  /** Is sent what it may have: Established, or about to be, and no shadow. */
  readonly isTold: boolean;
  /** Its session ends: what it announced goes. */
  readonly isLost?: boolean;
}

/** One prefix before and after; valid during the call only, as are the ids in it. */
export interface PrefixOutcome {
  readonly prefix: Prefix;
  readonly before: Standing;
  readonly after: Standing;
}

/**
 * What would become of each prefix that these peers have a path of, were they gone: for each of the
 * sets of peers by itself, with its index. The generator is the slices: it gives way after each prefix, and
 * rows that change meanwhile may be missed or seen twice. Reads the live RIB and writes nothing of it.
 */
export function* simulateLosses(
  live: Rib,
  attrs: OverlayAttrs,
  peers: readonly SimulatedPeer[],
  losses: readonly ReadonlySet<PeerId>[],
  visit: (loss: number, outcome: PrefixOutcome) => void,
): Generator<void> {
  const told = toldOf(peers);
  const lossesOf = indexByPeer(losses);
  const masks = losses.map(maskOfAll);
  for (const rib of live.families) {
    const overlay = new Overlay(live, rib.tables.family, attrs, live.ranks, peers);
    for (const { id, prefix } of prefixesOf(rib)) {
      yield;
      if (!rib.tables.prefixes.has(id)) continue;
      const touched = new Set(pathsOf(rib, id).flatMap((path) => lossesOf.get(path) ?? []));
      if (touched.size === 0) continue;
      attrs.sweepIfDue();
      const rows = readRows(live, rib, id, attrs, () => false);
      const shown = overlay.show(rib.tables.prefixes.read(id, prefix), rows);
      for (const loss of touched) {
        const left = told & ~masks[loss];
        const before = overlay.standing(shown, left);
        const taken = overlay.take(shown, rows, losses[loss]);
        visit(loss, { prefix, before, after: overlay.standing(shown, left) });
        for (const row of taken) overlay.put(shown, row);
        yield;
      }
      overlay.clear(shown);
    }
  }
}

/**
 * What would become of each prefix that a change of settings touches: peers come, go, or are judged
 * otherwise on the way in or out. Limits let in what a reload would let in. As `simulateLosses` in
 * all else.
 */
export function* simulateSettings(
  live: Rib,
  attrs: OverlayAttrs,
  before: readonly SimulatedPeer[],
  after: readonly SimulatedPeer[],
  visit: (outcome: PrefixOutcome) => void,
): Generator<void> {
  const change = new SettingsChange(before, after);
  const ranks = ranksOf(live, after);
  const admissions = live.families.map(
    ({ tables }) => new Admission(live, tables.family, attrs, ranks, change.limited),
  );
  for (const admission of admissions) yield* admission.decide();
  const ended = new Set(admissions.flatMap((admission) => [...admission.ended]));
  const toldAfter = change.toldAfter & ~maskOfAll(ended);
  for (const rib of live.families) {
    const { family } = rib.tables;
    const old = new Overlay(live, family, attrs, live.ranks, before);
    const young = new Overlay(live, family, attrs, ranks, change.unlimited);
    const isGone = (peer: PeerId): boolean => change.isGone(peer, family) || ended.has(peer);
    for (const { id, prefix } of prefixesOf(rib)) {
      yield;
      if (!rib.tables.prefixes.has(id) || !isTouched(rib, id, change, isGone)) continue;
      attrs.sweepIfDue();
      const rows = readRows(live, rib, id, attrs, (peer) => change.isJudged(peer));
      const kept = rows.filter((row) => !isGone(row.peer));
      rib.tables.prefixes.read(id, prefix);
      const shownOld = old.show(prefix, rows);
      const shownYoung = young.show(prefix, kept);
      judgeAnew(young, shownYoung, kept, admissions[family], prefix);
      const was = old.standing(shownOld, change.toldBefore);
      visit({ prefix, before: was, after: young.standing(shownYoung, toldAfter) });
      old.clear(shownOld);
      young.clear(shownYoung);
    }
  }
}

/** What differs between two sets of peers. */
class SettingsChange {
  readonly toldBefore: bigint;
  readonly toldAfter: bigint;
  /** Peers that are judged anew under a limit. */
  readonly limited: readonly SimulatedPeer[];
  /** All of `after`, their limits left out. */
  readonly unlimited: readonly SimulatedPeer[];
  /** Every prefix must be looked at: clients differ. */
  readonly touchesAll: boolean;
  private readonly judged: ReadonlySet<PeerId>;
  private readonly reranked: ReadonlySet<PeerId>;
  private readonly after: ReadonlyMap<PeerId, SimulatedPeer>;

  constructor(before: readonly SimulatedPeer[], after: readonly SimulatedPeer[]) {
    const known = new Map(before.map((peer) => [peer.id, peer]));
    const remaining = after.filter(({ id, isLost }) => known.has(id) && isLost !== true);
    const changed = (differs: (a: RibPeerSettings, b: RibPeerSettings) => boolean) =>
      remaining.filter(({ id, settings }) =>
        differs(known.get(id)?.settings ?? settings, settings),
      );
    const judged = changed(isJudgedOtherwise);
    this.after = new Map(after.map((peer) => [peer.id, peer]));
    this.judged = new Set(judged.map(({ id }) => id));
    this.reranked = new Set(changed(isRankedOtherwise).map(({ id }) => id));
    this.limited = judged.filter(({ settings }) => hasLimit(settings));
    this.unlimited = after.map((peer) => ({ ...peer, settings: withoutLimits(peer.settings) }));
    this.toldBefore = toldOf(before);
    this.toldAfter = toldOf(after);
    this.touchesAll = [...before, ...after].some(({ id }) =>
      isToldOtherwise(known.get(id), this.after.get(id)),
    );
  }

  isJudged(peer: PeerId): boolean {
    return this.judged.has(peer);
  }

  /** Whether the peer's paths may stand otherwise than they did. */
  isTouched(peer: PeerId): boolean {
    return this.judged.has(peer) || this.reranked.has(peer);
  }

  /** Whether what the peer announced in the family goes. */
  isGone(peer: PeerId, family: number): boolean {
    const found = this.after.get(peer);
    return found === undefined || found.isLost === true || !found.settings.families[family];
  }
}

function isTouched(
  rib: FamilyRib,
  prefix: PrefixId,
  change: SettingsChange,
  isGone: (peer: PeerId) => boolean,
): boolean {
  const peers = pathsOf(rib, prefix);
  if (peers.length === 0) return false;
  return change.touchesAll || peers.some((peer) => change.isTouched(peer) || isGone(peer));
}

/** Where limits had a say, their word counts. */
function judgeAnew(
  overlay: Overlay,
  prefix: PrefixId,
  rows: readonly PathRow[],
  admission: Admission,
  words: Prefix,
): void {
  const { paths } = overlay.rib.tables;
  for (const row of rows) {
    if (row.received === none) continue;
    const admitted = admission.judged(words, row);
    if (admitted === undefined) overlay.rejudge(paths.find(prefix, row.peer, row.pathId));
    else {
      overlay.drop(paths.find(prefix, row.peer, row.pathId));
      overlay.put(prefix, { ...row, ...admitted });
    }
  }
}

/** The peers of a prefix's paths. */
function pathsOf({ tables: { paths } }: FamilyRib, prefix: PrefixId): PeerId[] {
  const peers: PeerId[] = [];
  for (let path: PathId = paths.first(prefix); path !== none; path = paths.next(path)) {
    peers.push(paths.peer(path));
  }
  return peers;
}

/** Every prefix of the family; `prefix` is scratch, for the reader to fill. */
function* prefixesOf({ tables }: FamilyRib) {
  const prefix = scratchPrefix(tables.family);
  for (let id = 1 as PrefixId; id < tables.prefixes.limit; id++) yield { id, prefix };
}

function indexByPeer(losses: readonly ReadonlySet<PeerId>[]): ReadonlyMap<PeerId, number[]> {
  const index = new Map<PeerId, number[]>();
  losses.forEach((peers, loss) => {
    for (const peer of peers) index.set(peer, [...(index.get(peer) ?? []), loss]);
  });
  return index;
}

function toldOf(peers: readonly SimulatedPeer[]): bigint {
  return maskOfAll(peers.filter(({ isTold }) => isTold).map(({ id }) => id));
}

/** As the ranks would be among these peers. */
function ranksOf(live: Rib, peers: readonly SimulatedPeer[]): PeerRanks {
  const ranks = new PeerRanks();
  for (const { id, settings } of peers) {
    ranks.add(id, settings.address, settings.honourGracefulShutdown);
    ranks.setRouterId(id, live.ranks.routerId(id));
    ranks.setDrained(id, live.ranks.isDrained(id));
  }
  return ranks;
}

function isJudgedOtherwise(a: RibPeerSettings, b: RibPeerSettings): boolean {
  return a.importJudge !== b.importJudge || limitsOf(a) !== limitsOf(b);
}

function isRankedOtherwise(a: RibPeerSettings, b: RibPeerSettings): boolean {
  const isSameAddress = a.address.join() === b.address.join();
  return a.honourGracefulShutdown !== b.honourGracefulShutdown || !isSameAddress;
}

function isToldOtherwise(a: SimulatedPeer | undefined, b: SimulatedPeer | undefined): boolean {
  if (a?.isTold !== b?.isTold) return a?.isTold === true || b?.isTold === true;
  const isClient = a?.settings.exportJudge !== undefined || b?.settings.exportJudge !== undefined;
  if (a?.isTold !== true || !isClient) return false;
  return b === undefined || !sharesAlike(a.settings, b.settings);
}

function limitsOf({ acceptedLimit, receivedLimit }: RibPeerSettings): string {
  return JSON.stringify([acceptedLimit, receivedLimit]);
}

function hasLimit({ acceptedLimit, receivedLimit }: RibPeerSettings): boolean {
  return [...acceptedLimit, ...receivedLimit].some((limit) => limit !== undefined);
}

function withoutLimits(settings: RibPeerSettings): RibPeerSettings {
  return { ...settings, acceptedLimit: [], receivedLimit: [] };
}

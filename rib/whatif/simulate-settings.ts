import { none } from '#policy/ids.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Rib } from '../rib.ts';
import { PeerRanks } from '../tables/peer-ranks.ts';
import { Admission } from './admission.ts';
import type { OverlayAttrs } from './overlay-attrs.ts';
import { Overlay } from './overlay.ts';
import { eachPrefixOf, type PathRow, peersOf, readRows } from './path-row.ts';
import { SettingsChange, type SimulatedSettings } from './settings-change.ts';
import type { PrefixOutcome, SimulatedPeer } from './simulate.ts';

/**
 * Yields what would become of each prefix that a change of settings affects (peers are added, removed, or judged
 * differently on import or export), and of those that are requested. Limits accept what a reload would accept. In all
 * else it is like `simulateLosses`.
 */
export function* simulateSettings(
  live: Rib,
  attrs: OverlayAttrs,
  before: readonly SimulatedPeer[],
  after: SimulatedSettings,
  visit: (outcome: PrefixOutcome) => void,
  isAskedFor: (prefix: Prefix) => boolean = () => false,
): Generator<void> {
  const change = new SettingsChange(live, before, after);
  const ranks = change.isReranked ? ranksOf(live, after.peers) : live.ranks;
  const admissions = live.families.map(
    ({ tables }) => new Admission(live, tables.family, attrs, ranks, change.limited),
  );
  for (const admission of admissions) yield* admission.decide();
  for (const { ended } of admissions) change.endSessions(ended);
  for (const rib of live.families) {
    const { family } = rib.tables;
    const old = new Overlay(live, family, attrs, live.ranks, before);
    const young = new Overlay(live, family, attrs, ranks, change.unlimited, after);
    const rehearsal = new Rehearsal(old, young, change, admissions[family]);
    for (const { id, prefix } of eachPrefixOf(rib)) {
      yield;
      const peers = peersOf(rib, id);
      if (peers.length === 0) continue;
      rib.tables.prefixes.read(id, prefix);
      if (!change.touches(peers, family) && !isAskedFor(prefix)) continue;
      attrs.sweepIfDue();
      const rows = readRows(live, rib, id, attrs, (peer) => change.isJudged(peer));
      visit(rehearsal.play(prefix, rows));
    }
  }
}

/** One family before and after, one prefix at a time. */
class Rehearsal {
  private readonly old: Overlay;
  private readonly young: Overlay;
  private readonly change: SettingsChange;
  private readonly admission: Admission;

  constructor(old: Overlay, young: Overlay, change: SettingsChange, admission: Admission) {
    this.old = old;
    this.young = young;
    this.change = change;
    this.admission = admission;
  }

  play(prefix: Prefix, rows: readonly PathRow[]): PrefixOutcome {
    const { old, young, change } = this;
    const { family } = prefix;
    const shownOld = old.show(prefix, rows);
    const before = old.stateOf(shownOld, change.servedBefore);
    old.clear(shownOld);
    const kept = rows.filter(({ peer }) => !change.isGone(peer, family));
    const shownYoung = young.show(prefix, kept);
    for (const row of kept) if (row.received !== none) this.judge(prefix, row);
    const after = young.stateOf(shownYoung, change.servedAfter);
    young.clear(shownYoung);
    return { prefix, before, after };
  }

  /** If limits had to decide, their decision counts. */
  private judge(prefix: Prefix, row: PathRow): void {
    const { tables } = this.young.rib;
    const id = tables.prefixes.find(prefix);
    const path = tables.paths.find(id, row.peer, row.pathId);
    const admitted = this.admission.judged(prefix, row);
    if (admitted === undefined) return this.young.rejudge(path);
    this.young.drop(path);
    this.young.put(id, { ...row, ...admitted });
  }
}

/** Returns the ranks as they would be among these peers. */
function ranksOf(live: Rib, peers: readonly SimulatedPeer[]): PeerRanks {
  const ranks = new PeerRanks();
  for (const { id, settings } of peers) {
    ranks.add(id, settings.address, settings.honourGracefulShutdown);
    ranks.setRouterId(id, live.ranks.routerId(id));
    ranks.setDrained(id, live.ranks.isDrained(id));
  }
  ranks.copyAnswers(live.ranks);
  return ranks;
}

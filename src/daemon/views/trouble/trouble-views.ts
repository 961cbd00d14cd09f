import type { TroubledAddress, TroubleView } from '#api/views/trouble.ts';
import { timestamp, wallTime } from '#clock.ts';
import { type ServiceState, serviceStates } from '#services/audit.ts';
import {
  commonFactor,
  isFelt,
  type LesserState,
  type TroubleKind,
  troubleKinds,
  troubleOf,
  untouchable,
  verdictOf,
} from '#services/trouble.ts';
import { parsePrefix } from '#text/prefix.ts';
import type { Reloads } from '../../changes/reloads.ts';
import type { Daemon } from '../../daemon.ts';
import { inTurns } from '../../in-slices.ts';
import type { WatchedAddress } from '../../services/service-addresses.ts';
import { onlyNodeOf } from '../../services/service-states.ts';
import { momentOf, recordedEvents } from '../record-queries.ts';
import { expectedPeers, isLost, lostSession, placedSession } from './lost-sessions.ts';
import { type Ask, pastOf, rememberedOf } from './past.ts';
import { runningClocks } from './running-clocks.ts';

const mostRows = 100;
const exampleCount = 3;

/** An address in trouble; of the worst few a view is made. */
interface Found {
  readonly address: WatchedAddress;
  readonly kind: TroubleKind;
  readonly sinceMs: number;
  readonly onlyNode: string | undefined;
}

/** The addresses that are in trouble. */
interface AddressTrouble {
  readonly counts: Record<TroubleKind, number>;
  /** Worst and oldest first. */
  readonly rows: readonly Found[];
  /** The other addresses that are not ok, worst first. */
  readonly lesser: readonly LesserState[];
}

/** Answers `show trouble`: what is wrong now, worst first, from what the daemon keeps up to date anyway. */
export class TroubleViews {
  private readonly daemon: Daemon;
  private readonly reloads: Pick<Reloads, 'confirmBy'>;

  constructor(daemon: Daemon, reloads: Pick<Reloads, 'confirmBy'>) {
    this.daemon = daemon;
    this.reloads = reloads;
  }

  /**
   * `since` says from when on changes are listed: RFC 3339, or a duration before now. Rejects with a QueryError for any
   * other text.
   */
  async view(since: string): Promise<TroubleView> {
    const { daemon, reloads } = this;
    const { clock } = daemon;
    const { addresses } = daemon.services;
    const changesSinceMs = momentOf(since, clock.wall());
    const trouble = await inTurns(clock, this.troubledAddresses());
    let incomplete: string | undefined;
    const ask: Ask = async (query, page) => {
      const answer = await recordedEvents(daemon, query, page);
      incomplete ??= answer.incomplete;
      return answer;
    };
    const items = await this.withMemory(
      ask,
      trouble.rows.slice(0, mostRows).flatMap(({ address }) => this.troubled(address) ?? []),
    );
    const sessions = this.sessions();
    const tallies = await inTurns(clock, daemon.coherence.tallies());
    const siblings = this.siblings(items, tallies);
    const others = this.others();
    const facts = {
      counts: trouble.counts,
      addresses: addresses.size,
      sessionsDown: sessions.count,
      sessions: sessions.total,
      others: others.length + siblings.filter(({ isTrouble }) => isTrouble).length,
      lesser: trouble.lesser,
    };
    const isTrouble = trouble.rows.length > 0 || sessions.count > 0 || facts.others > 0;
    const worst = troubleKinds.find((kind) => trouble.counts[kind] > 0);
    const begun = items
      .filter(({ kind }) => kind === worst)
      .map((row) => row.since)
      .concat(worst === undefined ? sessions.down.map((row) => row.since) : [])
      .filter((at) => at !== undefined)
      .toSorted();
    const past = await pastOf(
      ask,
      { since: timestamp(changesSinceMs), nowMs: clock.wall() },
      { sessions: sessions.down, addresses: items },
    );
    return {
      at: timestamp(clock.wall()),
      is_trouble: isTrouble,
      verdict: verdictOf(facts),
      ...(begun.length > 0 && { since: begun[0] }),
      addresses: {
        total: addresses.size,
        counts: trouble.counts,
        items: [...items],
        lesser: [...trouble.lesser],
      },
      sessions,
      heals: this.heals(items, sessions.down),
      siblings: siblings.map(({ peer, text }) => ({ peer, text })),
      others,
      clocks: runningClocks(daemon, reloads),
      changes_since: timestamp(changesSinceMs),
      do_not_touch: untouchable(
        trouble.rows.map(({ address, onlyNode }) => ({ prefix: address.text, onlyNode })),
      ).map(({ node, prefixes }) => ({
        node,
        addresses: prefixes.length,
        examples: prefixes.slice(0, exampleCount),
      })),
      ...past,
      ...(incomplete !== undefined && { incomplete }),
    };
  }

  /** Those that are not ok are known; those whose node does not answer are looked for only if there is such a node. */
  private *troubledAddresses(): Generator<void, AddressTrouble> {
    const { services, probes } = this.daemon;
    const { states, addresses } = services;
    const counts = { dark: 0, down: 0, not_answering: 0, no_backup: 0 };
    const rows: Found[] = [];
    const lesser = new Map<ServiceState, LesserState>();
    const hasSilent = [...probes.list()].some(({ state }) => state === 'not_answering');
    for (const address of hasSilent ? addresses.all() : states.allUnwell()) {
      yield;
      const audit = services.audits.of(address);
      const { state, findings, paths } = audit;
      const kind = troubleOf(audit);
      if (kind !== undefined && address.lastAudit !== undefined) {
        const { sinceMs } = address.lastAudit;
        counts[kind]++;
        rows.push({ address, kind, sinceMs, onlyNode: onlyNodeOf(paths) });
      } else if (state !== 'ok' && kind === undefined) {
        const { count, text } = lesser.get(state) ?? { count: 0, text: findings[0]?.text ?? '' };
        lesser.set(state, { state, count: count + 1, text });
      }
    }
    return {
      counts,
      rows: rows.toSorted(byGravity),
      lesser: serviceStates.flatMap((state) => lesser.get(state) ?? []),
    };
  }

  /** Returns `undefined` where the trouble is over by now. */
  private troubled(address: WatchedAddress): TroubledAddress | undefined {
    const { clock, services } = this.daemon;
    const { service, text: prefix, lastAudit } = address;
    const audit = services.audits.of(address);
    const kind = troubleOf(audit);
    if (kind === undefined || lastAudit === undefined) return undefined;
    // What has just happened may not have been audited yet; then only the state is known.
    const isUpToDate = lastAudit.state === audit.state;
    const cause = isUpToDate ? lastAudit.cause : undefined;
    const node = audit.paths.at(0)?.node ?? lastAudit.node;
    // It has been dark since the process started, so it is not known since when.
    const hasBecomeSo =
      address.bestChanges > 0 || (kind !== 'dark' && lastAudit.sinceMs > address.watchedSinceMs);
    const isKnown = isUpToDate && hasBecomeSo;
    return {
      prefix,
      service: service.name,
      kind,
      text:
        kind === 'not_answering'
          ? `${audit.paths[0].node} serves it and does not answer from here`
          : (audit.findings[0]?.text ?? ''),
      ...(isKnown && { since: wallTime(clock, lastAudit.sinceMs) }),
      ...(cause !== undefined && { cause: cause.cause }),
      ...(node !== undefined && { node }),
    };
  }

  /** Adds what this process does not know about them, but an earlier one did. */
  private async withMemory(
    ask: Ask,
    items: readonly TroubledAddress[],
  ): Promise<readonly TroubledAddress[]> {
    const remembered = await rememberedOf(ask, items);
    return items.map((item) => {
      const { peer, since } = remembered.get(item.prefix) ?? {};
      const node =
        peer === undefined ? undefined : (this.daemon.peers.find(peer)?.config.node ?? peer);
      return {
        ...item,
        ...(since !== undefined && { since }),
        ...(item.node === undefined && node !== undefined && { node }),
      };
    });
  }

  private sessions(): TroubleView['sessions'] {
    const { peers, clock, stalls } = this.daemon;
    const expected = expectedPeers(peers);
    const down = expected.filter(isLost);
    const lost = down.flatMap(({ downAtMs }) => downAtMs ?? []);
    const stall = lost.map((atMs) => stalls.behind(atMs)).find((found) => found !== undefined);
    const causes = [commonFactor(expected.map(placedSession)), stall?.text];
    const common = causes.filter((text) => text !== undefined).join('; ');
    return {
      total: expected.length,
      count: down.length,
      down: down.slice(0, mostRows).map((peer) => lostSession(peer, clock)),
      ...(common !== '' && { common }),
    };
  }

  /** Returns what is over by itself, and what waits for someone. */
  private heals(
    items: readonly TroubledAddress[],
    down: readonly { readonly heals: string; readonly peer: string }[],
  ): TroubleView['heals'] {
    const byText = Map.groupBy(down, ({ heals }) => heals);
    const sessions = [...byText].map(([how, rows]) => {
      const names = rows.slice(0, exampleCount).map(({ peer }) => peer);
      const more = rows.length > exampleCount ? ` and ${rows.length - exampleCount} more` : '';
      return { about: `${names.join(' ')}${more}`, text: how };
    });
    const refused = items.filter(({ text }) => text.includes(', refused: ')).length;
    const downs = items.filter(({ kind }) => kind === 'down').length;
    return [
      ...sessions,
      ...(refused === 0
        ? []
        : [{ about: 'refused addresses', text: 'not by themselves: see explain ADDRESS' }]),
      ...(downs === 0
        ? []
        : [{ about: 'nodes down', text: 'by themselves, when their own health check passes' }]),
    ];
  }

  /** Returns whether other route servers have what is dark here, and which of them are not heard. */
  private siblings(
    items: readonly TroubledAddress[],
    tallies: ReadonlyMap<string, { readonly disagreeing: ReadonlySet<string> }>,
  ): { peer: string; text: string; isTrouble: boolean }[] {
    const { coherence, siblings } = this.daemon;
    const felt = items.filter(({ kind }) => isFelt(kind));
    return coherence.names.map((peer) => {
      const unknown = siblings.unknown(peer);
      if (unknown !== undefined) return { peer, text: `not heard: ${unknown}`, isTrouble: true };
      const served = felt.filter(
        ({ prefix }) => siblings.route(peer, parsePrefix(prefix)) !== undefined,
      ).length;
      const differing = tallies.get(peer)?.disagreeing.size ?? 0;
      const differs = differing === 0 ? 'agrees otherwise' : `differs for ${differing} addresses`;
      if (felt.length === 0) {
        return {
          peer,
          text: differing === 0 ? 'agrees' : differs,
          isTrouble: differing > 0,
        };
      }
      const text =
        served === 0
          ? `has no route to what is in trouble here either; ${differs}`
          : `has a route to ${served} of ${felt.length} addresses in trouble here: look at this server first; ${differs}`;
      return { peer, text, isTrouble: differing > 0 };
    });
  }

  private others(): string[] {
    const { readiness, configuration, peers, rpki } = this.daemon;
    const { ready, reasons, degraded = [] } = readiness.view();
    const ofPeers = [...peers].flatMap((peer) => {
      const { name, session } = peer;
      const off = session.disabledFamilies.map(
        ({ text }) => `${name}: a family is disabled until it is reset: ${text}`,
      );
      const blocked = peer.config.families.map((family) => peer.counts(family).blocked);
      const count = blocked.reduce((sum, some) => sum + some, 0);
      if (count === 0) return off;
      return [...off, `${name}: ${count} prefixes are kept out by its limit`];
    });
    return [
      ...(ready ? [] : reasons.map((text) => `not ready: ${text}`)),
      ...degraded,
      ...(configuration.lastReloadOk
        ? []
        : ['the last reload was refused: the configuration that runs is not the file on disk']),
      ...rpki
        .troubles()
        .flatMap(({ isUrgent, text, evidence }) => (isUrgent ? [`${text} (${evidence})`] : [])),
      ...ofPeers,
    ];
  }
}

function byGravity(a: Found, b: Found): number {
  const worse = troubleKinds.indexOf(a.kind) - troubleKinds.indexOf(b.kind);
  return worse || a.sinceMs - b.sinceMs || (a.address.text < b.address.text ? -1 : 1);
}
